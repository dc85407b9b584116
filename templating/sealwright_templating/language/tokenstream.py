"""The tokens of a template with lookahead, for the parser."""

from typing import NoReturn

from sealwright_templating.errors import LimitExceeded, TemplateLimitError, TemplateParseError, quoted
from sealwright_templating.language.lexer import Token, tokens
from sealwright_templating.limits import Deadline
from sealwright_templating.source import Source

_WITH_ESCAPES = frozenset(["string", "character"])
_ESCAPES_LIKE_A_TOKEN = 8
"""How many escape sequences are read in the time of another token."""

_TOKENS_PER_LOOK_AT_THE_CLOCK = 256

_SHOWN = {"left": "{{", "end": "the end of the template"}


class TokenStream:
    """Tokens in order; up to three may be put back. A template may have at most `most` tokens.

    The clock is checked meanwhile: even a text within the limits takes long to parse on a slow or busy machine.
    """

    def __init__(self, source: Source, most: int, deadline: Deadline) -> None:
        self.source = source
        self._tokens = tokens(source)
        self._back: list[Token] = []
        self._most = self._left = self._next_look = most
        self._deadline = deadline

    def next(self) -> Token:
        """Return the next token. Raises TemplateLimitError."""
        return self._back.pop() if self._back else self._new()

    def visible(self) -> Token:
        """Return the next token that is not a space. Raises TemplateLimitError."""
        token = self._back.pop() if self._back else self._new()
        return self.next() if token[0] == "space" else token

    def _new(self) -> Token:
        token = next(self._tokens)
        self._left -= 1
        if token[0] in _WITH_ESCAPES:
            self._left -= token[1].count("\\") // _ESCAPES_LIKE_A_TOKEN
        if self._left <= self._next_look:
            self._look(token)
        if self._left < 0:
            reason = f"it has more than {self._most} words, signs and texts"
            raise self.source.error(TemplateLimitError, token[2], reason)
        return token

    def _look(self, token: Token) -> None:
        self._next_look = self._left - _TOKENS_PER_LOOK_AT_THE_CLOCK
        try:
            self._deadline.look()
        except LimitExceeded as error:
            raise self.source.error(TemplateLimitError, token[2], error.reason) from None

    def back(self, *given: Token) -> None:
        """Put tokens back; the first one is the next to be read."""
        self._back.extend(reversed(given))

    def expect_right(self, where: str) -> None:
        """Read the delimiter that closes an action. Raises TemplateParseError if another token comes."""
        token = self.visible()
        if token[0] != "right":
            self.unexpected(token, where)

    def unexpected(self, token: Token, where: str) -> NoReturn:
        """Raise the error for an unexpected token."""
        kind, text, offset = token
        if kind == "right":
            text = "}}"
        shown = _SHOWN[kind] if kind == "end" else quoted(_SHOWN.get(kind, text))
        self.complain(offset, f"unexpected {shown} in {where}")

    def complain(self, offset: int, reason: str) -> NoReturn:
        """Raise TemplateParseError."""
        raise self.source.error(TemplateParseError, offset, reason)
