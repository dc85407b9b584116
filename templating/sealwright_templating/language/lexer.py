"""Splits a template into tokens, by the rules of Go's text/template: delimiters, trim markers, comments, lexemes.

The parser decides which tokens make an action, and what a constant means.
"""

import re
from collections.abc import Generator, Iterator
from typing import NoReturn

from sealwright_templating.errors import TemplateParseError, quoted
from sealwright_templating.source import Source

Token = tuple[str, str, int]
"""Kind, text, and the offset where it begins.

The kinds: text, left, right, space, field (with its dot), dot, variable, word, number, complex, character, string, raw,
assign, declare, pipe, left_paren, right_paren, other (any other printable ASCII character), end (of the template).
"""

_LEFT = "{{"
_SPACES = " \t\r\n"  # only these: Go does not trim or skip, say, a no-break space
_COMMENT_LEFT, _COMMENT_RIGHT = "/*", "*/"

_RIGHT = re.compile(r"[ \t\r\n]-\}\}|\}\}")
_SPACE_RUN = re.compile(r"[ \t\r\n]*")

_BEHIND_WORD = r"(?=[ \t\r\n.,|:()]|\}\}|\Z)"
_NUMBER_START = re.compile(r"[+\-0-9]|\.[0-9]")
_NUMBER = r"""(?>[+-]?(?:
    0[xX][0-9a-fA-F_]*\.?[0-9a-fA-F_]*(?:[pP][+-]?[0-9_]*)?
   |0[oO][0-7_]*\.?[0-7_]*
   |0[bB][01_]*\.?[01_]*
   |[0-9_]*\.?[0-9_]*(?:[eE][+-]?[0-9_]*)?
   )i?)(?!\w)"""
_LEXEME = re.compile(
    rf"""
    (?P<right>[ \t\r\n]-\}}\}}|\}}\}})
   |(?P<space>[ \t\r\n]+?(?=[ \t\r\n]-\}}\}})|[ \t\r\n]+)
   |(?P<field>\.(?![0-9])\w+{_BEHIND_WORD})
   |(?P<dot>\.{_BEHIND_WORD})
   |(?P<number>(?={_NUMBER_START.pattern}){_NUMBER}(?![+-]))
   |(?P<complex>(?={_NUMBER_START.pattern}){_NUMBER}(?=[+-]){_NUMBER}(?<=i))
   |(?P<word>(?![0-9])\w+{_BEHIND_WORD})
   |(?P<variable>\$\w*{_BEHIND_WORD})
   |(?P<string>"(?:[^"\\\n]|\\[^\n])*+")
   |(?P<raw>`[^`]*+`)
   |(?P<character>'(?:[^'\\\n]|\\[^\n])*+')
   |(?P<declare>:=)
   |(?P<assign>=)
   |(?P<pipe>\|)
   |(?P<left_paren>\()
   |(?P<right_paren>\))
   |(?P<other>[^\w\s.$:"'`+\-\x00-\x20\x7f-\U0010ffff])
    """,
    re.VERBOSE,
)
_WORDS = frozenset(["field", "word", "variable"])
_NESTING = {"left_paren": 1, "right_paren": -1}
_WHAT = {'"': "text", "`": "raw text", "'": "character"}


def tokens(source: Source) -> Iterator[Token]:
    """Yield the tokens of a template, without comments and with text trimmed. Raises TemplateParseError."""
    text, position = source.text, 0
    while (left := text.find(_LEFT, position)) >= 0:
        body = left + len(_LEFT)
        trims = text.startswith("-", body) and text.startswith(tuple(_SPACES), body + 1)
        plain = text[position:left].rstrip(_SPACES) if trims else text[position:left]
        if plain:
            yield "text", plain, position
        body += 2 * trims
        if text.startswith(_COMMENT_LEFT, body):
            position = _after_comment(source, body)
        else:
            yield "left", _LEFT, left
            position = yield from _action(source, left, body)
    if position < len(text):
        yield "text", text[position:], position
    yield "end", "", len(text)


def _action(source: Source, left: int, position: int) -> Generator[Token, None, int]:
    """Yield the tokens of an action, with the closing delimiter; return where the text continues."""
    text, depth = source.text, 0
    while True:
        found = _LEXEME.match(text, position)
        if found is None:
            _complain(source, left, position)
        kind, lexeme = found.lastgroup or "", found[0]
        if kind == "right":
            if depth:
                raise source.error(TemplateParseError, position, "a left parenthesis is not closed")
            yield kind, lexeme, position
            return _after_right(text, position, lexeme)
        if kind in _WORDS:
            if not lexeme.isascii():
                _check_letters(source, lexeme, position)
        elif kind in _NESTING:
            depth += _NESTING[kind]
            if depth < 0:
                raise source.error(TemplateParseError, position, "this right parenthesis closes nothing")
        yield kind, lexeme, position
        position += len(lexeme)


def _after_comment(source: Source, position: int) -> int:
    """Return where the text continues after the comment that begins at `position`."""
    end = source.text.find(_COMMENT_RIGHT, position + len(_COMMENT_LEFT))
    if end < 0:
        raise source.error(TemplateParseError, position, "this comment is not closed: */ is missing")
    end += len(_COMMENT_RIGHT)
    right = _RIGHT.match(source.text, end)
    if right is None:
        reason = 'nothing may stand between the end of a comment and }}, or " -}}"'
        raise source.error(TemplateParseError, end, reason)
    return _after_right(source.text, end, right[0])


def _after_right(text: str, position: int, delimiter: str) -> int:
    """Return where the text continues after a closing delimiter, with trimmed spaces skipped."""
    position += len(delimiter)
    if len(delimiter) > len("}}"):
        spaces = _SPACE_RUN.match(text, position)
        position = spaces.end() if spaces else position
    return position


def _check_letters(source: Source, lexeme: str, position: int) -> None:
    """Check that no character of a name is a digit or letter only to Python."""
    end = _after_letters(source.text, position + lexeme.startswith((".", "$")))
    if end < position + len(lexeme):
        raise _bad_character(source, end)


def _after_letters(text: str, position: int) -> int:
    """Return the end of the run of letters, decimal digits and underscores at a position."""
    while position < len(text) and (text[position] == "_" or text[position].isalpha() or text[position].isdecimal()):
        position += 1
    return position


def _bad_character(source: Source, position: int) -> TemplateParseError:
    reason = f"a name may hold letters, digits and _ only, not {quoted(source.text[position])}"
    return source.error(TemplateParseError, position, reason)


def _complain(source: Source, left: int, position: int) -> NoReturn:
    """Raise the error for a missing token at `position`, inside the action that begins at `left`."""
    text = source.text
    if position >= len(text):
        raise source.error(TemplateParseError, left, "this action is not closed: }} is missing")
    first = text[position]
    if what := _WHAT.get(first):
        raise source.error(TemplateParseError, position, f"this {what} constant is not closed")
    if first == ":":
        raise source.error(TemplateParseError, position, '":" must be followed by "="')
    if _NUMBER_START.match(text, position):
        raise source.error(TemplateParseError, position, "this is not a number")
    end = _after_letters(text, position + (first in ".$"))
    if end > position:
        raise _bad_character(source, end)
    raise source.error(TemplateParseError, position, f"{quoted(first)} has no meaning here")
