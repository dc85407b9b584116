"""`sealwright kustomize`: seals the Secrets that Kustomize has made. Kustomize calls it, in one of two ways.

As a KRM function, it gets a ResourceList and returns one, with errors among its `results`:
https://github.com/kubernetes-sigs/kustomize/blob/master/cmd/config/docs/api-conventions/functions-spec.md.
As an exec plug-in, all that the one in kubectl runs, it gets manifests, and its configuration as a file.

Kustomize keeps notes in annotations, by which references to renamed Secrets are found: they stay on the object, and do
not get into the Secret. The suffix that it would append to the name is not asked for: it would come after sealing, and
the ciphertexts are bound to the name.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from sealwright_cli.certificates.request import CertificateRequest
from sealwright_cli.certificates.sources import get_valid_certificate
from sealwright_cli.commandline.options import QUIET
from sealwright_cli.commandline.spec import Argument, Call, Verb
from sealwright_cli.files.disk import read_file, read_stream, write_stdout
from sealwright_cli.manners import KUSTOMIZE
from sealwright_cli.messages.border import border
from sealwright_cli.messages.errors import CertificateError, CliError, InputError
from sealwright_cli.messages.exitcodes import ExitStatus
from sealwright_cli.messages.ui import Console, visible
from sealwright_cli.project.settings import FileSettings, Projects
from sealwright_cli.sealed.outer import Outer
from sealwright_cli.sealed.sealing import SealingRules, seal_text
from sealwright_cli.surroundings import Surroundings
from sealwright_conventions.records import field, record
from sealwright_crypto import Certificate, Scope
from sealwright_manifests.kinds.finding import is_almost_secret
from sealwright_manifests.names import is_namespace
from sealwright_manifests.text.documents import Form, join, new_text
from sealwright_manifests.text.plaindata import read_plain

_LIST = "ResourceList"
_FIELDS = {"cert": str, "fingerprints": list, "scope": str, "namespace": str, "allowEmpty": bool}
"""The fields of the configuration's `spec`, and their types."""
_TYPES = {str: "a text", list: "a list", bool: "true or false"}
_NOTES = ("internal.config.kubernetes.io/", "config.kubernetes.io/", "config.k8s.io/", "kustomize.config.k8s.io/")
"""How the annotations begin that Kustomize writes for itself."""
_SUFFIX_WANTED = ("internal.config.kubernetes.io/needsHashSuffix", "kustomize.config.k8s.io/needs-hash")


@record
class KustomizeOptions:
    """The file with the configuration; None if a ResourceList on standard input holds it."""

    config: Path | None = None
    surroundings: Surroundings = field(default_factory=Surroundings)
    projects: Projects = field(default_factory=Projects)


@record
class _Config:
    """What the configuration says."""

    cert: str = ""
    fingerprints: Sequence[str] = ()
    scope: Scope | None = None
    namespace: str = ""
    allow_empty: bool = False


@border()
def kustomize(options: KustomizeOptions, console: Console, *, now: datetime) -> ExitStatus:
    """Seal the Secrets among the manifests on standard input. Raises CliError.

    Nothing but sealed Secrets is written, and nothing at all of the manifests if one cannot be sealed.
    """
    manifests = read_plain(read_stream(console.stdin, "standard input"), "standard input")
    if options.config is not None:
        found = read_plain(read_file(options.config), "the configuration")
        sealed = _sealed(manifests, found[0] if found else {}, options, console, now)
        write_stdout(console.stdout, new_text(sealed, Form.YAML).encode())
        return ExitStatus.OK
    given = manifests[0] if len(manifests) == 1 else None
    if not isinstance(given, dict) or given.get("kind") != _LIST or not isinstance(given.get("items"), list):
        raise InputError(
            f"standard input: not a {_LIST}, which Kustomize gives to functions",
            hint="docs/guides/kustomize.md shows how Kustomize calls this; to seal files: sealwright seal",
        )
    try:
        sealed = _sealed(given["items"], given.get("functionConfig"), options, console, now)
    except CliError as error:
        failed = {**_head(given), "items": [], "results": [_result(error)]}
        write_stdout(console.stdout, new_text([failed], Form.YAML).encode())
        raise
    write_stdout(console.stdout, new_text([{**given, "items": sealed}], Form.YAML).encode())
    return ExitStatus.OK


def _head(given: Mapping[str, Any]) -> dict[str, Any]:
    return {key: given[key] for key in ("apiVersion", "kind") if key in given}


def _result(error: CliError) -> dict[str, Any]:
    message = f"{error.message} ({error.hint})" if error.hint else error.message
    return {"message": visible(message), "severity": "error"}


def _sealed(
    manifests: Sequence[Any], config: Any, options: KustomizeOptions, console: Console, now: datetime
) -> list[Any]:
    """Return the manifests with SealedSecrets in the place of Secrets. Raises CliError."""
    said = _read(config)
    settings = options.projects.settings_for(None, "Kustomize's Secrets")
    secrets = [at for at, one in enumerate(manifests) if _may_be_secret(one)]
    if not secrets:
        console.warn("no Secret among the manifests: nothing is sealed")
        return list(manifests)
    certificate = get_valid_certificate(_request(said, settings, options.surroundings), console, now)
    made = list(manifests)
    for at in secrets:
        made[at] = _seal(manifests[at], _rules(certificate, said, settings), console)
    return made


