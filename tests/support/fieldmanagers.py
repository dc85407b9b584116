"""Who wrote which field of a Secret: metadata.managedFields, as an API server keeps it, in a simple form.

A writer comes to own each field that it changes, and the others lose it; who owns none any more is not named. Which
managers are named is what tests look at; test_fieldmanagers.py holds that against the real server.
"""

from collections.abc import Mapping
from typing import Any

Object = Mapping[str, Any]
Path = tuple[str, ...]
_MAPS: tuple[Path, ...] = (("data",), ("metadata", "labels"), ("metadata", "annotations"))


def managed_fields(old: Object | None, new: Object, manager: str, time: str) -> list[dict[str, Any]]:
    """Return the entries of an object that a manager brings from `old` to `new` (a manifest without entries is one
    that says nothing about them; a single empty entry takes all of them away)."""
    given = new["metadata"].get("managedFields")
    kept = (old["metadata"].get("managedFields") if old is not None else None) or []
    before = [] if given == [{}] else [dict(entry) for entry in given or kept]
    written, there = _fields(new), _fields(old or {"metadata": {}})
    changed = {path for path in written.keys() | there.keys() if written.get(path) != there.get(path)}
    owned = {entry["manager"]: _paths(entry["fieldsV1"]) for entry in before}
    after = {name: paths if name == manager else paths - changed for name, paths in owned.items()}
    after[manager] = (after.get(manager, set()) | changed) & written.keys()
    times = {entry["manager"]: entry["time"] for entry in before}
    return [
        {
            "manager": name,
            "operation": "Update",
            "apiVersion": "v1",
            "time": times[name] if owned.get(name) == paths else time,
            "fieldsType": "FieldsV1",
            "fieldsV1": _nested(paths),
        }
        for name, paths in after.items()
        if paths
    ]


def _fields(manifest: Object) -> dict[Path, Any]:
    found: dict[Path, Any] = {(name,): manifest[name] for name in ("type", "immutable") if name in manifest}
    for path in _MAPS:
        inner: Any = manifest
        for name in path:
            inner = inner.get(name) or {}
        found |= {(*path, name): value for name, value in inner.items()}
    for owner in manifest["metadata"].get("ownerReferences") or []:
        found["metadata", "ownerReferences", owner["uid"]] = owner
    for finalizer in manifest["metadata"].get("finalizers") or []:
        found["metadata", "finalizers", finalizer] = finalizer
    return found


def _nested(paths: set[Path]) -> dict[str, Any]:
    root: dict[str, Any] = {}
    for path in sorted(paths):
        place = root
        for name in path:
            place = place.setdefault(f"f:{name}", {})
    return root


def _paths(nested: Object) -> set[Path]:
    return {
        (name.removeprefix("f:"), *path)
        for name, inner in nested.items()
        for path in (_paths(inner) if inner else [()])
    }
