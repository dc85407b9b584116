"""Manifests → the records of the crypto package, typed as Kubernetes types them.

Kubernetes expects text in most fields, and YAML authors write `port: 5432`. A bare scalar becomes text where upstream
converts it; the crypto package checks everything else.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sealwright_conventions.records import record
from sealwright_crypto import KIND, FieldProblem, ManifestError, Scope, SealedSecret, Secret, scope_annotations
from sealwright_manifests.errors import BadManifestError, Problem, SyntaxProblemError
from sealwright_manifests.kinds.fieldnames import METADATA, SECRET, check_name, unknown_fields
from sealwright_manifests.kinds.finding import Manifest
from sealwright_manifests.names import is_item_name, is_namespace, is_object_name
from sealwright_manifests.text.tree import (
    Kind,
    Map,
    Node,
    Scalar,
    behind,
    entries_of,
    native,
    native_scalar,
    text_of,
)

_SCOPES = frozenset(f"metadata.annotations.{name}" for scope in Scope for name in scope_annotations(scope))
_DROPPED_IN_SILENCE = ("status",)


@record
class ReadSecret:
    """A Secret as read, and what its author should know about it."""

    secret: Secret
    warnings: tuple[str, ...]


def read_secret(manifest: Manifest) -> ReadSecret:
    """Read a Secret, typed as upstream does it. Raises BadManifestError naming place, object and field."""
    reader = _SecretReader()
    try:
        data = reader.read(manifest.node)
    except SyntaxProblemError as problem:
        manifest.document.fail(problem)
    except ManifestError as error:
        raise BadManifestError(manifest.place, str(error), Problem.FIELD, field=error, kind="Secret") from None
    try:
        return ReadSecret(Secret.from_dict(data), tuple(f"{manifest.place}: {text}" for text in reader.warnings))
    except ManifestError as error:
        reason = f"{_called('Secret', data)}: {error}"
        raise BadManifestError(manifest.place, reason, Problem.FIELD, field=error, kind="Secret") from None


def read_sealed_secret(manifest: Manifest) -> SealedSecret:
    """Read a SealedSecret. Raises BadManifestError naming place, object and field."""
    data = manifest.plain()
    with _as_bad_manifest(manifest, data):
        _check_texts(data)
        list(unknown_fields(data))  # raises for fields that differ in capitals only
        return SealedSecret.from_dict(data)


def read_unknown_fields(manifest: Manifest) -> list[tuple[str, bool]]:
    """Return the unknown fields of a SealedSecret, as `fieldnames.unknown_fields`. Raises BadManifestError."""
    data = manifest.plain()
    with _as_bad_manifest(manifest, data):
        return list(unknown_fields(data))


def read_uid(manifest: Manifest) -> str:
    """Return the uid that a cluster gave an object; empty if it has none. Raises BadManifestError."""
    metadata = manifest.plain().get("metadata")
    uid = metadata.get("uid") if isinstance(metadata, dict) else None
    return uid if isinstance(uid, str) else ""


@contextmanager
def _as_bad_manifest(manifest: Manifest, data: dict[str, Any]) -> Iterator[None]:
    try:
        yield
    except ManifestError as error:
        reason = f"{_called(KIND, data)}: {error}"
        raise BadManifestError(manifest.place, reason, Problem.FIELD, field=error, kind=KIND) from None


def _check_texts(data: dict[str, Any]) -> None:
    """Check that labels and annotations are texts. A bare `true` is not text, and no cluster accepts it as text."""
    metadata = data.get("metadata")
    for key in ("labels", "annotations"):
        texts = metadata.get(key) if isinstance(metadata, dict) else None
        for name, value in texts.items() if isinstance(texts, dict) else ():
            if value is not None and not isinstance(value, str):
                found = "true or false" if isinstance(value, bool) else "no text"
                path = f"metadata.{key}.{name}"
                raise ManifestError(path, f"expected text, found {found}", FieldProblem.NO_TEXT)


def _called(kind: str, data: dict[str, Any]) -> str:
    """Return an object's kind, namespace and name as far as they can be told from unchecked data."""
    metadata = data.get("metadata")
    parts = [metadata.get(key) for key in ("namespace", "name")] if isinstance(metadata, dict) else []
    return " ".join([kind, "/".join(part for part in parts if isinstance(part, str) and part)]).strip()


