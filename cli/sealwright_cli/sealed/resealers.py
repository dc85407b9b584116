"""Who encrypts the items of a SealedSecret again: this program, with private keys, or the controller."""

import contextlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sealwright_cli.certificates.request import CertificateRequest
from sealwright_cli.manners import Manners
from sealwright_cli.messages.border import border
from sealwright_cli.messages.errors import ClusterError, NoClusterError
from sealwright_cli.messages.ui import short
from sealwright_conventions.records import record, replace
from sealwright_crypto import (
    API_VERSION,
    HINT_ANNOTATION,
    KIND,
    Certificate,
    KeyMaterialError,
    Keyring,
    ManifestError,
    Resealed,
    SealedSecret,
    UnsealError,
    check_form,
    load_certificate,
    read_hints,
    reseal,
)

if TYPE_CHECKING:
    from sealwright_cli.cluster.controller import ControllerClient

_ON_THIS_KEY = "encrypted to this key already"
ANOTHER_CONTROLLER = (
    "check what answers at the controller's address; --controller-name and --controller-namespace set it"
)


@record
class Again:
    """What came of encrypting an object again.

    `made` is the manifest with the new ciphertexts under the same label, None if every item is on the wanted key
    already, or if nobody made any. `stale` are the items that were not on it; in the deprecated form none is visible.
    `told` is a text about the keys, if they are known, and how.
    """

    made: dict[str, Any] | None
    stale: Sequence[str] = ()
    told: str = ""

    @property
    def is_needed(self) -> bool:
        """Whether anything has to be encrypted again."""
        return self.made is not None or bool(self.stale)


Sealer = Callable[[SealedSecret, Mapping[str, Any]], Again]
"""(object, its manifest) → what came of it; raises CliError."""


@record
class ByAnnotation:
    """Encrypts nothing, and tells what is not on a key, as far as the annotation about keys says."""

    fingerprint: str

    def __call__(self, sealed: SealedSecret, manifest: Mapping[str, Any]) -> Again:
        """Do what a `Sealer` does."""
        if sealed.legacy is not None:
            return Again(dict(manifest), (), "in the deprecated form, whose key is not known")
        stale = tuple(item for item in sealed.items if item not in _on_key(sealed, self.fingerprint))
        if not stale:
            return Again(None, (), f"{_ON_THIS_KEY}, as its annotation says")
        is_known = all(read_hints(sealed.annotations).of(item) for item in stale)
        return Again(None, stale, "" if is_known else "no annotation names their key")


@record
class KeysAtHand:
    """Re-encrypts here, with private keys from files."""

    keyring: Keyring
    certificate: Certificate
    force: bool = False

    def __call__(self, sealed: SealedSecret, manifest: Mapping[str, Any]) -> Again:
        """Do what a `Sealer` does."""
        left: Mapping[str, str] = {}
        with border(opening=(sealed, self.keyring)):
            try:
                resealed = reseal(sealed, self.keyring, self.certificate)
            except UnsealError as error:
                left = self._left_alone(sealed, error)
                if not left:
                    raise
                if left.keys() == sealed.items.keys():
                    return Again(None, (), f"{_ON_THIS_KEY}, as its annotation says; its private key was not given")
                items = {item: ciphertext for item, ciphertext in sealed.items.items() if item not in left}
                resealed = reseal(replace(sealed, items=items), self.keyring, self.certificate)
            if not (left or self.force) and self._is_current(sealed, resealed):
                return Again(None, (), _ON_THIS_KEY)
            made = resealed.manifest(manifest)
        key = self.certificate.fingerprint
        current = {
            item: sealed.items[item]
            for item, fingerprint in resealed.fingerprints.items()
            if fingerprint == key and not self.force and item in sealed.items
        }
        made["spec"]["encryptedData"] |= {**left, **current}
        old = ", ".join(sorted({short(one) for one in resealed.fingerprints.values() if one != key or self.force}))
        keys = f", key {old} -> {short(key)}" if old else ""
        rest = f"; {', '.join(left)} stayed: {_ON_THIS_KEY}, as the annotation says" if left else ""
        stale = tuple(item for item in sealed.items if item not in left and item not in current)
        return Again(made, stale, keys + rest)

    def _left_alone(self, sealed: SealedSecret, error: UnsealError) -> Mapping[str, str]:
        """Return the items that no given key opens, but that are on the wanted key as the annotation says.

        So the same command can be run again. Their private key is the new one, which its owner may keep elsewhere. If
        it was given, they are damaged.
        """
        is_at_hand = self.certificate.fingerprint in self.keyring.fingerprints
        if self.force or is_at_hand or sealed.legacy is not None:
            return {}
        on_key = _on_key(sealed, self.certificate.fingerprint)
        return {item: on_key[item] for item in error.items if item not in error.damaged and item in on_key}

    def _is_current(self, sealed: SealedSecret, resealed: Resealed) -> bool:
        """Tell whether the wanted key opened every item, and the annotation, if there is one, says so too.

        The annotation alone proves nothing: anybody can write it.
        """
        key = self.certificate.fingerprint
        is_recorded = sealed.annotations.get(HINT_ANNOTATION, key) == key
        return sealed.legacy is None and is_recorded and set(resealed.fingerprints.values()) <= {key}


