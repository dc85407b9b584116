"""Turns a command's operands into steps: a function's or method's call, or a value. `expressions.py` has the grammar.

The first operand of a command, its head, says what the command does. Errors that Go reports only when the template runs
become a step that fails there.
"""

from dataclasses import dataclass, field

from sealwright_templating.errors import ArgumentError, quoted
from sealwright_templating.functions.index import lookup
from sealwright_templating.language.lexer import Token
from sealwright_templating.language.literals import read_literal
from sealwright_templating.language.scopes import Scope
from sealwright_templating.language.tokenstream import TokenStream
from sealwright_templating.machine.program import Program
from sealwright_templating.machine.steps import (
    Call,
    CallMethod,
    Chain,
    Dot,
    Fail,
    Method,
    Push,
    Settle,
    ShortCircuit,
    Step,
)
from sealwright_templating.values.constants import FALSE, NIL, TRUE, Literal, Nil
from sealwright_templating.values.registry import Function
from sealwright_templating.values.types import ANY, REFLECT_VALUE, GoType

LITERALS = frozenset(["number", "complex", "character", "string", "raw"])
CONSTANTS: dict[str, Literal | Nil] = {"true": TRUE, "false": FALSE, "nil": NIL}

Names = tuple[tuple[str, bytes], ...]
"""Field names, as texts and as keys of maps."""

_DOT, _SETTLE = Dot(), Settle()
_LONGEST_CHAIN = 4
"""How many fields are looked up in one step, and charged as one."""


@dataclass(slots=True)
class Command:
    """A command being parsed; `stage` is its position in the pipeline, from 1.

    `head` is "function", "chain" (fields of a value, the last of which may be a method) or "value". `skips` are the
    steps that may skip arguments, each with the first slot of the variables declared in them.
    """

    offset: int
    stage: int
    head: str = ""
    function: Function | None = None
    arguments: int = 0
    checks: list[tuple[int, GoType]] = field(default_factory=list)
    method: Method | None = None
    skips: list[tuple[Method | ShortCircuit, int]] = field(default_factory=list)

    @property
    def piped(self) -> bool:
        """Whether the command receives another one's result."""
        return self.stage > 1

    @property
    def short_circuits(self) -> bool:
        """Whether this is `and` or `or`."""
        return self.function is not None and self.function.name in {"and", "or"}

    @property
    def may_skip(self) -> bool:
        """Whether arguments may be skipped when the command runs."""
        return self.method is not None or self.short_circuits

    @property
    def may_be_nil(self) -> bool:
        """Whether the result may be nil, which then has to become NO_VALUE."""
        return self.function is None or self.function.signature.results[0] in {ANY, REFLECT_VALUE}


