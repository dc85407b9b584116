"""`sealwright explain`: why a SealedSecret would not unseal. Gathers what is known; `explaining/` finds the causes."""

import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from sealwright_cli.certificates.request import CertificateRequest, ObtainedCertificate
from sealwright_cli.certificates.sources import certificate_at_hand, obtain_certificate
from sealwright_cli.cluster.kubeconfig import load_kubeconfig, namespace_of
from sealwright_cli.commandline.options import (
    CERTIFICATE_OPTIONS,
    ONE_INPUT,
    PRIVATE_KEYS,
    QUIET,
    REPORT_FORM,
    SEALED_NAMESPACE,
    certificate_request,
    without_cluster_name,
)
from sealwright_cli.commandline.projectoptions import CONFIG_OPTIONS, TARGET, projects
from sealwright_cli.commandline.spec import CERTIFICATE, CLUSTER, Call, Option, Verb
from sealwright_cli.explaining.causes import Cause, Likelihood, Why, command, in_order, listed
from sealwright_cli.explaining.evidence import ClusterState, Evidence, Version
from sealwright_cli.explaining.finding import NO_CLUSTER, Explanation, explain
from sealwright_cli.files.disk import write_stdout
from sealwright_cli.files.inputs import STDIN, Source, find_sources
from sealwright_cli.manners import SEALWRIGHT
from sealwright_cli.messages.border import border
from sealwright_cli.messages.errors import CliError, ClusterError, InputError, UnsealingError, UsageError
from sealwright_cli.messages.exitcodes import ExitStatus
from sealwright_cli.messages.reports import as_text
from sealwright_cli.messages.ui import Console, visible
from sealwright_cli.project.model import names_cluster
from sealwright_cli.project.settings import FileSettings, Projects
from sealwright_cli.sealed.aged import earlier
from sealwright_cli.sealed.keyfiles import read_keyring
from sealwright_cli.sealed.sealedinput import native_in, place_of, read_sealed, with_namespace
from sealwright_cli.surroundings import Surroundings
from sealwright_conventions.records import field, record, replace
from sealwright_crypto import KIND, Keyring, ManifestError, SealedSecret
from sealwright_manifests.errors import BadManifestError, Problem
from sealwright_manifests.kinds.finding import Manifest
from sealwright_manifests.kinds.reading import read_sealed_secret, read_unknown_fields
from sealwright_manifests.text.documents import Form


@record
class ExplainOptions:
    """Which file to explain (`-` is standard input), and what to ask: a certificate, private keys, the cluster.

    `namespace` is for objects that name none. With a `form`, the report is for programs. What the others do not say,
    `projects` do.
    """

    input: str = STDIN
    certificate: CertificateRequest = field(default_factory=CertificateRequest)
    keys: Sequence[str] = ()
    asks_cluster: bool = False
    namespace: str = ""
    form: Form | None = None
    surroundings: Surroundings = field(default_factory=Surroundings)
    projects: Projects = field(default_factory=lambda: Projects(is_used=False))


@record
class _Explained:
    """One object and why it would not unseal."""

    manifest: Manifest
    sealed: SealedSecret
    explanation: Explanation
    unasked: str = ""
    """Why the cluster that was to be asked was not; empty if there is no such."""

    @property
    def unchecked(self) -> list[str]:
        """What was not checked."""
        if not self.unasked:
            return list(self.explanation.unchecked)
        return [f"the cluster: {self.unasked}", *(one for one in self.explanation.unchecked if one != NO_CLUSTER)]

    def facts(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "place": self.manifest.place,
            "namespace": self.sealed.namespace,
            "name": self.sealed.name,
            "scope": str(self.sealed.scope),
            "causes": [cause.facts() for cause in self.explanation.causes],
            "notChecked": self.unchecked,
        }

    def lines(self) -> Iterator[str]:
        """Yield what people read."""
        yield visible(f"{self.manifest.place}: {place_of(self.sealed)} ({self.sealed.scope})")
        for number, cause in enumerate(self.explanation.causes, start=1):
            yield from _lines(number, cause)
        if not any(cause.is_fault for cause in self.explanation.causes):
            yield (
                "  the file shows nothing wrong; the cluster was not asked"
                if self.unasked
                else "  nothing is wrong, as far as it was checked"
            )
        for words in self.unchecked:
            yield visible(f"  not checked: {words}")


