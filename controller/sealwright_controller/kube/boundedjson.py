"""The JSON of an API server as plain data, whatever an object holds: within limits, and one object at a time.

Python's reader gives up a whole answer for one bad object, and an API server passes on objects that break it (seen with
v1.36): nested 10,000 deep or, in the managedFields of a Secret, with bytes that are not UTF-8. Plain data also takes
thirty times as much memory as its text, if the text consists of short values. So parts that are too deep or too large
are left out, bytes that are not UTF-8 become U+FFFD, and a list is read object by object. Files and bodies must be read
completely: sealwright_manifests, which reads them, refuses those that are too large.

Reading an object delays others. So if an object is too large to be read completely, the two parts in which an author
can put the most are skipped: `managedFields` and `spec`.
"""

import contextlib
import gc
import json
import re
import threading
from array import array
from collections.abc import Iterator
from itertools import accumulate
from typing import Any, NamedTuple

from sealwright_controller.gateway import Manifest
from sealwright_controller.kube.onaccess import OnAccess
from sealwright_manifests.text.bounds import MAX_DEPTH

MAX_VALUES = 50_000
"""How many values an object may hold: ten times the items that fit into a SealedSecret."""
MAX_VALUES_KEPT = 1_000
"""How many values are kept of a part that holds too many."""
MAX_EMPTIED = 1_000
"""How many lists and maps that are too deep are emptied one by one, because each takes a step of the interpreter."""
_TOO_MANY = f"holds more than {MAX_VALUES} values"
_TOO_DEEP = f"holds too much beside what is nested more than {MAX_DEPTH} levels deep"
_FLAT = (3, 2)
"""The depths to which an object with more of them, or with too many values, is read. The first keeps its labels; if
that is still too much, the second keeps its name."""

_MANAGED_FIELDS = b'"managedFields":['
_END_OF_MANAGED_FIELDS = re.compile(rb'\}\](?=,"name":"|\},"(?:spec|status|data|immutable|type)":|\}\}\s*\Z)')
"""As API servers write it, in either order of the fields of metadata. What ends it has quotation marks that are not
escaped, so no text in it is taken for its end."""
_CUSTOM_RESOURCE = re.compile(rb'\s*\{"apiVersion":"[^"]*","kind":"[^"]*","metadata":\{')
_SPEC = b'},"spec":{'
"""What ends the metadata of a custom resource and begins its spec; no metadata holds it before its end."""
_STATUS = re.compile(rb'\},"status":\{')
MAX_STATUS_BYTES = 65_536
"""How far from the end of an object that is not read completely its status is looked for."""
MAX_STATUS_PLACES = 4
"""How many places are tried that look like its beginning, the last one first; entries of a spec can look so, too."""

_ITEMS = re.compile(r'"items"\s*:\s*\[\s*')
_TO_NEXT = re.compile(r"\s*,?\s*")
_NAME = re.compile(r'[\s{,]*"([^"]*)"\s*:\s*')
_SHORT_TEXT = re.compile(rb'"[^"]*"')
_TEXT = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)', re.DOTALL)  # the last text may be cut off
_STEPS = bytes(1 if char in b"[{" else 255 if char in b"]}" else 0 for char in range(256))  # 255 is -1 in a byte
_ALL_BUT_OUTLINE = bytes(set(range(256)) - set(b"[]{},"))
_EVENT = re.compile(rb'\s*\{"type":"([A-Z]+)","object":(?=\{)')
_LOCK = threading.RLock()
_DECODER = json.JSONDecoder(strict=False)  # the API server refuses control characters


class ReadObject(NamedTuple):
    """An object, or what is kept of one that is too large: its identity, its generation, and its status if it is small.

    An object counts as whole even if a few lists and maps that are too deep were emptied: valid objects of the kinds
    that we read have none there.
    """

    manifest: Manifest
    excess: str = ""

    @property
    def is_whole(self) -> bool:
        """Tell whether the object was not cut down."""
        return not self.excess


class ObjectList(NamedTuple):
    """A list: its objects, each as `read_object` gives it, and its own metadata."""

    objects: "ListedObjects"
    metadata: Manifest


def read_json(text: bytes) -> Any:
    """Return the data in a text, with empty lists and maps in place of those that are too deep. Raises ValueError."""
    return _read(_shallow(text)[0])


def read_object(text: bytes) -> ReadObject:
    """Return an object within the bounds. Raises ValueError if the text is not an object."""
    if not text.lstrip().startswith(b"{"):
        raise ValueError("no object")
    if _is_large(text):
        return ReadObject(_rest_of_object(text), _TOO_MANY)
    shallow, is_whole = _shallow(text)
    return ReadObject(_read(shallow)) if is_whole else ReadObject(_rest_of_object(text), _TOO_DEEP)


