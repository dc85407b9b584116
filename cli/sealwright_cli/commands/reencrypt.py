"""`sealwright reencrypt`: re-encrypts SealedSecrets to the newest key, by the controller or with given keys."""

import contextlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sealwright_cli.border import border
from sealwright_cli.certificates.request import CertificateRequest
from sealwright_cli.certificates.sources import get_valid_certificate
from sealwright_cli.cluster.controller import ControllerClient
from sealwright_cli.cluster.kubeconfig import load_kubeconfig
from sealwright_cli.errors import CliError, ClusterError, InputError, NoClusterError, RefusedError, UsageError
from sealwright_cli.exitcodes import ExitStatus
from sealwright_cli.inputs import STDIN, Source, find_sources
from sealwright_cli.keyfiles import read_keyring
from sealwright_cli.manners import SEALWRIGHT, Manners
from sealwright_cli.replacing import Original
from sealwright_cli.rewriting import Edited, write_edited
from sealwright_cli.sealedinput import check_fields, find_sealed, native_in, patched_items, place_of, read_object
from sealwright_cli.templatefiles import note
from sealwright_cli.ui import Console, counted, short
from sealwright_crypto import (
    API_VERSION,
    HINT_ANNOTATION,
    KIND,
    Certificate,
    Keyring,
    ManifestError,
    Resealed,
    SealedSecret,
    UnsealError,
    check_form,
    read_hints,
    reseal,
)
from sealwright_manifests.editing.fields import ABSENT, exactly, merge_fields, with_end_of
from sealwright_manifests.kinds.finding import Manifest
from sealwright_manifests.text.documents import Document, Form
from sealwright_manifests.text.tree import native

_ON_THIS_KEY = "encrypted to this key already"
_IS_IT = "check what answers at the controller's address; --controller-name and --controller-namespace set it"

Sealer = Callable[[SealedSecret, Mapping[str, Any]], tuple[dict[str, Any] | None, str]]
"""(object, its manifest) → the manifest with its items encrypted again under the same label, and a text about the keys,
if known; None if every item is encrypted to the wanted key already, and how that is known; raises CliError."""


@dataclass(frozen=True)
class ReencryptOptions:
    """Which file or folder to re-encrypt (`-` is standard input), and who does it.

    `namespace` is for objects that name none. With `keys`, files with private keys, it is done here, to `certificate`;
    without them, the controller that `certificate` names does it. `output` None rewrites the file itself. `form` None
    keeps the file's form, or takes that of the suffix of `output` if that is another file. With `keys`, an object whose
    items are all encrypted to the key of `certificate` stays as it is, unless `force`.
    """

    input: str = STDIN
    keys: Sequence[str] = ()
    certificate: CertificateRequest = field(default_factory=CertificateRequest)
    output: Path | None = None
    form: Form | None = None
    namespace: str = ""
    force: bool = False
    manners: Manners = SEALWRIGHT


@border()
def reencrypt(options: ReencryptOptions, console: Console, *, now: datetime) -> ExitStatus:
    """Encrypt every item of the SealedSecrets again, in one file or all files of a folder; all else stays as it is.

    A single file is written only if all of its objects succeed; in a folder, each file whose objects succeed is
    written. Raises CliError for problems of the whole run.
    """
    if options.force and not options.keys:
        raise UsageError("--force needs --key", hint="give the private keys; the controller encrypts every item again")
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
    run.summarise()
    if not run.errors:
        return ExitStatus.OK
    return ExitStatus.PARTLY_DONE if run.is_written else run.errors[0].status


@dataclass(frozen=True)
class _File:
    """The content read from one file."""

    source: Source
    original: Original | None
    documents: list[Document]
    manifests: list[Manifest]


