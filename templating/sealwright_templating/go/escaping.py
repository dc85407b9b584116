"""Escapes text for HTML, JavaScript and the query of a URL, by the rules of Go's text/template."""

import re
from urllib.parse import quote_plus

from sealwright_templating.go import runes
from sealwright_templating.go.fmt.printable import is_printable
from sealwright_templating.limits import Budget

_HTML = {
    0x00: b"\xef\xbf\xbd",
    ord('"'): b"&#34;",
    ord("'"): b"&#39;",
    ord("&"): b"&amp;",
    ord("<"): b"&lt;",
    ord(">"): b"&gt;",
}
_HTML_SPECIAL = re.compile(rb"[\x00\"'&<>]")
_JAVASCRIPT = {
    "\\": "\\\\",
    "'": "\\'",
    '"': '\\"',
    "<": "\\u003C",
    ">": "\\u003E",
    "&": "\\u0026",
    "=": "\\u003D",
}
_LONGEST_ESCAPE = 6
_BYTES_PER_STEP = 4
"""How many bytes are escaped in a microsecond."""


def html(budget: Budget, text: bytes) -> bytes:
    """Return text escaped for HTML."""
    budget.memory(_LONGEST_ESCAPE * len(text))
    budget.steps(len(text) // _BYTES_PER_STEP)
    return _HTML_SPECIAL.sub(lambda found: _HTML[found[0][0]], text)


def javascript(budget: Budget, text: bytes) -> bytes:
    """Return text escaped for a string constant in JavaScript."""
    budget.memory(_LONGEST_ESCAPE * len(text))
    budget.steps(len(text) // _BYTES_PER_STEP)
    return runes.encode("".join(map(_javascript_character, runes.decode(text))))


def _javascript_character(character: str) -> str:
    if escape := _JAVASCRIPT.get(character):
        return escape
    if character < " ":
        return f"\\u{ord(character):04X}"
    if character.isascii() or is_printable(character) or "\udc80" <= character <= "\udcff":
        return character
    return f"\\u{ord(character):04X}"


def query(budget: Budget, text: bytes) -> bytes:
    """Return text escaped for a URL's query: a plus for a space, %XX for all but letters, digits and -_.~."""
    budget.memory(3 * len(text))
    budget.steps(len(text) // _BYTES_PER_STEP)
    return quote_plus(text, safe="").encode()