def read_event(text: bytes) -> Any:
    """Return an event of a watch, with its object as `read_object` gives it. Raises ValueError."""
    begin, found = _EVENT.match(text), object_in_event(text)
    if begin is not None and found is not None:  # the form that all API servers write
        return {"type": begin[1].decode(), "object": read_object(found).manifest}
    with _one_large_text():
        shallow, _ = _shallow(text)
        if not _is_large(shallow):
            return _read(shallow)
        entries = {name: part for name, part, _ in _entries(shallow)}
    return {name: read_object(part).manifest if name == "object" else _read(part) for name, part in entries.items()}


def object_in_event(text: bytes) -> bytes | None:
    """Return the text of the object in an event of a watch, or None if the event has an unusual form."""
    end = text.rstrip()
    begin = _EVENT.match(end)
    return end[begin.end() : -1] if begin is not None and end.endswith(b"}") else None


def read_list(text: bytes) -> ObjectList:
    """Return a list, whose objects are read on access. Raises ValueError if it is not a list of objects."""
    with _one_large_text():
        spans = list(_objects_in_list(text))
    without_objects = text[: spans[0][0]] + text[spans[-1][1] :] if spans else text
    found = read_json(without_objects)
    metadata = found.get("metadata") or {} if isinstance(found, dict) else None
    if not isinstance(metadata, dict) or found.get("items"):
        raise ValueError("no list of objects")
    return ObjectList(ListedObjects(text, spans), metadata)


class ListedObjects(OnAccess):
    """Objects in a text, each read on access."""

    def __init__(self, text: bytes, spans: list[tuple[int, int]]) -> None:
        self._text = text
        self._spans = spans

    def __len__(self) -> int:
        return len(self._spans)

    def text(self, index: int) -> bytes:
        """Return the text of an object."""
        start, end = self._spans[index]
        return self._text[start:end]

    def read(self, index: int) -> Manifest:
        """See OnAccess."""
        return read_object(self.text(index)).manifest


