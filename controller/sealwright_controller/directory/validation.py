"""What an API server refuses, fills in and merges, which a folder does not do by itself. Pure.

The rules are those of Kubernetes for Secrets, from its documentation and a real API server; one table of tests compares
both. Quotas, admission and permissions do not exist here.
"""

import base64
import binascii
import json
import re
import secrets
from collections.abc import Callable, Mapping
from typing import Any, TypeGuard

from sealwright_controller.gateway import Manifest, RefusedError, bad_item_name
from sealwright_controller.objects.reasons import Reason
from sealwright_manifests.names import is_item_name, is_label_value, is_namespace, is_object_name, is_qualified_name

MAX_DATA_BYTES = 1024 * 1024
"""The size limit of all values of a Secret together, decoded."""
MAX_ANNOTATION_BYTES = 256 * 1024
"""The size limit of all annotations of an object together, keys included."""
DEFAULT_TYPE = "Opaque"
IMMUTABLE = "the target Secret is immutable"

_SURROGATE = re.compile("[\ud800-\udfff]")
_MAX_GENERATED_PREFIX = 58
_NAME_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"  # no vowels, so no words; no characters that look alike
# For each type, the keys that a Secret must have: at least one of the entries; (a, b) needs both.
_REQUIRED: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "kubernetes.io/tls": (("tls.crt", "tls.key"),),
    "kubernetes.io/basic-auth": (("username",), ("password",)),
    "kubernetes.io/ssh-auth": (("ssh-privatekey",),),
    "kubernetes.io/dockercfg": ((".dockercfg",),),
    "kubernetes.io/dockerconfigjson": ((".dockerconfigjson",),),
}
_JSON_ITEMS = {"kubernetes.io/dockercfg": ".dockercfg", "kubernetes.io/dockerconfigjson": ".dockerconfigjson"}
_STANDARD_FINALIZERS = ("kubernetes", "orphan", "foregroundDeletion")


def check_name(name: object, namespace: object) -> None:
    """Check that both are DNS-1123 names, and so safe as parts of a path. Raises RefusedError."""
    if not isinstance(namespace, str) or not is_namespace(namespace):
        raise RefusedError("metadata.namespace is not a DNS label (lower-case letters, digits, '-'; at most 63)")
    if not isinstance(name, str) or not is_object_name(name):
        raise RefusedError("metadata.name is not a DNS name (lower-case letters, digits, '-', '.'; at most 253)")


def as_stored(manifest: Manifest) -> dict[str, Any]:
    """Return a Secret as an API server would store it: checked, `stringData` merged in, defaults filled in.

    All metadata is kept. Raises RefusedError naming the invalid field, never its value; other exceptions are not
    raised, whatever the manifest holds.
    """
    metadata = _mapping(manifest, "metadata")
    check_name(metadata.get("name"), metadata.get("namespace"))
    _check_labels(metadata)
    _check_annotations(metadata)
    _check_owners(metadata.get("ownerReferences"))
    _check_finalizers(metadata.get("finalizers"))
    if not _is_utf8(metadata):
        raise RefusedError("metadata: holds half a surrogate pair, which is not a character")
    data = _data(manifest)
    kind = manifest.get("type") or DEFAULT_TYPE
    immutable = manifest.get("immutable")
    if not _is_text(kind):
        raise RefusedError("type: is not text")
    if not isinstance(immutable, bool | None):
        raise RefusedError("immutable: is not true or false")
    _check_type(kind, data)
    stored: dict[str, Any] = {"apiVersion": "v1", "kind": "Secret", "metadata": dict(metadata), "type": kind}
    if immutable is not None:
        stored["immutable"] = immutable
    if data:
        stored["data"] = {key: base64.b64encode(value).decode("ascii") for key, value in data.items()}
    return stored


def check_change(old: Manifest, new: Manifest) -> None:
    """Check that a stored Secret may change into another one of its name. Raises RefusedError naming the field."""
    if old.get("type") != new.get("type"):
        raise RefusedError("type: field is immutable", Reason.IMMUTABLE)
    if old.get("immutable") and (not new.get("immutable") or old.get("data", {}) != new.get("data", {})):
        raise RefusedError(IMMUTABLE, Reason.IMMUTABLE)


def merge_patch(target: Any, patch: Any) -> Any:
    """Return `target` with a JSON merge patch (RFC 7386) applied; neither is changed."""
    if not isinstance(patch, Mapping):
        return patch
    merged = dict(target) if isinstance(target, Mapping) else {}
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = merge_patch(merged.get(key), value)
    return merged


def generated_name(prefix: str, choose: Callable[[str], str] = secrets.choice) -> str:
    """Return a name that begins with `prefix`, as for `generateName`; `choose` picks one of several characters."""
    return prefix[:_MAX_GENERATED_PREFIX] + "".join(choose(_NAME_ALPHABET) for _ in range(5))


