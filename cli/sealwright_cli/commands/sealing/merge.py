"""`sealwright merge`: adds the items of a Secret to an existing SealedSecret."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from sealwright_cli.certificates.request import CertificateRequest
from sealwright_cli.certificates.sources import get_valid_certificate
from sealwright_cli.commandline.options import (
    ALLOW_EMPTY,
    CERT,
    CERTIFICATE_OPTIONS,
    FORM,
    HINTS,
    ONE_INPUT,
    OUTPUT_ELSEWHERE,
    QUIET,
    SEALED_NAMESPACE,
    STRICT,
    certificate_request,
    manifest_form,
    wants_hints,
)
from sealwright_cli.commandline.projectoptions import CONFIG_OPTIONS, TARGET, projects
from sealwright_cli.commandline.spec import Argument, Call, Verb
from sealwright_cli.files.disk import is_folder
from sealwright_cli.files.inputs import STDIN, Source, find_sources
from sealwright_cli.files.rewriting import Edited, write_edited
from sealwright_cli.files.templatefiles import check_filled, found_instead, recognised
from sealwright_cli.manners import SEALWRIGHT, Manners
from sealwright_cli.messages.advice import allow_empty
from sealwright_cli.messages.border import border
from sealwright_cli.messages.errors import InputError, UsageError
from sealwright_cli.messages.exitcodes import ExitStatus
from sealwright_cli.messages.naming import shown_path
from sealwright_cli.messages.ui import Console, counted, short
from sealwright_cli.project.settings import Projects
from sealwright_cli.sealed.doubts import doubts_of, tell
from sealwright_cli.sealed.sealedinput import check_fields, place_of
from sealwright_conventions.records import field, record, replace
from sealwright_conventions.words import is_plain_word
from sealwright_crypto import (
    HINT_ANNOTATION,
    KIND,
    Certificate,
    Fingerprint,
    Scope,
    SealedSecret,
    Secret,
    scope_of,
    seal,
    update_hint,
)
from sealwright_manifests.editing.exchanging import lines_that_repeat
from sealwright_manifests.editing.fields import merge_fields, with_end_of
from sealwright_manifests.kinds.finding import Manifest, find_manifests
from sealwright_manifests.kinds.reading import read_sealed_secret, read_secret
from sealwright_manifests.text.documents import Document, Form, read_documents


@record
class MergeOptions:
    """What to merge, and into which file.

    `target` is the file with the SealedSecret, `input` the one with the Secret (`-` is standard input). `scope` is only
    compared with the target's. `namespace` is compared as well, and used if neither file names one; without it,
    `default_namespace` is called, which may raise CliError. `output` None replaces the target. `form` None keeps its
    form, or takes that of the suffix of `output` if that is another file. `hints` adds the annotation about the key; a
    target that has the annotation gets it updated in any case. `manners` are those of the called command. If
    `is_strict`, doubts about values are errors. What the options do not say, `projects` do.
    """

    target: Path
    input: str = "-"
    certificate: CertificateRequest = field(default_factory=CertificateRequest)
    scope: Scope | None = None
    namespace: str = ""
    output: Path | None = None
    form: Form | None = None
    allow_empty: bool = False
    hints: bool = True
    default_namespace: Callable[[], str] | None = field(default=None, repr=False)
    manners: Manners = SEALWRIGHT
    is_strict: bool = False
    projects: Projects = field(default_factory=lambda: Projects(is_used=False))


@border()
def merge(options: MergeOptions, console: Console, *, now: datetime) -> ExitStatus:
    """Seal the Secret's items for the target and add them; everything else in the file stays as it is.

    Raises CliError; nothing is written then.
    """
    if str(options.target) == STDIN and options.manners.takes_mixed_files:
        raise UsageError("TARGET cannot be -", hint="name the file with the SealedSecret; the Secret may come from -")
    settings = options.projects.settings_for(options.target)
    if options.default_namespace is None:
        options = replace(options, default_namespace=lambda: settings.namespace)
    label = shown_path(options.target, options.manners.target_option)
    text, original = Source(options.target, Path(options.target.name), label=label).read_original(console)
    documents, manifest = _read_target(text, options.target)
    with recognised(text, str(options.target)):
        check_fields(manifest, console, options.manners)
        target = read_sealed_secret(manifest)
    if target.legacy is not None:
        raise InputError(
            f"{manifest.place}: nothing can be added to the deprecated spec.data",
            hint="sealwright reencrypt turns it into encryptedData",
        )
    source = _one_file(options.input)
    source.check()
    certificate = get_valid_certificate(settings.request(options.certificate), console, now)
    secret = _read_secret(source, options, console)
    if options.manners.knows_templates:
        check_filled(secret, target.scope, source.name)
    if not options.manners.merges_other_namespaces:
        _check_names(secret, target, source.name, options.target, console)
    if options.manners.doubts_values:
        called = f"{source.name}: Secret {secret.name}".strip()
        tell(doubts_of(secret.items, secret.type or target.template.type), called, console, is_strict=options.is_strict)
    sealed = _seal_for(target, secret, certificate, options)
    merge_fields(manifest.document, manifest.node, _changes(target, sealed, certificate.fingerprint, options))
    edited = Edited(options.target, original, documents)
    write_edited(console.stdout, edited, options.output, options.form, options.manners)
    for line in (line for one in documents for line in lines_that_repeat(one, secret.items.values())):
        console.warn(f"{options.target}: line {line}: a comment repeats a value that is now sealed; remove it")
    place = place_of(sealed)
    items = counted(len(sealed.items), "item")
    console.tell(
        f"{options.target}: merged {items} into {place} ({sealed.scope}) with key {short(certificate.fingerprint)}"
    )
    return ExitStatus.OK


def _read_target(text: str, path: Path) -> tuple[list[Document], Manifest]:
    with recognised(text, str(path)):
        documents = read_documents(text, str(path))
        manifests = list(find_manifests(documents))
        found = [manifest for manifest in manifests if manifest.is_sealed_secret]
    if not found:
        raise InputError(
            f"{path}: no {KIND} in it ({found_instead((one.kind for one in manifests), documents)})",
            hint=f"name the file with the {KIND} first, and the one with the Secret after it",
        )
    if len(found) > 1:
        raise InputError(
            f"{path}: {counted(len(found), KIND)} in it; merge takes a file with one",
            hint=f"name a file with one {KIND}",
        )
    return documents, found[0]


def _one_file(name: str) -> Source:
    if name != STDIN and is_folder(Path(name)):
        raise InputError(f"{name}: is a folder", hint="name the file with the Secret to merge")
    return find_sources([name])[0]


def _read_secret(source: Source, options: MergeOptions, console: Console) -> Secret:
    text = source.read(console, utf16=options.manners.reads_utf16)
    with recognised(text, source.name):
        documents = read_documents(text, source.name)
        manifests = list(find_manifests(documents))
        found = [manifest for manifest in manifests if manifest.is_secret]
    if not found:
        raise InputError(
            f"{source.name}: no Secret in it ({found_instead((one.kind for one in manifests), documents)})",
            hint="give a file with one Secret and nothing else",
        )
    others = sum(document.root is not None for document in documents) - len(found)
    if len(found) != 1 or others:
        raise InputError(
            f"{source.name}: {counted(len(found), 'Secret')}{' beside other objects' if others else ''} in it; "
            "one is to be merged",
            hint="give a file with one Secret and nothing else",
        )
    with recognised(text, source.name):
        read = read_secret(found[0])
    for warning in read.warnings:
        console.warn(warning)
    if not read.secret.items and not options.allow_empty:
        raise InputError(
            f"{source.name}: the Secret has no data to seal",
            hint=allow_empty(options.manners.allow_empty),
        )
    return read.secret


def _check_names(secret: Secret, target: SealedSecret, source: str, path: Path, console: Console) -> None:
    """Raise InputError for a Secret of another namespace than the target's; warn about another name.

    A generated Secret often has a name that says nothing; a Secret of another namespace is the wrong one.
    """
    if secret.name and secret.name != target.name:
        console.warn(
            f"{source}: Secret {secret.name}: metadata.name differs from that of the {KIND} in {path}; its items are "
            f"sealed for {target.name}"
        )
    if secret.namespace and target.namespace and secret.namespace != target.namespace:
        raise InputError(
            f"{source}: Secret {secret.name}: metadata.namespace is {secret.namespace}, and that of the {KIND} in "
            f"{path} is {target.namespace}",
            hint=f"give the Secret for that {KIND}, or remove metadata.namespace from the Secret",
        )


def _seal_for(target: SealedSecret, secret: Secret, certificate: Certificate, options: MergeOptions) -> SealedSecret:
    """Seal a Secret under the target's name, namespace and scope. Raises InputError for a scope that differs."""
    called = f"{options.target}: {KIND} {'/'.join(filter(None, [target.namespace, target.name]))}"
    annotated = scope_of(secret.annotations)
    asked = {"--scope": options.scope, "the Secret's annotation": annotated if annotated is not Scope.STRICT else None}
    for who, scope in asked.items():
        if scope not in (None, target.scope):
            raise InputError(
                f"{called}: its scope is {target.scope}, {who} sets {scope}",
                hint="all items of an object have its scope; for another scope, seal a new object",
            )
    placed = replace(secret, name=target.name, namespace=_namespace(target, secret, options, called))
    with border(called):
        return seal(placed, certificate, scope=target.scope)


