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
from sealwright_cli.errors import CliError, ClusterError, InputError, UsageError
from sealwright_cli.exitcodes import ExitStatus
from sealwright_cli.files import write_result
from sealwright_cli.inputs import STDIN, Source, find_sources
from sealwright_cli.keyfiles import read_keyring
from sealwright_cli.manners import SEALWRIGHT, Manners
from sealwright_cli.replacing import Original
from sealwright_cli.sealedinput import find_sealed, native_in, patched_items, place_of, read_object, warn_of_fields
from sealwright_cli.templatefiles import note
from sealwright_cli.ui import Console, counted, short
from sealwright_crypto import (
    API_VERSION,
    HINT_ANNOTATION,
    KIND,
    Certificate,
    Keyring,
    ManifestError,
    SealedSecret,
    reseal,
)
from sealwright_manifests.editing.fields import merge_fields
from sealwright_manifests.kinds.finding import Manifest
from sealwright_manifests.kinds.reading import read_sealed_secret
from sealwright_manifests.text.documents import Document, Form, form_of, join, with_kubeseal_end

_IS_IT = "find out what answers there in the controller's place; --controller-name and --controller-namespace name it"

Sealer = Callable[[SealedSecret, Mapping[str, Any]], tuple[dict[str, Any], str]]
"""(object, its manifest) → the manifest with every item encrypted again under the same label, and words about the keys,
if they are known; raises CliError."""


@dataclass(frozen=True)
class ReencryptOptions:
    """Which file or folder (`-` is standard input), and who seals anew.

    `namespace` is for objects that name none. With `keys`, files with private keys, it is done here, to `certificate`;
    without, the controller that `certificate` names does it. `output` None rewrites the file itself; `form` None keeps
    the file's form, or takes that of the suffix of what is written.
    """

    input: str = STDIN
    keys: Sequence[str] = ()
    certificate: CertificateRequest = field(default_factory=CertificateRequest)
    output: Path | None = None
    form: Form | None = None
    namespace: str = ""
    manners: Manners = SEALWRIGHT


@border()
def reencrypt(options: ReencryptOptions, console: Console, *, now: datetime) -> ExitStatus:
    """Seal every item of the SealedSecrets again, in one file or all of a folder; all else in it stays as it is.

    Of a file, all of the objects are written, or none; of a folder, each file whose objects could be. Raises CliError
    for what concerns the whole run.
    """
    sources = find_sources([options.input])
    if options.output and not sources[0].named:
        raise UsageError("--output takes the result of one file", hint="leave it out, and each file is rewritten")
    run = _Run(options, console)
    found = [one for source in sources for one in run.read(source)]
    if found:
        with _sealer(options, console, now) as sealer:
            run.take_all(found, sealer)
    elif not run.errors:
        raise InputError(f"{options.input}: no {KIND} in this folder", hint=f"name files with kind: {KIND}")
    for error in run.errors:
        console.error(error)
    if not run.errors:
        return ExitStatus.OK
    return ExitStatus.PARTLY_DONE if run.is_written else run.errors[0].status


@dataclass(frozen=True)
class _File:
    """What was read of one file."""

    source: Source
    original: Original | None
    documents: list[Document]
    manifests: list[Manifest]


