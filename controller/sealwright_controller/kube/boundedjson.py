"""The JSON of an API server as plain data, whatever somebody put into one object: in bounds, and one object at a time.

Python's reader gives a whole answer up for one bad object in it, and an API server passes on what fails it (seen with
v1.36): objects nested 10,000 deep, and, in the managedFields of a Secret, bytes that are no UTF-8. And plain data takes
thirty times as much memory as its text, where the text is short values. So what lies too deep or is too much is left
out, what is no UTF-8 becomes U+FFFD, and of a list one object is read after the other. Of files and bodies nothing
may be left out: sealwright_manifests, which reads them, refuses those that are too much.
"""

import contextlib
import gc
import json
import re
import threading
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, overload

from sealwright_controller.gateway import Manifest
from sealwright_manifests.text.bounds import MAX_DEPTH

MAX_VALUES = 50_000
"""How many values an object may hold: ten times the items for which a SealedSecret has room."""
MAX_VALUES_KEPT = 1_000
"""How many are kept of a part that holds too many."""

_ITEMS = re.compile(r'"items"\s*:\s*\[\s*')
_TO_NEXT = re.compile(r"\s*,?\s*")
_NAME = re.compile(r'[\s{,]*"([^"]*)"\s*:\s*')
_SHORT_TEXT = re.compile(rb'"[^"]*"')
_BRACKET_OR_QUOTE = re.compile(rb'"|\\.|[\[{]|[\]}]', re.DOTALL)
_TO_SQUARE = bytes.maketrans(b"{}", b"[]")
_ALL_BUT_OUTLINE = bytes(set(range(256)) - set(b"[]{},"))
_EVENT = re.compile(rb'\s*\{"type":"([A-Z]+)","object":(?=\{)')
_LOCK = threading.RLock()
_DECODER = json.JSONDecoder(strict=False)  # control characters are for those to refuse who let an object in


class ReadObject(NamedTuple):
    """An object, and whether it is whole: else those of metadata, spec, data and status that are too much are cut down.

    What is small in them is kept; so identity and generation are always there.
    """

    manifest: Manifest
    is_whole: bool


class ObjectList(NamedTuple):
    """A list: its objects, each as `read_object` gives it, and its own metadata."""

    objects: Sequence[Manifest]
    metadata: Manifest


def read_json(text: bytes) -> Any:
    """Return what a text says, with empty lists and maps in the place of those that lie too deep. Raises ValueError."""
    return _read(_shallow(text))


def read_object(text: bytes) -> ReadObject:
    """Return an object within the bounds. Raises ValueError for a text that holds none."""
    shallow = _shallow(text)
    if not shallow.lstrip().startswith(b"{"):
        raise ValueError("no object")
    if not _is_large(shallow):
        return ReadObject(_read(shallow), is_whole=True)
    manifest: dict[str, Any] = {}
    large = []
    with _one_large_text():
        for name, part, value in _entries(shallow):
            if _is_large(part):
                large.append(name)
                manifest[name] = _cut_down(value)
            else:
                manifest[name] = _read(part)
    return ReadObject(manifest, is_whole=not large)


def read_event(text: bytes) -> Any:
    """Return an event of a watch, with its object as `read_object` gives it. Raises ValueError."""
    shallow = _shallow(text)
    if not _is_large(shallow):
        return _read(shallow)
    end = shallow.rstrip()
    if (begin := _EVENT.match(end)) is not None and end.endswith(b"}"):  # as all API servers write it
        return {"type": begin[1].decode(), "object": read_object(end[begin.end() : -1]).manifest}
    with _one_large_text():
        entries = {name: part for name, part, _ in _entries(shallow)}
    return {name: read_object(part).manifest if name == "object" else _read(part) for name, part in entries.items()}


def read_list(text: bytes) -> ObjectList:
    """Return a list, its objects unread: each is when it is asked for. Raises ValueError when it is none of objects."""
    with _one_large_text():
        spans = list(_objects_in_list(text))
    without_objects = text[: spans[0][0]] + text[spans[-1][1] :] if spans else text
    found = read_json(without_objects)
    metadata = found.get("metadata") or {} if isinstance(found, dict) else None
    if not isinstance(metadata, dict) or found.get("items"):
        raise ValueError("no list of objects")
    return ObjectList(_ReadOneByOne(text, spans), metadata)


class _ReadOneByOne(Sequence[Manifest]):
    """Objects in a text, each read when it is asked for."""

    def __init__(self, text: bytes, spans: list[tuple[int, int]]) -> None:
        self._text = text
        self._spans = spans

    def __len__(self) -> int:
        return len(self._spans)

    @overload
    def __getitem__(self, index: int) -> Manifest: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Manifest]: ...

    def __getitem__(self, index: int | slice) -> Manifest | Sequence[Manifest]:
        if isinstance(index, slice):
            return [self[number] for number in range(*index.indices(len(self)))]
        start, end = self._spans[index]
        return read_object(self._text[start:end]).manifest


