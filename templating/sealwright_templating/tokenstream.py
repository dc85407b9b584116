"""The tokens of a template with a look ahead, as its parser takes them."""

from typing import NoReturn

from sealwright_templating.errors import TemplateParseError, quoted
from sealwright_templating.lexer import Token, tokens
from sealwright_templating.source import Source

_SHOWN = {"left": "{{", "end": "the end of the template"}


class TokenStream:
    """Tokens in order; up to three may be put back."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self._tokens = tokens(source)
        self._back: list[Token] = []

    def next(self) -> Token:
        """Return the next token."""
        return self._back.pop() if self._back else next(self._tokens)

    def visible(self) -> Token:
        """Return the next token that is no space."""
        token = self._back.pop() if self._back else next(self._tokens)
        return self.next() if token[0] == "space" else token

    def back(self, *given: Token) -> None:
        """Put tokens back, the first to come first."""
        self._back.extend(reversed(given))

    def expect_right(self, where: str) -> None:
        """Take the delimiter that closes an action, or complain."""
        token = self.visible()
        if token[0] != "right":
            self.unexpected(token, where)

    def unexpected(self, token: Token, where: str) -> NoReturn:
        """Complain about a token."""
        kind, text, offset = token
        if kind == "right":
            text = "}}"
        shown = _SHOWN[kind] if kind == "end" else quoted(_SHOWN.get(kind, text))
        self.complain(offset, f"unexpected {shown} in {where}")

    def complain(self, offset: int, reason: str) -> NoReturn:
        """Raise TemplateParseError."""
        raise self.source.error(TemplateParseError, offset, reason)
