"""Changes single fields of an object in its text: everything else, comments and order included, stays byte for byte.

Decides which fields change and which other places of the document must not; does not know how text is written.
"""

from collections.abc import Iterator, Mapping
from enum import Enum
from typing import TYPE_CHECKING, Any

from sealwright_conventions.records import record
from sealwright_manifests.editing import keys, values
from sealwright_manifests.editing.additions import add_entries
from sealwright_manifests.editing.removals import emptying, remove_entries, replace_entries
from sealwright_manifests.errors import BadManifestError, Problem, SyntaxProblemError
from sealwright_manifests.text.documents import Document, Form
from sealwright_manifests.text.tree import Alias, Entry, Map, Node, behind, entries_of, is_merge, native, nodes

if TYPE_CHECKING:
    from sealwright_manifests.text.splices import Splice


class Removal(Enum):
    """The value of a field that is to be removed."""

    ABSENT = "absent"


ABSENT = Removal.ABSENT


@record
class Renamed:
    """The value of a field that keeps its value and gets another name, which no other field of its map may have."""

    name: str


def merge_fields(document: Document, node: Map, changes: Mapping[str, Any]) -> None:
    """Set fields of the object at `node`: maps are merged into maps, other values are replaced.

    A field below the object's own ones that is to be ABSENT is removed, and a Renamed one stays where it is. New fields
    are added at the end of their map, or in the place of a removed field. Raises BadManifestError for a text that
    cannot be understood.
    """
    if document.is_edited(node):
        raise BadManifestError(
            document.place, "an object that an alias stands for a second time", Problem.SECRET_IS_ALIAS
        )
    try:
        data = _merged(native(node), changes)
        found = _Changes(document)
        found.merge(node, changes)
        document.edit(node, data, found.splices)
        document.write_out(_aliases_of(document, found.touched))
    except SyntaxProblemError as problem:
        document.fail(problem)


def with_end_of(new: str, old: str) -> str:
    """Return a ciphertext with the trailing line breaks of another (a block scalar with `|` has one).

    Base64 ignores them, and the ciphertext can keep its layout.
    """
    return new + old[len(old.rstrip("\n")) :]


def _merged(data: Any, changes: Any) -> Any:
    if not isinstance(changes, Mapping):
        return changes
    merged = dict(data) if isinstance(data, dict) else {}
    for key, value in changes.items():
        if value is ABSENT:
            merged.pop(key, None)
        elif isinstance(value, Renamed):
            merged = {value.name if one == key else one: kept for one, kept in merged.items()}
        else:
            merged[key] = _merged(merged.get(key), value)
    return merged


def exactly(old: Any, new: Any) -> Any:
    """Return the changes that turn one piece of plain data into another: other fields of its maps are ABSENT."""
    if not isinstance(old, Mapping) or not isinstance(new, Mapping):
        return new
    others = {key: ABSENT for key in old if key not in new}
    return others | {key: exactly(old.get(key), value) for key, value in new.items()}


class _Changes:
    """Finds the stretches of text to exchange, and the nodes they belong to."""

    def __init__(self, document: Document) -> None:
        self._text = document.source
        self._is_json = document.form is Form.JSON
        self.splices: list[Splice] = []
        self.touched: set[int] = set()
        """`id` of every node whose own text or entries change."""

    def merge(self, node: Map, changes: Mapping[str, Any]) -> None:
        """Collect the changes in the map at `node`. Raises SyntaxProblemError."""
        there = dict(entries_of(node))
        own = {id(entry) for entry in node.entries}
        added: dict[str, Any] = {}
        removed: list[Entry] = []
        for key, value in changes.items():
            entry = there.get(key)
            if value is ABSENT:
                removed += [entry] if entry else []
                continue
            if isinstance(value, Renamed):
                self._rename(node, entry, value.name)
                continue
            if entry is not None and id(entry) in own:
                self._change(node, entry, value)
                continue
            old = native(entry.value) if entry else None
            new = _merged(old, value)
            if entry is None or old != new:
                added[key] = new
        if added or removed:
            self.touched.add(id(node))
        self.touched |= {id(one) for entry in removed for part in (entry.key, entry.value) for one in nodes(part)}
        if removed and added:
            self.splices += replace_entries(self._text, node, removed, added)
        elif removed:
            self.splices += remove_entries(self._text, node, removed)
        elif added:
            self.splices += add_entries(self._text, node, added, is_json=self._is_json)

    def _rename(self, node: Map, entry: Entry | None, name: str) -> None:
        if entry is not None:
            self.touched.add(id(entry.key))
            self.splices.append(keys.exchange(self._text, node, entry, name, is_json=self._is_json))

    def _change(self, node: Map, entry: Entry, value: Any) -> None:
        if isinstance(entry.value, Map) and isinstance(value, Mapping) and _keeps_entries(entry.value, value):
            self.merge(entry.value, value)
            return
        old = native(entry.value)
        new = _merged(old, value)
        if type(old) is type(new) and old == new:
            return
        self.touched |= {id(one) for one in nodes(entry.value)}
        emptied = emptying(self._text, entry) if new == {} else None
        self.splices += emptied or values.exchange(self._text, node, entry, new, is_json=self._is_json)


def _keeps_entries(node: Map, changes: Mapping[str, Any]) -> bool:
    """Tell whether the text of a map can be changed entry by entry.

    It cannot if nothing is left of the map, or if a merge key (`<<`) holds what is to be removed or renamed.
    """
    absent = {key for key, value in changes.items() if value is ABSENT}
    renamed = {key for key, value in changes.items() if isinstance(value, Renamed)}
    if not (absent or renamed):
        return True
    if (absent | renamed) & _merged_names(node) or not all(map(keys.is_on_one_line, node.entries)):
        return False
    return bool(changes.keys() - absent or dict(entries_of(node)).keys() - absent)


def _merged_names(node: Map) -> set[str]:
    """Return the names of the fields that the merge keys of a map bring."""
    brought = [Map(start=0, end=0, entries=[entry]) for entry in node.entries if is_merge(entry.key)]
    return {name for one in brought for name, _ in entries_of(one)}


def _aliases_of(document: Document, touched: set[int]) -> Iterator[Alias]:
    """Yield the document's aliases whose target changes in part."""
    found = [node for node in nodes(document.root) if isinstance(node, Alias)] if document.root else []
    known: dict[int, bool] = {}

    def depends(node: Node) -> bool:
        if id(node) not in known:
            known[id(node)] = any(
                id(one) in touched or (isinstance(one, Alias) and depends(behind(one))) for one in nodes(node)
            )
        return known[id(node)]

    return (alias for alias in found if depends(behind(alias)))
