"""Files from which a tool makes manifests, such as Helm or Jinja: distinguished from broken manifests."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from sealwright_cli.errors import CliError, InputError
from sealwright_cli.inputs import Source
from sealwright_cli.ui import Console
from sealwright_manifests.errors import BadManifestError, Problem

# {{ .Values.x }}, {{- include "x" . }}, {{/* comment */}}, {% if x %}: flow maps in YAML look different.
_ACTION = re.compile(r"""\{\{-?\s*(?:/\*|[.$"'(`]|[A-Za-z_][\w.]*[\s|}])|\{%""")


class TemplateFileError(InputError):
    """The file has to be rendered before it is a manifest."""


@contextmanager
def recognised(text: str, name: str) -> Iterator[None]:
    """Raise TemplateFileError instead of a syntax error if the text looks like a template.

    `name` is what messages call the file.
    """
    try:
        yield
    except BadManifestError as error:
        if error.problem is Problem.FIELD or not _ACTION.search(text):
            raise
        raise template_file(name) from None


def is_action(text: str) -> bool:
    """Tell whether a field's text holds a placeholder of such a tool."""
    return _ACTION.search(text) is not None


def template_file(name: str) -> TemplateFileError:
    """Return the error for a file that looks like a template."""
    return TemplateFileError(
        f"{name}: looks like a Helm template", hint="render it first (helm template), and give the result"
    )


def note(error: CliError, source: Source, console: Console, errors: list[CliError]) -> None:
    """Add an error about a source to the others; a template found in a folder only gives a warning."""
    if isinstance(error, TemplateFileError) and not source.named:
        console.warn(f"{error.message}; passed over")
    else:
        errors.append(error)
