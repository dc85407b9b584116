"""The steps of actions and blocks: text, printing, jumps, the dot of `with` and `range`, and `template`.

`steps.py` explains what a step is.
"""

from dataclasses import dataclass

from sealwright_templating.go import fmt
from sealwright_templating.machine.iteration import Iteration, iterate
from sealwright_templating.machine.steps import UNSET, Machine, Variable, assign, settled
from sealwright_templating.values.objects import NO_VALUE, truth
from sealwright_templating.values.printing import printable


@dataclass(slots=True)
class Text:
    """Text between actions."""

    text: bytes

    def run(self, machine: Machine) -> None:
        """Print the text."""
        machine.write(self.text)


@dataclass(slots=True)
class Drop:
    """The end of an action that declares or assigns a variable."""

    def run(self, machine: Machine) -> None:
        """Drop the value."""
        machine.stack.pop()


@dataclass(slots=True)
class Print:
    """The end of an action."""

    def run(self, machine: Machine) -> None:
        """Print the value on the stack."""
        value = machine.stack.pop()
        machine.write(value if type(value) is bytes else fmt.sprint(machine.context, printable(value)))


@dataclass(slots=True)
class Jump:
    """A jump: from the end of a branch over its `else`, or back to the start of a loop."""

    target: int = 0

    def run(self, machine: Machine) -> int:  # noqa: ARG002 - it uses no state
        """Go to the target."""
        return self.target


@dataclass(slots=True)
class JumpIfFalse:
    """The last step of the action `{{ if }}`."""

    target: int = 0

    def run(self, machine: Machine) -> int | None:
        """Go to the target unless the value on the stack is true."""
        return None if truth(machine.stack.pop()) else self.target


@dataclass(slots=True)
class With:
    """The last step of the action `{{ with }}`; `slot` keeps the outer dot."""

    slot: int
    target: int = 0

    def run(self, machine: Machine) -> int | None:
        """Make the value the dot if it is true; else jump to the target."""
        value = machine.stack.pop()
        if not truth(value):
            return self.target
        machine.slots[self.slot] = machine.dot
        machine.dot = settled(value)
        return None


@dataclass(slots=True)
class Restore:
    """The end of `with`, or of a pass of `range`."""

    slot: int

    def run(self, machine: Machine) -> None:
        """Restore the outer dot."""
        machine.dot = machine.slots[self.slot]


@dataclass(slots=True)
class Range:
    """The last step of the action `{{ range }}`. Two slots: `slot` keeps the outer dot, the next one the iteration."""

    slot: int
    target: int = 0
    variables: int = 0

    def run(self, machine: Machine) -> int | None:
        """Begin the iteration, or jump to the target if there are no elements."""
        iteration = iterate(machine.context.budget, settled(machine.stack.pop()), self.variables)
        if iteration is None:
            return self.target
        machine.slots[self.slot] = machine.dot
        machine.slots[self.slot + 1] = iteration
        return None


@dataclass(slots=True)
class Next:
    """The start of a pass of `range`; the variables get the index and the element."""

    slot: int
    target: int = 0
    index: Variable | None = None
    element: Variable | None = None

    def run(self, machine: Machine) -> int | None:
        """Make the next element the dot, or restore the outer dot and jump to the target."""
        iteration: Iteration = machine.slots[self.slot + 1]
        turn = next(iteration, None)
        if turn is None:
            machine.dot = machine.slots[self.slot]
            machine.slots[self.slot + 1] = UNSET
            return self.target
        index, machine.dot = turn
        if self.element is not None:
            assign(machine, self.element, machine.dot)
        if self.index is not None:
            assign(machine, self.index, index)
        return None


@dataclass(slots=True)
class Break:
    """`{{ break }}`; `slot` is that of the Range."""

    slot: int
    target: int = 0

    def run(self, machine: Machine) -> int:
        """Restore the outer dot and leave the loop."""
        machine.dot = machine.slots[self.slot]
        machine.slots[self.slot + 1] = UNSET
        return self.target


@dataclass(slots=True)
class Invoke:
    """`{{ template }}`; `given` is True if the value of the template's dot is on the stack."""

    name: str
    given: bool

    def run(self, machine: Machine) -> int:
        """Continue with the other template."""
        return machine.invoke(self.name, settled(machine.stack.pop()) if self.given else NO_VALUE)


@dataclass(slots=True)
class Return:
    """The end of a template."""

    def run(self, machine: Machine) -> int:
        """Return to the caller of the template."""
        return machine.leave()
