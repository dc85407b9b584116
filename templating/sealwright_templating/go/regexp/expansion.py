"""The meaning of `$1`, `${name}` and `$$` in replacements."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from sealwright_templating.go.regexp.engine import Match
from sealwright_templating.go.regexp.subject import Subject
from sealwright_templating.go.runes import decode, encode

_LONGEST_NUMBER = 9
_PARTS_PER_STEP = 4

Part = bytes | Sequence[int]
"""A literal text, or groups, the first matching one of which is inserted."""


def refers_to_groups(replacement: bytes) -> bool:
    """Tell whether a replacement holds any reference except `$$`."""
    return any(isinstance(part, str) for part in _read(decode(replacement)))


class Expansion:
    """A replacement for the matches of one expression; groups without a name are "" in the names.

    `steps` is what one expansion costs, in steps.
    """

    def __init__(self, replacement: bytes, names: Sequence[str]) -> None:
        groups_of: dict[str, list[int]] = defaultdict(list)
        for group, name in enumerate(names, 1):
            groups_of[name].append(group)
        self._parts: list[Part] = [
            part if isinstance(part, bytes) else _groups(part, groups_of, len(names))
            for part in _read(decode(replacement))
        ]
        groups = sum(len(part) for part in self._parts if not isinstance(part, bytes))
        self.steps = (len(self._parts) + groups) // _PARTS_PER_STEP

    def parts(self, subject: Subject, match: Match) -> Iterator[bytes]:
        """Yield the replacement of a match, in parts."""
        for part in self._parts:
            if isinstance(part, bytes):
                yield part
            else:
                yield _group(subject, match, part)


def _group(subject: Subject, match: Match, groups: Sequence[int]) -> bytes:
    for group in groups:
        start, end = match.span(group)
        if start >= 0:
            return subject.between(start, end)
    return b""


class Literal:
    """A replacement in which dollar signs have no meaning."""

    steps = 0

    def __init__(self, replacement: bytes) -> None:
        self._replacement = replacement

    def parts(self, _subject: Subject, _match: Match) -> Iterator[bytes]:
        """Yield the replacement of a match."""
        yield self._replacement


def _read(text: str) -> Iterator[bytes | str]:
    """Yield literal texts as bytes, and referenced names as str."""
    position = 0
    while (dollar := text.find("$", position)) >= 0:
        yield encode(text[position:dollar])
        name, position = _reference(text, dollar + 1)
        yield name or b"$"
    yield encode(text[position:])


def _reference(text: str, start: int) -> tuple[str, int]:
    """Return the name after a dollar sign and where it ends; an empty name if the sign is literal.

    A name is all following letters and digits: `$1x` means `1x`, not group 1.
    """
    if text.startswith("$", start):
        return "", start + 1
    braced = text.startswith("{", start)
    first = end = start + braced
    while end < len(text) and (text[end].isalpha() or text[end].isdecimal() or text[end] == "_"):
        end += 1
    if first == end or (braced and not text.startswith("}", end)):
        return "", start
    return text[first:end], end + braced


def _groups(name: str, groups_of: dict[str, list[int]], count: int) -> Sequence[int]:
    """Return the groups that a name may mean: the one of its number, or all of its name."""
    if name.isascii() and name.isdecimal() and len(name) <= _LONGEST_NUMBER and (name == "0" or name[0] != "0"):
        return [int(name)] if int(name) <= count else []
    return groups_of.get(name, [])
