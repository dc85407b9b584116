"""Cuts a template into tokens, by the rules of Go's text/template: delimiters, comments, trim markers, fields.

What Go has and this package has not (functions, pipelines, variables, constants, `if`…) ends here with an error that
names it. Which tokens make an action is the parser's business.
"""

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from enum import Enum, auto

from sealwright_templating.errors import TemplateParseError, quoted
from sealwright_templating.source import Source

_LEFT, _RIGHT = "{{", "}}"
_COMMENT_LEFT, _COMMENT_RIGHT = "/*", "*/"
_SPACES = " \t\r\n"  # no others: Go neither trims nor skips, say, a no-break space
_TERMINATORS = frozenset(".,|:()" + _SPACES)
_KEYWORDS = frozenset(["block", "break", "continue", "define", "else", "end", "if", "range", "template", "with"])
_CONSTANTS = frozenset(["true", "false", "nil"])
_DIGITS = frozenset("0123456789")
_UNSUPPORTED = {
    "|": "pipelines",
    "$": "variables",
    "=": "variables",
    ":": "variables",
    "(": "parentheses",
    ")": "parentheses",
    '"': "text constants",
    "`": "text constants",
    "'": "character constants",
    "+": "numbers",
    "-": "numbers",
    ".": "numbers",
    **dict.fromkeys(_DIGITS, "numbers"),
}


class Kind(Enum):
    """The kinds of token; all but TEXT occur only between LEFT and RIGHT."""

    TEXT = auto()
    LEFT = auto()
    RIGHT = auto()
    SPACE = auto()
    DOT = auto()
    FIELD = auto()


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the template: what it is, its text (a field's without the dot) and the offset where it begins."""

    kind: Kind
    text: str
    offset: int


def tokens(source: Source) -> Iterator[Token]:
    """Yield the tokens of a template, comments left out and trimmed text trimmed. Raises TemplateParseError."""
    text, position = source.text, 0
    while (left := text.find(_LEFT, position)) >= 0:
        body = left + len(_LEFT)
        trims = text[body : body + 1] == "-" and _is_space(text, body + 1)
        plain = text[position:left]
        yield Token(Kind.TEXT, plain.rstrip(_SPACES) if trims else plain, position)
        body += 2 * trims
        if text.startswith(_COMMENT_LEFT, body):
            position = _after_comment(source, body)
        else:
            yield Token(Kind.LEFT, _LEFT, left)
            position = yield from _inside(source, left, body)
    yield Token(Kind.TEXT, text[position:], position)


def _inside(source: Source, left: int, position: int) -> Generator[Token, None, int]:
    """Yield the tokens of an action up to and with RIGHT; return the offset where the text goes on."""
    text = source.text
    while (end := _after_right(text, position)) is None:
        if position >= len(text):
            raise source.error(TemplateParseError, left, "this action is not closed: }} is missing")
        token = _token(source, position)
        yield token
        position += len(token.text) + (token.kind is Kind.FIELD)
    yield Token(Kind.RIGHT, _RIGHT, position)
    return end


def _token(source: Source, position: int) -> Token:
    """Return the token at an offset that is inside an action and not at its end."""
    text = source.text
    if _is_space(text, position):
        return _space(text, position)
    following = text[position + 1 : position + 2]
    if text[position] == "." and following not in _DIGITS:
        return _dot_or_field(source, position)
    raise source.error(TemplateParseError, position, _what_is_wrong(text, position))


def _space(text: str, position: int) -> Token:
    """Return a run of spaces, without the last one if that belongs to a trim marker."""
    end = _after_spaces(text, position)
    if text.startswith("-" + _RIGHT, end):
        end -= 1
    return Token(Kind.SPACE, text[position:end], position)


def _dot_or_field(source: Source, position: int) -> Token:
    text, start = source.text, position + 1
    end = _after_word(text, start)
    if end < len(text) and text[end] not in _TERMINATORS and not text.startswith(_RIGHT, end):
        reason = f"a field's name may hold letters, digits and _ only, not {quoted(text[end])}"
        raise source.error(TemplateParseError, end, reason)
    if end == start:
        return Token(Kind.DOT, ".", position)
    return Token(Kind.FIELD, text[start:end], position)


def _after_comment(source: Source, position: int) -> int:
    """Return where the text goes on after the comment that begins at `position`."""
    end = source.text.find(_COMMENT_RIGHT, position + len(_COMMENT_LEFT))
    if end < 0:
        raise source.error(TemplateParseError, position, "this comment is not closed: */ is missing")
    after = _after_right(source.text, end + len(_COMMENT_RIGHT))
    if after is None:
        reason = 'nothing may stand between the end of a comment and }}, or " -}}"'
        raise source.error(TemplateParseError, end + len(_COMMENT_RIGHT), reason)
    return after


def _after_right(text: str, position: int) -> int | None:
    """Return the offset after the closing delimiter at `position`, trimmed text skipped; None if there is none."""
    if text.startswith(_RIGHT, position):
        return position + len(_RIGHT)
    if not (_is_space(text, position) and text.startswith("-" + _RIGHT, position + 1)):
        return None
    return _after_spaces(text, position + len(" -" + _RIGHT))


def _is_space(text: str, position: int) -> bool:
    return position < len(text) and text[position] in _SPACES


def _after_spaces(text: str, position: int) -> int:
    while _is_space(text, position):
        position += 1
    return position


def _after_word(text: str, position: int) -> int:
    """Return the end of the run of letters, decimal digits and underscores at `position`."""
    while position < len(text) and (text[position].isalpha() or text[position].isdecimal() or text[position] == "_"):
        position += 1
    return position


def _what_is_wrong(text: str, position: int) -> str:
    """Say why there is no token of the subset at `position`."""
    word = text[position : _after_word(text, position)]
    if word and not word[0].isdecimal():
        return f"{_what_it_names(word)} is not supported yet"
    if text.startswith(_COMMENT_LEFT, position):
        return 'a comment must follow {{, or "{{- ", at once'
    if text[position] == "-" and text[position + 1 : position + 2] not in _DIGITS:
        return "a trim marker needs a space between itself and what it marks: {{- .field -}}"
    if what := _UNSUPPORTED.get(text[position]):
        return f"{what} are not supported yet"
    return f"{quoted(text[position])} has no meaning here"


def _what_it_names(word: str) -> str:
    if word in _KEYWORDS:
        return word
    return f"the constant {word}" if word in _CONSTANTS else f"function {quoted(word)}"