def _namespace(target: SealedSecret, secret: Secret, options: MergeOptions, called: str) -> str:
    """Return the namespace to seal for: the target's, else the Secret's, else the given or the default one.

    Raises InputError if --namespace differs.
    """
    if target.scope is Scope.CLUSTER_WIDE:
        return target.namespace
    known = target.namespace or secret.namespace
    if options.namespace and known and options.namespace != known:
        whose = "its namespace" if target.namespace else "the Secret's namespace"
        another = f"is {options.namespace}" if is_plain_word(options.namespace) else "names another"
        raise InputError(
            f"{called}: {whose} is {known}, --namespace {another}", hint="leave out --namespace, or correct the file"
        )
    if not known and not options.namespace and options.default_namespace:
        known = options.default_namespace()
    namespace = known or options.namespace
    if not namespace:
        raise InputError(
            f"{called}: no namespace; {target.scope} scope needs one",
            hint="give the namespace that it was sealed for: --namespace, or metadata.namespace in the file",
        )
    return namespace


def _changes(
    target: SealedSecret, sealed: SealedSecret, fingerprint: Fingerprint, options: MergeOptions
) -> dict[str, Any]:
    """Return the fields of the target that change: items, labels and annotations of the template, and the hint."""
    items = {item: with_end_of(new, target.items.get(item, "")) for item, new in sealed.items.items()}
    changes: dict[str, Any] = {"spec": {"encryptedData": items}}
    made = sealed.template.metadata
    metadata = {key: dict(made[key]) for key in ("labels", "annotations") if made.get(key)}
    if metadata:
        changes["spec"]["template"] = {"metadata": metadata}
    if sealed.items and (options.hints or HINT_ANNOTATION in target.annotations):
        hint = update_hint(target.annotations, target.items, dict.fromkeys(sealed.items, fingerprint))
        changes["metadata"] = {"annotations": {HINT_ANNOTATION: hint}}
    return changes


