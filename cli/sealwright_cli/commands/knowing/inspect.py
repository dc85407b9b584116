"""`sealwright inspect`: what is in sealed files. Opens nothing, and asks no cluster unless told to."""

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

from sealwright_cli.certificates.request import CertificateRequest, ObtainedCertificate
from sealwright_cli.certificates.sources import certificate_at_hand, obtain_certificate
from sealwright_cli.commandline.options import (
    CERTIFICATE_OPTIONS,
    INPUTS,
    QUIET,
    REPORT_FORM,
    SEALED_NAMESPACE,
    certificate_request,
)
from sealwright_cli.commandline.projectoptions import CONFIG_OPTIONS, TARGET, projects
from sealwright_cli.commandline.spec import CERTIFICATE, Call, Option, Verb
from sealwright_cli.explaining.ciphertexts import damage_of, joined, key_bytes, value_bytes
from sealwright_cli.explaining.evidence import Evidence
from sealwright_cli.files.disk import write_stdout
from sealwright_cli.files.inputs import Source, find_sources
from sealwright_cli.files.templatefiles import note
from sealwright_cli.manners import SEALWRIGHT
from sealwright_cli.messages.border import border
from sealwright_cli.messages.errors import CliError, InputError, KubeconfigError, RefusedError
from sealwright_cli.messages.exitcodes import ExitStatus
from sealwright_cli.messages.reports import as_text, table
from sealwright_cli.messages.ui import Console, counted, short, visible
from sealwright_cli.project.settings import FileSettings, Projects
from sealwright_cli.sealed.aged import earlier
from sealwright_cli.sealed.sealedinput import place_of, read_sealed, with_namespace
from sealwright_cli.surroundings import Surroundings
from sealwright_conventions.records import changing_record, field, record, replace
from sealwright_crypto import KIND, Certificate, SealedSecret, read_hints
from sealwright_manifests.kinds.finding import Manifest
from sealwright_manifests.kinds.reading import read_sealed_secret
from sealwright_manifests.text.documents import Form

CURRENT, OLDER, UNKNOWN = "current", "older", "unknown"
HISTORY_SECONDS = 10.0
"""How long git may take for all files of a run; the ages of the rest are not known."""


@record
class InspectOptions:
    """What to inspect (files, folders, `-`; empty means standard input), and the certificate to compare with.

    `fetch` asks the cluster for the certificate. `namespace` is for objects that name none. With a `form`, the report
    is for programs. `clock` gives monotonic seconds. What the others do not say, `projects` do.
    """

    inputs: Sequence[str] = ()
    certificate: CertificateRequest = field(default_factory=CertificateRequest)
    fetch: bool = False
    namespace: str = ""
    form: Form | None = None
    surroundings: Surroundings = field(default_factory=Surroundings)
    clock: Callable[[], float] = time.monotonic
    projects: Projects = field(default_factory=lambda: Projects(is_used=False))


@record
class _Item:
    """One item: how long its value is, the bits and fingerprint of its key, as far as known, and since when it is so.

    `state` compares the key with the certificate; `damage` says what is wrong with the ciphertext.
    """

    name: str
    size: int | None
    bits: int | None
    fingerprint: str
    state: str
    sealed: datetime | None
    damage: str = ""

    def facts(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "name": self.name,
            "size": self.size,
            "key": self.fingerprint or None,
            "keyBits": self.bits,
            "state": self.state,
            "sealed": None if self.sealed is None else self.sealed.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "damage": self.damage or None,
        }

    def row(self, now: datetime) -> list[str]:
        """Return its line of the table."""
        size = f"{self.size:,} B" if self.size is not None else "-"
        key = short(self.fingerprint) if self.fingerprint else f"{self.bits} bits" if self.bits else "-"
        age = "-" if self.sealed is None else _age(now, self.sealed)
        return [self.name, size, key, f"{self.state}: {self.damage}" if self.damage else self.state, age]


