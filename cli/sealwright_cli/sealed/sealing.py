"""Seals the Secrets of one file: chooses name, namespace and scope of each, and returns the new documents.

Does not know where documents are written; every command that seals does it through here.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sealwright_cli.files.templatefiles import TemplateFileError, check_filled, recognised
from sealwright_cli.manners import SEALWRIGHT, Manners
from sealwright_cli.messages.advice import allow_empty
from sealwright_cli.messages.border import border
from sealwright_cli.messages.errors import CliError, InputError
from sealwright_cli.messages.ui import counted, short
from sealwright_cli.sealed.doubts import doubts_of, refusal
from sealwright_cli.sealed.outer import Outer
from sealwright_conventions.records import changing_record, field, record, replace
from sealwright_conventions.words import is_plain_word
from sealwright_crypto import Certificate, Scope, Secret, scope_of, seal
from sealwright_manifests.editing.exchanging import Sealed, exchange
from sealwright_manifests.kinds.finding import Manifest, find_manifests, whole_documents
from sealwright_manifests.kinds.reading import read_secret
from sealwright_manifests.text.documents import Document, check_text, read_documents
from sealwright_manifests.text.tree import drop_repeated


@record
class SealingRules:
    """How Secrets are sealed, independent of their file.

    `scope` None leaves the decision to each Secret's annotations. `namespace` fills in a missing one and must equal an
    existing one, except for cluster-wide Secrets; `default_namespace` is called if there is still none, and may raise
    CliError. `name` replaces the Secret's. `hints` adds the annotation with the key's fingerprint.
    `outer` are labels and annotations for each SealedSecret itself.

    `default_scope` is for Secrets whose annotations set none.

    If `is_strict`, doubts about values are errors. If `manners` do not take mixed files, an object without `kind`
    counts as a Secret.
    """

    certificate: Certificate
    scope: Scope | None = None
    namespace: str = ""
    name: str = ""
    allow_empty: bool = False
    hints: bool = True
    default_namespace: Callable[[], str] | None = field(default=None, repr=False)
    manners: Manners = SEALWRIGHT
    outer: Outer = field(default_factory=Outer)
    is_strict: bool = False
    default_scope: Scope | None = None


@changing_record
class SealedFile:
    """The result of sealing one file: `documents` in which the Secrets are replaced, or only the new `objects`.

    `done` says for each Secret what was sealed, `places` are their namespaces and names, `warnings` and `errors` are
    for their authors; with errors, the documents must not be used. `already` counts SealedSecrets that were there
    before, `kinds` are all kinds found.
    """

    documents: Sequence[Document]
    done: list[str] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    errors: list[CliError] = field(default_factory=list)
    already: int = 0
    kinds: set[str] = field(default_factory=set)
    objects: list[dict[str, Any]] = field(default_factory=list)


@border()
def seal_text(text: str, name: str, rules: SealingRules) -> SealedFile:
    """Seal every Secret in a file's text; `name` is what messages call the file.

    Raises InputError if the text is not a stream of manifests, TemplateFileError if it looks like a template of one;
    errors of single Secrets are collected.
    """
    with recognised(text, name):
        documents = read_documents(text, name)
        manifests = list(find_manifests(documents)) if rules.manners.takes_mixed_files else []
    result = SealedFile(documents)
    made: list[Sealed] = []
    for manifest in manifests if rules.manners.takes_mixed_files else _only_secrets(documents, result):
        result.kinds.add(manifest.kind)
        try:
            with border(), recognised(text, name):
                result.already += manifest.is_sealed_secret
                if manifest.is_secret or not rules.manners.takes_mixed_files:
                    made.append(_seal_manifest(manifest, rules, result))
        except TemplateFileError:  # it concerns the whole file
            raise
        except CliError as error:
            result.errors.append(error)
    if not rules.manners.keeps_text:
        result.objects = [check_text(one.data, one.manifest.place) for one in made]
    elif not result.errors:
        result.warnings += exchange(documents, made)
    if repeated := [place for place, times in Counter(result.places).items() if times > 1]:
        result.warnings.append(f"{name}: several Secrets are called {', '.join(repeated)}; the last one applied wins")
    return result


def _only_secrets(documents: Sequence[Document], result: SealedFile) -> Iterator[Manifest]:
    """Yield the objects to seal where only Secrets are allowed. Raises InputError for anything else."""
    for document in documents:
        for key in drop_repeated(document.root) if document.root else ():
            result.warnings.append(f"{document.place}: the key {key} occurs twice; the last one counts")
    for document, manifest in whole_documents(documents):
        if manifest is None or not (manifest.is_secret or manifest.is_untyped):
            found = f"kind {manifest.kind}" if manifest and manifest.kind else "no Kubernetes object"
            raise InputError(
                f"{document.place}: {found}, not a Secret",
                hint="give only Secrets; sealwright seal takes mixed files and Lists",
            )
        if manifest.is_untyped:
            result.warnings.append(f"{manifest.place}: has no kind and is read as a Secret; add kind: Secret")
        yield manifest


def _seal_manifest(manifest: Manifest, rules: SealingRules, result: SealedFile) -> Sealed:
    warnings: list[str] = []
    secret = ready_to_seal(manifest, rules, warnings)
    with border(manifest.place):
        sealed = seal(secret, rules.certificate, scope=given_scope(secret, rules), hints=rules.hints)
    result.warnings += warnings
    data = rules.outer.add_to(sealed.to_dict())
    data["spec"]["encryptedData"] = {key: sealed.items[key] for key in secret.items}  # in the order of the file
    place = "/".join(filter(None, [secret.namespace, secret.name]))
    result.places.append(place)
    with_key = f"with key {short(rules.certificate.fingerprint)}, {counted(len(secret.items), 'item')}"
    result.done.append(f"{manifest.place}: sealed {place} ({sealed.scope}) {with_key}")
    return Sealed(manifest, data, tuple(secret.items.values()))


def ready_to_seal(manifest: Manifest, rules: SealingRules, warnings: list[str]) -> Secret:
    """Return a Secret with the name and namespace to seal for; warnings about it are added to the others.

    Raises InputError, and TemplateFileError for a template of a Secret.
    """
    read = read_secret(manifest)
    secret = _placed(read.secret, rules, manifest.place)
    if rules.manners.knows_templates:
        check_filled(secret, given_scope(secret, rules) or scope_of(secret.annotations), manifest.document.name)
    warnings += _doubts(secret, rules, manifest.place)
    warnings += read.warnings
    return secret


def _doubts(secret: Secret, rules: SealingRules, place: str) -> list[str]:
    """Return warnings about values that look like a mistake. Raises InputError instead if the rules are strict."""
    doubts = doubts_of(secret.items, secret.type) if rules.manners.doubts_values else []
    called = f"{place}: Secret {secret.name}"
    if doubts and rules.is_strict:
        raise refusal(doubts, called)
    return [f"{called}: {words}" for words in doubts]


def _placed(secret: Secret, rules: SealingRules, place: str) -> Secret:
    """Return the Secret with the name and namespace to seal for. Raises InputError."""
    name = rules.name or secret.name
    if not name:
        or_name = f", or give {rules.manners.name_option}" if rules.manners.name_option else ""
        raise InputError(f"{place}: the Secret has no metadata.name", hint=f"add one{or_name}")
    called = " ".join(filter(None, [f"{place}: Secret", secret.name]))  # --name may hold anything
    if not secret.items and not rules.allow_empty:
        raise InputError(f"{called}: no data to seal", hint=allow_empty(rules.manners.allow_empty))
    scope = _scope(secret, rules, called)
    if scope is Scope.CLUSTER_WIDE:
        return replace(secret, name=name)
    return replace(secret, name=name, namespace=_namespace(secret, rules, scope, called))


def _scope(secret: Secret, rules: SealingRules, called: str) -> Scope:
    annotated = scope_of(secret.annotations)
    option = rules.manners.scope_option
    if rules.scope is Scope.STRICT and annotated is not Scope.STRICT:
        raise InputError(
            f"{called}: the annotation sets {annotated} scope, {option} strict",
            hint=f"remove the annotation sealedsecrets.bitnami.com/{annotated}, or leave out {option}",
        )
    return given_scope(secret, rules) or annotated


def given_scope(secret: Secret, rules: SealingRules) -> Scope | None:
    """Return the scope that the rules set for a Secret; None if its annotations do."""
    return rules.scope or (rules.default_scope if scope_of(secret.annotations) is Scope.STRICT else None)


def _namespace(secret: Secret, rules: SealingRules, scope: Scope, called: str) -> str:
    option = rules.manners.namespace_option
    if rules.namespace and secret.namespace and rules.namespace != secret.namespace:
        another = f"is {rules.namespace}" if is_plain_word(rules.namespace) else "names another"
        raise InputError(
            f"{called}: metadata.namespace is {secret.namespace}, {option} {another}",
            hint=f"correct the file, or seal it without {option}",
        )
    namespace = secret.namespace or rules.namespace
    if not namespace and rules.default_namespace:
        namespace = rules.default_namespace()
    if not namespace:
        raise InputError(
            f"{called}: no namespace; {scope} scope needs one",
            hint=f"add metadata.namespace, or give {option}",
        )
    return namespace
