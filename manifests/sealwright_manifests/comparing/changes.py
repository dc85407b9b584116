"""What differs between two SealedSecrets, and which ones of two trees belong together. Never a value.

Without a key nobody can tell whether an item that was sealed again holds another value.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any

from sealwright_conventions.records import record
from sealwright_crypto import HINT_ANNOTATION, Fingerprint, SealedSecret, read_hints
from sealwright_crypto.keyhints import MAX_HINT_CHARACTERS

_ITEMS = ("spec", "encryptedData")
_HINT = ("metadata", "annotations", HINT_ANNOTATION)
_SHOWN_APART = (_ITEMS, _HINT, ("spec", "data"), ("metadata", "name"), ("metadata", "namespace"))
_IGNORED = str.maketrans("", "", "\r\n")  # in ciphertexts; blanks spoil them


class Change(StrEnum):
    """What happened to an item or an object; the value is the word in reports."""

    ADDED = "added"
    REMOVED = "removed"
    SEALED_ANEW = "sealed anew"
    """Another ciphertext for the same target; its value may be the same."""
    REENCRYPTED = "re-encrypted"
    """Another ciphertext, to another key."""
    CHANGED = "changed"
    KEPT = "kept"
    """The same ciphertext for another target, which it does not open for."""


@record
class Found:
    """A SealedSecret, the path in its tree, and its manifest as plain data."""

    path: str
    sealed: SealedSecret
    manifest: Mapping[str, Any]


@record
class ItemChange:
    """What happened to an item, and which keys it was and is sealed to, as far as the annotation says."""

    name: str
    change: Change
    old_key: Fingerprint | None = None
    key: Fingerprint | None = None


@record
class ObjectChange:
    """What differs between an object's versions. `fields` are paths of other fields that differ."""

    before: Found | None
    after: Found | None
    items: tuple[ItemChange, ...] = ()
    target: tuple[tuple[str, str, str], ...] = ()
    fields: tuple[str, ...] = ()

    @property
    def change(self) -> Change:
        """What happened to the object."""
        if self.before is None:
            return Change.ADDED
        return Change.REMOVED if self.after is None else Change.CHANGED

    @property
    def is_any(self) -> bool:
        """Tell whether anything differs."""
        return self.change is not Change.CHANGED or bool(self.items or self.target or self.fields)


def compare_trees(before: Sequence[Found], after: Sequence[Found]) -> list[ObjectChange]:
    """Return what differs between the SealedSecrets of two trees."""
    compared = (compare(old, new) for old, new in _pairs(before, after))
    return [one for one in compared if one.is_any]


def compare(before: Found | None, after: Found | None) -> ObjectChange:
    """Return what differs between two versions of an object; None if it is not there."""
    old, new = (None if one is None else one.sealed for one in (before, after))
    target = tuple(_target(old, new)) if old and new else ()
    items = tuple(_items(old, new, is_moved=bool(target)))
    fields = list(_fields((), before.manifest, after.manifest)) if before and after else []
    if old and new and _says_more(old, new):
        fields = sorted([*fields, ".".join(_HINT)])
    return ObjectChange(before, after, items, target, tuple(fields))


def _pairs(before: Sequence[Found], after: Sequence[Found]) -> Iterator[tuple[Found | None, Found | None]]:
    """Yield objects that belong together: of one path and name, of one name, of one path, the only ones."""
    left, right = list(before), list(after)
    by = (
        lambda one: (one.path, one.sealed.namespace, one.sealed.name),
        lambda one: (one.sealed.namespace, one.sealed.name),
        lambda one: one.path,
        lambda _: (),
    )
    found: list[tuple[Found, Found]] = []
    for key in by:
        groups: dict[object, tuple[list[Found], list[Found]]] = {}
        for side, objects in enumerate((left, right)):
            for one in objects:
                groups.setdefault(key(one), ([], []))[side].append(one)
        same = [(old[0], new[0]) for old, new in groups.values() if len(old) == len(new) == 1]
        found += same
        paired = {id(one) for pair in same for one in pair}
        left, right = ([one for one in side if id(one) not in paired] for side in (left, right))
        if key is by[2] and (len(before) > 1 or len(after) > 1):
            break
    yield from sorted(found, key=lambda pair: (pair[1].path, pair[1].sealed.name))
    yield from ((old, None) for old in left)
    yield from ((None, new) for new in right)


