"""What a run of `sealwright reencrypt` counts and says: what became of files, errors, a summary, the exit status."""

from collections.abc import Mapping, Sequence
from typing import Any

from sealwright_cli.files.disk import write_stdout
from sealwright_cli.messages.errors import CliError
from sealwright_cli.messages.exitcodes import ExitStatus
from sealwright_cli.messages.reports import as_text
from sealwright_cli.messages.ui import Console, counted, stopped
from sealwright_cli.sealed.renewing import Renewed
from sealwright_conventions.records import changing_record, field, record
from sealwright_crypto import KIND
from sealwright_manifests.text.documents import Form


@record
class Outcome:
    """What became of one file: what is to be shown, its errors, how many objects it holds."""

    said: str = ""
    renewed: Sequence[Renewed] = ()
    errors: Sequence[CliError] = ()
    is_written: bool = False
    is_last: bool = False
    """Whether no other file would succeed either: the cluster cannot be asked."""


@changing_record
class Report:
    """The state of one run: what was found and written, and the errors so far.

    With a `form`, what was found is reported on standard output, as plain data.
    """

    console: Console
    writes: bool = True
    is_check: bool = False
    form: Form | None = None
    objects: list[Mapping[str, Any]] = field(default_factory=list)
    errors: list[CliError] = field(default_factory=list)
    found: int = 0
    files: int = 0
    """How many files are written, or are on the newest key already."""
    is_written: bool = False
    again: int = 0
    unchanged: int = 0
    left: int = 0
    """How many files were not tried, since the cluster could not be asked, or there is no certificate."""

    def take(self, outcome: Outcome | None) -> None:
        """Show and count what became of a file; None is one that was not tried."""
        if outcome is None:
            self.left += 1
            return
        self.console.pass_on(outcome.said)
        self.errors += outcome.errors
        self.found += len(outcome.renewed)
        self.files += outcome.is_written
        self.is_written |= outcome.is_written
        self.again += sum(each.is_changed for each in outcome.renewed)
        self.unchanged += sum(not each.is_changed for each in outcome.renewed)
        self.objects += [each.facts for each in outcome.renewed]
        for each in outcome.renewed:
            if each.is_odd or self.form is None:
                (self.console.warn if each.is_odd else self.console.tell)(each.told)

    def finish(self) -> None:
        """Show the report, the errors, and a summary. Raises OutputError."""
        if self.form is not None:
            facts = {"objects": self.objects, "errors": [error.facts() for error in self.errors], "notTried": self.left}
            write_stdout(self.console.stdout, as_text(facts, self.form).encode() + b"\n")
        for error in self.errors:
            self.console.error(error)
        self.summarise()

    def summarise(self) -> None:
        """Show how many objects were re-encrypted, unless a single line has said it all."""
        if self.form is None and self.again + self.unchanged + self.left + len(self.errors) == 1:
            return
        what = "re-encrypted" if self.writes else "not on the newest key"
        parts = [f"{counted(self.again, KIND)} {what}"]
        if self.unchanged:
            parts.append(f"{self.unchanged:,} unchanged")
        if self.errors:
            parts.append(counted(len(self.errors), "error"))
        if self.left:
            parts.append(f"{counted(self.left, 'file')} not tried")
        self.console.tell("; ".join(parts))

    def stop(self, files: int) -> None:
        """Show how far it came before Ctrl-C; so many files were to be done."""
        self.summarise()
        if self.writes and files > 1:
            self.console.tell(stopped(self.files, files))

    def status(self) -> ExitStatus:
        """Return the exit status of the run: what a check finds counts also if something else could not be read."""
        if self.is_check and self.again:
            return ExitStatus.PARTLY_DONE
        if self.errors:
            return ExitStatus.PARTLY_DONE if self.is_written else self.errors[0].status
        return ExitStatus.OK
