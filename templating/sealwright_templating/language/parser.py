"""Parses templates: text, actions, blocks, and the templates that one text defines. `expressions.py` parses pipelines.

Open blocks are kept in a list, so they may be nested to any depth.
"""

from dataclasses import dataclass, field

from sealwright_templating.errors import TemplateParseError, quoted
from sealwright_templating.go.unquoting import unquote
from sealwright_templating.language.expressions import Expressions, Pipe
from sealwright_templating.language.lexer import Token
from sealwright_templating.language.scopes import Mark, Scope
from sealwright_templating.language.tokenstream import TokenStream
from sealwright_templating.limits import Deadline
from sealwright_templating.machine.blocks import (
    Break,
    Drop,
    Invoke,
    Jump,
    JumpIfFalse,
    Next,
    Print,
    Range,
    Restore,
    With,
)
from sealwright_templating.machine.program import Program
from sealwright_templating.source import Source

_DROP, _PRINT = Drop(), Print()


@dataclass(slots=True)
class _Template:
    """A template whose end has not been reached."""

    program: Program
    scope: Scope
    expressions: Expressions


@dataclass(slots=True)
class _Block:
    """An open block: `if`, `with`, `range`, or `define` and `block`, whose `outer` is the template around it.

    `test` is the step that decides whether the body runs, `start` the index of a loop's first step. `ends` are steps
    that jump to the end of the block, `inside` the variables that the `else` branch sees. `chained` is the `if` of an
    `else if`, which has no `end` of its own.
    """

    keyword: str
    offset: int
    test: JumpIfFalse | With | Range | None = None
    start: int = 0
    before: Mark = (0, 0)
    inside: Mark = (0, 0)
    ends: list[Jump | Break | Next] = field(default_factory=list)
    in_else: bool = False
    chained: bool = False
    outer: _Template | None = None

    @property
    def defines(self) -> bool:
        return self.outer is not None


def parse_programs(source: Source, most_tokens: int, deadline: Deadline) -> dict[str, Program]:
    """Return the templates that a text defines; the text itself has the source's name.

    Raises TemplateParseError, and TemplateLimitError if it has too many tokens, or takes too long.
    """
    try:
        source.text.encode()
    except UnicodeEncodeError as error:
        raise source.error(TemplateParseError, error.start, "half a surrogate pair is not text") from None
    return _Parser(source, most_tokens, deadline).parse()


