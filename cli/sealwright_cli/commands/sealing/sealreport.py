"""What a run of `sealwright seal` counts and says: the Secrets that were sealed, warnings, errors and a summary."""

from pathlib import Path

from sealwright_cli.messages.errors import CliError
from sealwright_cli.messages.ui import Console, counted
from sealwright_cli.sealed.filesealing import Outcome
from sealwright_cli.sealed.resultplaces import went_to
from sealwright_conventions.records import changing_record, field


@changing_record
class Report:
    """What there is to say so far, of so many `sources`.

    `done` has a line for each Secret, `is_written` tells whether anything was written.
    """

    sources: int = 1
    done: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    errors: list[CliError] = field(default_factory=list)
    files: int = 0
    already: int = 0
    without: int = 0
    is_written: bool = False

    def count(self, outcome: Outcome, target: str, place: Path | None) -> None:
        """Count what became of one source.

        `target` is the name of the target that it was sealed for, if any, `place` the file that is to be told.
        """
        result = outcome.result
        self.warnings += result.warnings
        self.errors += outcome.errors
        if outcome.errors:
            return
        self.already += result.already
        self.without += outcome.is_without
        self.is_written |= outcome.is_written
        if result.done:
            self.done += [f"{line}{went_to(target, place)}" for line in result.done]
            self.files += 1

    def show(self, console: Console) -> None:
        """Show what was sealed and what was not."""
        for warning in self.warnings:
            console.warn(warning)
        for line in self.done if self.is_written else ():
            console.tell(line)
        for error in self.errors:
            console.error(error)
        if summary := self._summary():
            console.tell(summary)

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
        others_wait = self.sources > 1 and self.done and not self.is_written
        is_told_already = sealed + len(self.errors) == 1 and not (self.already or self.without or others_wait)
        return "" if is_told_already else "; ".join(parts)