def _run(call: Call) -> ExitStatus:
    options = MergeOptions(
        target=call["target"],
        input=call["file"],
        certificate=certificate_request(call, call["cert"]),
        namespace=call["namespace"],
        projects=projects(call),
        output=call["output"],
        form=manifest_form(call),
        allow_empty=call["allow_empty"],
        hints=wants_hints(call),
        is_strict=call["strict"],
    )
    return merge(options, call.console, now=call.now)


VERB = Verb(
    """\
Add or replace items of a SealedSecret.

Seals the items of the Secret in FILE (default: standard input) into the SealedSecret in TARGET, for the name,
namespace and scope of the SealedSecret; a Secret of another namespace is an error, one of another name a warning.
Everything else in TARGET stays as it is, comments and other ciphertexts included.
""",
    """\
kubectl create secret generic db --from-file=password --dry-run=client -o yaml | \\
    sealwright merge sealed.yaml
sealwright merge sealed.yaml secret.yaml""",
    _run,
    (Argument("target", "TARGET", Path, is_required=True), ONE_INPUT),
    (
        CERT,
        TARGET,
        SEALED_NAMESPACE,
        ALLOW_EMPTY,
        STRICT,
        *HINTS,
        FORM,
        OUTPUT_ELSEWHERE,
        *CONFIG_OPTIONS,
        QUIET,
        *CERTIFICATE_OPTIONS,
    ),
)
