"""Runs a parsed template over data, within limits."""

from collections.abc import Mapping

from sealwright_templating.context import Context
from sealwright_templating.errors import (
    ArgumentError,
    FunctionError,
    LimitExceeded,
    TemplateExecutionError,
    TemplateLimitError,
    quoted,
)
from sealwright_templating.machine.program import Program
from sealwright_templating.machine.steps import UNSET
from sealwright_templating.source import Source
from sealwright_templating.values.memoryuse import weigh
from sealwright_templating.values.objects import NO_VALUE, Value

_ELSEWHERE = -1
_SLOTS_FOR_FREE = 8
"""How many variables a template may have before their memory is charged on each call."""

_NOTHING = Program(Source("", ""), "")
"""The program that ends the run."""


class StackMachine:
    """Runs the steps of one rendering; the protocol Machine in `steps.py` is what the steps see of it."""

    __slots__ = ("_callers", "_position", "_program", "_programs", "context", "dot", "output", "slots", "stack")

    def __init__(self, programs: Mapping[str, Program], context: Context) -> None:
        self._programs = programs
        self._callers: list[tuple[Program, int, list[Value], Value]] = []
        self._program = _NOTHING
        self._position = 0
        self.context = context
        self.dot: Value = NO_VALUE
        self.slots: list[Value] = []
        self.stack: list[Value] = []
        self.output = bytearray()

    def run(self, name: str, data: Value) -> bytes:
        """Return the output of a named template for the data.

        Raises TemplateExecutionError and TemplateLimitError.
        """
        self._program = self._programs[name]
        try:
            self._enter(self._program, data)
            self._run()
        except LimitExceeded as error:
            raise self._error(TemplateLimitError, error.reason) from None
        except FunctionError as error:
            raise self._error(TemplateExecutionError, error.reason, error.detail) from None
        except (RecursionError, MemoryError):
            raise self._error(TemplateLimitError, "it needs more memory than there is") from None
        return bytes(self.output)

    def _run(self) -> None:
        """Run steps until the first template returns.

        A step returns the index of the next step; a negative one means that another template continues, at `_position`.
        """
        budget = self.context.budget
        while self._program is not _NOTHING:
            steps, position = self._program.steps, self._position
            while position >= 0:
                self._position = position
                budget.left -= 1
                if budget.left < budget.next_look:
                    budget.look()
                target = steps[position].run(self)
                position = position + 1 if target is None else target

    def write(self, text: bytes) -> None:
        """Append to the output."""
        limit = self.context.budget.limits.output_bytes
        if len(self.output) + len(text) > limit:
            raise LimitExceeded(f"the result is larger than {limit} bytes, the most that a Secret can hold")
        self.output += text

    def invoke(self, name: str, dot: Value) -> int:
        """Call the named template."""
        program = self._programs.get(name)
        if program is None:
            raise ArgumentError(f"template {quoted(name)} is not defined")
        if len(self._callers) >= self.context.budget.limits.call_depth:
            raise LimitExceeded(f"templates call each other more than {len(self._callers)} levels deep")
        self._callers.append((self._program, self._position + 1, self.slots, self.dot))
        self._enter(program, dot)
        return _ELSEWHERE

    def leave(self) -> int:
        """Return to the caller of the template."""
        if self._callers:
            self._program, self._position, self.slots, self.dot = self._callers.pop()
        else:
            self._program = _NOTHING
        return _ELSEWHERE

    def _enter(self, program: Program, dot: Value) -> None:
        if program.slots > _SLOTS_FOR_FREE:
            self.context.budget.memory(8 * program.slots)
        self._program, self._position, self.dot = program, 0, dot
        self.slots = [UNSET] * program.slots
        self.slots[0] = dot

    def _error(self, kind: type[TemplateExecutionError], reason: str, detail: str = "") -> TemplateExecutionError:
        program = self._program
        return program.source.error(kind, program.offsets[self._position], reason, detail)

    def live(self) -> tuple[int, int]:
        """Return about how many bytes the values that the template keeps take, and how many values they are."""
        frames = [self.slots, *(slots for _, _, slots, _ in self._callers)]
        dots = [self.dot, *(dot for _, _, _, dot in self._callers)]
        roots: dict[int, Value] = {}
        for values in (self.stack, dots, *frames):  # mostly the same few: there may be millions of unset variables
            roots.update(zip(map(id, values), values, strict=True))
        weight, count = weigh(roots.values(), self.context.budget.limits.memory_bytes // 2)
        weight += 8 * sum(map(len, frames))
        return weight + len(self.output), count
