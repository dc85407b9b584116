"""One finding: where, which rule, what is wrong and what to do. Plain data, so that processes can exchange it."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from functools import total_ordering
from typing import Any

from sealwright_cli.messages.ui import visible
from sealwright_conventions.records import field, record


class Level(StrEnum):
    """How bad it is; the values are SARIF's."""

    ERROR = "error"
    """No cluster takes the object, its Secret is not made, or a value is exposed."""
    WARNING = "warning"
    """It may work, and is probably not meant."""


@record
class Fix:
    """A safe correction: what it does, as `removes the blanks`, and the fields of the object that it sets.

    `changes` are as for `editing.fields.merge_fields`.
    """

    says: str
    changes: Mapping[str, Any]


def fix_at(path: Sequence[str], value: Any, says: str) -> Fix:
    """Return the correction that sets the field at a path."""
    changes: Any = value
    for name in reversed(path):
        changes = {name: changes}
    return Fix(says, changes)


def shown(path: Sequence[str]) -> str:
    """Return a field's path as messages show it."""
    return visible(".".join(path))


@record
class Problem:
    """What a rule says of an object: `path` leads to the field that is wrong."""

    message: str
    hint: str
    path: tuple[str, ...] = ()
    fix: Fix | None = None


@total_ordering
@record
class Finding:
    """A problem at its place; lines and columns count from 1.

    `about` is the object as messages call it, empty for a problem of the whole file. `fix` says what --fix would do,
    or did.
    """

    file: str
    line: int
    column: int
    rule: str
    message: str
    hint: str = field(compare=False)
    about: str = field(default="", compare=False)
    fix: str = field(default="", compare=False)

    def __lt__(self, other: "Finding") -> bool:
        """Come earlier in the files."""
        return self._place < other._place

    @property
    def _place(self) -> tuple[Any, ...]:
        return (self.file, self.line, self.column, self.rule, self.message)
