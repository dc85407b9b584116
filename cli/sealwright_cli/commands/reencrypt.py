"""`sealwright reencrypt`: bring a file's SealedSecrets to the newest key, by the controller or with keys at hand."""

import contextlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sealwright_cli.border import border
from sealwright_cli.certificates.request import CertificateRequest
from sealwright_cli.certificates.sources import get_valid_certificate
from sealwright_cli.cluster.controller import ControllerClient
from sealwright_cli.cluster.kubeconfig import load_kubeconfig
from sealwright_cli.errors import CliError, ClusterError
from sealwright_cli.exitcodes import ExitStatus
from sealwright_cli.inputs import STDIN, find_sources
from sealwright_cli.keyfiles import read_keyring
from sealwright_cli.rewriting import Edited, write_edited
from sealwright_cli.sealedinput import find_sealed
from sealwright_cli.ui import Console, counted
from sealwright_crypto import (
    HINT_ANNOTATION,
    KIND,
    Certificate,
    Keyring,
    ManifestError,
    SealedSecret,
    reseal,
)
from sealwright_manifests.editing.fields import merge_fields, with_end_of
from sealwright_manifests.kinds.finding import Manifest
from sealwright_manifests.kinds.reading import read_sealed_secret
from sealwright_manifests.text.documents import Form
from sealwright_manifests.text.tree import native

_IS_IT = "find out what answers there in the controller's place; --controller-name and --controller-namespace name it"

Sealer = Callable[[SealedSecret, Mapping[str, Any]], dict[str, Any]]
"""(object, its manifest) → the manifest with every item sealed anew under the same label; raises CliError."""


@dataclass(frozen=True)
class ReencryptOptions:
    """Which file (`-` is standard input), and who seals anew.

    With `keys`, files with private keys, it is done here, to `certificate`; without, the controller that `certificate`
    names does it. `output` None rewrites the file itself; `form` None keeps the file's form, or takes that of the
    suffix of an `output` that is another file.
    """

    input: str = STDIN
    keys: Sequence[str] = ()
    certificate: CertificateRequest = field(default_factory=CertificateRequest)
    output: Path | None = None
    form: Form | None = None
    as_kubeseal: bool = False


@border()
def reencrypt(options: ReencryptOptions, console: Console, *, now: datetime) -> ExitStatus:
    """Seal every item of the file's SealedSecrets again; everything else of the file stays as it is.

    Raises CliError, and then nothing is written: all of the objects, or none.
    """
    (source,) = find_sources([options.input])
    text, original = source.read_original(console, utf16=not options.as_kubeseal)
    documents, manifests = find_sealed(text, source, as_kubeseal=options.as_kubeseal)
    with _sealer(options, console, now) as sealer:
        done = [_exchange(manifest, sealer) for manifest in manifests]
    edited = Edited(source.path, original, documents)
    write_edited(console.stdout, edited, options.output, options.form, as_kubeseal=options.as_kubeseal)
    for line in done:
        console.tell(line)
    return ExitStatus.OK


@contextlib.contextmanager
def _sealer(options: ReencryptOptions, console: Console, now: datetime) -> Iterator[Sealer]:
    request = options.certificate
    if options.keys:
        keyring = read_keyring(options.keys)
        yield _KeysAtHand(keyring, get_valid_certificate(request, console, now))
        return
    with ControllerClient(load_kubeconfig(request.cluster, request.surroundings), request.controller) as controller:
        yield _TheController(controller)


@dataclass(frozen=True)
class _KeysAtHand:
    """Seals anew here, with private keys from files."""

    keyring: Keyring
    certificate: Certificate

    def __call__(self, sealed: SealedSecret, manifest: Mapping[str, Any]) -> dict[str, Any]:
        with border():
            return reseal(sealed, self.keyring, self.certificate).manifest(manifest)


@dataclass(frozen=True)
class _TheController:
    """Has the controller seal anew."""

    controller: ControllerClient

    def __call__(self, sealed: SealedSecret, manifest: Mapping[str, Any]) -> dict[str, Any]:
        answer = self.controller.rotate(json.dumps(manifest).encode())
        try:
            made: dict[str, Any] = json.loads(answer)
            json.dumps(made, ensure_ascii=False, allow_nan=False).encode()  # it can be written again
            new = SealedSecret.from_dict(made)
        except (ValueError, AttributeError, RecursionError, ManifestError):
            raise ClusterError("the controller answered with something that is no SealedSecret", hint=_IS_IT) from None
        # Whoever answers in the controller's place must not move the object or open it to others.
        if (new.name, new.namespace, new.scope) != (sealed.name, sealed.namespace, sealed.scope):
            raise ClusterError(
                "the controller answered with an object of another name, namespace or scope", hint=_IS_IT
            )
        return made


def _exchange(manifest: Manifest, sealer: Sealer) -> str:
    """Put new ciphertexts in the place of the old ones; return what is to be told of it. Raises CliError."""
    old = read_sealed_secret(manifest)
    place = "/".join(filter(None, [old.namespace, old.name]))
    try:
        made = sealer(old, native(manifest.node))
    except CliError as error:
        raise type(error)(f"{manifest.place}: {KIND} {place}: {error.message}", hint=error.hint) from None
    new = SealedSecret.from_dict(made)
    if old.legacy is None and new.items.keys() == old.items.keys():
        merge_fields(manifest.document, manifest.node, _changes(old, new))
    elif old.legacy is not None:
        manifest.replace(made)
    else:
        raise ClusterError(f"{manifest.place}: {KIND} {place}: the controller answered with other items", hint=_IS_IT)
    return f"{manifest.place}: sealed {place} ({new.scope}) again, {counted(len(new.items), 'item')}"


def _changes(old: SealedSecret, new: SealedSecret) -> dict[str, Any]:
    items = {item: with_end_of(new.items[item], ciphertext) for item, ciphertext in old.items.items()}
    changes: dict[str, Any] = {"spec": {"encryptedData": items}}
    if HINT_ANNOTATION in old.annotations:  # upstream's controller gives none back, and the old one holds no longer
        hint = new.annotations.get(HINT_ANNOTATION, "")
        changes["metadata"] = {"annotations": {HINT_ANNOTATION: hint}}
    return changes