@record
class TheController:
    """Has the controller re-encrypt, each object as a whole; items on its newest key keep their ciphertexts.

    Which are, the annotation says, and `newest`, which returns the fingerprint of the controller's newest key; an empty
    one means that all items are encrypted again.
    """

    controller: "ControllerClient"
    newest: Callable[[], str]

    def __call__(self, sealed: SealedSecret, manifest: Mapping[str, Any]) -> Again:
        """Do what a `Sealer` does."""
        with border():
            check_form(sealed)
        newest = self.newest()
        current = _on_key(sealed, newest) if newest and sealed.legacy is None else {}
        if current and current.keys() == sealed.items.keys():
            return Again(None, (), f"{_ON_THIS_KEY}, as its annotation says")
        answer = self.controller.rotate(json.dumps(manifest).encode())
        try:
            made = _with_type(json.loads(answer))
            json.dumps(made, ensure_ascii=False, allow_nan=False).encode()  # checks that it can be written
            new = SealedSecret.from_dict(made)
        except (ValueError, AttributeError, TypeError, RecursionError, ManifestError):
            raise ClusterError(
                "the controller answered with something that is not a SealedSecret", hint=ANOTHER_CONTROLLER
            ) from None
        # An impostor of the controller must not move the object or widen its scope.
        if (new.name, new.namespace, new.scope) != (sealed.name, sealed.namespace, sealed.scope):
            raise ClusterError(
                "the controller answered with an object of another name, namespace or scope", hint=ANOTHER_CONTROLLER
            )
        if _is_rendered(sealed, new):
            raise ClusterError(
                "this controller renders templates when it re-encrypts, and seals their output as items",
                hint="use --key, or upgrade the controller",
            )
        stale = tuple(item for item in sealed.items if item not in current)
        if isinstance(spec := made.get("spec"), dict):
            spec["encryptedData"] = {**new.items, **current}
        return Again(made, stale)


@contextlib.contextmanager
def controller_of(request: CertificateRequest, manners: Manners) -> "Iterator[ControllerClient]":
    """Provide the client of the controller that a request names. Raises ClusterError, and KubeconfigError."""
    from sealwright_cli.cluster.controller import ControllerClient  # noqa: PLC0415 - imports a client of HTTP: 60 ms
    from sealwright_cli.cluster.kubeconfig import load_kubeconfig  # noqa: PLC0415 - as above

    kubeconfig = load_kubeconfig(request.cluster, request.surroundings)
    try:
        client = ControllerClient(kubeconfig, request.controller)
    except NoClusterError as error:
        here = "; or do it here, with --key and --cert" if manners.reencrypts_here else ""
        raise NoClusterError(error.message, hint=f"{error.hint}{here}") from None
    with client as controller:
        yield controller


def newest_of(controller: "ControllerClient") -> str:
    """Return the fingerprint of a controller's newest key; empty if it does not say.

    Raises ClusterError if it cannot be reached; any other problem is told of the request that matters.
    """
    try:
        return load_certificate(controller.fetch_certificate()).fingerprint
    except KeyMaterialError:
        return ""
    except ClusterError as error:
        if error.unreachable:
            raise
        return ""


def _on_key(sealed: SealedSecret, fingerprint: str) -> dict[str, str]:
    """Return the items that are on a key, as the annotation says, with their ciphertexts."""
    hints = read_hints(sealed.annotations)
    return {item: ciphertext for item, ciphertext in sealed.items.items() if hints.of(item) == fingerprint}


def _with_type(answer: dict[str, Any]) -> dict[str, Any]:
    """Add apiVersion and kind to the controller's answer: upstream's controller leaves both out."""
    return {"apiVersion": API_VERSION, "kind": KIND} | {key: value for key, value in answer.items() if value != ""}


def _is_rendered(old: SealedSecret, new: SealedSecret) -> bool:
    """Tell whether template output came back as items, as from upstream's controller up to 0.38."""
    more = new.items.keys() - old.items.keys()
    return old.legacy is None and bool(more) and more <= old.template.data.keys()
