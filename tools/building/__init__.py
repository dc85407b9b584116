"""Makes `.venv` and the Go programs for tests, with Python and Go alone: it runs before anything is installed.

`make_venv`, `make_apiserver`, `make_healthjudge` (kstatus) and `make_sealedsecrets` are the tools. `gobuilds` builds Go
programs, `caches` is where expensive results are kept, and `launching` starts processes that end with this one. Tests
use these as well.
"""
