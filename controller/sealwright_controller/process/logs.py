"""Where log lines go and what they look like: one event per line, as text (logfmt) or JSON.

All output of the process goes this way, including that of libraries (see `foreignlogs`).
"""

import contextlib
import logging
import os
import sys
import traceback
from collections.abc import MutableMapping
from pathlib import Path, PurePath
from typing import Any, TextIO, cast

import structlog

from sealwright_controller.process import foreignlogs


def configure(log_format: str, level: str, *, info_stdout: bool = False) -> None:
    """Set up logging for the whole process; `log_format` is text or json, `level` debug, info, warning or error.

    Lines go to standard error; with `info_stdout`, only warnings and errors do, and the rest goes to standard output.
    """
    renderer: list[Any] = [structlog.processors.JSONRenderer()]
    if log_format == "text":
        renderer = [_printable, structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"])]
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=_Lines(sys.stdout if info_stdout else sys.stderr, sys.stderr),
        cache_logger_on_first_use=False,
    )
    foreignlogs.capture(defect)


def drop_unwritten() -> None:
    """Drop unwritten output: Python would retry at exit, complain, and change the exit status."""
    for stream in filter(None, (sys.stdout, sys.stderr)):
        try:
            stream.flush()
        except (OSError, ValueError):
            with contextlib.suppress(OSError, ValueError), Path(os.devnull).open("wb") as nowhere:
                os.dup2(nowhere.fileno(), stream.fileno())


def defect(error: BaseException) -> dict[str, str]:
    """Return what may be logged about an unexpected exception: its kind, and the file and line where it was raised.

    Its text is left out, because it may quote a secret.
    """
    frames = traceback.extract_tb(error.__traceback__)
    at = f"{PurePath(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "unknown"
    return {"error": type(error).__name__, "at": at}


def _printable(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Escape control characters and line breaks, because names are chosen by authors of objects."""
    return {name: _spelt_out(value) if isinstance(value, str) else value for name, value in event.items()}


def _spelt_out(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


class _Lines:
    """Where structlog writes its lines, by level; it is its own factory."""

    def __init__(self, low: TextIO, high: TextIO) -> None:
        self._low, self._high = (structlog.WriteLogger(cast(TextIO, _Forgiving(stream))) for stream in (low, high))

    def __call__(self, *_: object) -> "_Lines":
        return self

    def debug(self, line: str) -> None:
        self._low.msg(line)

    def warning(self, line: str) -> None:
        self._high.msg(line)

    info = debug
    error = critical = warning


class _Forgiving:
    """Drops what cannot be written, because a full disk behind the log must not stop the controller."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        with contextlib.suppress(OSError, ValueError):
            try:
                self._stream.write(text)
            except UnicodeEncodeError:
                self._stream.write(text.encode("ascii", errors="backslashreplace").decode("ascii"))
        return len(text)

    def flush(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            self._stream.flush()
