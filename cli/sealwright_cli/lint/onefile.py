"""One file's text into findings: reads its objects, runs the rules, and leaves out what comments switch off."""

from collections.abc import Mapping
from typing import Any

from sealwright_cli.files.templatefiles import TemplateFileError, is_action
from sealwright_cli.lint import ciphers, files, made, objects, plaintext, templates
from sealwright_cli.lint.finding import Finding, Fix, Problem, fix_at
from sealwright_cli.lint.ignoring import Ignored, read_comments
from sealwright_cli.lint.places import Places
from sealwright_cli.lint.seen import ANNOTATIONS, ITEMS, Check, Seen, called
from sealwright_cli.lint.settings import Surroundings
from sealwright_cli.messages.advice import for_problem
from sealwright_conventions.records import changing_record, field, record
from sealwright_crypto import API_VERSION, KIND, Scope, read_hints
from sealwright_manifests.errors import BadManifestError
from sealwright_manifests.errors import Problem as TextProblem
from sealwright_manifests.kinds.finding import Manifest, find_manifests, is_almost_sealed, is_almost_secret
from sealwright_manifests.text.documents import Document, read_documents

CHECKS: Mapping[str, Check] = {
    **objects.CHECKS,
    **ciphers.CHECKS,
    **templates.CHECKS,
    **made.CHECKS,
    **plaintext.CHECKS,
}
"""Rule → its check of one SealedSecret; the other rules are about texts, Secrets or several files."""
_BOUND = (("metadata", "name"), ("metadata", "namespace"), ITEMS)
"""Where only a template of another tool has placeholders."""
_TOLD_OF_CIPHERTEXT = slice(8, 56)
"""The part of a ciphertext by which copies are found: random, behind the length of the session key."""


@record
class Sealed:
    """What rules between files need of a SealedSecret: its names, where it is, which key it names, for which target.

    `ciphertexts` has a part of each ciphertext, with its item's place. If it is not `is_compared`, a comment
    switches off the rule about names.
    """

    file: str
    at: tuple[int, int]
    about: str
    namespace: str
    name: str
    scope: Scope
    key: str
    target: str = ""
    ciphertexts: tuple[tuple[str, str, tuple[int, int]], ...] = field(default=(), repr=False)
    is_compared: bool = True


@record
class Correction:
    """A safe correction of an object, and its finding."""

    finding: Finding
    manifest: Manifest
    fix: Fix


@changing_record
class FileResult:
    """What one file shows. `skipped` says why it was not examined; only `of_text` fills `corrections`."""

    name: str
    findings: list[Finding] = field(default_factory=list)
    sealed: list[Sealed] = field(default_factory=list)
    skipped: str = ""
    documents: list[Document] = field(default_factory=list, repr=False)
    corrections: list[Correction] = field(default_factory=list, repr=False)


def of_text(text: str, name: str, around: Surroundings) -> FileResult:
    """Return all findings in a file's text; `name` is what messages call the file. Raises TemplateFileError."""
    examination = _Examination(name, around, read_comments(text))
    for placed in [*files.of_comments(examination.ignored), *files.of_patches(text)]:
        examination.add(*placed)
    try:
        examination.result.documents = read_documents(text, name)
    except BadManifestError as error:
        examination.add(*files.unreadable(error, text, name))
    for document in examination.result.documents:
        try:
            for manifest in find_manifests([document]):
                examination.examine(manifest, text)
        except BadManifestError as error:
            examination.add(*files.unreadable(error, text, name))
    examination.result.findings.sort()
    return examination.result