@dataclass
class _Run:
    """The state of one run: what was written, and the errors so far."""

    options: ReencryptOptions
    console: Console
    errors: list[CliError] = field(default_factory=list)
    is_written: bool = False
    again: int = 0
    unchanged: int = 0
    left: int = 0
    """How many files were not tried, since the cluster could not be asked."""

    def read(self, source: Source) -> Iterator[_File]:
        """Yield a source if it holds SealedSecrets; its errors are recorded."""
        manners = self.options.manners
        try:
            text, original = source.read_original(self.console, utf16=manners.reads_utf16)
            for item in patched_items(text):
                self.console.warn(
                    f"{source.name}: the ciphertext of {item} is in a JSON patch, and is not re-encrypted: "
                    "seal the value again"
                )
            with border():
                documents, manifests = find_sealed(text, source, self.console, manners)
                for manifest in manifests:
                    check_fields(manifest, self.console, manners)
        except (InputError, RefusedError) as error:
            note(error, source, self.console, self.errors)
            return
        if manifests:
            yield _File(source, original, documents, manifests)

    def take_all(self, found: Sequence[_File], sealer: Sealer) -> None:
        """Re-encrypt files, until all are done or the cluster cannot be asked."""
        for number, one in enumerate(found, start=1):
            try:
                self.take(one, sealer)
            except ClusterError as error:  # no other object would succeed
                self.errors.append(error)
                self.left = len(found) - number
                return

    def summarise(self) -> None:
        """Show how many objects were re-encrypted, unless a single line has said it all."""
        if self.again + self.unchanged + self.left + len(self.errors) == 1:
            return
        parts = [f"{counted(self.again, KIND)} re-encrypted"]
        if self.unchanged:
            parts.append(f"{self.unchanged:,} unchanged")
        if self.errors:
            parts.append(counted(len(self.errors), "error"))
        if self.left:
            parts.append(f"{counted(self.left, 'file')} not tried")
        self.console.tell("; ".join(parts))

    def take(self, one: _File, sealer: Sealer) -> None:
        """Re-encrypt one file; on failure, the error is recorded and the file stays as it was. Raises ClusterError."""
        try:
            with border():
                done = [_exchange(manifest, sealer, self.options) for manifest in one.manifests]
                self._write(one, is_changed=any(each.is_changed for each in done))
        except ClusterError:
            raise
        except CliError as error:
            note(error, one.source, self.console, self.errors)
            return
        self.is_written = True
        self.again += sum(each.is_changed for each in done)
        self.unchanged += sum(not each.is_changed for each in done)
        for each in done:
            (self.console.warn if each.is_odd else self.console.tell)(each.told)

    def _write(self, one: _File, *, is_changed: bool) -> None:
        """Write a file's result; a file in which nothing changes is not replaced by itself."""
        options = self.options
        edited = Edited(one.source.path, one.original, one.documents)
        if is_changed or options.form or not edited.is_at(options.output):
            write_edited(self.console.stdout, edited, options.output, options.form, options.manners)


@contextlib.contextmanager
def _sealer(options: ReencryptOptions, console: Console, now: datetime) -> Iterator[Sealer]:
    request = options.certificate
    if options.keys:
        keyring = read_keyring(options.keys)
        yield _KeysAtHand(keyring, get_valid_certificate(request, console, now), options.force)
        return
    kubeconfig = load_kubeconfig(request.cluster, request.surroundings)
    try:
        client = ControllerClient(kubeconfig, request.controller)
    except NoClusterError as error:
        here = "; or do it here, with --key and --cert" if options.manners.reencrypts_here else ""
        raise NoClusterError(error.message, hint=f"{error.hint}{here}") from None
    with client as controller:
        yield _TheController(controller)


@dataclass(frozen=True)
class _KeysAtHand:
    """Re-encrypts here, with private keys from files."""

    keyring: Keyring
    certificate: Certificate
    force: bool = False

    def __call__(self, sealed: SealedSecret, manifest: Mapping[str, Any]) -> tuple[dict[str, Any] | None, str]:
        left: Mapping[str, str] = {}
        with border(opening=(sealed, self.keyring)):
            try:
                resealed = reseal(sealed, self.keyring, self.certificate)
            except UnsealError as error:
                left = self._left_alone(sealed, error)
                if not left:
                    raise
                if left.keys() == sealed.items.keys():
                    return None, f"{_ON_THIS_KEY}, as its annotation says; that key was not given to check it"
                items = {item: ciphertext for item, ciphertext in sealed.items.items() if item not in left}
                resealed = reseal(replace(sealed, items=items), self.keyring, self.certificate)
            if not (left or self.force) and self._is_current(sealed, resealed):
                return None, _ON_THIS_KEY
            made = resealed.manifest(manifest)
        made["spec"]["encryptedData"] |= left
        old = ", ".join(sorted({short(fingerprint) for fingerprint in resealed.fingerprints.values()}))
        keys = f", key {old} -> {short(self.certificate.fingerprint)}" if old else ""
        rest = f"; {', '.join(left)} stayed: {_ON_THIS_KEY}, as the annotation says" if left else ""
        return made, keys + rest

    def _left_alone(self, sealed: SealedSecret, error: UnsealError) -> Mapping[str, str]:
        """Return the items that no given key opens, but that are on the wanted key as the annotation says.

        So the same command can be run again. Their private key is the new one, which its owner may keep elsewhere. If
        it was given, they are damaged.
        """
        is_at_hand = self.certificate.fingerprint in self.keyring.fingerprints
        if self.force or is_at_hand or sealed.legacy is not None:
            return {}
        hints = read_hints(sealed.annotations)
        unopened = [item for item in error.items if item not in error.damaged]
        on_key = [item for item in unopened if hints.of(item) == self.certificate.fingerprint]
        return {item: sealed.items[item] for item in on_key}

    def _is_current(self, sealed: SealedSecret, resealed: Resealed) -> bool:
        """Tell whether the wanted key opened every item, and the annotation, if there is one, says so too.

        The annotation alone proves nothing: anybody can write it.
        """
        key = self.certificate.fingerprint
        is_recorded = sealed.annotations.get(HINT_ANNOTATION, key) == key
        return sealed.legacy is None and is_recorded and set(resealed.fingerprints.values()) <= {key}