class Commands:
    """Appends the steps of commands to a program."""

    def __init__(self, stream: TokenStream, program: Program, scope: Scope) -> None:
        self._stream = stream
        self._program = program
        self._scope = scope
        self._chains: dict[Names, Chain] = {}

    def head(self, command: Command, token: Token, names: Names) -> None:
        """Append the first operand of a command, with its fields."""
        kind, text, offset = token
        command.head = "value"
        if kind == "word" and text not in CONSTANTS:
            function = self._function(token)
            if not names:
                command.head, command.function = "function", function
                return
            self._emit_call(function, offset)
        elif kind in LITERALS or kind == "word":
            literal = self._literal(token, names)
            if isinstance(literal, Nil):
                self._emit(Fail("nil is not a command"), offset)
            else:
                self._constant(command, literal, offset)
        else:
            self._value(token, names)
        if names or kind == "field":
            command.head = "chain"
            self._chain(token, names)

    def argument(self, command: Command, token: Token, names: Names) -> None:
        """Append a further operand of a command."""
        kind, text, offset = token
        if kind in LITERALS or (kind == "word" and text in CONSTANTS):
            self._constant(command, self._literal(token, names), offset)
        else:
            if kind == "word":
                self._emit_call(self._function(token), offset)
            else:
                self._value(token, names)
            if names or kind == "field":
                self._chain(token, names)
            if command.function is not None and command.function.signature.parameters:
                wanted = command.function.signature.parameter(command.arguments)
                if wanted is not REFLECT_VALUE:
                    command.checks.append((command.arguments, wanted))
        command.arguments += 1
        if command.short_circuits:
            circuit = ShortCircuit(command.function is not None and command.function.name == "or", command.piped)
            command.skips.append((circuit, self._scope.slots))
            self._emit(circuit, command.offset)

    def begin_method(self, command: Command) -> None:
        """Turn the last field of a command's head into a method, since it has arguments."""
        chain = self._program.steps[-1]
        if isinstance(chain, Chain):
            self._program.pop()
            *names, (name, _) = chain.names
            if names:
                self._emit(self._chain_of(tuple(names)), command.offset)
            command.method = Method(name, piped=command.piped)
            command.skips.append((command.method, self._scope.slots))
            self._emit(command.method, command.offset)

    def end(self, command: Command) -> None:
        """Append the call, if the command is one."""
        if command.head == "chain" and command.piped and command.method is None:
            self.begin_method(command)
        if command.function is not None:
            self._end_function(command, command.function)
        elif command.method is not None:
            command.method.arguments = command.arguments
            self._emit(CallMethod(command.arguments, command.piped), command.offset)
        elif command.arguments or command.piped:
            self._emit(Fail("arguments are given to something that is not a function"), command.offset)
        for step, first_slot in command.skips:
            step.end = len(self._program.steps)
            step.skipped = range(first_slot, self._scope.slots)

    def settle(self, offset: int) -> None:
        """Append the step that turns nil into NO_VALUE."""
        self._emit(_SETTLE, offset)

    def _end_function(self, command: Command, function: Function) -> None:
        if wrong := function.signature.misfit(command.arguments + command.piped):
            self._emit(Fail(f"wrong number of arguments for function {quoted(function.name)}: {wrong}"), command.offset)
        elif not command.short_circuits:
            if command.piped:
                command.checks.append((command.arguments, function.signature.parameter(command.arguments)))
            self._emit(Call(function, command.arguments, command.piped, tuple(command.checks)), command.offset)
        elif not command.piped:
            self._program.pop()
            command.skips.pop()

    def _constant(self, command: Command, literal: Literal | Nil, offset: int) -> None:
        """Append a constant; as a function's argument, with its parameter's type."""
        function = command.function
        try:
            if function is not None and function.signature.parameters:
                value = literal.fit(function.signature.parameter(command.arguments))
            elif command.method is not None:
                value = literal
            else:
                value = literal.fit(ANY)
        except ArgumentError as error:
            where = f"argument {command.arguments + 1} of function {quoted(function.name)}: " if function else ""
            self._emit(Fail(where + error.reason), offset)
        else:
            self._emit(Push(value), offset)

    def _value(self, token: Token, names: Names) -> None:
        """Append the step that pushes the dot or a variable; the value of parentheses is on the stack already."""
        kind, text, offset = token
        if kind == "dot" and names:
            self._stream.complain(offset, "there is a dot too many")
        if kind in {"dot", "field"}:
            self._emit(_DOT, offset)
        elif kind == "variable":
            if not self._scope.is_known(text):
                self._stream.complain(offset, f"variable {quoted(text)} is not declared")
            variable = self._scope.find(text)
            self._emit(variable or Fail(f"variable {quoted(text)} is not declared"), offset)

    def _chain(self, token: Token, names: Names) -> None:
        kind, text, offset = token
        if kind == "field":
            names = ((text[1:], text[1:].encode()), *names)
        for start in range(0, len(names), _LONGEST_CHAIN):
            self._emit(self._chain_of(names[start : start + _LONGEST_CHAIN]), offset)

    def _chain_of(self, names: Names) -> Chain:
        """Return the step for fields; equal fields share a step, because a text may have very many of them."""
        chain = self._chains.get(names)
        if chain is None:
            chain = self._chains[names] = Chain(names)
        return chain

    def _emit_call(self, function: Function, offset: int) -> None:
        """Append a call without arguments."""
        if wrong := function.signature.misfit(0):
            self._emit(Fail(f"wrong number of arguments for function {quoted(function.name)}: {wrong}"), offset)
        else:
            self._emit(Call(function, 0, piped=False, checks=()), offset)

    def _function(self, token: Token) -> Function:
        function = lookup(token[1])
        if function is None:
            self._stream.complain(token[2], f"function {quoted(token[1])} does not exist")
        self._program.calls.add(function.name)
        return function

    def _literal(self, token: Token, names: Names) -> Literal | Nil:
        kind, text, offset = token
        if names:
            self._stream.complain(offset, "a constant has no fields")
        if kind == "word":
            return CONSTANTS[text]
        try:
            return read_literal(kind, text)
        except ValueError as error:
            self._stream.complain(offset, f"{quoted(text)}: {error}")

    def _emit(self, step: Step, offset: int) -> None:
        self._program.emit(step, offset)