class _Parser:
    def __init__(self, source: Source, most_tokens: int, deadline: Deadline) -> None:
        self._source = source
        self._stream = TokenStream(source, most_tokens, deadline)
        self._programs: dict[str, Program] = {}
        self._blocks: list[_Block] = []
        self._template = self._new_template(source.name)
        self._actions = {
            "if": self._open,
            "with": self._open,
            "range": self._open,
            "else": self._else,
            "end": self._end,
            "define": self._define,
            "block": self._block,
            "template": self._invoke,
            "break": self._leave_turn,
            "continue": self._leave_turn,
        }

    def parse(self) -> dict[str, Program]:
        while True:
            token = self._stream.visible()
            if token[0] == "text":
                self._template.program.text(token[1], token[2])
            elif token[0] == "left":
                self._action()
            else:
                break
        if self._blocks:
            block = self._blocks[-1]
            self._stream.complain(block.offset, f"this {block.keyword} is not closed: {{{{ end }}}} is missing")
        self._finish(self._template, 0)
        return self._programs

    def _action(self) -> None:
        token = self._stream.visible()
        action = self._actions.get(token[1]) if token[0] == "word" else None
        if action is not None and not (token[1] == "define" and self._blocks):
            action(token)
            return
        self._stream.back(token)
        pipe = self._pipeline("command", token[2])
        self._emit_end(pipe)

    def _emit_end(self, pipe: Pipe) -> None:
        self._template.program.empty = False
        self._template.program.emit(_DROP if pipe.names else _PRINT, pipe.offset)

    def _pipeline(self, context: str, offset: int) -> Pipe:
        return self._template.expressions.pipeline(context, offset)

    def _open(self, token: Token, *, chained: bool = False) -> None:
        """Begin `if`, `with` or `range`."""
        keyword, offset = token[1], token[2]
        program, scope = self._template.program, self._template.scope
        program.empty = False
        block = _Block(keyword, offset, before=scope.mark(), chained=chained)
        self._blocks.append(block)
        pipe = self._pipeline(keyword, offset)
        block.inside = scope.mark()
        if keyword == "if":
            block.test = JumpIfFalse()
        elif keyword == "with":
            block.test = With(scope.new_slots(1))
        else:
            block.test = Range(scope.new_slots(2), variables=len(pipe.names))
        program.emit(block.test, pipe.offset)
        if isinstance(block.test, Range):
            self._begin_turn(block, block.test.slot, pipe)

    def _begin_turn(self, block: _Block, slot: int, pipe: Pipe) -> None:
        program = self._template.program
        block.start = len(program.steps)
        element = pipe.variables[-1] if pipe.variables else None
        index = pipe.variables[0] if len(pipe.variables) > 1 else None
        turn = Next(slot, index=index, element=element)
        block.ends.append(turn)
        program.emit(turn, block.offset)

    def _else(self, token: Token) -> None:
        block = self._blocks[-1] if self._blocks else None
        if block is None or block.defines:
            self._stream.complain(token[2], "there is nothing that this else belongs to")
        if block.in_else:
            self._stream.complain(token[2], f"this {block.keyword} has an else already")
        following = self._stream.visible()
        chained = following[0] == "word" and following[1] == block.keyword and following[1] in {"if", "with"}
        if not chained:
            self._stream.back(following)
            self._stream.expect_right("else")
        self._end_body(block)
        if not isinstance(block.test, Range):
            jump = Jump()
            block.ends.append(jump)
            self._template.program.emit(jump, token[2])
        self._aim_test(block)
        self._template.scope.leave(block.inside)
        block.in_else = True
        if chained:
            self._open(following, chained=True)

    def _end(self, token: Token) -> None:
        self._stream.expect_right("end")
        if not self._blocks:
            self._stream.complain(token[2], "there is nothing that this end closes")
        block = self._blocks.pop()
        if block.outer is not None:
            inner, self._template = self._template, block.outer
            self._finish(inner, block.offset)
            return
        self._close(block)
        while block.chained:
            block = self._blocks.pop()
            self._close(block)

    def _close(self, block: _Block) -> None:
        if not block.in_else:
            self._end_body(block)
            self._aim_test(block)
        for step in block.ends:
            step.target = len(self._template.program.steps)
        self._template.scope.forget(block.before)

    def _end_body(self, block: _Block) -> None:
        """Append the steps that follow the body of a block."""
        program = self._template.program
        if isinstance(block.test, With):
            program.emit(Restore(block.test.slot), block.offset)
        elif isinstance(block.test, Range):
            program.emit(Jump(block.start), block.offset)

    def _aim_test(self, block: _Block) -> None:
        """Make the test of a block jump here if the body is not to run."""
        if block.test is not None:
            block.test.target = len(self._template.program.steps)

    def _leave_turn(self, token: Token) -> None:
        """Parse `break` or `continue`."""
        self._stream.expect_right(token[1])
        block = next((block for block in reversed(self._blocks) if block.defines or self._in_loop(block)), None)
        if block is None or not isinstance(block.test, Range):
            self._stream.complain(token[2], f"{token[1]} stands outside of any range")
        step: Jump | Break = Jump(block.start)
        if token[1] == "break":
            step = Break(block.test.slot)
            block.ends.append(step)
        self._template.program.emit(step, token[2])

    def _in_loop(self, block: _Block) -> bool:
        return block.keyword == "range" and not block.in_else

    def _define(self, token: Token) -> None:
        name = self._name("define clause")
        self._stream.expect_right("define clause")
        self._begin_definition(token, name)

    def _block(self, token: Token) -> None:
        name = self._name("block clause")
        pipe = self._pipeline("block clause", token[2])
        self._template.program.empty = False
        self._template.program.emit(Invoke(name, given=True), pipe.offset)
        self._begin_definition(token, name)

    def _invoke(self, token: Token) -> None:
        name = self._name("template clause")
        self._template.program.empty = False
        following = self._stream.visible()
        given = following[0] != "right"
        if given:
            self._stream.back(following)
            self._pipeline("template clause", token[2])
        self._template.program.emit(Invoke(name, given=given), token[2])

    def _name(self, context: str) -> str:
        """Parse a template's name."""
        token = self._stream.visible()
        kind, text, offset = token
        if kind == "raw":
            return text[1:-1].replace("\r", "")
        if kind != "string":
            self._stream.unexpected(token, context)
        try:
            return unquote(text[1:-1]).decode(errors="surrogateescape")
        except ValueError as error:
            self._stream.complain(offset, f"{quoted(text)}: {error}")

    def _begin_definition(self, token: Token, name: str) -> None:
        self._blocks.append(_Block(token[1], token[2], outer=self._template))
        self._template = self._new_template(name)

    def _new_template(self, name: str) -> _Template:
        program, scope = Program(self._source, name), Scope()
        return _Template(program, scope, Expressions(self._stream, program, scope))

    def _finish(self, template: _Template, offset: int) -> None:
        """End a template; an empty one never replaces another, and another one replaces only empty ones."""
        program = template.program
        program.slots = template.scope.slots
        program.finish()
        earlier = self._programs.get(program.name)
        if earlier is None or earlier.empty:
            self._programs[program.name] = program
        elif not program.empty:
            self._stream.complain(offset, f"template {quoted(program.name)} is defined already")
