"""Many files: on all cores if there are many, and the rules about what shows only between files."""

import os
from collections.abc import Iterator, Sequence

from sealwright_cli.files import parallel
from sealwright_cli.files.inputs import NotTextError, OtherFileError, Source
from sealwright_cli.files.templatefiles import TemplateFileError
from sealwright_cli.lint.finding import Finding
from sealwright_cli.lint.onefile import FileResult, Sealed, of_text, skipped
from sealwright_cli.lint.placing import Placing
from sealwright_cli.lint.settings import Surroundings
from sealwright_cli.messages.errors import CliError, InputError, RefusedError
from sealwright_cli.messages.ui import Console
from sealwright_conventions.records import changing_record, field
from sealwright_crypto import Scope

_WORTHWHILE = 100
"""For fewer files, starting processes takes longer than they save."""


@changing_record
class TreeResult:
    """What all files show: results in the order of the sources, with the errors of those that could not be read."""

    files: list[FileResult] = field(default_factory=list)
    errors: list[CliError] = field(default_factory=list)

    @property
    def findings(self) -> list[Finding]:
        """All findings, by file, as files were named, and line."""
        return [finding for one in self.files for finding in one.findings]


def lint_sources(sources: Sequence[Source], console: Console, placing: Placing) -> TreeResult:
    """Examine files. A file that cannot be read is an error; the others are done all the same.

    Raises CliError for a project file that cannot be used.
    """
    for source in sources:
        placing(source)  # before processes are forked: a certificate is read once

    def one(source: Source) -> FileResult | CliError:
        return examine(source, console, placing(source))

    result = TreeResult()
    for found in parallel.each(one, sources, _WORTHWHILE):
        if isinstance(found, CliError):
            result.errors.append(found)
        else:
            result.files.append(found)
    add_between(result.files)
    return result


def examine(source: Source, console: Console, around: Surroundings) -> FileResult | CliError:
    """Return what one file shows, as plain data, or the error of one that cannot be read."""
    try:
        text = source.read(console)
    except OtherFileError as error:
        return FileResult(source.name, skipped=error.message.removeprefix(f"{source.name}: "))
    except NotTextError as error:
        return _no_text(source, error, around)
    except (InputError, RefusedError) as error:
        return error
    try:
        made = of_text(text, source.name, around)
    except TemplateFileError as error:
        return skipped(source.name, error)
    made.documents, made.corrections = [], []
    return made


def _no_text(source: Source, error: NotTextError, around: Surroundings) -> FileResult:
    reason = error.message.removeprefix(f"{source.name}: ")
    finding = Finding(source.name, 1, 1, "SW001", reason, error.hint)
    return FileResult(source.name, [finding] if "SW001" in around.rules else [])


def add_between(files: Sequence[FileResult]) -> None:
    """Add the findings that show only between objects, and sort those of each file."""
    by_name = {one.name: one for one in files}
    sealed = [one for file in files for one in file.sealed]
    for find in (_of_one_name, _copied):
        for finding in find(sealed):
            by_name[finding.file].findings.append(finding)
    for file in files:
        file.findings.sort()


def _of_one_name(sealed: Sequence[Sealed]) -> Iterator[Finding]:
    """Yield the later of two objects that a cluster would take for one.

    Files for two targets are for two clusters. In two folders of one repository, the same name is mostly that of two
    clusters: there, the key has to be the same.
    """
    seen: dict[tuple[str, ...], Sealed] = {}
    for one in sealed:
        if not (one.name and one.is_compared):
            continue
        name = (one.target, one.namespace, one.name)
        keys = [("folder", os.path.dirname(one.file), *name)]  # noqa: PTH120 - thousands of times
        if one.key and one.namespace:
            keys.append(("cluster", one.key, *name))
        if first := next((seen[key] for key in keys if key in seen), None):
            where = f"{first.file}:{first.at[0]}" if first.file != one.file else f"line {first.at[0]}"
            yield Finding(
                one.file,
                *one.at,
                "SW109",
                f"the same object stands in {where}; the one applied last wins",
                "merge them (sealwright merge), or remove one",
                one.about,
            )
        for key in keys:
            seen.setdefault(key, one)


def _copied(sealed: Sequence[Sealed]) -> Iterator[Finding]:
    seen: dict[str, tuple[Sealed, str, tuple[int, int]]] = {}
    for one in sealed:
        for item, part, at in one.ciphertexts:
            other, its_item, its_place = seen.setdefault(part, (one, item, at))
            if other is not one and part and _is_bound_elsewhere(one, other):
                yield Finding(
                    one.file,
                    *at,
                    "SW205",
                    f"spec.encryptedData.{item}: the ciphertext of {other.about} ({other.file}:{its_place[0]}, "
                    f"{its_item}); it opens in one of the two only",
                    "seal the value for this object",
                    one.about,
                )


def _is_bound_elsewhere(one: Sealed, other: Sealed) -> bool:
    """Tell whether two objects have different labels, as far as their names are known."""
    if one.scope is not other.scope:
        return True
    if one.scope is Scope.CLUSTER_WIDE:
        return False
    other_namespace = bool(one.namespace and other.namespace and one.namespace != other.namespace)
    return other_namespace or (one.scope is Scope.STRICT and one.name != other.name)
