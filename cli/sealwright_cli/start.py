"""Where the commands begin: Ctrl-C counts from here, while what they need is still being imported.

Loads nothing of its own before that. What comes earlier is Python's: it dies of the signal, or shows where it was.
"""

import os
import signal
import sys
import warnings

_INTERRUPTED = 130  # ExitStatus.INTERRUPTED, which takes an import


def sealwright() -> None:
    """Run `sealwright`."""
    _begin()
    from sealwright_cli.app import main  # noqa: PLC0415 - that is what takes time

    main()


def kubeseal() -> None:
    """Run `sealwright-kubeseal`."""
    _begin()
    from sealwright_cli.kubeseal.front import main  # noqa: PLC0415 - as above

    main()


def _begin() -> None:
    _end_at_once_when_interrupted()
    if not sys.warnoptions:  # somebody who develops asked for them
        warnings.simplefilter("ignore")  # what libraries warn of is for us, and shows lines of code
    from sealwright_conventions import coredumps  # noqa: PLC0415 - as above

    coredumps.switch_off()


def _end_at_once_when_interrupted() -> None:
    """Do what is right as long as nothing was begun; `process.run` takes over."""
    # A shell starts background jobs deaf to Ctrl-C, and so they have to stay.
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, lambda *_: os._exit(_INTERRUPTED))