@record
class _Object:
    """One SealedSecret with its items."""

    manifest: Manifest
    sealed: SealedSecret
    items: tuple[_Item, ...]

    @property
    def is_deprecated(self) -> bool:
        """Whether it has the deprecated form."""
        return self.sealed.legacy is not None

    @property
    def templates(self) -> list[str]:
        """The items that templates make."""
        return sorted(key for key, text in self.sealed.template.data.items() if text is not None)

    def facts(self) -> dict[str, Any]:
        """Return it as plain data."""
        sealed = self.sealed
        return {
            "place": self.manifest.place,
            "namespace": sealed.namespace,
            "name": sealed.name,
            "scope": str(sealed.scope),
            "form": "data" if self.is_deprecated else "encryptedData",
            "type": sealed.template.type,
            "items": [item.facts() for item in self.items],
            "templates": self.templates,
        }

    def lines(self, now: datetime) -> Iterator[str]:
        """Yield what people read."""
        parts = [counted(len(self.items), "item")]
        if self.templates:
            parts.append(counted(len(self.templates), "template"))
        if self.sealed.template.type:
            parts.append(f"type {self.sealed.template.type}")
        if self.is_deprecated:
            parts = ["the deprecated form spec.data: one ciphertext of a whole Secret"]
        yield visible(f"{self.manifest.place}: {place_of(self.sealed)} ({self.sealed.scope}), {', '.join(parts)}")
        if self.items:
            yield from table([["ITEM", "SIZE", "KEY", "STATE", "AGE"], *(one.row(now) for one in self.items)], "  ")


@border()
def inspect(options: InspectOptions, console: Console, *, now: datetime) -> ExitStatus:
    """Describe every SealedSecret on standard output; the status is that of the first error. Raises CliError."""
    run = _Run(options, console, now, options.clock() + HISTORY_SECONDS)
    found = [one for source in find_sources(options.inputs) for one in run.read(source)]
    if not (found or run.errors):
        raise InputError(f"no {KIND} in what was given", hint=f"name files with kind: {KIND}, or a folder with such")
    report = _for_people(found, run, now) if options.form is None else as_text(_facts(found, run), options.form)
    if report:
        write_stdout(console.stdout, report.encode() + b"\n")
    for one in found:
        if one.is_deprecated:
            console.warn(
                f"{one.manifest.place}: the form spec.data is deprecated; sealwright reencrypt turns it into "
                "encryptedData"
            )
    for error in run.errors:
        console.error(error)
    return run.errors[0].status if run.errors else ExitStatus.OK


@changing_record
class _Run:
    """The state of one run; `ends` is until when git may be asked, in monotonic seconds."""

    options: InspectOptions
    console: Console
    now: datetime
    ends: float
    errors: list[CliError] = field(default_factory=list)
    known: dict[tuple[str, str], ObtainedCertificate | None] = field(default_factory=dict)
    """The certificates that were compared with, by their targets; of those on the command line, the first key."""

    @property
    def obtained(self) -> list[ObtainedCertificate]:
        """The certificates that were compared with."""
        return [one for one in self.known.values() if one]

    def certificate(self, settings: FileSettings) -> Certificate | None:
        """Return the certificate to compare a file with; None if there is none. Raises CliError."""
        options = self.options
        request = settings.request_to_compare(options.certificate, asks=options.fetch)
        if request is None:
            return None
        target = settings.targets[0] if request is not options.certificate else None
        key = (target.place, target.name) if target else ("", "")
        if key not in self.known:
            self.known[key] = None
            if options.fetch:
                self.known[key] = obtain_certificate(replace(request, missing=""), self.console, self.now)
            else:
                self.known[key] = certificate_at_hand(request, self.console, self.now)
        found = self.known[key]
        return found.certificate if found else None

    def read(self, source: Source) -> Iterator[_Object]:
        """Yield the SealedSecrets of a source; errors in it, or in one of them, are collected."""
        try:
            with border():
                manifests = read_sealed(source, self.console, SEALWRIGHT)[1]
                settings = self.options.projects.settings_for(source.path, source.name)
                certificate = self.certificate(settings) if manifests else None
        except KubeconfigError:
            raise
        except (InputError, RefusedError) as error:
            note(error, source, self.console, self.errors)
            return
        left = self.ends - self.options.clock()
        past = earlier(source.path, self.options.surroundings.environ, left) if manifests and left > 0 else []
        for manifest in manifests:
            try:
                with border():
                    sealed = with_namespace(
                        read_sealed_secret(manifest), self.options.namespace, manifest.place, settings.namespace
                    )
            except InputError as error:
                self.errors.append(error)
                continue
            yield _Object(manifest, sealed, tuple(_items(Evidence(sealed, past=past), certificate)))


