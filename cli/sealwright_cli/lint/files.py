"""Rules SW0, about texts that cannot be read, and SW206: what shows in a text without reading objects."""

from collections.abc import Iterator

from sealwright_cli.files.templatefiles import BROKEN, recognised
from sealwright_cli.lint.finding import Problem
from sealwright_cli.lint.ignoring import Ignored
from sealwright_cli.lint.places import Lines
from sealwright_cli.messages.advice import did_you_mean, for_problem
from sealwright_cli.messages.errors import InputError
from sealwright_cli.messages.ui import visible
from sealwright_cli.sealed.sealedinput import patches_in
from sealwright_crypto import KIND
from sealwright_manifests.errors import BadManifestError

Placed = tuple[str, tuple[int, int], Problem]
"""A rule, the line and column in the file, and what it says."""


def unreadable(error: BadManifestError, text: str, name: str) -> Placed:
    """Return the finding about a text that is no stream of manifests. Raises TemplateFileError for a template."""
    rule = "SW002" if error.problem in BROKEN else "SW003"
    try:
        with recognised(text, name):
            raise error
    except BadManifestError:
        hint = for_problem(error.problem)
    except InputError as told:
        if type(told) is not InputError:
            raise
        hint = told.hint
    return rule, error.at or (1, 1), Problem(error.reason, hint)


def of_comments(ignored: Ignored) -> Iterator[Placed]:
    """Yield the findings about comments that name unknown rules."""
    for one in ignored.unknown:
        word = visible(one.word)
        yield (
            "SW004",
            (one.line, one.column),
            Problem(f"{word} is not a rule", did_you_mean(one.meant, "correct the comment, or remove it")),
        )


def of_patches(text: str) -> Iterator[Placed]:
    """Yield the findings about ciphertexts in JSON patches."""
    found = list(patches_in(text))
    lines = Lines(text if found else "")
    for offset, item in found:
        above, column = lines.place(offset)
        problem = Problem(
            f"the ciphertext of {visible(item)} is in a JSON patch: no tool finds it to re-encrypt it",
            f"write it into spec.encryptedData of a {KIND}, or into a strategic merge patch with its kind",
        )
        yield "SW206", (above + 1, column), problem