@dataclass
class _Run:
    """The state of one call: what was written and found wrong so far."""

    options: ReencryptOptions
    console: Console
    errors: list[CliError] = field(default_factory=list)
    is_written: bool = False

    def read(self, source: Source) -> Iterator[_File]:
        """Yield a source, if there are SealedSecrets in it; what is wrong with it is noted."""
        manners = self.options.manners
        try:
            text, original = source.read_original(self.console, utf16=manners.reads_utf16)
            for item in patched_items(text):
                self.console.warn(
                    f"{source.name}: the ciphertext of {item} is in a JSON patch, and is not re-encrypted: seal it"
                )
            with border():
                documents, manifests = find_sealed(text, source, manners)
                for manifest in manifests:
                    warn_of_fields(manifest, self.console)
        except InputError as error:
            note(error, source, self.console, self.errors)
            return
        if manifests:
            yield _File(source, original, documents, manifests)

    def take_all(self, found: Sequence[_File], sealer: Sealer) -> None:
        """Bring files to the new key, until all are done or the cluster cannot be asked."""
        for one in found:
            try:
                self.take(one, sealer)
            except ClusterError as error:  # no other object would fare better
                self.errors.append(error)
                return

    def take(self, one: _File, sealer: Sealer) -> None:
        """Bring one file to the new key; what fails is noted, and leaves the file as it was. Raises ClusterError."""
        try:
            with border():
                done = [_exchange(manifest, sealer, self.options.namespace) for manifest in one.manifests]
                self._write(one)
        except ClusterError:
            raise
        except CliError as error:
            note(error, one.source, self.console, self.errors)
            return
        self.is_written = True
        for line in done:
            self.console.tell(line)

    def _write(self, one: _File) -> None:
        options = self.options
        target = options.output or one.source.path
        text = join(one.documents, options.form or form_of(target))
        text = with_kubeseal_end(text) if options.manners.ends_json_with_empty_line else text
        write_result(
            self.console.stdout,
            target,
            text.encode(),
            original=None if options.output else one.original,
            source=one.original if options.output else None,
        )


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

    def __call__(self, sealed: SealedSecret, manifest: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
        with border():
            resealed = reseal(sealed, self.keyring, self.certificate)
            old = ", ".join(sorted({short(fingerprint) for fingerprint in resealed.fingerprints.values()}))
            keys = f", key {old} -> {short(self.certificate.fingerprint)}" if old else ""
            return resealed.manifest(manifest), keys


@dataclass(frozen=True)
class _TheController:
    """Has the controller seal anew."""

    controller: ControllerClient

    def __call__(self, sealed: SealedSecret, manifest: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
        answer = self.controller.rotate(json.dumps(manifest).encode())
        try:
            made = _with_type(json.loads(answer))
            json.dumps(made, ensure_ascii=False, allow_nan=False).encode()  # it can be written again
            new = SealedSecret.from_dict(made)
        except (ValueError, AttributeError, TypeError, RecursionError, ManifestError):
            raise ClusterError("the controller answered with something that is no SealedSecret", hint=_IS_IT) from None
        # Whoever answers in the controller's place must not move the object or open it to others.
        if (new.name, new.namespace, new.scope) != (sealed.name, sealed.namespace, sealed.scope):
            raise ClusterError(
                "the controller answered with an object of another name, namespace or scope", hint=_IS_IT
            )
        if _is_rendered(sealed, new):
            raise ClusterError(
                "this controller renders templates when it re-encrypts, and seals what they make as items",
                hint="use --key, or upgrade it",
            )
        return made, ""


def _without_added_namespace(made: dict[str, Any], manifest: Manifest) -> dict[str, Any]:
    """Return an object without the namespace that its file does not name."""
    if read_sealed_secret(manifest).namespace:
        return made
    metadata = {key: value for key, value in made["metadata"].items() if key != "namespace"}
    return made | {"metadata": metadata}


def _with_type(answer: dict[str, Any]) -> dict[str, Any]:
    """Return the controller's answer as an object that says what it is: upstream's has neither apiVersion nor kind."""
    return {"apiVersion": API_VERSION, "kind": KIND} | {key: value for key, value in answer.items() if value != ""}


def _is_rendered(old: SealedSecret, new: SealedSecret) -> bool:
    """Tell whether what templates make came back as items, as from upstream's controller up to 0.38."""
    more = new.items.keys() - old.items.keys()
    return old.legacy is None and bool(more) and more <= old.template.data.keys()


def _exchange(manifest: Manifest, sealer: Sealer, namespace: str) -> str:
    """Put new ciphertexts in the place of the old ones; return what is to be told of it. Raises CliError."""
    old = read_object(manifest, namespace)
    place = place_of(old)
    try:
        made, keys = sealer(old, native_in(manifest, old))
    except CliError as error:
        raise type(error)(f"{manifest.place}: {KIND} {place}: {error.message}", hint=error.hint) from None
    new = SealedSecret.from_dict(made)
    if old.legacy is None and new.items.keys() == old.items.keys():
        merge_fields(manifest.document, manifest.node, _changes(old, new))
    elif old.legacy is not None:
        manifest.replace(_without_added_namespace(made, manifest))
    else:
        raise ClusterError(f"{manifest.place}: {KIND} {place}: the controller answered with other items", hint=_IS_IT)
    return f"{manifest.place}: re-encrypted {place} ({new.scope}): {counted(len(new.items), 'item')}{keys}"


def _changes(old: SealedSecret, new: SealedSecret) -> dict[str, Any]:
    changes: dict[str, Any] = {"spec": {"encryptedData": {item: new.items[item] for item in old.items}}}
    if HINT_ANNOTATION in old.annotations:  # upstream's controller gives none back, and the old one holds no longer
        hint = new.annotations.get(HINT_ANNOTATION, "")
        changes["metadata"] = {"annotations": {HINT_ANNOTATION: hint}}
    return changes
