"""The steps of actions and blocks: text, printing, jumps, what `with` and `range` do with the dot, and `template`.

See `steps.py` for what a step is.
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
        """Print it."""
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
    """The end of what `else` is not for."""

    target: int = 0

    def run(self, machine: Machine) -> int:  # noqa: ARG002 - it depends on nothing
        """Go to the target."""
        return self.target


@dataclass(slots=True)
class JumpIfFalse:
    """The end of an `if` action."""

    target: int = 0

    def run(self, machine: Machine) -> int | None:
        """Go to the target unless the value on the stack is true."""
        return None if truth(machine.stack.pop()) else self.target


@dataclass(slots=True)
class With:
    """The end of a `with` action; `slot` is where the outer dot is kept."""

    slot: int
    target: int = 0

    def run(self, machine: Machine) -> int | None:
        """Make a value that is true the dot, or go to the target."""
        value = machine.stack.pop()
        if not truth(value):
            return self.target
        machine.slots[self.slot] = machine.dot
        machine.dot = settled(value)
        return None


@dataclass(slots=True)
class Restore:
    """The end of `with`, or of a turn of `range`."""

    slot: int

    def run(self, machine: Machine) -> None:
        """Bring the outer dot back."""
        machine.dot = machine.slots[self.slot]


@dataclass(slots=True)
class Range:
    """The end of a `range` action. Two slots: `slot` keeps the outer dot, the one behind it the iteration."""

    slot: int
    target: int = 0
    variables: int = 0

    def run(self, machine: Machine) -> int | None:
        """Begin the iteration, or go to the target if there is nothing to iterate over."""
        iteration = iterate(machine.context.budget, settled(machine.stack.pop()), self.variables)
        if iteration is None:
            return self.target
        machine.slots[self.slot] = machine.dot
        machine.slots[self.slot + 1] = iteration
        return None


@dataclass(slots=True)
class Next:
    """The beginning of a turn of `range`; the variables get the index and the element."""

    slot: int
    target: int = 0
    index: Variable | None = None
    element: Variable | None = None

    def run(self, machine: Machine) -> int | None:
        """Make the next element the dot, or bring back the outer dot and go to the target."""
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
    """`{{ break }}`; `slot` as that of the Range."""

    slot: int
    target: int = 0

    def run(self, machine: Machine) -> int:
        """Bring the outer dot back and go behind the loop."""
        machine.dot = machine.slots[self.slot]
        machine.slots[self.slot + 1] = UNSET
        return self.target


@dataclass(slots=True)
class Invoke:
    """`{{ template }}`; `given` says whether there is a value for the template's dot on the stack."""

    name: str
    given: bool

    def run(self, machine: Machine) -> int:
        """Go on with the other template."""
        return machine.invoke(self.name, settled(machine.stack.pop()) if self.given else NO_VALUE)


@dataclass(slots=True)
class Return:
    """The end of a template."""

    def run(self, machine: Machine) -> int:
        """Go on where the template was called."""
        return machine.leave()