class _Examination:
    """The examination of one file."""

    def __init__(self, name: str, around: Surroundings, ignored: Ignored) -> None:
        self.result = FileResult(name)
        self.ignored = ignored
        self._around = around
        self._places = Places()

    def add(
        self,
        rule: str,
        at: tuple[int, int],
        problem: Problem,
        about: str = "",
        manifest: Manifest | None = None,
    ) -> None:
        """Add a finding, unless its rule does not run there."""
        if not self._runs(rule, at[0]):
            return
        fix = problem.fix.says if problem.fix else ""
        finding = Finding(self.result.name, *at, rule, problem.message, problem.hint, about, fix)
        self.result.findings.append(finding)
        if problem.fix and manifest:
            self.result.corrections.append(Correction(finding, manifest, problem.fix))

    def examine(self, manifest: Manifest, text: str) -> None:
        """Run the rules about one object. Raises BadManifestError for one that cannot be read as data."""
        if not (is_almost_sealed(manifest.kind) or is_almost_secret(manifest.kind)):
            return
        data = manifest.plain()
        try:
            is_sealed, is_secret = manifest.is_sealed_secret, manifest.is_secret
        except BadManifestError as error:
            files.unreadable(error, text, self.result.name)  # raises for a template
            self._add_all("SW103", manifest, data, [_almost(error, manifest)])
            is_sealed, is_secret = False, is_almost_secret(manifest.kind)
        if is_sealed:
            self._examine_sealed(Seen(manifest, data, self._places))
        elif is_secret:
            for rule, found in plaintext.of_secret(data):
                self._add_all(rule, manifest, data, [found])

    def _examine_sealed(self, seen: Seen) -> None:
        is_template = any(_holds_action(seen.at(path)) for path in _BOUND)
        if is_template:
            self.result.skipped = "looks like a Helm template"
        for rule, check in CHECKS.items():
            if rule in self._around.rules and (not is_template or rule == "SW303"):
                self._add_all(rule, seen.manifest, seen.data, check(seen, self._around))
        if not is_template:
            self.result.sealed.append(self._sealed(seen))

    def _add_all(self, rule: str, manifest: Manifest, data: Mapping[str, Any], found: Any) -> None:
        for problem in found:
            at = self._places.of(manifest, problem.path)
            self.add(rule, at, problem, called(manifest.kind, data), manifest)

    def _sealed(self, seen: Seen) -> Sealed:
        at = self._places.of(seen.manifest, ("metadata", "name"))
        ciphertexts = []
        if "SW205" in self._around.rules:
            for item, text in seen.items.items():
                where = self._places.of(seen.manifest, (*ITEMS, item))
                if not self.ignored.covers("SW205", where[0]):
                    ciphertexts.append((item, text[_TOLD_OF_CIPHERTEXT], where))
        return Sealed(
            self.result.name,
            at,
            seen.called,
            seen.text_at(("metadata", "namespace")) or self._around.namespace,
            seen.text_at(("metadata", "name")),
            seen.scope,
            read_hints(seen.map_at(ANNOTATIONS)).default or "",
            self._around.target,
            tuple(ciphertexts),
            is_compared=self._runs("SW109", at[0]),
        )

    def _runs(self, rule: str, line: int) -> bool:
        return rule in self._around.rules and not self.ignored.covers(rule, line)


def _almost(error: BadManifestError, manifest: Manifest) -> Problem:
    path = ("apiVersion",) if error.problem is TextProblem.SECRET_VERSION or manifest.kind == KIND else ("kind",)
    is_only_misspelt = path == ("kind",) and is_almost_sealed(manifest.kind) and manifest.api_version == API_VERSION
    fix = fix_at(path, KIND, f"writes {KIND}") if is_only_misspelt else None
    return Problem(f"{error.reason}: no cluster takes it", for_problem(error.problem), path, fix)


def _holds_action(found: Any) -> bool:
    if isinstance(found, Mapping):
        return any(_holds_action(value) for value in found.values())
    return isinstance(found, str) and is_action(found)


def skipped(name: str, reason: TemplateFileError) -> FileResult:
    """Return the result for a file that was not examined."""
    return FileResult(name, skipped=reason.message.removeprefix(f"{name}: "))
