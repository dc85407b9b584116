"""Puts what other code reports into our log: the standard library's loggers, warnings, uncaught exceptions.

Libraries log what they were given: addresses, headers, bodies, the texts of exceptions. So only the constant part of a
library's message is logged, with its place in the code: values that `logging` fills in are removed, and other messages
and tracebacks are left out completely. Lines below warnings are never taken, whatever the level, because libraries log
bodies there.
"""

import logging
import sys
import threading
import warnings
from collections.abc import Callable
from pathlib import PurePath

import structlog

Describe = Callable[[BaseException], dict[str, str]]
"""Returns what may be logged about an exception, as fields."""

_log = structlog.get_logger()


def capture(describe: Describe) -> None:
    """Send all of these to our log, for the whole process. May be called again."""
    root = logging.getLogger()
    for handler in list(root.handlers):
        if isinstance(handler, _Handler):
            root.removeHandler(handler)
    root.addHandler(_Handler(describe))
    root.setLevel(logging.WARNING)
    # About odd but readable certificates (a serial number of 0): operators can do nothing about them.
    warnings.filterwarnings("ignore", module=r"sealwright_crypto\.")
    warnings.showwarning = _show_warning  # type: ignore[assignment] # it takes whatever it is given
    sys.excepthook = lambda _, error, __: _uncaught(describe, error)
    threading.excepthook = lambda args: _uncaught(describe, args.exc_value)
    sys.unraisablehook = lambda args: _uncaught(describe, args.exc_value)


class _Handler(logging.Handler):
    """Receives what the standard library's loggers log."""

    def __init__(self, describe: Describe) -> None:
        super().__init__(logging.WARNING)
        self._describe = describe

    def emit(self, record: logging.LogRecord) -> None:
        said = {"logger": record.name, "at": _place(record.pathname, record.lineno)}
        if record.args and isinstance(record.msg, str):
            said["message"] = record.msg
        if record.exc_info and record.exc_info[1] is not None:
            said["error"] = self._describe(record.exc_info[1])["error"]
        log = _log.error if record.levelno >= logging.ERROR else _log.warning
        log("a library says", **said)


def _show_warning(_: object, category: type[Warning], filename: str, lineno: int, *__: object, **___: object) -> None:
    """Log a Python warning by kind and place; its text may quote data."""
    _log.warning("a library warns", kind=category.__name__, at=_place(filename, lineno))


def _uncaught(describe: Describe, error: BaseException | None) -> None:
    """Log an exception that ends a thread or the process; Python would print it with its text."""
    if isinstance(error, Exception):  # the others are deliberate exits
        _log.error("defect in the controller", **describe(error))


def _place(path: str, line: int) -> str:
    return f"{PurePath(path).name}:{line}"
