"""Where a ciphertext may be used: scope ↔ OAEP label ↔ annotations (docs/concepts/scopes.md)."""

from collections.abc import Mapping
from enum import StrEnum
from typing import NewType

from sealwright_crypto.errors import ScopeError

Label = NewType("Label", bytes)

CLUSTER_WIDE_ANNOTATION = "sealedsecrets.bitnami.com/cluster-wide"
NAMESPACE_WIDE_ANNOTATION = "sealedsecrets.bitnami.com/namespace-wide"


class Scope(StrEnum):
    """Where a ciphertext may be used; the value is the word on the command line."""

    STRICT = "strict"
    NAMESPACE_WIDE = "namespace-wide"
    CLUSTER_WIDE = "cluster-wide"


_ANNOTATION_OF = {Scope.CLUSTER_WIDE: CLUSTER_WIDE_ANNOTATION, Scope.NAMESPACE_WIDE: NAMESPACE_WIDE_ANNOTATION}


def scope_of(annotations: Mapping[str, object]) -> Scope:
    """Read the scope from an object's own annotations; never call this with a template's (CVE-2026-22728).

    Cluster-wide is looked for first, and only the exact text `true` counts, as upstream documents it.
    """
    for scope, annotation in _ANNOTATION_OF.items():
        if annotations.get(annotation) == "true":
            return scope
    return Scope.STRICT


def scope_annotations(scope: Scope) -> dict[str, str]:
    """Return the annotations for this scope; empty for strict."""
    return {_ANNOTATION_OF[scope]: "true"} if scope in _ANNOTATION_OF else {}


def without_scope(annotations: Mapping[str, object]) -> dict[str, object]:
    """Return a copy of the annotations without those for the scope."""
    return {key: value for key, value in annotations.items() if key not in _ANNOTATION_OF.values()}


def label_for(scope: Scope, namespace: str, name: str) -> Label:
    """Return the OAEP label that binds a ciphertext to its place.

    strict: `namespace/name`; namespace-wide: `namespace`; cluster-wide: empty. Raises ScopeError if a part that the
    scope needs is empty, since such a label would bind to nothing, or is not text. A slash is refused too: no
    Kubernetes name has one, and with it two places could share one label.
    """
    if scope is Scope.CLUSTER_WIDE:
        return Label(b"")
    parts = {"namespace": namespace} if scope is Scope.NAMESPACE_WIDE else {"namespace": namespace, "name": name}
    for what, part in parts.items():
        if not part:
            raise ScopeError(f"{scope} scope needs a {what}")
        if "/" in part:
            raise ScopeError(f"the {what} holds a slash; no Kubernetes object can have such a {what}")
    try:
        return Label("/".join(parts.values()).encode())
    except UnicodeEncodeError:
        raise ScopeError(f"the {' or '.join(parts)} holds half a surrogate pair, which is not a character") from None
