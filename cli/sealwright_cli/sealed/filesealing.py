"""Seals one file after the other, and writes the results that go to files of their own.

Counts and reports nothing: what became of a file is a value that can be passed between processes.
"""

from collections.abc import Mapping
from io import StringIO
from pathlib import Path

from sealwright_cli.files.disk import made_folder, write_file
from sealwright_cli.files.inputs import Source
from sealwright_cli.files.replacing import Original
from sealwright_cli.files.rewriting import Edited, content_in_place
from sealwright_cli.files.templatefiles import concerns, found_instead, note
from sealwright_cli.manners import SEALWRIGHT, Manners
from sealwright_cli.messages.border import border
from sealwright_cli.messages.errors import CliError, InputError
from sealwright_cli.messages.ui import Console
from sealwright_cli.sealed.resultplaces import check_replaceable, holds
from sealwright_cli.sealed.sealing import SealedFile, SealingRules, seal_text
from sealwright_conventions.records import changing_record, field, record, replace
from sealwright_manifests.text.documents import Form, form_of, join

RENEW = "sealwright reencrypt encrypts it to the newest key"


@changing_record
class Outcome:
    """What became of one file.

    `said` was shown meanwhile. `place` is the file of its own that the result was written to, unless it is the source.
    `result` has no documents any more if it is written. `is_without` tells that the file does not concern us,
    `is_stopped` that Ctrl-C came when the result had just been written.
    """

    said: str = ""
    result: SealedFile = field(default_factory=lambda: SealedFile([]))
    errors: list[CliError] = field(default_factory=list)
    original: Original | None = None
    is_without: bool = False
    is_written: bool = False
    place: Path | None = None
    is_stopped: bool = False

    @property
    def is_sealed(self) -> bool:
        """Whether Secrets were sealed and nothing failed."""
        return bool(self.result.done) and not self.errors


@record
class FileSealer:
    """Seals one source after the other by its rules.

    The result of a source that is in `targets` is written there; `in_place` means that the target is the source.
    `form` None keeps each document's own. `console` has the streams that a single file needs.
    """

    console: Console
    rules: Mapping[Source, SealingRules]
    targets: Mapping[Source, Path]
    in_place: bool = False
    form: Form | None = None
    manners: Manners = SEALWRIGHT
    names: set[str] | None = None
    """The namespaces and names so far, if one --name may give two objects the same."""

    def __call__(self, source: Source) -> Outcome:
        """Seal one source; on failure, the error is recorded and the file stays as it was."""
        said = StringIO()
        console = replace(self.console, stderr=said) if source.path is not None else self.console
        outcome = Outcome()
        try:
            self._seal(source, outcome, console)
        except CliError as error:
            note(error, source, console, outcome.errors)
        outcome.said = said.getvalue()
        return outcome

    def _seal(self, source: Source, outcome: Outcome, console: Console) -> None:
        text, outcome.original = source.read_original(console, utf16=self.manners.reads_utf16)
        if not concerns(text, source, "Secret", console):
            outcome.is_without = True
            return
        with border():
            result = outcome.result = seal_text(text, source.name, self.rules[source])
            if self.names is not None:
                _add_names(self.names, source, result)
            outcome.errors += result.errors
            if not result.errors and not result.done:
                self._pass_over(source, outcome)
            if source in self.targets:
                if outcome.is_sealed:
                    self._replace(source, outcome)
                result.documents = []

    def _pass_over(self, source: Source, outcome: Outcome) -> None:
        """Raise InputError for a file without a Secret if the user named it."""
        result = outcome.result
        if source.named:
            found = "it is sealed already" if result.already else found_instead(result.kinds, result.documents)
            raise InputError(
                f"{source.name}: no Secret in it ({found})",
                hint=RENEW if result.already else "give a file that contains a Secret (kind: Secret, capitals count)",
            )
        outcome.is_without = not result.already

    def _replace(self, source: Source, outcome: Outcome) -> None:
        """Write a result and record it, even if Ctrl-C comes between the two. Raises CliError."""
        target, documents = self.targets[source], outcome.result.documents
        if self.in_place:
            content = content_in_place(Edited(source.path, outcome.original, documents), self.form)
        else:
            content = join(documents, self.form or _form_for(target, source.path)).encode()
        try:
            self._write(target, content, outcome.original)
        except KeyboardInterrupt:
            if not holds(target, content):
                raise
            outcome.is_stopped = True
        outcome.is_written = True
        outcome.place = None if self.in_place else target

    def _write(self, target: Path, content: bytes, original: Original | None) -> None:
        if self.in_place:
            write_file(target, content, original=original)
            return
        check_replaceable(target)
        with made_folder(target.parent):
            write_file(target, content, source=original)


def _form_for(target: Path, source: Path | None) -> Form | None:
    """Return the form that a result's name says, if it is another one than its source's name says."""
    named = form_of(target)
    return named if named is not form_of(source) else None


def _add_names(names: set[str], source: Source, result: SealedFile) -> None:
    """Raise InputError if --name gives two objects the same name and namespace: one would replace the other."""
    for place in result.places:
        if place in names:
            raise InputError(
                f"{source.name}: --name gives two Secrets the same name, {place}",
                hint="seal each with a --name of its own, or leave out --name",
            )
        names.add(place)
