"""`sealwright seal`: Secrets in files, folders or standard input → SealedSecrets."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sealwright_cli.border import border
from sealwright_cli.certificates.request import CertificateRequest
from sealwright_cli.certificates.sources import get_valid_certificate
from sealwright_cli.errors import CliError, InputError, OutputClosedError, RefusedError, UsageError
from sealwright_cli.exitcodes import ExitStatus
from sealwright_cli.files import exists, make_folder, read_file, real_path, write_file, write_result
from sealwright_cli.inputs import Source, find_sources
from sealwright_cli.manners import SEALWRIGHT, Manners
from sealwright_cli.progress import Progress
from sealwright_cli.replacing import Original
from sealwright_cli.rewriting import Edited, content_in_place
from sealwright_cli.sealing import SealedFile, SealingRules, seal_text
from sealwright_cli.templatefiles import concerns, found_instead, note
from sealwright_cli.ui import Console, counted
from sealwright_crypto import Scope
from sealwright_manifests.text.documents import Document, Form, form_of, join, new_text


@dataclass(frozen=True)
class SealOptions:
    """What to seal, how, and where to write it.

    `inputs` are files, folders and `-`; an empty one means standard input. At most one of `output` (one file for
    everything), `in_place` and `output_dir` (a file for each input) is set; without, everything goes to standard
    output. `form` None keeps each document's own form, or takes that of `output`'s suffix. `default_namespace` and
    `manners` are those of SealingRules; for kubeseal, everything goes to one output, and `form` is set.
    """

    inputs: Sequence[str] = ()
    certificate: CertificateRequest = field(default_factory=CertificateRequest)
    scope: Scope | None = None
    namespace: str = ""
    name: str = ""
    form: Form | None = None
    output: Path | None = None
    in_place: bool = False
    output_dir: Path | None = None
    allow_empty: bool = False
    hints: bool = True
    default_namespace: Callable[[], str] | None = field(default=None, repr=False)
    manners: Manners = SEALWRIGHT


@border()
def seal(options: SealOptions, console: Console, *, now: datetime, clock: Callable[[], float]) -> ExitStatus:
    """Seal everything that the options name and report the results on stderr.

    `now` (aware) decides whether the certificate has expired, `clock` (monotonic seconds) when to show progress. A
    single output is written only if everything could be sealed. Separate files are written one by one, and those that
    fail stay as they were. Raises CliError for problems of the whole run.
    """
    _check(options)
    certificate = get_valid_certificate(options.certificate, console, now)
    rules = SealingRules(
        certificate,
        options.scope,
        options.namespace,
        options.name,
        options.allow_empty,
        options.hints,
        options.default_namespace,
        options.manners,
    )
    sources = find_sources(options.inputs, besides=options.output_dir)
    run = _Run(options, console, rules, _targets(options, sources))
    try:
        with Progress(console, len(sources), "sealing", clock) as progress:
            for source in sources:
                run.take(source)
                progress.advance()
    except KeyboardInterrupt:
        if run.is_written:
            run.report()
        raise
    run.finish()
    run.report()
    return run.status


_RENEW = "sealwright reencrypt encrypts it to the newest key"
_READING = 0o044  # read permission of group and others


@dataclass
class _Run:
    """The state of one run: what was collected and written, and the errors so far."""

    options: SealOptions
    console: Console
    rules: SealingRules
    targets: dict[Source, Path]
    documents: list[Document] = field(default_factory=list)
    objects: list[dict[str, Any]] = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    errors: list[CliError] = field(default_factory=list)
    places: set[str] = field(default_factory=set)
    files: int = 0
    already: int = 0
    without: int = 0
    is_written: bool = False
    most_private: Original | None = None
    """Of the files that go to one output, the one with the fewest readers."""

    def take(self, source: Source) -> None:
        """Seal one source; on failure, the error is recorded and the file stays as it was."""
        try:
            text, original = source.read_original(self.console, utf16=self.options.manners.reads_utf16)
            if not concerns(text, source, "Secret", self.console):
                self.without += 1
                return
            with border():
                self._deliver(source, seal_text(text, source.name, self.rules), original)
        except CliError as error:
            note(error, source, self.console, self.errors)

    def finish(self) -> None:
        """Write the single output, unless something failed. Raises OutputClosedError."""
        if self.targets or self.errors:
            return
        if not self.documents:
            self.errors.append(
                InputError("every Secret in what was given is sealed already", hint=_RENEW)
                if self.already
                else InputError("no Secret (kind: Secret) in what was given", hint="check the folder's path")
            )
            return
        try:
            with border():
                text = self._text()
            write_result(self.console.stdout, self.options.output, text.encode(), source=self.most_private)
            self.is_written = True
        except OutputClosedError:
            raise
        except CliError as error:
            self.errors.append(error)

    def report(self) -> None:
        """Report what was sealed and what was not."""
        for warning in self.warnings:
            self.console.warn(warning)
        for line in self.done if self.is_written else ():
            self.console.tell(line)
        for error in self.errors:
            self.console.error(error)
        if summary := self._summary():
            self.console.tell(summary)

    @property
    def status(self) -> ExitStatus:
        """The exit status of the whole run."""
        if not self.errors:
            return ExitStatus.OK
        return ExitStatus.PARTLY_DONE if self.is_written else self.errors[0].status

    def _deliver(self, source: Source, result: SealedFile, original: Original | None) -> None:
        if self.options.name and self.options.manners.takes_mixed_files:
            self._check_names(source, result)
        self.warnings += result.warnings
        self.errors += result.errors
        if result.errors:
            return
        if not result.done:
            self._pass_over(source, result)
            return
        self.already += result.already
        if source in self.targets:
            self._replace(source, result, original)
            return
        self.documents += result.documents
        self.objects += result.objects
        if original and (self.most_private is None or original.rights & _READING < self.most_private.rights & _READING):
            self.most_private = original
        self._note(result)

    def _check_names(self, source: Source, result: SealedFile) -> None:
        """Raise InputError if --name gives two objects the same name and namespace: one would replace the other."""
        for place in result.places:
            if place in self.places:
                raise InputError(
                    f"{source.name}: --name gives two Secrets the same name, {place}",
                    hint="seal each with a --name of its own, or leave out --name",
                )
            self.places.add(place)

    def _note(self, result: SealedFile) -> None:
        self.done += result.done
        self.files += 1

    def _replace(self, source: Source, result: SealedFile, original: Original | None) -> None:
        """Write a result and record it, even if Ctrl-C comes between the two."""
        target, before = self.targets[source], self.files
        if self.options.output_dir is None:
            content = content_in_place(Edited(source.path, original, result.documents), self.options.form)
        else:
            content = join(result.documents, self.options.form).encode()
        try:
            self._write(target, content, original)
            self._note(result)
        except KeyboardInterrupt:
            if self.files == before and _holds(target, content):
                self.is_written = True
                self._note(result)
            raise

    def _text(self) -> str:
        form = self.options.form or form_of(self.options.output)
        return new_text(self.objects, form) if self.objects and form else join(self.documents, form)

    def _write(self, target: Path, content: bytes, original: Original | None) -> None:
        if self.options.output_dir is not None:
            _check_replaceable(target)
            make_folder(target.parent)
            write_file(target, content, source=original)
        else:
            write_file(target, content, original=original)
        self.is_written = True

    def _pass_over(self, source: Source, result: SealedFile) -> None:
        if source.named:
            found = "it is sealed already" if result.already else found_instead(result.kinds, result.documents)
            raise InputError(
                f"{source.name}: no Secret in it ({found})",
                hint=_RENEW if result.already else "give a file that contains a Secret (kind: Secret, capitals count)",
            )
        self.already += result.already
        self.without += not result.already

    def _summary(self) -> str:
        """Return the summary line; empty when a previous line has said it all."""
        sealed = len(self.done) if self.is_written else 0
        parts = [f"{counted(sealed, 'Secret')} sealed" + (f" in {counted(self.files, 'file')}" if sealed else "")]
        if self.already:
            parts.append(f"{self.already:,} sealed already")
        if self.without:
            parts.append(f"{counted(self.without, 'file')} without a Secret")
        if self.errors:
            parts.append(counted(len(self.errors), "error") + ("" if self.is_written else ", nothing written"))
        is_told_already = sealed + len(self.errors) == 1 and not (self.already or self.without)
        return "" if is_told_already else "; ".join(parts)


def _holds(target: Path, content: bytes) -> bool:
    try:
        return exists(target) and read_file(target) == content
    except InputError:
        return False


def _check_replaceable(target: Path) -> None:
    """Raise RefusedError if an existing file is not an earlier result."""
    problem = ""
    try:
        if exists(target) and b"SealedSecret" not in read_file(target):
            problem = "exists and does not hold a SealedSecret"
    except InputError as error:
        problem = f"exists and cannot be read ({error.message.removeprefix(f'{target}: ')})"
    if problem:
        raise RefusedError(f"{target}: {problem}", hint="move it away, or choose another folder")


def _check(options: SealOptions) -> None:
    given = {
        "--output": options.output is not None,
        "--in-place": options.in_place,
        "--output-dir": options.output_dir is not None,
    }
    chosen = [name for name, is_given in given.items() if is_given]
    if len(chosen) > 1:
        raise UsageError(f"{' and '.join(chosen)} exclude each other", hint="choose one place for the result")


def _targets(options: SealOptions, sources: Sequence[Source]) -> dict[Source, Path]:
    """Return the output file of each source; empty if all go to one output. Raises UsageError."""
    if not options.in_place and options.output_dir is None:
        return {}
    targets: dict[Source, Path] = {}
    owners: dict[Path, Source] = {}
    inputs = {real_path(source.path) for source in sources if source.path is not None}
    for source in sources:
        if source.path is None:
            raise UsageError("standard input has no file to write to", hint="use --output FILE, or name the files")
        target = source.path if options.output_dir is None else options.output_dir / source.relative
        real = real_path(target)
        if options.output_dir is not None and real in inputs:
            raise UsageError(f"--output-dir would overwrite {target}, which is read", hint="use --in-place for that")
        if real in owners:
            raise UsageError(
                f"{owners[real].name} and {source.name} would both be written to {target}",
                hint="seal each into its own folder",
            )
        owners[real], targets[source] = source, target
    return targets
