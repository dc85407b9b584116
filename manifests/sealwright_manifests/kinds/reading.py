"""Manifests → the pure package's dataclasses, typed as Kubernetes types them.

Kubernetes wants text in most fields, YAML authors write `port: 5432`. What is bare is turned into text where upstream
does it; everything else is left for the pure package to judge.
"""

from dataclasses import dataclass
from typing import Any

from sealwright_crypto import KIND, FieldProblem, ManifestError, Scope, SealedSecret, Secret, scope_annotations
from sealwright_manifests.errors import BadManifestError, Problem, SyntaxProblemError
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

_SECRET_FIELDS = ("apiVersion", "kind", "metadata", "type", "immutable", "data", "stringData")
_SCOPES = frozenset(f"metadata.annotations.{name}" for scope in Scope for name in scope_annotations(scope))
_DROPPED_IN_SILENCE = ("status",)


@dataclass(frozen=True)
class ReadSecret:
    """A Secret as read, and what its author should know about it."""

    secret: Secret
    warnings: tuple[str, ...]


def read_secret(manifest: Manifest) -> ReadSecret:
    """Read a Secret with upstream's typing. Raises BadManifestError naming place, object and field."""
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
    try:
        data = native(manifest.node)
    except SyntaxProblemError as problem:
        manifest.document.fail(problem)
    try:
        return SealedSecret.from_dict(data)
    except ManifestError as error:
        reason = f"{_called(KIND, data)}: {error}"
        raise BadManifestError(manifest.place, reason, Problem.FIELD, field=error, kind=KIND) from None


def read_uid(manifest: Manifest) -> str:
    """Return the uid that a cluster gave an object, empty when it has none. Raises BadManifestError."""
    try:
        metadata = native(manifest.node).get("metadata")
    except SyntaxProblemError as problem:
        manifest.document.fail(problem)
    uid = metadata.get("uid") if isinstance(metadata, dict) else None
    return uid if isinstance(uid, str) else ""


def _called(kind: str, data: dict[str, Any]) -> str:
    """Return an object's kind, namespace and name as far as they can be told from unchecked data."""
    metadata = data.get("metadata")
    parts = [metadata.get(key) for key in ("namespace", "name")] if isinstance(metadata, dict) else []
    return " ".join([kind, "/".join(part for part in parts if isinstance(part, str) and part)]).strip()


class _SecretReader:
    """Turns the nodes of a Secret into plain data, collecting what its author should know on the way."""

    def __init__(self) -> None:
        self.warnings: list[str] = []

    def read(self, node: Map) -> dict[str, Any]:
        """Return the manifest's data. Raises SyntaxProblemError and ManifestError."""
        data: dict[str, Any] = {}
        for key, entry in entries_of(node):
            if key in _SECRET_FIELDS:
                data[key] = self._field(key, entry.value)
            else:
                self._unknown(key)
        return data | {"apiVersion": "v1", "kind": "Secret"}

    def _field(self, key: str, node: Node) -> Any:
        if key == "metadata":
            return self._metadata(behind(node))
        if key in ("data", "stringData"):
            items = self._texts(key, node)
            self._check_item_names(items)
            return items
        return native(node) if key == "immutable" else self._text(key, node)

    def _check_item_names(self, items: Any) -> None:
        for name in items if isinstance(items, dict) else ():
            if not is_item_name(name):
                self.warnings.append(f"no cluster accepts {name!r} as the name of an item (letters, digits, - _ .)")

    def _unknown(self, key: str) -> None:
        meant = next((known for known in _SECRET_FIELDS if known.lower() == key.lower()), None)
        if meant:
            raise ManifestError(key, f"no field of a Secret; is {meant} meant?", FieldProblem.UNKNOWN_FIELD)
        if key not in _DROPPED_IN_SILENCE:
            self.warnings.append(f"{key} is no field of a Secret and is left out")

    def _metadata(self, node: Node) -> Any:
        if not isinstance(node, Map):
            return native(node)
        data: dict[str, Any] = {}
        for key, entry in entries_of(node):
            path = f"metadata.{key}"
            if key in ("labels", "annotations"):
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

    def _text(self, path: str, node: Node) -> Any:
        target = behind(node)
        if not isinstance(target, Scalar) or target.kind is not Kind.PLAIN:
            return native(target)
        value = native_scalar(target)
        if value is None or isinstance(value, str):
            return value
        text = text_of(value, target.value)
        if text != target.value or path in _SCOPES:
            self.warnings.append(f"{path} is bare, and YAML reads it as a number or boolean; quote it to keep its text")
        return text


def _without_nulls(texts: Any) -> Any:
    """Return labels or annotations with null read as the empty text, as upstream does."""
    return {key: "" if value is None else value for key, value in texts.items()} if isinstance(texts, dict) else texts
