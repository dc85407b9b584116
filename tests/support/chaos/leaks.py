"""Plaintexts that are recognised wherever they come to light, and the search for them in whatever was written or said."""

import base64
import json
import random
import re
import string
from collections.abc import Iterator
from urllib.parse import quote, quote_plus

WORD = 20
GRAM = 16
STRIDE = 4
"""A text that holds WORD characters of a form holds a gram that begins at a multiple of STRIDE."""
_LETTERS = string.ascii_letters + string.digits
_RUNS = re.compile(rb"[A-Za-z0-9+/_-]{16,}")


def plaintext(choices: random.Random) -> bytes:
    """Return a value that nobody writes by accident: two words of 119 bits each, and what other forms escape."""
    first, second = ("".join(choices.choices(_LETTERS, k=WORD)) for _ in range(2))
    return f'{first}"\\{second}ž%\n'.encode()


def forms(value: bytes) -> Iterator[bytes]:
    """Yield a value as it is, in base64 wherever it begins in it, in hexadecimal, for URLs and in JSON."""
    text = value.decode()
    yield value
    for shift in range(3):
        encoded = base64.b64encode(bytes(shift) + value)[(0, 2, 3)[shift] : len(value) // 3 * 4]
        yield encoded
        yield encoded.translate(bytes.maketrans(b"+/", b"-_"))
    yield value.hex().encode()
    yield value.hex().upper().encode()
    yield quote(text).encode()
    yield quote_plus(text).encode()
    yield json.dumps(text).encode()
    yield json.dumps(text, ensure_ascii=False).encode()
    yield repr(value).encode()


class LeakSearch:
    """Remembers every plaintext that was ever sealed, and finds parts of WORD characters of any form."""

    def __init__(self) -> None:
        self._grams: set[bytes] = set()

    def add(self, value: bytes) -> None:
        """Look for this value from now on. ValueError if one of its forms could not be recognised."""
        for form in forms(value):
            grams = [run[at : at + GRAM] for run in _RUNS.findall(form) for at in range(0, len(run) - GRAM + 1, STRIDE)]
            if not grams:
                raise ValueError("a form of this plaintext has no long word")
            self._grams.update(grams)

    def found_in(self, text: bytes) -> list[str]:
        """Return, for each word of a text with a plaintext in it, where it is and what is before it."""
        found = []
        for word in set(_RUNS.findall(text)):
            if any(word[at : at + GRAM] in self._grams for at in range(len(word) - GRAM + 1)):
                at = text.index(word)
                before = text[max(0, at - 160) : at].decode(errors="replace")
                found.append(f"byte {at}, {len(word)} characters behind {before!r}")
        return found