def _target(old: SealedSecret, new: SealedSecret) -> Iterator[tuple[str, str, str]]:
    for name in ("name", "namespace", "scope"):
        values = str(getattr(old, name)), str(getattr(new, name))
        if values[0] != values[1]:
            yield name, *values


def _items(old: SealedSecret | None, new: SealedSecret | None, *, is_moved: bool) -> Iterator[ItemChange]:
    before, after = _ciphertexts(old), _ciphertexts(new)
    old_hints, hints = (read_hints(one.annotations if one else {}) for one in (old, new))
    for name in sorted({*before, *after}):
        was = old_hints.of(name) if name in before else None
        now = hints.of(name) if name in after else None
        if name not in before:
            yield ItemChange(name, Change.ADDED, None, now)
        elif name not in after:
            yield ItemChange(name, Change.REMOVED, was, None)
        elif before[name].translate(_IGNORED) != after[name].translate(_IGNORED):
            is_other = was is not None and now is not None and was != now
            yield ItemChange(name, Change.REENCRYPTED if is_other else Change.SEALED_ANEW, was, now)
        elif is_moved:
            yield ItemChange(name, Change.KEPT, was, now)


def _says_more(old: SealedSecret, new: SealedSecret) -> bool:
    """Tell whether the annotation with the keys changed by more than what is said of changed items."""
    text, new_text = (one.annotations.get(HINT_ANNOTATION, "") for one in (old, new))
    if text == new_text:
        return False
    before, after = _ciphertexts(old), _ciphertexts(new)
    if not (_is_about(before, text) and _is_about(after, new_text)):
        return True
    old_hints, hints = read_hints(old.annotations), read_hints(new.annotations)
    kept = (name for name in before if before[name] == after.get(name))
    return any(old_hints.of(name) != hints.of(name) for name in kept)


def _is_about(items: Mapping[str, str], text: object) -> bool:
    """Tell whether each word of the annotation is the key of an item that is there, and of each only one."""
    if not isinstance(text, str) or len(text) > MAX_HINT_CHARACTERS:
        return False
    names: list[str] = []
    defaults = 0
    for group in filter(str.strip, text.split(";")):
        hints = read_hints({HINT_ANNOTATION: group})
        if hints.default is None and not hints.exceptions:
            return False
        defaults += hints.default is not None
        names += [name.strip() for name in group.partition(":")[2].split(",")] if hints.exceptions else []
    is_clear = len(names) == len(set(names)) and items.keys() >= set(names)
    return is_clear and defaults <= (len(names) < len(items))


def _ciphertexts(sealed: SealedSecret | None) -> Mapping[str, str]:
    if sealed is None:
        return {}
    return sealed.items if sealed.legacy is None else {"spec.data": sealed.legacy}


def _fields(path: tuple[str, ...], before: Any, after: Any) -> Iterator[str]:
    """Yield the paths of fields that differ, except for those that are reported apart."""
    if path in _SHOWN_APART or path == ("status",):
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in sorted({*before, *after}):
            yield from _fields((*path, key), before.get(key), after.get(key))
    elif json.dumps(before, sort_keys=True) != json.dumps(after, sort_keys=True):
        if _is_all_apart(path, before) and _is_all_apart(path, after):
            return
        yield ".".join(path)


def _is_all_apart(path: tuple[str, ...], value: Any) -> bool:
    """Tell whether a field is missing, or holds only what is reported apart."""
    if value is None or path in _SHOWN_APART:
        return True
    return isinstance(value, Mapping) and all(_is_all_apart((*path, key), one) for key, one in value.items())