@contextlib.contextmanager
def _one_large_text() -> Iterator[None]:
    """Read one large text at a time, over all threads, without garbage collection meanwhile.

    The data has no cycles. The collector would go through all of it again and again while it grows, which takes seven
    times as long as building it and blocks every other thread.
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
    except RecursionError:  # unclosed brackets
        raise ValueError("cut off") from None


def _rest_of_object(text: bytes) -> dict[str, Any]:
    """Return what is kept of an object that is too large."""
    with _one_large_text():
        shallow, _ = _shallow(_without_bulk(text))
        if not _is_large(shallow):
            return dict(_read(shallow))
        return {name: _cut_down(value) if _is_large(part) else _read(part) for name, part, value in _entries(shallow)}


def _without_bulk(text: bytes) -> bytes:
    """Return an object without `managedFields` and `spec`, if they lie where API servers put them.

    Each part is looked for once: authors can write thousands of what looks like the beginning of one.
    """
    begin = _CUSTOM_RESOURCE.match(text)
    spec = text.find(_SPEC, begin.end()) if begin is not None else -1
    if spec >= 0:
        text = text[: spec + 1] + _status(text) + b"}"
    managed = text.find(_MANAGED_FIELDS)
    end = _END_OF_MANAGED_FIELDS.search(text, managed) if managed >= 0 else None
    return text if end is None else text[: managed + len(_MANAGED_FIELDS)] + text[end.end() - 1 :]


def _status(text: bytes) -> bytes:
    """Return the last entry of an object with the comma before it, if it is a status that is small."""
    end = text.rstrip()
    places = list(_STATUS.finditer(end, max(0, len(end) - MAX_STATUS_BYTES)))
    for place in places[: -MAX_STATUS_PLACES - 1 : -1]:
        entry = end[place.end() - 1 :]
        with contextlib.suppress(ValueError, RecursionError):
            _, length = _DECODER.raw_decode(str(entry, "latin-1"))  # one character per byte, so that lengths are equal
            if length == len(entry) - 1:
                return end[place.start() + 1 : -1]
    return b""


def _cut_down(value: Any) -> dict[str, Any]:
    """Return the small entries of a map, the smallest first, so that a name is kept whatever else it holds."""
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
    """Return the number of values in a value, counting up to MAX_VALUES_KEPT."""
    count, waiting = 0, [value]
    while waiting and count <= MAX_VALUES_KEPT:
        found = waiting.pop()
        count += 1
        if isinstance(found, dict | list):
            waiting += found.values() if isinstance(found, dict) else found
    return count


def _objects_in_list(text: bytes) -> Iterator[tuple[int, int]]:
    """Yield the start and end of each object in the `items` of a list."""
    characters = str(text, "latin-1")  # one character per byte, so that positions are the same in both
    place = _ITEMS.search(characters)
    while place is not None and characters.startswith("{", place.end()):
        start = place.end()
        end = _end_of_object(text, characters, start)
        yield start, end
        place = _TO_NEXT.match(characters, end)


def _end_of_object(text: bytes, characters: str, start: int) -> int:
    try:
        return _DECODER.raw_decode(characters, start)[1]  # faster than skipping the value without building it
    except RecursionError:
        return start + _length_of_value(text, start)


def _entries(text: bytes) -> Iterator[tuple[str, bytes, Any]]:
    """Yield the entries of a map: names, texts, and values, in which only ASCII is correct. Raises ValueError."""
    characters = str(text, "latin-1")  # as above
    place = _NAME.match(characters)
    while place is not None:
        try:
            value, end = _DECODER.raw_decode(characters, place.end())
        except RecursionError:  # unclosed brackets
            raise ValueError("cut off") from None
        yield place[1], text[place.end() : end], value
        place = _NAME.match(characters, end)


def _is_large(text: bytes) -> bool:
    """Tell whether a text has more than MAX_VALUES values."""
    if text.count(b",") + text.count(b"[") + text.count(b"{") <= MAX_VALUES:
        return False
    unescaped = _unescaped(text)
    if unescaped.count(b'"') > 4 * (MAX_VALUES + 1):  # a value has at most two texts: its name and itself
        return True
    outline = _outline(text)
    return outline.count(b",") + outline.count(b"[") + outline.count(b"{") > MAX_VALUES


def _shallow(text: bytes) -> tuple[bytes, bool]:
    """Return the text with `[]` and `{}` in place of the lists and maps that are too deep.

    Also returns whether everything else is kept, which fails if there are more than MAX_EMPTIED of them
    or too many values.
    """
    if text.count(b"[") + text.count(b"{") <= MAX_DEPTH or not _is_deep(text):
        return text, True
    skeleton, depths = _skeleton(text)
    places = _deeper_than(MAX_DEPTH, depths, MAX_EMPTIED + 1)
    is_whole = len(places) <= MAX_EMPTIED and not _is_large(text)
    if not is_whole:
        for depth in _FLAT:
            places = _deeper_than(depth, depths, len(text) if depth == _FLAT[-1] else MAX_EMPTIED + 1)
            if len(places) <= MAX_EMPTIED:
                break
    return _without(places, skeleton, _TEXT.findall(text)), is_whole


def _skeleton(text: bytes) -> tuple[bytes, "array[int]"]:
    """Return JSON with one quotation mark in place of each text, and the depth of each character.

    An opening bracket has the depth of its content, a closing one that of its surroundings. Only calls over the whole
    text are used, because a loop over a megabyte of brackets would block all threads for seconds.
    """
    skeleton = _TEXT.sub(b'"', text)
    return skeleton, array("i", _depths(skeleton))


def _depths(skeleton: bytes) -> Iterator[int]:
    return accumulate(array("b", skeleton.translate(_STEPS)))


def _deeper_than(depth: int, depths: "array[int]", most: int) -> list[tuple[int, int]]:
    """Return the start and end of the content of each list and map in a skeleton deeper than `depth`, up to `most`."""
    places: list[tuple[int, int]] = []
    end = 0
    with contextlib.suppress(ValueError):  # none left, or it is cut off
        while len(places) < most:
            start = depths.index(depth + 1, end)
            end = depths.index(depth, start)
            places.append((start + 1, end))
    return places


def _without(places: list[tuple[int, int]], skeleton: bytes, texts: list[bytes]) -> bytes:
    """Return the text of a skeleton, without the parts at these places."""
    pieces: list[bytes] = []
    done = used = 0
    for start, end in [*places, (len(skeleton), len(skeleton))]:
        gaps = skeleton[done:start].split(b'"')
        pieces += [part for pair in zip(gaps, texts[used : used + len(gaps) - 1], strict=False) for part in pair]
        pieces.append(gaps[-1])
        used += len(gaps) - 1 + skeleton.count(b'"', start, end)
        done = end
    return b"".join(pieces)


def _length_of_value(text: bytes, start: int) -> int:
    """Return the length of the list or map that begins at `start`. Raises ValueError if it does not end."""
    size = 65_536
    while True:
        part = text[start : start + size]
        skeleton, depths = _skeleton(part)
        if places := _deeper_than(0, depths, 1):
            before = skeleton[: places[0][1] + 1]
            texts = _TEXT.findall(part)[: before.count(b'"')]
            return len(before) + sum(map(len, texts)) - len(texts)
        if start + size >= len(text):
            raise ValueError("cut off")
        size *= 4


def _is_deep(text: bytes) -> bool:
    """Tell whether lists and maps are nested too deep."""
    return max(_depths(_outline(text)), default=0) > MAX_DEPTH


def _outline(text: bytes) -> bytes:
    """Return the brackets and commas outside texts."""
    return _SHORT_TEXT.sub(b"", _unescaped(text)).translate(None, _ALL_BUT_OUTLINE)


def _unescaped(text: bytes) -> bytes:
    """Return a text whose quotation marks are all at the begin or end of a text."""
    return text.replace(rb"\\", b"").replace(rb"\"", b"")
