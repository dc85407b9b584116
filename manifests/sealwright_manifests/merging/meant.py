"""What a merge means, found from the plain data of three versions: the text that is laid out has to mean the same."""

import json
from collections.abc import Collection, Mapping
from typing import Any

from sealwright_manifests.merging.hints import PATH
from sealwright_manifests.merging.pieces import Side

_NOTHING = object()


class Meaning:
    """The merged data of one document. `clashes` are the paths that both sides changed differently."""

    def __init__(self, versions: tuple[Any, Any, Any], clashes: Collection[tuple[str, ...]], hint: str | None) -> None:
        base, *sides = versions
        self._versions = (_NOTHING if base is None else base, *sides)
        self._clashes = clashes
        self._above_clashes = {path[:depth] for path in clashes for depth in range(len(path))}
        self._hint = hint

    def of(self, side: Side) -> Any:
        """Return the data if all clashes are decided for a side."""
        data = self._merged((), self._versions, side)
        if self._hint is not None and not any(PATH[: len(path)] == path for path in self._clashes):
            _set_hint(data, self._hint)
        return data

    def _merged(self, path: tuple[str, ...], versions: tuple[Any, ...], side: Side) -> Any:
        base, ours, theirs = versions
        if path in self._clashes:
            return ours if side is Side.OURS else theirs
        if path not in self._above_clashes:
            if is_equal(ours, theirs) or is_equal(theirs, base):
                return ours
            if is_equal(ours, base):
                return theirs
        if path == PATH and self._hint is not None:
            return self._hint or _NOTHING
        if not (isinstance(ours, Mapping) and isinstance(theirs, Mapping)):
            return _NOTHING  # a clash that is not known: nothing equals it
        before = base if isinstance(base, Mapping) else {}
        merged = {}
        for key in {**ours, **theirs}:
            below = tuple(data.get(key, _NOTHING) for data in (before, ours, theirs))
            value = self._merged((*path, key), below, side)
            if value is not _NOTHING:
                merged[key] = value
        return merged


def is_equal(one: Any, other: Any) -> bool:
    """Tell whether plain data is equal; unlike in Python, 1, 1.0 and true differ."""
    if one is _NOTHING or other is _NOTHING:
        return one is other
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def _set_hint(data: Any, text: str) -> None:
    metadata, annotations, name = PATH
    found = data.get(metadata, {}).get(annotations) if isinstance(data.get(metadata), Mapping) else None
    if isinstance(found, dict) and name in found:
        made = {**found, name: text}
        if not text:
            del made[name]
        data[metadata] = {**data[metadata], annotations: made}
