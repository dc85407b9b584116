"""Makes `.venv` and the API server for tests, from Python and Go alone: it runs before anything is installed.

`make_venv` and `make_apiserver` are the tools; `caches` is where they keep what is costly, and `launching` how they
start a process that ends with them. Tests use these two as well.
"""
