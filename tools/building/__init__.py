"""Makes `.venv` and the API server for tests, with Python and Go alone: it runs before anything is installed.

`make_venv` and `make_apiserver` are the tools. `caches` is where they keep expensive results, and `launching` starts
processes that end with this one. Tests use these two as well.
"""
