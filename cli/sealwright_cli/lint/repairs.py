"""The safe corrections of lint, written into the files: everything else in them stays byte for byte."""

from collections.abc import Mapping
from typing import Any

from sealwright_cli.files.inputs import Source
from sealwright_cli.files.rewriting import Edited, write_edited
from sealwright_cli.lint.finding import Finding
from sealwright_cli.lint.onefile import Correction, of_text
from sealwright_cli.lint.settings import Surroundings
from sealwright_cli.messages.border import border
from sealwright_cli.messages.ui import Console
from sealwright_manifests.editing.fields import merge_fields
from sealwright_manifests.kinds.finding import Manifest


def repair(source: Source, console: Console, around: Surroundings) -> list[Finding]:
    """Correct what is safely correctable in a file, write it, and return the findings that are gone.

    Raises CliError, and TemplateFileError for a template; then the file is unchanged.
    """
    text, original = source.read_original(console)
    result = of_text(text, source.name, around)
    by_object: dict[int, list[Correction]] = {}
    for correction in result.corrections:
        by_object.setdefault(id(correction.manifest.node), []).append(correction)
    for corrections in by_object.values():
        _correct(corrections[0].manifest, corrections)
    if result.corrections:
        with border():
            write_edited(console.stdout, Edited(source.path, original, result.documents), None, None)
    return [correction.finding for correction in result.corrections]


def _correct(manifest: Manifest, corrections: list[Correction]) -> None:
    changes: dict[str, Any] = {}
    for correction in corrections:
        changes = _merged(changes, correction.fix.changes)
    with border():
        merge_fields(manifest.document, manifest.node, changes)


def _merged(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    made = dict(one)
    for key, value in other.items():
        known = made.get(key)
        made[key] = _merged(known, value) if isinstance(known, Mapping) and isinstance(value, Mapping) else value
    return made
