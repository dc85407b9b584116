"""A parsed template: a flat list of steps for a stack machine, one class for each kind of step.

Blocks have become jumps, and the parts of a pipeline are in the order of their evaluation. So no code that walks a
template is recursive, however deeply its parts are nested. `run` executes a step: it takes its operands from the
machine's stack, leaves its result there, and returns the index of the next step if that is not the following one.

This module has the steps of pipelines, and the protocol Machine, which `stackmachine.py` implements. `blocks.py` has
the steps of actions and blocks.
"""

from dataclasses import dataclass
from typing import Final, Protocol

from sealwright_templating.context import Context
from sealwright_templating.errors import ArgumentError, FunctionError, quoted
from sealwright_templating.machine.fields import Bound, field_of, method_or_field
from sealwright_templating.values.arguments import fit
from sealwright_templating.values.constants import Literal, Nil
from sealwright_templating.values.objects import NO_VALUE, Map, Value, truth
from sealwright_templating.values.registry import Function
from sealwright_templating.values.types import GoType

_LARGE_BYTES = 1024
"""Smaller texts are not counted individually: the steps that make them limit their number."""

UNSET: Final = object()
"""The content of a variable's slot before its declaration."""


class Machine(Protocol):
    """What a step works on. `slots` are the variables of the current template; `$` is the first."""

    context: Context
    stack: list[Value]
    slots: list[Value]
    dot: Value

    def write(self, text: bytes) -> None:
        """Append to the output."""

    def invoke(self, name: str, dot: Value) -> int:
        """Call another template, and return what the calling step has to return."""

    def leave(self) -> int:
        """Return to the caller of the template, and return what the returning step has to return."""


class Step(Protocol):
    """One step; `run` may raise FunctionError, ArgumentError and LimitExceeded."""

    def run(self, machine: Machine) -> int | None:
        """Run the step, and return the index of the next one unless it is the following one."""


@dataclass(slots=True)
class Push:
    """A constant of known type, or a Literal, for a method whose parameter's type is not known yet."""

    value: Value

    def run(self, machine: Machine) -> None:
        """Push the constant."""
        machine.stack.append(self.value)


@dataclass(slots=True)
class Fail:
    """An error that Go reports only at run time, such as `nil` in the place of a command."""

    reason: str

    def run(self, machine: Machine) -> None:  # noqa: ARG002 - it uses no state
        """Raise ArgumentError."""
        raise ArgumentError(self.reason)


@dataclass(slots=True)
class Dot:
    """`.`"""  # noqa: D400 - the whole text

    def run(self, machine: Machine) -> None:
        """Push the dot."""
        machine.stack.append(machine.dot)


@dataclass(slots=True)
class Variable:
    """A variable, by its slot.

    More slots follow if its declaration may be skipped as part of a command: those of the variables that it hides.
    """

    slots: tuple[int, ...]
    name: str

    def run(self, machine: Machine) -> None:
        """Push the variable's value."""
        for slot in self.slots:
            if (value := machine.slots[slot]) is not UNSET:
                machine.stack.append(value)
                return
        raise ArgumentError(f"variable {quoted(self.name)} is not declared")


@dataclass(slots=True)
class Chain:
    """Fields of the value on the stack, or methods without arguments: their names, also as keys of maps."""

    names: tuple[tuple[str, bytes], ...]

    def run(self, machine: Machine) -> None:
        """Replace the value by its field, that by its own field, and so on."""
        stack = machine.stack
        value = stack[-1]
        for name, key in self.names:
            is_map = type(value) is Map
            value = value.items.get(key, NO_VALUE) if is_map else field_of(machine.context, value, name)
        stack[-1] = value


@dataclass(slots=True)
class Method:
    """The start of a method's call with arguments; they are evaluated only if the method exists."""

    name: str
    arguments: int = 0
    piped: bool = False
    end: int = 0
    skipped: range = range(0)

    def run(self, machine: Machine) -> int | None:
        """Replace the receiver by the bound method; without a receiver, push the result at once."""
        stack = machine.stack
        if stack[-1] is NO_VALUE:
            if self.piped:
                del stack[-2]
            for slot in self.skipped:
                machine.slots[slot] = UNSET
            return self.end
        stack[-1] = method_or_field(stack[-1], self.name, self.arguments + self.piped)
        return None


