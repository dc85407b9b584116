"""A text that is read from its beginning, part by part. Methods raise ValueError if the text continues differently."""

import re

_SPACES = re.compile(rb" *")
_DIGITS = {
    (fixed, count): re.compile(b"[0-9]{%d,%d}" % (count if fixed else 1, count))
    for fixed in (True, False)
    for count in (2, 3)
}


class Cursor:
    """The text and the position of the next byte."""

    def __init__(self, text: bytes) -> None:
        self._text = text
        self._at = 0

    @property
    def left(self) -> int:
        """The number of unread bytes."""
        return len(self._text) - self._at

    def has(self, wanted: bytes) -> bool:
        """Tell whether the text continues with this."""
        return self._text.startswith(wanted, self._at)

    def accept(self, wanted: bytes) -> bool:
        """Read this if the text continues with it, and tell whether it does."""
        found = self.has(wanted)
        self._at += len(wanted) * found
        return found

    def literal(self, literal: bytes) -> None:
        """Read literal text. Any number of spaces matches any other; they may be missing only at the end."""
        at = 0
        while at < len(literal):
            if literal[at] == ord(" "):
                if self.left and not self.has(b" "):
                    raise ValueError("a space is missing")
                at = _end_of_spaces(literal, at)
                self._at = _end_of_spaces(self._text, self._at)
            elif self.accept(literal[at : at + 1]):
                at += 1
            else:
                raise ValueError("the text between its parts differs")

    def find(self, pattern: re.Pattern[bytes]) -> re.Match[bytes] | None:
        """Read the match of a pattern; without a match, read nothing and return None."""
        found = pattern.match(self._text, self._at)
        if found is not None:
            self._at = found.end()
        return found

    def match(self, pattern: re.Pattern[bytes]) -> re.Match[bytes]:
        """Read the match of a pattern."""
        found = self.find(pattern)
        if found is None:
            raise ValueError("a part of it is missing or is something else")
        return found

    def take(self, count: int) -> bytes:
        """Read this many bytes."""
        if self.left < count:
            raise ValueError("it ends too early")
        self._at += count
        return self._text[self._at - count : self._at]

    def name(self, names: tuple[bytes, ...]) -> int:
        """Read one of some names, in any case, and return its index."""
        for index, name in enumerate(names):
            if self._text[self._at : self._at + len(name)].lower() == name.lower():
                self._at += len(name)
                return index
        raise ValueError("a name is none that is known")

    def number(self, digits: int, last: int, *, fixed: bool) -> int:
        """Read a number of exactly (`fixed`) or at most this many digits; it is at most `last`."""
        number = int(self.match(_DIGITS[fixed, digits])[0])
        if number > last:
            raise ValueError("a number is too large for what it counts")
        return number


def _end_of_spaces(text: bytes, position: int) -> int:
    found = _SPACES.match(text, position)
    return position if found is None else found.end()
