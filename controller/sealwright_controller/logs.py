"""Where log lines go and what they look like: one event a line, as text (logfmt) or JSON, on standard error."""

import contextlib
import logging
import sys
import traceback
from pathlib import PurePath
from typing import Any, TextIO, cast

import structlog


def configure(log_format: str, level: str) -> None:
    """Set up structlog for the whole process; `log_format` is text or json, `level` debug, info, warning or error."""
    logging.basicConfig(level=logging.ERROR, format="%(levelname)s %(name)s: %(message)s")
    renderer: Any = structlog.processors.JSONRenderer()
    if log_format == "text":
        renderer = structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"])
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.WriteLoggerFactory(cast(TextIO, _Forgiving(sys.stderr))),
        cache_logger_on_first_use=False,
    )


def defect(error: BaseException) -> dict[str, str]:
    """Return what may be logged of an exception that nobody foresaw: its kind, and the file and line where it arose.

    Never its text: the text of a foreign exception may quote what it was given, and that may be a secret.
    """
    frames = traceback.extract_tb(error.__traceback__)
    at = f"{PurePath(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "unknown"
    return {"error": type(error).__name__, "at": at}


class _Forgiving:
    """Drops what cannot be written: a full disk behind the log must not stop the controller's work."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        with contextlib.suppress(OSError, ValueError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            self._stream.flush()