def _items(evidence: Evidence, certificate: Certificate | None) -> Iterator[_Item]:
    hints = read_hints(evidence.sealed.annotations)
    since: dict[str, datetime] = {}
    for version, _, _, text in evidence.seen():
        since.setdefault(text, version.when)
    for name, ciphertext in evidence.ciphertexts.items():
        size = key_bytes(ciphertext)
        damage = damage_of(ciphertext)
        hinted = hints.of(name) or ""
        yield _Item(
            name,
            value_bytes(ciphertext),
            None if size is None else size * 8,
            hinted,
            "damaged" if damage else _state(hinted, size, certificate),
            since.get(joined(ciphertext)),
            damage.words if damage else "",
        )


def _state(hinted: str, size: int | None, certificate: Certificate | None) -> str:
    """Compare an item's key with the certificate's: by the annotation, else by the size alone."""
    if certificate is None:
        return UNKNOWN
    if size is not None and size != (certificate.bits + 7) // 8:
        return OLDER
    if not hinted:
        return UNKNOWN
    return CURRENT if hinted == certificate.fingerprint else OLDER


def _for_people(found: Sequence[_Object], run: _Run, now: datetime) -> str:
    lines = [line for one in found for line in ("", *one.lines(now))]
    for one in run.obtained if found else ():
        lines += ["", visible(f"compared with {one.origin}: key {short(one.certificate.fingerprint)}")]
    return "\n".join(lines[1:])


def _facts(found: Sequence[_Object], run: _Run) -> dict[str, Any]:
    return {
        "certificates": [_certificate(one) for one in run.obtained],
        "objects": [one.facts() for one in found],
        "errors": [error.facts() for error in run.errors],
    }


def _certificate(obtained: ObtainedCertificate) -> dict[str, Any]:
    certificate = obtained.certificate
    return {
        "source": obtained.origin,
        "fingerprint": certificate.fingerprint,
        "bits": certificate.bits,
        "notBefore": certificate.not_before.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def _age(now: datetime, then: datetime) -> str:
    days = max(0, (now - then).days)
    return counted(days, "day") if days else "today"


def _run(call: Call) -> ExitStatus:
    options = InspectOptions(
        call["inputs"],
        certificate_request(call, call["cert"]),
        call["fetch"],
        call["namespace"],
        call["format"],
        call.surroundings,
        call.clock,
        projects(call),
    )
    return inspect(options, call.console, now=call.now)


CERT_TO_COMPARE = Option(
    ("--cert",),
    "Certificate to compare with (file or URL). Default: the project file's, else the cached one, if there is one.",
    "FILE|URL",
    CERTIFICATE,
    variable="SEALWRIGHT_CERT",
)

VERB = Verb(
    """\
Show what is in sealed files: items, sizes, keys, ages.

Reads files, all manifests in folders, or standard input (default, or -). Opens nothing, and asks no cluster unless
--fetch is given. A key is current if it is that of the certificate, older if it is another one, and unknown if nothing
tells. Ages come from the git history.
""",
    """\
sealwright inspect apps/
sealwright inspect --cert cert.pem sealed.yaml -o json""",
    _run,
    (INPUTS,),
    (
        CERT_TO_COMPARE,
        Option(("--fetch",), "Compare with the certificate that the controller serves now.", group=CERTIFICATE),
        SEALED_NAMESPACE,
        TARGET,
        *CONFIG_OPTIONS,
        REPORT_FORM,
        QUIET,
        *CERTIFICATE_OPTIONS,
    ),
)
