"""What went wrong with an input: what is printed of it, and which findings are the same one."""

import base64
import traceback
from dataclasses import asdict, dataclass
from types import TracebackType
from typing import Any

from tools.checkout import ROOT

_FRAMES_SHOWN = 6


@dataclass(frozen=True)
class Finding:
    """One input of a target that broke a promise.

    `kind` is "error", "slow", "memory", "stuck" or "died"; `origin` says which input it was of which seed; `same` is
    equal for findings with one cause, as far as can be told.
    """

    target: str
    kind: str
    origin: str
    data: bytes
    about: str
    same: str

    def shown(self) -> str:
        """Return it as people read it, with the command that shows it again."""
        written = base64.b64encode(self.data).decode()
        again = f"python -m tools.fuzz --only {self.target} --input {written}"
        return f"FOUND {self.kind} in {self.target} ({self.origin})\n{self.about}\nagain: {again}\n"

    def to_plain(self) -> dict[str, Any]:
        """Return it as plain data for JSON."""
        return {**asdict(self), "data": base64.b64encode(self.data).decode()}


def from_plain(plain: dict[str, Any]) -> Finding:
    """Return the finding that `to_plain` wrote."""
    return Finding(**{**plain, "data": base64.b64decode(plain["data"])})


def of_error(target: str, origin: str, data: bytes, error: BaseException) -> Finding:
    """Return the finding for an exception that should not have left."""
    about = "".join(traceback.format_exception(error, limit=-_FRAMES_SHOWN)).rstrip()
    return Finding(target, "error", origin, data, about, f"{type(error).__name__} at {_place(error.__traceback__)}")


def _place(trace: TracebackType | None) -> str:
    """Return the innermost line of this project, which is the same for inputs with the same cause."""
    ours = [
        f"{frame.filename}:{frame.lineno}"
        for frame in traceback.extract_tb(trace)
        if frame.filename.startswith(str(ROOT)) and "/.venv/" not in frame.filename
    ]
    return ours[-1] if ours else "no line of ours"