@dataclass(slots=True)
class CallMethod:
    """The end of a method's call: arguments, bound method and, below, the piped value are on the stack."""

    arguments: int
    piped: bool

    def run(self, machine: Machine) -> None:
        """Replace them by the result."""
        stack = machine.stack
        start = len(stack) - self.arguments - 1
        bound: Bound = stack[start]
        given = stack[start + 1 :]
        signature = bound.function.signature
        if self.piped:
            start -= 1
            given.append(settled(stack[start]))
        fitted = []
        for index, value in enumerate(given):
            wanted = signature.parameter(index)
            try:
                fitted.append(value.fit(wanted) if isinstance(value, Literal | Nil) else fit(value, wanted))
            except ArgumentError as error:
                raise _of_argument(error, bound.function.name, index) from None
        result = run_function(machine.context, bound.function, [bound.receiver, *fitted])
        del stack[start:]
        stack.append(result)


@dataclass(slots=True)
class Call:
    """A function's call: arguments and, below them, the piped value are on the stack.

    `checks` are the indices of the arguments that may not fit, with the required types.
    """

    function: Function
    arguments: int
    piped: bool
    checks: tuple[tuple[int, GoType], ...]

    def run(self, machine: Machine) -> None:
        """Replace them by the result."""
        stack = machine.stack
        start = len(stack) - self.arguments
        given = stack[start:]
        if self.piped:
            start -= 1
            given.append(settled(stack[start]))
        index = 0
        try:
            for index, wanted in self.checks:
                given[index] = fit(given[index], wanted)
        except ArgumentError as error:
            raise _of_argument(error, self.function.name, index) from None
        # Arguments stay on the stack until then, because values on the stack count as kept.
        result = run_function(machine.context, self.function, given)
        del stack[start:]
        stack.append(result)


@dataclass(slots=True)
class ShortCircuit:
    """The step after an argument of `and` or `or`: if it decides the result, the other arguments are not evaluated."""

    settling: bool
    piped: bool
    end: int = 0
    skipped: range = range(0)

    def run(self, machine: Machine) -> int | None:
        """Leave a deciding argument on the stack and jump to the end; drop any other."""
        stack = machine.stack
        if truth(stack[-1]) is not self.settling:
            stack.pop()
            return None
        if self.piped:
            del stack[-2]
        for slot in self.skipped:
            machine.slots[slot] = UNSET
        return self.end


@dataclass(slots=True)
class Settle:
    """The end of a pipeline in parentheses: nil becomes NO_VALUE, as in every pipeline's result."""

    def run(self, machine: Machine) -> None:
        """Convert the value on the stack."""
        if machine.stack[-1] is None:
            machine.stack[-1] = NO_VALUE


@dataclass(slots=True)
class Store:
    """Assigns the pipeline's value to a new variable; the value stays on the stack."""

    slot: int

    def run(self, machine: Machine) -> None:
        """Put the value into the slot."""
        machine.slots[self.slot] = settled(machine.stack[-1])


@dataclass(slots=True)
class Assign:
    """Assigns the pipeline's value to an existing variable; the value stays on the stack."""

    target: Variable

    def run(self, machine: Machine) -> None:
        """Put the value into the slot of the innermost such variable."""
        assign(machine, self.target, settled(machine.stack[-1]))


def settled(value: Value) -> Value:
    """Return a pipeline's result: a nil in a list or dict is NO_VALUE."""
    return NO_VALUE if value is None else value


def assign(machine: Machine, target: Variable, value: Value) -> None:
    """Put a value into the slot of the innermost variable declared so far."""
    for slot in target.slots:
        if machine.slots[slot] is not UNSET:
            machine.slots[slot] = value
            return
    raise ArgumentError(f"variable {quoted(target.name)} is not declared")


def run_function(context: Context, function: Function, arguments: list[Value]) -> Value:
    """Call a function with arguments that fit; its errors get its name.

    The call costs one step, plus some for the texts that the function reads; a text that it returns is charged.
    """
    budget, bytes_per_step = context.budget, function.bytes_per_step
    budget.left -= 1
    for argument in arguments:
        if type(argument) is bytes and len(argument) >= bytes_per_step:
            budget.steps(len(argument) // bytes_per_step)
    try:
        result = function.call(context, arguments)
    except FunctionError as error:
        reason = f"function {quoted(function.name)} failed: {error.reason}"
        raise FunctionError(reason, error.detail) from None
    if type(result) is bytes and len(result) >= _LARGE_BYTES and not any(result is argument for argument in arguments):
        budget.made(len(result))
    return result


def _of_argument(error: ArgumentError, name: str, index: int) -> ArgumentError:
    return ArgumentError(f"argument {index + 1} of function {quoted(name)}: {error.reason}")
