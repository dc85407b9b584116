"""The entry points: Ctrl-C is handled from here, while other modules are still being imported.

Imports no other module of its own before that. Earlier, Python decides: it dies of the signal, or shows a traceback.
"""

import gc
import os
import signal
import sys
import warnings

_INTERRUPTED = 130  # ExitStatus.INTERRUPTED, whose import takes time


def sealwright() -> None:
    """Run `sealwright`."""
    _begin()
    from sealwright_cli.app import main  # noqa: PLC0415 - slow to import

    main()


def kubeseal() -> None:
    """Run `sealwright-kubeseal`."""
    _begin()
    from sealwright_cli.kubeseal.front import main  # noqa: PLC0415 - as above

    main()


def kustomize() -> None:
    """Run `sealwright-kustomize`: Kustomize can give no verb to a function that it calls."""
    sys.argv.insert(1, "kustomize")
    sealwright()


def _begin() -> None:
    _end_at_once_when_interrupted()
    if not sys.warnoptions:  # developers ask for warnings
        warnings.simplefilter("ignore")  # warnings of libraries are for developers, and show lines of code
    gc.disable()  # imports make no garbage, and looking for it takes 20 ms; `process` switches it on again
    from sealwright_conventions import coredumps  # noqa: PLC0415 - as above

    coredumps.switch_off()


def _end_at_once_when_interrupted() -> None:
    """Exit cleanly while nothing has begun; `process.run` takes over later."""
    # A shell starts background jobs with SIGINT ignored, and that has to stay.
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, lambda *_: os._exit(_INTERRUPTED))
