"""Which documents of three versions belong together: those of one identity, and those that a side renamed.

A side renamed a document if it has none of that identity, and a new one stands at the same place, or is the only new
one of its kind where only one is gone. Two SealedSecrets that share no item are not taken for one.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sealwright_manifests.merging.places import ciphertexts

Key = tuple[object, ...]
_Keys = Sequence[Key]


def identity(data: Any, position: int) -> Key:
    """Return what a document (plain data) is known by: apiVersion, kind, namespace, name; else its position."""
    if not isinstance(data, Mapping):
        return ("", position)
    metadata = data.get("metadata")
    names = metadata if isinstance(metadata, Mapping) else {}
    fields = (data.get("apiVersion"), data.get("kind"), names.get("namespace"), names.get("name"))
    return tuple(field if isinstance(field, str) else "" for field in fields)


def paired(base: Sequence[Any], ours: Sequence[Any], theirs: Sequence[Any]) -> tuple[_Keys, _Keys, _Keys]:
    """Return a key for each document (plain data) of three versions; those that belong together have the same.

    A version whose documents share an identity has a key twice, unless no document came, went or moved.
    """
    before, own, other = (_identities(version) for version in (base, ours, theirs))
    if _are_in_place(before, own, other) and any(len(set(names)) < len(names) for names in (before, own, other)):
        places = [(at,) for at in range(len(before))]
        return places, places, places
    by_us, by_them = _renamed(base, ours, set(other)), _renamed(base, theirs, set(own))
    return (
        before,
        _by_old_names(own, by_us, by_them, set(other)),
        _by_old_names(other, by_them, by_us, set(own)),
    )


def _identities(version: Sequence[Any]) -> _Keys:
    return [identity(data, at) for at, data in enumerate(version)]


def _are_in_place(base: _Keys, ours: _Keys, theirs: _Keys) -> bool:
    return len(base) == len(ours) == len(theirs) and all(
        names[0] in names[1:] for names in zip(base, ours, theirs, strict=True)
    )


def _by_old_names(names: _Keys, renamed: Mapping[Key, Key], by_other: Mapping[Key, Key], others: set[Key]) -> _Keys:
    """Return the identities before a side's renames; a new one stays if the other side has another document with it."""
    return [
        renamed[name] if name in renamed and (name not in others or by_other.get(name) == renamed[name]) else name
        for name in names
    ]


def _renamed(base: Sequence[Any], side: Sequence[Any], others: set[Key]) -> dict[Key, Key]:
    """Return the identity before, by that of each document that a side renamed; `others` are on the other side."""
    before, after = _identities(base), _identities(side)
    gone, new = dict(zip(before, base, strict=True)), dict(zip(after, side, strict=True))
    for name in gone.keys() & new.keys():
        del gone[name], new[name]
    found: dict[Key, Key] = {}
    if len(before) == len(after):
        for old, name in zip(before, after, strict=True):
            if old in gone and name in new and _may_be_one(gone[old], new[name]):
                found[name] = old
                del gone[old], new[name]
    # What both sides lack rather has another name than what one alone lacks, which may have removed it.
    for olds in (gone.keys() - others, gone.keys()):
        for old, name in _only_ones(olds, new):
            if _may_be_one(gone[old], new[name]):
                found[name] = old
                del gone[old], new[name]
    return found


def _only_ones(gone: Iterable[Key], new: Iterable[Key]) -> list[tuple[Key, Key]]:
    """Return the identities of which one of a kind is gone and one is new."""
    kinds: dict[object, tuple[list[Key], list[Key]]] = {}
    for at, names in enumerate((gone, new)):
        for name in names:
            kinds.setdefault(name[:2], ([], []))[at].append(name)
    return [(old[0], name[0]) for old, name in kinds.values() if len(old) == len(name) == 1]


def _may_be_one(old: Any, new: Any) -> bool:
    if not (isinstance(old, Mapping) and isinstance(new, Mapping)):
        return False
    items = [{path for path, _ in ciphertexts(data)} for data in (old, new)]
    return not all(items) or bool(items[0] & items[1])
