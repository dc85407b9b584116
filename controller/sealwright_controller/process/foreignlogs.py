"""What others say in this process, put into our log: the standard library's loggers, warnings, uncaught exceptions.

Libraries log what they were given: addresses, headers, bodies, the texts of exceptions. So of a library's line only
what its author wrote beforehand gets through, and the place where it was written: a message whose values are filled in
by `logging` loses the values, any other message is left out whole, and so are tracebacks. Below warnings nothing is
taken, whatever the level, because bodies are what libraries log there.
"""

import logging
import sys
import threading
import warnings
from collections.abc import Callable
from pathlib import PurePath

import structlog

Describe = Callable[[BaseException], dict[str, str]]
"""What may be said of an exception, as fields."""

_log = structlog.get_logger()


def capture(describe: Describe) -> None:
    """Send all of it to our log, for the whole process. May be called again."""
    root = logging.getLogger()
    for handler in list(root.handlers):
        if isinstance(handler, _Handler):
            root.removeHandler(handler)
    root.addHandler(_Handler(describe))
    root.setLevel(logging.WARNING)
    # Of odd but readable certificates (a serial number of 0): whoever runs this can do nothing about them.
    warnings.filterwarnings("ignore", module=r"sealwright_crypto\.")
    warnings.showwarning = _show_warning  # type: ignore[assignment] # it takes whatever it is given
    sys.excepthook = lambda _, error, __: _uncaught(describe, error)
    threading.excepthook = lambda args: _uncaught(describe, args.exc_value)
    sys.unraisablehook = lambda args: _uncaught(describe, args.exc_value)


class _Handler(logging.Handler):
    """Takes what the standard library's loggers say."""

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
    """Log a warning of Python's by kind and place; its text may quote what it is about."""
    _log.warning("a library warns", kind=category.__name__, at=_place(filename, lineno))


def _uncaught(describe: Describe, error: BaseException | None) -> None:
    """Log an exception that ends a thread or the process, where Python would print it whole."""
    if isinstance(error, Exception):  # the others are somebody's wish to end
        _log.error("defect in the controller", **describe(error))


def _place(path: str, line: int) -> str:
    return f"{PurePath(path).name}:{line}"
