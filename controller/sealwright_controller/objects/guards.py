"""What a SealedSecret must not put into a Secret, whatever its author writes. Pure.

An author who may only write SealedSecrets must not gain rights through them: no sealing key, no Secret that Kubernetes
fills in or acts on with rights of its own, no Secret that cannot be deleted. The rules check what would be stored,
wherever it comes from (template, deprecated form, existing Secret), and the existing Secret itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from sealwright_controller.objects.metadata import Manifest, metadata_of
from sealwright_controller.objects.reasons import Reason
from sealwright_manifests.kinds import keysecrets

KEY_LABEL = keysecrets.LABEL
LEGACY_KEY_NAME = keysecrets.LEGACY_NAME
KEY_TRUST_NAME = "sealwright-key-trust"
"""The trust Secret, next to the keys, by which `--key-trust=controller` recognises the controller's own keys."""
RESERVED_NAMES = frozenset({LEGACY_KEY_NAME, KEY_TRUST_NAME})
"""Names of the controller's own Secrets, whatever their labels say."""
TYPES_ACTED_ON = frozenset({"kubernetes.io/service-account-token", "bootstrap.kubernetes.io/token"})
"""Types on which Kubernetes' own controllers act: they fill in the token of the ServiceAccount that an annotation
names, and a bootstrap token lets a machine join the cluster. The other built-in types only say which items a Secret
has."""


class Objection(NamedTuple):
    """Why a Secret is not written. The message never holds a value."""

    reason: Reason
    message: str


@dataclass(frozen=True)
class KeyGuard:
    """Tells which Secrets are sealing keys, of this controller or another, which authors must not write.

    In `open_namespaces` they may be written, but never in `own_namespace`, where this controller's keys are.
    """

    own_namespace: str = ""
    open_namespaces: frozenset[str] = frozenset()

    def objection(self, manifest: Manifest) -> str:
        """Return why a Secret is guarded, as a sealing key or as the trust Secret; an empty text if it is not.

        The label counts with any value, because anyone who may label Secrets can later change "not in use".
        """
        metadata = metadata_of(manifest)
        namespace = metadata.get("namespace")
        if namespace != self.own_namespace and namespace in self.open_namespaces:
            return ""
        labels = metadata.get("labels")
        if isinstance(labels, Mapping) and KEY_LABEL in labels:
            return f"label {KEY_LABEL}"
        name = metadata.get("name")
        return f'name "{name}"' if name in RESERVED_NAMES else ""

    def refusal(self, manifest: Manifest) -> str:
        """Return why a Secret must not be written or deleted; an empty text if it may be."""
        why = self.objection(manifest)
        metadata = metadata_of(manifest)
        return f"Secret {metadata.get('namespace')}/{metadata.get('name')} is a sealing key ({why})" if why else ""


@dataclass(frozen=True)
class Guards:
    """All rules, with the exceptions in the settings: `allowed_types` are types of TYPES_ACTED_ON that may be made."""

    keys: KeyGuard = field(default_factory=KeyGuard)
    allowed_types: frozenset[str] = frozenset()
    allow_finalizers: bool = False

    def key_objection(self, existing: Manifest | None) -> Objection | None:
        """Check the existing Secret, whoever owns it; None if it is not a sealing key."""
        why = self.keys.objection(existing) if existing is not None else ""
        if existing is None or not why:
            return None
        name = metadata_of(existing).get("name")
        return Objection(
            Reason.SEALING_KEY, f'Secret "{name}" is a sealing key ({why}), which no SealedSecret may change'
        )

    def objection(self, existing: Manifest | None, stored: Manifest) -> Objection | None:
        """Check what would be stored, in place of `existing` if there is one; None if it is allowed."""
        if why := self.keys.objection(stored):
            said = f"the Secret would be a sealing key ({why}), which no SealedSecret may make"
            return Objection(Reason.SEALING_KEY, said)
        for manifest in (existing or {}, stored):
            if self._forbids_type(manifest):
                said = f'type "{manifest["type"]}": Kubernetes acts on Secrets of this type with rights of its own'
                return Objection(Reason.TYPE_REFUSED, said)
        if not self.allow_finalizers and _finalizers(stored) - _finalizers(existing or {}):
            said = "the template has finalizers, which would keep the Secret and its namespace from being deleted"
            return Objection(Reason.FINALIZERS_REFUSED, said)
        return None

    def doubts(self, manifest: Manifest) -> bool:
        """Tell whether a SealedSecret's Secret has to be checked although it has not changed since it was written.

        It may have been written before these rules existed. The content of a deprecated form is not visible from
        outside.
        """
        spec = _map(manifest.get("spec"))
        template = _map(spec.get("template"))
        place = {name: metadata_of(manifest).get(name) for name in ("name", "namespace")}
        described = {"metadata": {**place, "labels": _map(template.get("metadata")).get("labels")}}
        return bool(spec.get("data") or self.keys.objection(described) or self._forbids_type(template))

    def _forbids_type(self, manifest: Manifest) -> bool:
        found = manifest.get("type")
        return isinstance(found, str) and found in TYPES_ACTED_ON - self.allowed_types


def _finalizers(manifest: Manifest) -> set[str]:
    found = metadata_of(manifest).get("finalizers")
    return {one for one in found if isinstance(one, str)} if isinstance(found, list) else set()


def _map(found: object) -> Manifest:
    return found if isinstance(found, Mapping) else {}
