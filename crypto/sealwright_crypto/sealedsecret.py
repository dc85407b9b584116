"""A SealedSecret as a dataclass, from and to plain dicts; seals a Secret and unseals it.

Knows the label, scope and key of each item. Rendering templates is a parameter: this package does not know the
template language.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from sealwright_conventions.records import field, record, replace
from sealwright_crypto.envelope import parse, seal_item
from sealwright_crypto.errors import DecryptionError, FormatError, ManifestError, PausedError, UnsealError
from sealwright_crypto.fields import check_depth, flag_at, mapping_at, text_at, texts_at
from sealwright_crypto.keyhints import HINT_ANNOTATION, read_hints, write_hints
from sealwright_crypto.keyring import Keyring, Opened
from sealwright_crypto.keys import Certificate, Fingerprint
from sealwright_crypto.pace import Pace
from sealwright_crypto.scope import Label, Scope, label_for, scope_annotations, scope_of, without_scope
from sealwright_crypto.secret import Secret, place, template_metadata

API_VERSION = "bitnami.com/v1alpha1"
KIND = "SealedSecret"
LEGACY_ITEM = "spec.data"
"""The name of the deprecated ciphertext where items are named."""

Render = Callable[[str, str, Mapping[str, bytes]], bytes]
"""(key of spec.template.data, template text, data) → rendered value; its exceptions reach the caller."""


@record
class Template:
    """The Secret to make, except for its items; `data` maps keys to template texts, or to None."""

    metadata: Mapping[str, Any] = field(default_factory=dict)
    type: str | None = None
    immutable: bool | None = None
    data: Mapping[str, str | None] = field(default_factory=dict)


@record
class SealedSecret:
    """A bitnami.com/v1alpha1 SealedSecret.

    `annotations` are the object's own, which decide its scope. `items` maps item names to ciphertexts. `legacy`
    is the deprecated `spec.data`, one ciphertext of a whole Secret; it excludes `items`.
    """

    name: str
    namespace: str
    items: Mapping[str, str] = field(default_factory=dict)
    legacy: str | None = None
    annotations: Mapping[str, Any] = field(default_factory=dict)
    template: Template = field(default_factory=Template)

    @property
    def scope(self) -> Scope:
        """The scope, from the object's own annotations."""
        return scope_of(self.annotations)

    @property
    def label(self) -> Label:
        """The OAEP label of every item. Raises ScopeError when the scope needs a name that is missing."""
        return label_for(self.scope, self.namespace, self.name)

    @classmethod
    def from_dict(cls, manifest: Mapping[str, Any]) -> "SealedSecret":
        """Read a manifest. Raises ManifestError naming the field that is wrong."""
        if (manifest.get("apiVersion"), manifest.get("kind")) != (API_VERSION, KIND):
            raise ManifestError("kind", f"not a {API_VERSION} {KIND}")
        metadata = mapping_at(manifest, "metadata", "metadata")
        spec = mapping_at(manifest, "spec", "spec")
        check_depth(spec, "spec")
        items = texts_at(spec, "encryptedData", "spec.encryptedData")
        legacy = text_at(spec, "data", "spec.data") or None
        if legacy and items:
            raise ManifestError("spec", "holds both data and encryptedData; remove the deprecated data")
        return cls(
            name=text_at(metadata, "name", "metadata.name") or "",
            namespace=text_at(metadata, "namespace", "metadata.namespace") or "",
            items=items,
            legacy=legacy,
            annotations=mapping_at(metadata, "annotations", "metadata.annotations"),
            template=_read_template(mapping_at(spec, "template", "spec.template")),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the manifest, with items sorted by name."""
        metadata = place(self.name, self.namespace)
        if self.annotations:
            metadata["annotations"] = dict(self.annotations)
        spec: dict[str, Any] = {"encryptedData": {key: self.items[key] for key in sorted(self.items)}}
        if self.legacy is not None:
            spec["data"] = self.legacy
        spec["template"] = _write_template(self.template, self.name, self.namespace)
        return {"apiVersion": API_VERSION, "kind": KIND, "metadata": metadata, "spec": spec}


@record
class Unsealed:
    """A recovered Secret and, for each item, the key that opened it."""

    secret: Secret
    fingerprints: Mapping[str, Fingerprint]


def seal(secret: Secret, certificate: Certificate, *, scope: Scope | None = None, hints: bool = True) -> SealedSecret:
    """Seal every item of a Secret to a certificate.

    If `scope` is None or strict, the Secret's own annotations decide; another scope replaces them, on the SealedSecret
    and in its template. Raises ScopeError and KeyMaterialError.
    """
    if scope not in (None, Scope.STRICT):
        secret = _with_scope(secret, scope)
    decided = scope_of(secret.annotations)
    label = label_for(decided, secret.namespace, secret.name)
    items = {key: seal_item(value, certificate, label) for key, value in secret.items.items()}
    annotations = scope_annotations(decided)
    if hints and items:
        annotations[HINT_ANNOTATION] = write_hints(dict.fromkeys(items, certificate.fingerprint))
    template = Template(secret.metadata, secret.type, secret.immutable)
    return SealedSecret(secret.name, secret.namespace, items, annotations=annotations, template=template)


def unseal(sealed: SealedSecret, keyring: Keyring, render: Render, pace: Pace | None = None) -> Unsealed:
    """Open every item, render the template and return the Secret: whole, or not at all.

    Raises what `open_all` raises, ManifestError for a legacy ciphertext that holds no Secret, and whatever `render`
    raises.
    """
    opened = open_all(sealed, keyring, pace)
    plaintexts = {key: item.plaintext for key, item in opened.items()}
    fingerprints = {key: item.fingerprint for key, item in opened.items()}
    if sealed.legacy is not None:
        return Unsealed(_legacy_secret(sealed, plaintexts[LEGACY_ITEM]), fingerprints)
    template = sealed.template
    secret = Secret(
        name=sealed.name,
        namespace=sealed.namespace,
        items=_rendered(template.data, plaintexts, render),
        type=template.type,
        immutable=template.immutable,
        metadata=made_metadata(template.metadata),
    )
    return Unsealed(secret, fingerprints)


def check_form(sealed: SealedSecret) -> None:
    """Check without a key that each ciphertext is in the wire format. Raises UnsealError naming those that are not."""
    damaged: dict[str, str] = {}
    for key, ciphertext in _ciphertexts(sealed).items():
        try:
            parse(ciphertext)
        except FormatError as error:
            damaged[key] = str(error)
    if damaged:
        raise UnsealError(damaged, damaged)


def open_all(sealed: SealedSecret, keyring: Keyring, pace: Pace | None = None) -> dict[str, Opened]:
    """Decrypt every item, without rendering; the deprecated ciphertext is called LEGACY_ITEM.

    Raises UnsealError naming the items that do not open, ScopeError, and PausedError if time runs out before all
    items are open and none has failed.
    """
    ciphertexts = _ciphertexts(sealed)
    label, hints = sealed.label, read_hints(sealed.annotations)
    pace = pace or Pace()
    opened = pace.opened
    failed: list[str] = []
    damaged: dict[str, str] = {}
    previous: Fingerprint | None = None
    for key, ciphertext in ciphertexts.items():
        if key not in opened:
            if not pace.has_time(hopeless=bool(failed)):
                break
            prefer = [fingerprint for fingerprint in (hints.of(key), previous) if fingerprint]
            try:
                opened[key] = keyring.open(ciphertext, label, prefer)
            except FormatError as error:
                failed.append(key)
                damaged[key] = str(error)
                continue
            except DecryptionError:
                failed.append(key)
                continue
        previous = opened[key].fingerprint
    missing = len(ciphertexts) - len(opened)
    if failed:
        raise UnsealError(failed, damaged, untried=missing - len(failed))
    if missing:
        raise PausedError
    return opened


def _ciphertexts(sealed: SealedSecret) -> Mapping[str, str]:
    return sealed.items if sealed.legacy is None else {LEGACY_ITEM: sealed.legacy}


def inner_manifest(plaintext: bytes) -> dict[str, Any] | None:
    """Return the manifest inside a deprecated ciphertext as it is written there; None if it is not one."""
    try:
        manifest = json.loads(plaintext)
    except (ValueError, RecursionError):  # these hold the plaintext: callers raise errors outside this block
        return None
    return manifest if isinstance(manifest, dict) else None


def _legacy_secret(sealed: SealedSecret, plaintext: bytes) -> Secret:
    """Read the deprecated form: labels, type and items from the inner Secret, name and namespace from the object."""
    manifest = inner_manifest(plaintext)
    if manifest is None:
        raise ManifestError(LEGACY_ITEM, "the deprecated ciphertext holds no Secret")
    inner = Secret.from_dict({"apiVersion": "v1", "kind": "Secret"} | manifest)
    return replace(inner, name=sealed.name, namespace=sealed.namespace, metadata=made_metadata(inner.metadata))


def _rendered(texts: Mapping[str, str | None], items: Mapping[str, bytes], render: Render) -> dict[str, bytes]:
    """Apply `spec.template.data`: templates see every text unrendered, or the item of the same name instead.

    An item wins over a text of the same name, as in upstream 0.38 (seen there); null leaves the item out.
    """
    visible = {key: text.encode() for key, text in texts.items() if text is not None} | dict(items)
    made = {key: value for key, value in items.items() if key not in texts or texts[key] is not None}
    for key, text in texts.items():
        if text is not None and key not in items:
            made[key] = render(key, text, visible)
    return made


def made_metadata(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Return the metadata that a made Secret takes from its template: labels, annotations and finalizers only."""
    made: dict[str, Any] = {key: dict(metadata[key]) for key in ("labels", "annotations") if metadata.get(key)}
    if finalizers := metadata.get("finalizers"):
        if not isinstance(finalizers, list) or not all(isinstance(one, str) for one in finalizers):
            raise ManifestError("spec.template.metadata.finalizers", "expected a list of texts")
        made["finalizers"] = list(finalizers)
    return made


def _with_scope(secret: Secret, scope: Scope) -> Secret:
    annotations = without_scope(secret.annotations) | scope_annotations(scope)
    return replace(secret, metadata=dict(secret.metadata) | {"annotations": annotations})


def _read_template(template: Mapping[str, Any]) -> Template:
    texts = mapping_at(template, "data", "spec.template.data")
    return Template(
        metadata=template_metadata(
            mapping_at(template, "metadata", "spec.template.metadata"), "spec.template.metadata"
        ),
        type=text_at(template, "type", "spec.template.type") or None,
        immutable=flag_at(template, "immutable", "spec.template.immutable"),
        data={key: text_at(texts, key, f"spec.template.data.{key}") for key in texts},
    )


def _write_template(template: Template, name: str, namespace: str) -> dict[str, Any]:
    written: dict[str, Any] = {"metadata": place(name, namespace) | dict(template.metadata)}
    if template.type is not None:
        written["type"] = template.type
    if template.immutable is not None:
        written["immutable"] = template.immutable
    if template.data:
        written["data"] = dict(template.data)
    return written