@dataclass(frozen=True)
class _Done:
    """The message about one object, whether the object changed, and whether the message is a warning."""

    told: str
    is_changed: bool = True
    is_odd: bool = False


@dataclass(frozen=True)
class _TheController:
    """Has the controller re-encrypt."""

    controller: ControllerClient

    def __call__(self, sealed: SealedSecret, manifest: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
        with border():
            check_form(sealed)
        answer = self.controller.rotate(json.dumps(manifest).encode())
        try:
            made = _with_type(json.loads(answer))
            json.dumps(made, ensure_ascii=False, allow_nan=False).encode()  # checks that it can be written
            new = SealedSecret.from_dict(made)
        except (ValueError, AttributeError, TypeError, RecursionError, ManifestError):
            raise ClusterError(
                "the controller answered with something that is not a SealedSecret", hint=_IS_IT
            ) from None
        # An impostor of the controller must not move the object or widen its scope.
        if (new.name, new.namespace, new.scope) != (sealed.name, sealed.namespace, sealed.scope):
            raise ClusterError(
                "the controller answered with an object of another name, namespace or scope", hint=_IS_IT
            )
        if _is_rendered(sealed, new):
            raise ClusterError(
                "this controller renders templates when it re-encrypts, and seals their output as items",
                hint="use --key, or upgrade the controller",
            )
        return made, ""


def _with_type(answer: dict[str, Any]) -> dict[str, Any]:
    """Add apiVersion and kind to the controller's answer: upstream's controller leaves both out."""
    return {"apiVersion": API_VERSION, "kind": KIND} | {key: value for key, value in answer.items() if value != ""}


def _is_rendered(old: SealedSecret, new: SealedSecret) -> bool:
    """Tell whether template output came back as items, as from upstream's controller up to 0.38."""
    more = new.items.keys() - old.items.keys()
    return old.legacy is None and bool(more) and more <= old.template.data.keys()


def _exchange(manifest: Manifest, sealer: Sealer, options: ReencryptOptions) -> _Done:
    """Replace the old ciphertexts by new ones. Raises CliError."""
    old = read_object(manifest, options.namespace)
    place = place_of(old)
    if not old.items and old.legacy is None and options.manners.keeps_text:
        return _Done(
            f"{manifest.place}: unchanged {place} ({old.scope}): holds no items", is_changed=False, is_odd=True
        )
    try:
        sealed = sealer(old, native_in(manifest, old))
    except CliError as error:
        raise type(error)(f"{manifest.place}: {KIND} {place}: {error.message}", hint=error.hint) from None
    made, keys = sealed
    if made is None:
        items = counted(len(old.items), "item")
        return _Done(f"{manifest.place}: unchanged {place} ({old.scope}): {items}, {keys}", is_changed=False)
    new = SealedSecret.from_dict(made)
    if old.legacy is None and new.items.keys() != old.items.keys():
        raise ClusterError(f"{manifest.place}: {KIND} {place}: the controller answered with other items", hint=_IS_IT)
    merge_fields(manifest.document, manifest.node, _changes(old, new, manifest))
    again = [item for item, ciphertext in new.items.items() if ciphertext != old.items.get(item)]
    items = counted(len(again), "item")
    form = "; the deprecated spec.data became encryptedData and template" if old.legacy is not None else ""
    return _Done(f"{manifest.place}: re-encrypted {place} ({new.scope}): {items}{keys}{form}")


def _changes(old: SealedSecret, new: SealedSecret, manifest: Manifest) -> dict[str, Any]:
    items = {item: with_end_of(new.items[item], ciphertext) for item, ciphertext in old.items.items()}
    changes: dict[str, Any] = {"spec": {"encryptedData": items} if old.legacy is None else _present_form(new, manifest)}
    if HINT_ANNOTATION in old.annotations:  # upstream's controller returns no hint, and the old one is outdated
        hint = new.annotations.get(HINT_ANNOTATION, "")
        changes["metadata"] = {"annotations": {HINT_ANNOTATION: hint}}
    return changes


def _present_form(new: SealedSecret, manifest: Manifest) -> dict[str, Any]:
    """Return the changes of `spec` that replace the deprecated `data`, which also held the template."""
    spec = new.to_dict()["spec"]
    template = native(manifest.node)["spec"].get("template")
    return {"data": ABSENT, "encryptedData": spec["encryptedData"], "template": exactly(template, spec["template"])}
