"""Changes of bytes, and of plain data: what is valid becomes almost valid. Every choice comes from a `Random`."""

import copy
from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import Any

MAX_BYTES = 256 * 1024
_BLOWN_UP_BYTES = 64 * 1024
_ODD_BYTES = [b"\x00", b"\xff", b"\n", b"\r", b"\t", b" ", b"\xef\xbb\xbf", b"\xff\xfe", b"\xed\xa0\x80", b"\xc2\x85"]
_NUMBERS = [0, 1, -1, 255, 2**31, 2**63, 2**64, -(2**63), 10**30, 10**400, 0.0, -0.0, 1e308, float("inf"), float("nan")]
_TEXTS = ["", " ", "true", "null", "a/b", "..", "x" * 300, "\x00", "\ud800", "\u2028", "é", "a\nb", "AAAA", "%s{{.x}}"]
ODD: list[Any] = [*_NUMBERS, *_TEXTS, None, True, False, [], {}, [[]], {"": {}}, ["a", 1, None], {"a": "b"}]
"""Values that seldom stand where they were expected."""


def mutated(random: Random, data: bytes, words: Sequence[bytes] = ()) -> bytes:
    """Return the bytes after one to four changes; `words` are pieces that mean something in this language."""
    for _ in range(random.choice((1, 1, 2, 4))):
        data = random.choice(_CHANGES)(random, data, words)
    return data[:MAX_BYTES]


def spoiled(random: Random, tree: Any, names: Sequence[str] = ()) -> Any:
    """Return plain data with one to three of its entries exchanged, renamed, added, moved or taken away."""
    made = [copy.deepcopy(tree)]
    for _ in range(random.choice((1, 1, 2, 3))):
        _spoil(random, made, names)
    return made[0]


def _spoil(random: Random, made: list[Any], names: Sequence[str]) -> None:
    parent = random.choice(list(_collections(made)))
    if isinstance(parent, list):
        if not parent or (parent is not made and random.random() < 0.3):
            parent.append(copy.deepcopy(random.choice(ODD)))
        else:
            parent[random.randrange(len(parent))] = _other(random, made)
        return
    keys = [*parent, random.choice([*names, "", "more"])]
    key = random.choice(keys)
    match random.randrange(5):
        case 0:
            parent.pop(key, None)
        case 1:
            parent[random.choice([*names, *map(str, _TEXTS)])] = parent.pop(key, None)
        case _:
            parent[key] = _other(random, made)


def _other(random: Random, made: list[Any]) -> Any:
    """Return an odd value, or a part of the data itself, sometimes deep down in lists or many times over."""
    choices = ODD if random.random() < 0.7 else list(_collections(made[0])) or ODD
    found = copy.deepcopy(random.choice(choices))
    if random.random() < 0.03:
        for _ in range(random.choice((5, 99, 101, 150))):
            found = [found] if random.random() < 0.5 else {"a": found}
    return found


def _collections(tree: Any) -> Iterator[Any]:
    """Yield the lists and maps in plain data, the outermost first."""
    waiting = [tree]
    while waiting:
        found = waiting.pop()
        if isinstance(found, dict | list):
            yield found
            waiting += found.values() if isinstance(found, dict) else found


def _span(random: Random, data: bytes) -> tuple[int, int]:
    start = random.randint(0, len(data))
    return start, min(len(data), start + random.choice((1, 2, 4, 16, 64, 500)))


def _flip(random: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    at = random.randrange(len(data)) if data else 0
    return data[:at] + bytes([(data[at] if data else 0) ^ 1 << random.randrange(8)]) + data[at + 1 :]


def _exchange(random: Random, data: bytes, words: Sequence[bytes]) -> bytes:
    start, end = _span(random, data)
    return data[:start] + _piece(random, words) + data[end:]


def _insert(random: Random, data: bytes, words: Sequence[bytes]) -> bytes:
    at = random.randint(0, len(data))
    return data[:at] + _piece(random, words) + data[at:]


def _remove(random: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    start, end = _span(random, data)
    return data[:start] + data[end:]


def _copy(random: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    start, end = _span(random, data)
    at = random.randint(0, len(data))
    return data[:at] + data[start:end] + data[at:]


def _cut_off(random: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    return data[: random.randint(0, len(data))] if random.random() < 0.3 else data


def _blow_up(random: Random, data: bytes, words: Sequence[bytes]) -> bytes:
    """Repeat a piece, rarely so often that work that grows with the square would be felt."""
    start, end = _span(random, data)
    piece = data[start:end] if random.random() < 0.5 else _piece(random, words)
    most = _BLOWN_UP_BYTES if random.random() < 0.02 else 200
    return data[:start] + piece * (most // max(1, len(piece))) + data[end:]


def _piece(random: Random, words: Sequence[bytes]) -> bytes:
    if words and random.random() < 0.7:
        return random.choice(words)
    return random.choice(_ODD_BYTES) if random.random() < 0.5 else random.randbytes(random.choice((1, 2, 4)))


_CHANGES: list[Callable[[Random, bytes, Sequence[bytes]], bytes]] = [
    _flip, _flip, _exchange, _exchange, _insert, _insert, _remove, _copy, _cut_off, _blow_up,
]  # fmt: skip
