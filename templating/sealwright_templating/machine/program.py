"""A parsed template: its steps, and what they need to run."""

from array import array
from dataclasses import dataclass, field

from sealwright_templating.machine.blocks import Return, Text
from sealwright_templating.machine.steps import Step
from sealwright_templating.source import Source

_SPACES = " \t\r\n\v\f\x85\xa0"
_RETURN = Return()


def _offsets() -> "array[int]":
    return array("L")


@dataclass(slots=True)
class Program:
    """One template: its steps, for each the offset in the source for errors, and how many slots it needs.

    `calls` are the names of all functions in it. `empty` means that it prints only spaces, whatever the data: Go lets
    such a template be defined again.
    """

    source: Source
    name: str
    steps: list[Step] = field(default_factory=list)
    offsets: "array[int]" = field(default_factory=_offsets)
    slots: int = 1
    calls: set[str] = field(default_factory=set)
    empty: bool = True

    def emit(self, step: Step, offset: int) -> None:
        """Append a step."""
        self.steps.append(step)
        self.offsets.append(offset)

    def text(self, text: str, offset: int) -> None:
        """Append a step that prints text."""
        if text.strip(_SPACES):
            self.empty = False
        self.emit(Text(text.encode()), offset)

    def pop(self) -> None:
        """Remove the last step."""
        self.steps.pop()
        self.offsets.pop()

    def finish(self) -> None:
        """Append the step that ends the template."""
        self.emit(_RETURN, 0)