def _mapping(parent: Manifest, key: str, path: str = "") -> Mapping[str, Any]:
    value = parent.get(key)
    if value is None:
        return {}
    if not isinstance(value, Mapping) or not all(_is_text(name) for name in value):
        raise RefusedError(f"{path}{key}: is not a map")
    return value


def _texts(parent: Manifest, key: str, path: str = "") -> Mapping[str, str]:
    texts = _mapping(parent, key, path)
    for name, value in texts.items():
        if not _is_text(value):
            raise RefusedError(f"{path}{key}[{name}]: is not text")
    return texts


def _is_text(value: object) -> TypeGuard[str]:
    """Tell whether a value is a text that UTF-8 can encode; JSON can spell half a surrogate pair, which it cannot."""
    return isinstance(value, str) and not _SURROGATE.search(value)


def _is_utf8(value: Any) -> bool:
    """Tell whether UTF-8 can encode all texts in plain data."""
    rest = [value]
    while rest:
        found = rest.pop()
        if isinstance(found, Mapping):
            rest += [*found.keys(), *found.values()]
        elif isinstance(found, list):
            rest += found
        elif isinstance(found, str) and not _is_text(found):
            return False
    return True


def _check_labels(metadata: Manifest) -> None:
    for key, value in _texts(metadata, "labels", "metadata.").items():
        _check_qualified(key, "metadata.labels")
        if not is_label_value(value):
            raise RefusedError(f"metadata.labels[{key}]: is not a label value (letters, digits, '-_.'; at most 63)")


def _check_annotations(metadata: Manifest) -> None:
    annotations = _texts(metadata, "annotations", "metadata.")
    for key in annotations:
        _check_qualified(key.lower(), "metadata.annotations")
    size = sum(len(key.encode()) + len(value.encode()) for key, value in annotations.items())
    if size > MAX_ANNOTATION_BYTES:
        raise RefusedError(f"metadata.annotations: hold more than {MAX_ANNOTATION_BYTES} bytes")


def _check_owners(references: object) -> None:
    if not isinstance(references, list | None):
        raise RefusedError("metadata.ownerReferences: is not a list")
    for reference in references or []:
        if not isinstance(reference, Mapping):
            raise RefusedError("metadata.ownerReferences: holds an entry that is not a map")
        for field in ("apiVersion", "kind", "name", "uid"):
            if not _is_text(reference.get(field)) or not reference[field]:
                raise RefusedError(f"metadata.ownerReferences.{field}: is required")


def _check_finalizers(finalizers: object) -> None:
    if not isinstance(finalizers, list | None):
        raise RefusedError("metadata.finalizers: is not a list")
    for finalizer in finalizers or []:
        if not _is_text(finalizer):
            raise RefusedError("metadata.finalizers: holds an entry that is not text")
        _check_qualified(finalizer, "metadata.finalizers")
        if "/" not in finalizer and finalizer not in _STANDARD_FINALIZERS:
            raise RefusedError("metadata.finalizers: one has no prefix and is not a standard finalizer")


def _check_qualified(key: str, path: str) -> None:
    if not is_qualified_name(key):
        raise RefusedError(f"{path}: a key is not a qualified name (prefix/name)")


def _data(manifest: Manifest) -> dict[str, bytes]:
    # Go reads null as an empty value.
    data = {key: _decoded(key, value) for key, value in _mapping(manifest, "data").items()}
    data |= {key: value.encode() for key, value in _texts(manifest, "stringData").items()}
    for key in data:
        if not is_item_name(key):
            raise RefusedError(bad_item_name(key), Reason.ITEM_NAME_INVALID)
    if sum(len(value) for value in data.values()) > MAX_DATA_BYTES:
        raise RefusedError(f"data: holds more than {MAX_DATA_BYTES} bytes")
    return data


def _decoded(key: str, value: object) -> bytes:
    if value is None:
        return b""
    if not isinstance(value, str):
        raise RefusedError(f"data[{key}]: is not text")
    try:
        return binascii.a2b_base64(value.replace("\r", "").replace("\n", ""), strict_mode=True)
    except ValueError:
        raise RefusedError(f"data[{key}]: is not base64") from None


def _check_type(kind: str, data: Mapping[str, bytes]) -> None:
    required = _REQUIRED.get(kind, ((),))
    if not any(all(key in data for key in keys) for keys in required):
        wanted = " or ".join(" and ".join(keys) for keys in required)
        raise RefusedError(f"data: a Secret of type {kind} needs {wanted}")
    if kind in _JSON_ITEMS:
        try:
            json.loads(data[_JSON_ITEMS[kind]])
        except (ValueError, RecursionError):
            raise RefusedError(f"data[{_JSON_ITEMS[kind]}]: is not JSON") from None
