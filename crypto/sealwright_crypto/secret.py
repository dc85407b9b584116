"""A Kubernetes Secret as a dataclass, from and to plain dicts; decides which of its metadata is kept."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any, TypeVar

from sealwright_conventions.records import field, record
from sealwright_crypto.errors import FieldProblem, ManifestError
from sealwright_crypto.fields import check_text, describe, flag_at, mapping_at, text_at, texts_at

T = TypeVar("T")

# The server's bookkeeping, which means nothing in another object.
_BOOKKEEPING = frozenset(
    {
        "creationTimestamp",
        "deletionGracePeriodSeconds",
        "deletionTimestamp",
        "generation",
        "managedFields",
        "ownerReferences",
        "resourceVersion",
        "selfLink",
        "uid",
    }
)
# Copies of the whole manifest, plaintext included, that tools leave when they apply.
_LAST_APPLIED = frozenset(
    {"kubectl.kubernetes.io/last-applied-configuration", "kubecfg.ksonnet.io/last-applied-configuration"}
)


@record
class Secret:
    """A v1 Secret.

    `metadata` is what a template keeps: labels, annotations and the like, without name, namespace and the server's
    bookkeeping. `type` and `immutable` are None if the manifest does not set them.
    """

    name: str
    namespace: str
    items: Mapping[str, bytes] = field(repr=False)
    type: str | None = None
    immutable: bool | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)

    @property
    def annotations(self) -> Mapping[str, Any]:
        """The annotations; empty if there are none."""
        return mapping_at(self.metadata, "annotations", "metadata.annotations")

    @classmethod
    def from_dict(cls, manifest: Mapping[str, Any]) -> "Secret":
        """Read a v1 Secret manifest; `stringData` overrides `data`, and null means an empty value.

        Raises ManifestError naming the field that is wrong; never the value.
        """
        if (manifest.get("apiVersion"), manifest.get("kind")) != ("v1", "Secret"):
            raise ManifestError("kind", "not a v1 Secret", FieldProblem.NO_SECRET)
        metadata = mapping_at(manifest, "metadata", "metadata")
        return cls(
            name=text_at(metadata, "name", "metadata.name") or "",
            namespace=text_at(metadata, "namespace", "metadata.namespace") or "",
            items=_read_items(manifest),
            type=text_at(manifest, "type", "type") or None,
            immutable=flag_at(manifest, "immutable", "immutable"),
            metadata=template_metadata(metadata, "metadata"),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the v1 Secret manifest, with values in base64 and items sorted by name."""
        manifest: dict[str, Any] = {"apiVersion": "v1", "kind": "Secret"}
        manifest["metadata"] = place(self.name, self.namespace) | dict(self.metadata)
        if self.type is not None:
            manifest["type"] = self.type
        if self.immutable is not None:
            manifest["immutable"] = self.immutable
        manifest["data"] = {key: base64.b64encode(self.items[key]).decode("ascii") for key in sorted(self.items)}
        return manifest


def place(name: str, namespace: str) -> dict[str, Any]:
    """Return the name and namespace fields of an object's metadata that are not empty."""
    return {key: value for key, value in (("name", name), ("namespace", namespace)) if value}


def template_metadata(metadata: Mapping[str, Any], path: str) -> dict[str, Any]:
    """Return the metadata of an object that belongs into a template. Raises ManifestError for a wrong shape.

    Labels and annotations must be texts. Name, namespace, bookkeeping, last-applied copies and empty maps are left out.
    """
    kept = {
        key: value
        for key, value in metadata.items()
        if key not in _BOOKKEEPING and key not in ("name", "namespace") and value
    }
    labels = texts_at(metadata, "labels", f"{path}.labels")
    annotations = without_last_applied(texts_at(metadata, "annotations", f"{path}.annotations"))
    for key, texts in (("labels", labels), ("annotations", annotations)):
        if texts:
            kept[key] = texts
        else:
            kept.pop(key, None)
    return kept


def without_bookkeeping(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Return a copy of an object's metadata without the server's bookkeeping."""
    return {key: value for key, value in metadata.items() if key not in _BOOKKEEPING}


def without_last_applied(annotations: Mapping[str, T]) -> dict[str, T]:
    """Return a copy of the annotations without the copies of the whole manifest that tools leave in them."""
    return {key: value for key, value in annotations.items() if key not in _LAST_APPLIED}


def _read_items(manifest: Mapping[str, Any]) -> dict[str, bytes]:
    items = {key: _decode(value, f"data.{key}") for key, value in mapping_at(manifest, "data", "data").items()}
    for key, value in mapping_at(manifest, "stringData", "stringData").items():
        items[key] = b"" if value is None else check_text(value, f"stringData.{key}").encode()
    return items


def _decode(value: object, path: str) -> bytes:
    if value is None:
        return b""
    if not isinstance(value, str):
        raise ManifestError(path, f"expected base64 text, found {describe(value)}", FieldProblem.NOT_BASE64)
    try:
        return binascii.a2b_base64(value.replace("\r", "").replace("\n", ""), strict_mode=True)
    except ValueError:  # binascii.Error, and text that is not ASCII
        reason = "not base64; plain text belongs under stringData"
        raise ManifestError(path, reason, FieldProblem.NOT_BASE64) from None