class _SecretReader:
    """Turns the nodes of a Secret into plain data, and collects warnings for its author."""

    def __init__(self) -> None:
        self.warnings: list[str] = []

    def read(self, node: Map) -> dict[str, Any]:
        """Return the manifest's data. Raises SyntaxProblemError and ManifestError."""
        data: dict[str, Any] = {}
        for key, entry in entries_of(node):
            if check_name(key, SECRET, key, "Secret"):
                data[key] = self._field(key, entry.value)
            elif key not in _DROPPED_IN_SILENCE:
                self.warnings.append(f"{key} is not a field of a Secret, and is left out")
        return data | {"apiVersion": "v1", "kind": "Secret"}

    def _field(self, key: str, node: Node) -> Any:
        if key == "metadata":
            return self._metadata(behind(node))
        if key in ("data", "stringData"):
            items = self._base64_texts(node) if key == "data" else self._texts(key, node)
            self._check_items(key, items)
            return items
        return native(node) if key == "immutable" else self._text(key, node)

    def _check_items(self, field: str, items: Any) -> None:
        for name, value in items.items() if isinstance(items, dict) else ():
            if not is_item_name(name):
                self.warnings.append(f"no cluster accepts {name!r} as the name of an item (letters, digits, - _ .)")
            if value is None:
                self.warnings.append(
                    f"{field}.{name} is null, which is sealed as an empty value, as Kubernetes reads it; "
                    'write "" if that is meant'
                )

    def _metadata(self, node: Node) -> Any:
        if not isinstance(node, Map):
            return native(node)
        data: dict[str, Any] = {}
        for key, entry in entries_of(node):
            path = f"metadata.{key}"
            if not check_name(key, METADATA, path, "Secret"):
                self.warnings.append(f"{path} is not a field of a Secret, and is left out")
            elif key in ("labels", "annotations"):
                texts = self._texts(path, entry.value)
                data[key] = _without_nulls(texts)
            elif key in ("name", "namespace", "generateName"):
                data[key] = self._text(path, entry.value)
            else:
                data[key] = native(entry.value)
        for key, is_good in (("name", is_object_name), ("namespace", is_namespace)):
            name = data.get(key)
            if isinstance(name, str) and name and not is_good(name):
                self.warnings.append(f"no cluster accepts {name!r} as metadata.{key}")
        return data

    def _texts(self, path: str, node: Node) -> Any:
        target = behind(node)
        if not isinstance(target, Map):
            return native(target)
        texts: dict[str, Any] = {}
        for key, entry in entries_of(target):
            written = behind(entry.key)
            if isinstance(written, Scalar) and written.value != key:
                self.warnings.append(f"{path}: the bare key {written.value} is read as {key}; quote it")
            texts[key] = self._text(f"{path}.{key}", entry.value)
        return texts

    def _base64_texts(self, node: Node) -> Any:
        """Return the map of `data`; a bare number or boolean is not text there, as in Kubernetes."""
        target = behind(node)
        for key, entry in entries_of(target) if isinstance(target, Map) else ():
            value = behind(entry.value)
            found = native_scalar(value) if isinstance(value, Scalar) else None
            if isinstance(found, bool | int | float):
                words = "true or false" if isinstance(found, bool) else "a number"
                raise ManifestError(f"data.{key}", f"expected base64 text, found {words}", FieldProblem.NO_TEXT)
        return self._texts("data", node)

    def _text(self, path: str, node: Node) -> Any:
        target = behind(node)
        if not isinstance(target, Scalar) or target.kind not in (Kind.PLAIN, Kind.LITERAL):
            return native(target)
        value = native_scalar(target)
        if value is None or isinstance(value, str):
            return value
        text = text_of(value, target.value)
        if text != target.value or path in _SCOPES:
            self.warnings.append(f"{path} is bare, and YAML reads it as a number or boolean; quote it to keep its text")
        return text


def _without_nulls(texts: Any) -> Any:
    """Return labels or annotations in which null becomes the empty text, as in upstream."""
    return {key: "" if value is None else value for key, value in texts.items()} if isinstance(texts, dict) else texts