def _may_be_secret(manifest: Any) -> bool:
    """Tell whether sealing has to look at a manifest: it also refuses one that is only almost a Secret.

    A list counts if one of its objects does; those of a SecretList need no kind of their own.
    """
    kind = manifest.get("kind") if isinstance(manifest, dict) else None
    if not isinstance(kind, str):
        return False
    items = manifest.get("items")
    if kind.endswith("List") and kind != "SecretList":
        return isinstance(items, list) and any(_may_be_secret(one) for one in items)
    return kind == "SecretList" or is_almost_secret(kind)


def _read(config: Any) -> _Config:
    """Return what the configuration says. Raises InputError."""
    spec = config.get("spec", {}) if isinstance(config, dict) else {}
    if not isinstance(spec, dict):
        raise InputError("the configuration: spec is not a map", hint="write spec: {cert: cert.pem}")
    for name, value in spec.items():
        if name not in _FIELDS:
            raise InputError(
                f"the configuration: spec.{visible(name)} is not a field of it", hint=f"fields: {', '.join(_FIELDS)}"
            )
        if not isinstance(value, _FIELDS[name]):
            raise InputError(
                f"the configuration: spec.{name} is not {_TYPES[_FIELDS[name]]}",
                hint="docs/guides/kustomize.md has an example",
            )
    scope = spec.get("scope")
    if scope is not None and scope not in [str(one) for one in Scope]:
        raise InputError(
            "the configuration: spec.scope is no scope", hint=f"scopes: {', '.join(str(one) for one in Scope)}"
        )
    namespace = spec.get("namespace", "")
    if namespace and not is_namespace(namespace):
        raise InputError(
            "the configuration: spec.namespace: no namespace can have this name",
            hint="a namespace has at most 63 lower-case letters, digits and - in its name",
        )
    fingerprints = [str(one) for one in spec.get("fingerprints", [])]
    return _Config(
        spec.get("cert", ""), fingerprints, Scope(scope) if scope else None, namespace, spec.get("allowEmpty", False)
    )


def _request(said: _Config, settings: FileSettings, surroundings: Surroundings) -> CertificateRequest:
    """Return the certificate to seal with: the configuration's, the project file's, the environment's; no cluster's.

    Raises CertificateError if none of them names one, InputError if the project file does not say which one.
    """
    source = said.cert or surroundings.environ.get("SEALWRIGHT_CERT") or None
    given = CertificateRequest(
        source,
        said.fingerprints,
        surroundings=surroundings,
        is_default=not said.cert,
        called="the file of spec.cert" if said.cert else "the file that SEALWRIGHT_CERT names",
        pinned_by="spec.fingerprints",
        written_in="the configuration, spec.cert" if said.cert else "",
        counted_from="the folder of kustomization.yaml",
        has_options=False,
    )
    try:
        request = settings.request(given)
    except InputError as error:
        raise InputError(error.message, hint="name one certificate in the configuration: spec.cert") from None
    if not request.source:
        raise CertificateError(
            "no certificate to seal with, and Kustomize's build asks no cluster",
            hint="name one in the configuration, spec.cert: cert.pem; sealwright cert fetch writes it",
        )
    return request


def _rules(certificate: Certificate, said: _Config, settings: FileSettings) -> SealingRules:
    return SealingRules(
        certificate,
        said.scope,
        said.namespace,
        allow_empty=said.allow_empty,
        default_namespace=lambda: settings.namespace,
        manners=KUSTOMIZE,
        default_scope=settings.scope,
        outer=Outer(settings.labels, settings.annotations),
    )


def _seal(manifest: Mapping[str, Any], rules: SealingRules, console: Console) -> Any:
    """Return the SealedSecret of a Secret, with Kustomize's notes. Raises CliError."""
    own, notes = _without_notes(manifest)
    result = seal_text(json.dumps(own), "Kustomize's output", rules)
    for error in result.errors:
        raise error
    for warning in result.warnings:
        console.warn(warning)
    for line in result.done:
        console.tell(line)
    kept = {name: text for name, text in notes.items() if name not in _SUFFIX_WANTED}
    if not result.done:
        return manifest
    sealed = json.loads(join(result.documents, Form.JSON))
    return Outer(annotations=kept).add_to(sealed) if kept else sealed


def _without_notes(manifest: Mapping[str, Any]) -> tuple[Mapping[str, Any], dict[str, str]]:
    """Return a manifest without Kustomize's notes, and those; where there are no annotations, it stays as it is.

    What has a wrong type there is left for those who read the Secret to tell.
    """
    metadata = manifest.get("metadata")
    annotations = metadata.get("annotations") if isinstance(metadata, Mapping) else None
    if not isinstance(metadata, Mapping) or not isinstance(annotations, Mapping):
        return manifest, {}
    notes = {name: text for name, text in annotations.items() if name.startswith(_NOTES) and isinstance(text, str)}
    own = {name: text for name, text in annotations.items() if name not in notes}
    return {**manifest, "metadata": {**metadata, "annotations": own}}, notes


def _run(call: Call) -> ExitStatus:
    return kustomize(KustomizeOptions(call["config"], call.surroundings), call.console, now=call.now)


VERB = Verb(
    """\
Seal the Secrets that Kustomize makes, as its function or plug-in.

Kustomize calls this, as sealwright-kustomize: with a ResourceList on standard input, or with manifests there and its
configuration in the file CONFIG. The certificate is the one that the configuration, the project file or SEALWRIGHT_CERT
names; no cluster is asked. docs/guides/kustomize.md shows how to set it up.
""",
    """\
cat resources.yaml | sealwright kustomize
kubectl kustomize . | sealwright kustomize seal.yaml""",
    _run,
    (Argument("config", "[CONFIG]", Path),),
    (QUIET,),
)