@border()
def explain_file(options: ExplainOptions, console: Console, *, now: datetime) -> ExitStatus:
    """Say why each SealedSecret of a file would not unseal; the status is that of the first object's likeliest cause.

    Raises CliError for problems of the whole run. A cluster that cannot be asked leaves what the file shows.
    """
    source, *others = find_sources([options.input])
    if others or not source.named:
        raise UsageError("explain takes one file", hint="sealwright inspect and sealwright verify take folders")
    manifests = read_sealed(source, console, SEALWRIGHT)[1]
    settings = options.projects.settings_for(source.path, source.name)
    cluster = settings.cluster_request(options.certificate) if options.asks_cluster else options.certificate
    keyring = read_keyring(options.keys) if options.keys else None
    errors = _without_cluster(cluster) if options.asks_cluster else []
    obtained = _certificate(options, settings, console, now, errors)
    past = earlier(source.path, options.surroundings.environ)
    gathered = _Gathered(options, source, settings.namespace, cluster, keyring, obtained, past, errors)
    explained = [gathered.explain(manifest, is_alone=len(manifests) == 1) for manifest in manifests]
    write_stdout(console.stdout, _report(explained, errors, options.form).encode() + b"\n")
    for error in errors:
        console.error(error)
    statuses = [cause.status for one in explained for cause in one.explanation.causes if cause.is_fault]
    return next(iter([*statuses, *(error.status for error in errors)]), ExitStatus.OK)


def _without_cluster(request: CertificateRequest) -> list[CliError]:
    """Return the error about a kubeconfig that names no cluster to ask; nothing if it does."""
    try:
        load_kubeconfig(request.cluster, request.surroundings).check_usable()
    except CliError as error:
        return [error]
    return []


def _certificate(
    options: ExplainOptions, settings: FileSettings, console: Console, now: datetime, errors: list[CliError]
) -> ObtainedCertificate | None:
    """Return the certificate to compare with: the served one, if the cluster is asked and no other is named."""
    request = settings.request_to_compare(options.certificate, asks=options.asks_cluster)
    if request is None:
        return None
    if options.asks_cluster and not request.source:
        if errors:
            return None
        try:
            return obtain_certificate(request, console, now)
        except CliError as error:
            if not isinstance(error, ClusterError) or error.final:
                errors.append(error)
            return None
    return certificate_at_hand(request, console, now)


@record
class _Gathered:
    """What is known for all objects of the file.

    `namespace` is what the project file says for those that name none, `cluster` which one is asked.
    """

    options: ExplainOptions
    source: Source
    namespace: str
    cluster: CertificateRequest
    keyring: Keyring | None
    obtained: ObtainedCertificate | None
    past: Sequence[Version]
    errors: list[CliError]

    def explain(self, manifest: Manifest, *, is_alone: bool) -> _Explained:
        """Return why an object would not unseal; it may be alone in its file. Raises InputError if it is none."""
        data = manifest.plain()
        sealed, faults = self._read(manifest, data)
        evidence = Evidence(
            sealed,
            data,
            self.source.name if self.source.path else "FILE",
            self.obtained.certificate if self.obtained else None,
            self.obtained.origin if self.obtained else "",
            self._cert_option(),
            is_alone,
            self.past,
            self.keyring,
        )
        missing: list[str] = []
        if self.options.asks_cluster and not self.errors:
            try:
                evidence = replace(evidence, cluster=self._ask(manifest, sealed, missing))
            except CliError as error:
                self.errors.append(error)
        found = explain(evidence)
        unchecked = (*found.unchecked, *missing)
        causes = tuple(in_order([*faults, *found.causes]))
        return _Explained(manifest, sealed, Explanation(causes, unchecked), self._unasked())

    def _unasked(self) -> str:
        return self.errors[0].message if self.options.asks_cluster and self.errors else ""

    def _cert_option(self) -> tuple[str, ...]:
        """Return how a command names the certificate: as the user did, but never with a URL's password."""
        source = self.options.certificate.source
        is_named = source and source != self.options.surroundings.environ.get("SEALWRIGHT_CERT")
        return ("--cert", self.obtained.origin) if is_named and self.obtained else ()

    def _read(self, manifest: Manifest, data: dict[str, Any]) -> tuple[SealedSecret, list[Cause]]:
        """Read an object, with a cause for what no cluster takes; both forms are read as the present one."""
        faults = list(self._unknown_fields(manifest))
        try:
            sealed = read_sealed_secret(manifest)
        except BadManifestError as error:
            sealed = _as_present_form(data, error)
            faults.append(self._both_forms(data))
        sealed = with_namespace(sealed, self.options.namespace, manifest.place, self.namespace)
        if self.options.asks_cluster and not (sealed.namespace or self.errors):
            applied_to = namespace_of(self.cluster.cluster, self.options.surroundings)  # by kubectl apply
            sealed = replace(sealed, namespace=applied_to)
        return sealed, faults

    def _both_forms(self, data: dict[str, Any]) -> Cause:
        items = tuple(data["spec"]["encryptedData"])
        patch = '[{"op": "remove", "path": "/spec/data"}]'
        return Cause(
            Why.BOTH_FORMS,
            Likelihood.CERTAIN,
            "holds both the deprecated spec.data and spec.encryptedData",
            (),
            (f"spec.data has a ciphertext, and spec.encryptedData has {listed(items)}",),
            "remove spec.data, by hand or with this command, which prints the result",
            (command("kubectl", "patch", "--local", "--type=json", "-p", patch, "-o", "yaml", "-f", self._file()),),
        )

    def _unknown_fields(self, manifest: Manifest) -> Iterator[Cause]:
        with suppress(BadManifestError):
            for name, is_taken in read_unknown_fields(manifest):
                if not is_taken:
                    yield Cause(
                        Why.MALFORMED,
                        Likelihood.CERTAIN,
                        f"{name} is not a field of a {KIND}; a cluster refuses it",
                        advice="correct its name; the fields of spec are encryptedData and template",
                        mend=("kubectl explain sealedsecret.spec",),
                    )

    def _file(self) -> str:
        return self.source.name if self.source.path else "FILE"

    def _ask(self, manifest: Manifest, sealed: SealedSecret, missing: list[str]) -> ClusterState | None:
        """Return what the cluster says; `missing` gets what could not be looked at. Raises CliError."""
        from sealwright_cli.cluster.controller import ControllerClient  # noqa: PLC0415 - most runs ask no cluster
        from sealwright_cli.cluster.keysecrets import existing_keys  # noqa: PLC0415 - as above
        from sealwright_cli.cluster.objectstate import read_state  # noqa: PLC0415 - as above

        request = self.cluster
        kubeconfig = load_kubeconfig(request.cluster, request.surroundings)
        with ControllerClient(kubeconfig, request.controller) as controller:
            state = read_state(controller.connection, sealed.namespace, sealed.name)
            missing += state.missing
            refusal, keys = None, None
            try:
                controller.verify(json.dumps(native_in(manifest, sealed)).encode())
                refusal = ""
            except UnsealingError as error:
                refusal = error.message
            except (ClusterError, InputError) as error:
                missing.append(f"whether the controller opens it: {error.message}")
            if refusal:
                try:
                    keys = existing_keys(controller.connection, request.controller.namespace)
                except ClusterError as error:
                    missing.append(f"which keys exist: {error.message}")
        return ClusterState(state.live, state.secret, state.events, refusal, keys)