@contextlib.contextmanager
def _one_large_text() -> Iterator[None]:
    """Let one at a time be built as a whole, however many threads read such texts, and nothing be collected meanwhile.

    What is built has no cycles. The collector looks through all of it, again and again while it grows, which takes
    seven times as long as building it and keeps every other thread from running.
    """
    with _LOCK:
        was_collecting = gc.isenabled()
        gc.disable()
        try:
            yield
        finally:
            if was_collecting:
                gc.enable()


def _read(text: bytes) -> Any:
    try:
        return _DECODER.decode(str(text, "utf-8", "replace"))
    except RecursionError:  # of brackets that nothing closes
        raise ValueError("cut off") from None


def _cut_down(value: Any) -> dict[str, Any]:
    """Return what is small in a map, the smallest first: so a name is there, whatever stands beside it."""
    kept: dict[str, Any] = {}
    room = MAX_VALUES_KEPT
    entries = value.items() if isinstance(value, dict) else ()
    for size, name in sorted((_size(entry), name) for name, entry in entries):
        room -= size
        if room < 0:
            break
        kept[name] = value[name]
    return kept


def _size(value: Any) -> int:
    """Return how many values there are in one, as far as MAX_VALUES_KEPT."""
    count, waiting = 0, [value]
    while waiting and count <= MAX_VALUES_KEPT:
        found = waiting.pop()
        count += 1
        if isinstance(found, dict | list):
            waiting += found.values() if isinstance(found, dict) else found
    return count


def _objects_in_list(text: bytes) -> Iterator[tuple[int, int]]:
    """Yield where each object in the `items` of a list begins and ends."""
    characters = str(text, "latin-1")  # a character for a byte, so that places are the same in both
    place = _ITEMS.search(characters)
    while place is not None and characters.startswith("{", place.end()):
        start = place.end()
        end = _end_of_object(text, characters, start)
        yield start, end
        place = _TO_NEXT.match(characters, end)


def _end_of_object(text: bytes, characters: str, start: int) -> int:
    try:
        return _DECODER.raw_decode(characters, start)[1]  # quicker than what does not build it
    except RecursionError:
        for _, end in _nested(text, 1, start):
            return end
        raise ValueError("cut off") from None


def _entries(text: bytes) -> Iterator[tuple[str, bytes, Any]]:
    """Yield the entries of a map: their names, texts, and values, in which only ASCII is what it was."""
    characters = str(text, "latin-1")  # as above
    place = _NAME.match(characters)
    while place is not None:
        value, end = _DECODER.raw_decode(characters, place.end())
        yield place[1], text[place.end() : end], value
        place = _NAME.match(characters, end)


def _is_large(text: bytes) -> bool:
    """Tell whether there are more than MAX_VALUES."""
    if text.count(b",") + text.count(b"[") + text.count(b"{") <= MAX_VALUES:
        return False
    outline = _outline(text)
    return outline.count(b",") + outline.count(b"[") + outline.count(b"{") > MAX_VALUES


def _shallow(text: bytes) -> bytes:
    """Return the text with `[]` and `{}` in the place of the lists and maps that lie too deep."""
    if text.count(b"[") + text.count(b"{") <= MAX_DEPTH or not _is_deep(text):
        return text
    pieces, done = [], 0
    for start, end in _nested(text, MAX_DEPTH + 1):
        pieces += [text[done : start + 1], text[end - 1 : end]]
        done = end
    return b"".join([*pieces, text[done:]])


def _is_deep(text: bytes) -> bool:
    """Tell whether lists and maps lie too deep, quickly: by taking away the innermost ones again and again."""
    brackets = _outline(text).translate(_TO_SQUARE, b",")
    for _ in range(MAX_DEPTH):
        brackets = brackets.replace(b"[]", b"")
    return bool(brackets)


def _outline(text: bytes) -> bytes:
    """Return the brackets and commas that are not within texts."""
    without_texts = _SHORT_TEXT.sub(b"", text.replace(rb"\\", b"").replace(rb"\"", b""))
    return without_texts.translate(None, _ALL_BUT_OUTLINE)


def _nested(text: bytes, depth: int, begin: int = 0) -> Iterator[tuple[int, int]]:
    """Yield where each list and map begins and ends that is nested just so deep (from 1). `begin` is not in a text."""
    open_now, start, is_within_text = 0, 0, False
    for token in _BRACKET_OR_QUOTE.finditer(text, begin):
        kind = token.group()
        if kind == b'"':
            is_within_text = not is_within_text
        elif is_within_text or kind not in b"[]{}":
            continue
        elif kind in b"[{":
            open_now += 1
            start = token.start() if open_now == depth else start
        else:
            if open_now == depth:
                yield start, token.end()
            open_now -= 1
