"""Which fields of its data a template reads although they are not there, told from its steps, without running them.

Only what surely shows counts: a field that the template itself expects to be missing does not. That is one of which an
`if`, `with` or `range` asks, or that has a default; so are fields behind such an `if`. Templates that call each other
are not followed.
"""

from collections.abc import Container, Iterator

from sealwright_templating.machine.blocks import Drop, Invoke, JumpIfFalse, Print, Range, With
from sealwright_templating.machine.program import Program
from sealwright_templating.machine.steps import Assign, Call, Chain, Dot, Push, ShortCircuit, Step, Store, Variable

_TYPE_QUESTIONS = {"kindIs", "kindOf", "typeIs", "typeIsLike", "typeOf"}
_ASKING = {"all", "any", "coalesce", "compact", "default", "empty", "mustCompact", "not", "ternary"} | _TYPE_QUESTIONS
"""Functions that are called because a value may be missing."""
_ROOT = (0,)
"""The slots of `$`."""

_Origin = str | int
"""Where a value is from: a missing field, or the slot of a variable."""


def missing_fields(program: Program, known: Container[str]) -> list[str]:
    """Return the names of missing fields that a template reads of its data, in the order of the text.

    `known` are the fields that are there. Costs a time that grows with the number of steps.
    """
    if any(isinstance(step, Assign) and 0 in step.target.slots for step in program.steps):
        return []  # `$` is something else from then on
    reading = _Reading(known)
    for position, step in enumerate(program.steps):
        reading.look(position, step)
    return reading.result()


class _Reading:
    """What is known so far of the fields that a template reads."""

    def __init__(self, known: Container[str]) -> None:
        self._known = known
        self._before: tuple[bool, str] = (False, "")
        """Whether the step before pushed the data, and the text that it pushed onto the data."""
        self._dot_moved: list[int] = []
        """The steps at which the dot becomes what it was before, the innermost last."""
        self._skipped_until = 0
        self._found: dict[str, None] = {}
        self._stored: dict[int, set[_Origin]] = {}
        self._read: set[_Origin] = set()
        self._is_asking = False
        self._shown: set[_Origin] = set()
        self._asked: set[_Origin] = set()

    def look(self, position: int, step: Step) -> None:
        """Take one step into account."""
        while self._dot_moved and position >= self._dot_moved[-1]:
            self._dot_moved.pop()
        before, self._before = self._before, self._pushed(step)
        if position >= self._skipped_until and (name := _field(before, step)) and name not in self._known:
            self._found[name] = None
            self._read.add(name)
        if isinstance(step, Variable) and step.slots != _ROOT:
            self._read.update(slot for slot in step.slots if slot in self._stored)
        elif isinstance(step, ShortCircuit) or (isinstance(step, Call) and step.function.name in _ASKING):
            self._is_asking = True
        elif isinstance(step, Store | Assign):
            self._store(step)
        elif isinstance(step, Print | Drop | Invoke | JumpIfFalse | With | Range):
            self._end_action(step)

    def result(self) -> list[str]:
        """Return the missing fields that show, and of which nothing asks."""
        asked = self._behind(self._asked)
        shown = self._behind(self._shown)
        return [name for name in self._found if name in shown and name not in asked]

    def _pushed(self, step: Step) -> tuple[bool, str]:
        is_data = (isinstance(step, Dot) and not self._dot_moved) or (
            isinstance(step, Variable) and step.slots == _ROOT
        )
        if isinstance(step, Push) and isinstance(step.value, bytes) and self._before[0]:
            return False, step.value.decode(errors="replace")
        return is_data, ""

    def _store(self, step: Store | Assign) -> None:
        if self._read:
            for slot in [step.slot] if isinstance(step, Store) else step.target.slots:
                self._stored.setdefault(slot, set()).update(self._read)

    def _end_action(self, step: Print | Drop | Invoke | JumpIfFalse | With | Range) -> None:
        if isinstance(step, JumpIfFalse | With | Range):
            self._asked |= self._read
            if self._read:
                self._skipped_until = max(self._skipped_until, step.target)
        elif self._is_asking:
            self._asked |= self._read
        elif isinstance(step, Print):
            self._shown |= self._read
        if isinstance(step, With | Range):
            self._dot_moved.append(step.target)
        self._read, self._is_asking = set(), False

    def _behind(self, origins: set[_Origin]) -> set[_Origin]:
        """Return origins with those of the variables among them, and so on."""
        seen: set[_Origin] = set()
        waiting = list(origins)
        while waiting:
            if (one := waiting.pop()) not in seen:
                seen.add(one)
                waiting += self._origins(one)
        return seen

    def _origins(self, one: _Origin) -> Iterator[_Origin]:
        yield from self._stored.get(one, ()) if isinstance(one, int) else ()


def _field(before: tuple[bool, str], step: Step) -> str:
    """Return the field of the data that a step reads, by the step before it; empty if it reads none."""
    was_data, text = before
    if isinstance(step, Chain) and was_data:
        return step.names[0][0]
    is_index = isinstance(step, Call) and step.function.name == "index" and step.arguments == 2 and not step.piped
    return text if is_index else ""
