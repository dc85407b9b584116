"""What all tests share: the fixtures of the real API server, the order of their files, and Hypothesis' settings."""

import os
import signal

from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.support.apiserver_fixtures", "tests.support.scheduling"]

# A busy machine makes examples slow, which says nothing about the code. The same change gets the same examples at every
# check; `make laws` looks for new ones.
settings.register_profile("same", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("new", settings.get_profile("same"), derandomize=False, print_blob=True)
settings.load_profile(os.environ.get("SEALWRIGHT_EXAMPLES", "same"))

# A shell lets its background jobs ignore Ctrl-C, and their children inherit that; the tests that press it in a child
# need it to be heard there, however the tests themselves were started.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# With it, Python writes at once; without, as nearly everybody runs it, what could not be written is tried once more at
# the end.
os.environ.pop("PYTHONUNBUFFERED", None)

# Coverage measures the workers of pytest-xdist, which have begun by now, and not what the tests start: it makes Python
# several times as slow, and every gate of it is about functions that tests call.
if "PYTEST_XDIST_WORKER" in os.environ:
    for name in ("COVERAGE_PROCESS_CONFIG", "COVERAGE_PROCESS_START"):
        os.environ.pop(name, None)
