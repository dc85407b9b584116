"""Parses pipelines: `$x := .a | f 1 (g .b)`. `commands.py` makes their steps, `parser.py` parses blocks.

Parentheses are kept on our own stack, so nesting does not make Python's stack grow.
"""

from dataclasses import dataclass, field

from sealwright_templating.errors import quoted
from sealwright_templating.language.commands import CONSTANTS, LITERALS, Command, Commands
from sealwright_templating.language.lexer import Token
from sealwright_templating.language.scopes import Scope
from sealwright_templating.language.tokenstream import TokenStream
from sealwright_templating.machine.program import Program
from sealwright_templating.machine.steps import Assign, Fail, Store, Variable

KEYWORDS = frozenset(["block", "break", "continue", "define", "else", "end", "if", "range", "template", "with"])
_OPERANDS = LITERALS | {"word", "dot", "field", "variable", "left_paren"}
_DEEPEST = 10_000
"""How deeply Go allows parentheses to be nested."""


@dataclass(slots=True)
class Pipe:
    """A pipeline being parsed: the names before `:=` or `=`, and the variables that they become.

    `skippable` means that the pipeline may be skipped when the template runs.
    """

    context: str
    offset: int
    skippable: bool
    command: Command
    names: list[str] = field(default_factory=list)
    assigns: bool = False
    variables: list[Variable] = field(default_factory=list)


class Expressions:
    """Parses pipelines from a stream of tokens, and appends their steps to a program."""

    def __init__(self, stream: TokenStream, program: Program, scope: Scope) -> None:
        self._stream = stream
        self._program = program
        self._scope = scope
        self._commands = Commands(stream, program, scope)
        self._pipes: list[Pipe] = []

    def pipeline(self, context: str, offset: int) -> Pipe:
        """Parse a pipeline up to the closing delimiter; its steps leave its value on the stack."""
        self._open(context, offset)
        while True:
            token = self._stream.visible()
            operand: Token | None = token
            if token[0] in {"right", "right_paren"}:
                pipe = self._close()
                if not self._pipes:
                    return pipe
                operand = self._operand_done(("pipe", "", pipe.offset), pipe)
            elif is_operand(token):
                self._begin_command(token)
            else:
                self._stream.unexpected(token, self._pipes[-1].context)
            while operand is not None:
                operand = self._operand(operand)

    def _open(self, context: str, offset: int) -> None:
        """Begin a pipeline: read the variables that it declares or assigns."""
        skippable = bool(self._pipes) and (self._pipes[-1].skippable or self._pipes[-1].command.may_skip)
        pipe = Pipe(context, offset, skippable, Command(offset, 0))
        self._pipes.append(pipe)
        while (token := self._stream.visible())[0] == "variable":
            behind = self._stream.next()
            after = self._stream.visible() if behind[0] == "space" else behind
            if after[0] not in {"declare", "assign"} and after[:2] != ("other", ","):
                self._stream.back(token, behind, *([after] if after is not behind else []))
                return
            pipe.names.append(token[1])
            self._scope.know(token[1])
            if after[0] != "other":
                pipe.assigns = after[0] == "assign"
                return
            self._check_second(pipe)
        self._stream.back(token)

    def _check_second(self, pipe: Pipe) -> None:
        """Check what follows a variable and a comma."""
        token = self._stream.visible()
        self._stream.back(token)
        if pipe.context != "range" or len(pipe.names) > 1:
            self._stream.complain(token[2], f"too many declarations in {pipe.context}")
        if token[0] not in {"variable", "right", "right_paren"}:
            self._stream.complain(token[2], "range can declare variables only")

    def _close(self) -> Pipe:
        """End a pipeline: its variables get its value."""
        pipe = self._pipes.pop()
        if not pipe.command.stage:
            self._stream.complain(pipe.offset, f"a value is missing for {pipe.context}")
        for name in pipe.names:
            if not pipe.assigns:
                variable = self._scope.declare(name, skippable=pipe.skippable)
                self._program.emit(Store(variable.slots[0]), pipe.offset)
                pipe.variables.append(variable)
            elif found := self._scope.find(name):
                self._program.emit(Assign(found), pipe.offset)
                pipe.variables.append(found)
            else:
                self._program.emit(Fail(f"variable {quoted(name)} is not declared"), pipe.offset)
        return pipe

    def _begin_command(self, token: Token) -> None:
        kind, text, offset = token
        pipe = self._pipes[-1]
        pipe.command = Command(offset, pipe.command.stage + 1)
        is_constant = kind in LITERALS or kind == "dot" or (kind == "word" and text in CONSTANTS)
        if is_constant and pipe.command.piped:
            reason = f"stage {pipe.command.stage} of a pipeline cannot be a constant or the dot"
            self._stream.complain(offset, reason)

    def _operand(self, token: Token) -> Token | None:
        """Parse an operand that begins with a token; return the first token of the next one, if any."""
        command = self._pipes[-1].command
        if command.head == "chain" and command.method is None:
            self._commands.begin_method(command)
        if token[0] != "left_paren":
            return self._operand_done(token, None)
        if len(self._pipes) > _DEEPEST:
            self._stream.complain(token[2], f"parentheses are nested more than {_DEEPEST} levels deep")
        self._open("parenthesized pipeline", token[2])
        return None

    def _operand_done(self, token: Token, pipe: Pipe | None) -> Token | None:
        """Append the steps of an operand with its fields, and look at what follows."""
        names = []
        while (behind := self._stream.next())[0] == "field":
            names.append((behind[1][1:], behind[1][1:].encode()))
        self._stream.back(behind)
        if pipe is not None and pipe.command.may_be_nil:
            self._commands.settle(token[2])
        command = self._pipes[-1].command
        if command.head:
            self._commands.argument(command, token, tuple(names))
        else:
            self._commands.head(command, token, tuple(names))
        return self._next_operand(command)

    def _next_operand(self, command: Command) -> Token | None:
        """Return the first token of a command's next operand; end the command if there is none."""
        token = self._stream.next()
        if token[0] == "space":
            token = self._stream.visible()
            if is_operand(token):
                return token
        if token[0] in {"right", "right_paren"}:
            self._stream.back(token)
        elif token[0] != "pipe":
            self._stream.unexpected(token, "operand")
        self._commands.end(command)
        return None


def is_operand(token: Token) -> bool:
    """Tell whether an operand begins with a token."""
    return token[0] in _OPERANDS and not (token[0] == "word" and token[1] in KEYWORDS)