def _as_present_form(data: dict[str, Any], error: BadManifestError) -> SealedSecret:
    """Return an object that has both forms without the deprecated one. Raises the error if that is not its fault."""
    spec = data.get("spec")
    is_both = (
        error.problem is Problem.FIELD and isinstance(spec, dict) and spec.get("data") and spec.get("encryptedData")
    )
    if not is_both or not isinstance(spec, dict):
        raise error
    try:
        return SealedSecret.from_dict(data | {"spec": {key: spec[key] for key in spec if key != "data"}})
    except ManifestError:
        raise error from None


def _lines(number: int, cause: Cause) -> Iterator[str]:
    yield visible(f"  {number}. {cause.likelihood} ({cause.why}): {cause.summary}")
    if cause.items:
        yield visible(f"     items: {listed(cause.items)}")
    for words in cause.evidence:
        yield visible(f"     evidence: {words}")
    if cause.advice:
        yield visible(f"     what helps: {cause.advice}")
    for line in cause.mend:
        yield visible(f"       {line}")


def _report(explained: Sequence[_Explained], errors: Sequence[CliError], form: Form | None) -> str:
    if form is None:
        return "\n".join(line for one in explained for line in one.lines())
    facts = {
        "objects": [one.facts() for one in explained],
        "errors": [error.facts() for error in errors],
    }
    return as_text(facts, form)


def _run(call: Call) -> ExitStatus:
    certificate = certificate_request(call, call["cert"])
    options = ExplainOptions(
        call["file"],
        certificate,
        call["key"],
        call["asks_cluster"] or (names_cluster(certificate.cluster) and not certificate.offline),
        call["namespace"],
        call["format"],
        call.surroundings,
        projects(call),
    )
    return explain_file(options, call.console, now=call.now)


VERB = Verb(
    """\
Say why a SealedSecret would not unseal.

The likeliest cause comes first, each with its evidence and the command that mends it. Reads FILE (default: standard
input), its git history, and the certificate at hand; asks no cluster unless --cluster is given, or --context or
another option that names one (without --offline). No value is ever shown. The status is 0 if nothing is wrong.
""",
    """\
sealwright explain sealed.yaml --cert cert.pem
sealwright explain sealed.yaml --cluster --context staging""",
    _run,
    (ONE_INPUT,),
    (
        replace(
            PRIVATE_KEYS,
            help="Also try these private keys, under other names, namespaces and scopes too. May be repeated.",
        ),
        Option(
            ("--cluster",),
            "Also ask the cluster: status, events, the served key, what is in the way.",
            group=CLUSTER,
            key="asks_cluster",
        ),
        SEALED_NAMESPACE,
        Option(
            ("--cert",),
            "Certificate to compare with (file or URL). Default: the served one with --cluster, else the project "
            "file's or the cached one.",
            "FILE|URL",
            CERTIFICATE,
            variable="SEALWRIGHT_CERT",
        ),
        TARGET,
        *CONFIG_OPTIONS,
        REPORT_FORM,
        QUIET,
        *without_cluster_name(CERTIFICATE_OPTIONS),
    ),
)
