"""Files that are not manifests: templates of a tool, such as Helm or Jinja, and broken files that a folder holds.

A file that the user named has to be usable. A file that was found in a folder may be none of the command's business.
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import pairwise

from sealwright_cli.files.inputs import OtherFileError, Source
from sealwright_cli.messages.errors import CliError, InputError
from sealwright_cli.messages.ui import Console
from sealwright_conventions.patterns import pattern
from sealwright_crypto import API_VERSION, KIND, Scope, Secret
from sealwright_manifests.errors import BadManifestError, Problem
from sealwright_manifests.text.documents import Document, read_documents

# {{ .Values.x }}, {{- include "x" . }}, {{/* comment */}}, {% if x %}: flow maps in YAML look different.
_ACTION = pattern(r"""\{\{-?\s*(?:/\*|[.$"'(`]|[A-Za-z_][\w.]*[\s|}])|\{%""")

_KIND_FIELD = r"""(?i)\bkind["']?\s*:\s*["']?"""
_MISSPELT = {
    "Secret": pattern(_KIND_FIELD + r"(?:sealed[\s_-]?)?secrets?\b"),
    "SealedSecret": pattern(_KIND_FIELD + r"sealed[\s_-]?secrets?\b"),
}
"""The field `kind` with one of the words in any capitals, which the readers of manifests then refuse."""
BROKEN = frozenset(
    (
        *(Problem.SYNTAX, Problem.JSON, Problem.JSON_TEXT, Problem.CHARACTER, Problem.SECOND_DOCUMENT),
        Problem.CONFLICT,
    )
)
"""What no program reads; the other problems concern valid YAML that Kubernetes does not take."""
_OF_OBJECTS = frozenset((Problem.SECRET_KIND, Problem.SECRET_VERSION, Problem.SEALED_SECRET_TYPE))
"""Problems of apiVersion and kind, which only a placeholder in these explains."""
_NO_TEMPLATES = frozenset((Problem.FIELD, Problem.CONFLICT))
"""Problems that no placeholder explains."""
_OUR_VERSION = pattern(rf"""(?m)^ *apiVersion: *["']?{re.escape(API_VERSION)}\b""")
_OUR_KIND = pattern(rf"""(?m)^ *kind: *["']?{KIND}\b""")
_FIELD_OF_MAPS = pattern(r"(\w+):\s*(?:#.*)?$")
_QUOTING = (
    "put a template in single quotes, or in a block behind |, since it holds double quotes itself; a file that is a "
    "Helm template has to be rendered first"
)


class TemplateFileError(InputError):
    """The file has to be rendered before it is a manifest."""


def concerns(text: str, source: Source, kind: str, console: Console) -> bool:
    """Tell whether a command about objects of this kind has to read a file: the user named it, or it holds the word.

    A misspelt kind counts too. A file found in a folder without the word gives a warning if it cannot be parsed: it may
    be a damaged manifest.
    """
    if source.named or kind in text or _MISSPELT[kind].search(text):
        return True
    try:
        read_documents(text, source.name)
    except BadManifestError as error:
        if error.problem in BROKEN and not is_action(text):
            console.warn(f"{error}; skipped")
    return False


@contextmanager
def recognised(text: str, name: str) -> Iterator[None]:
    """Raise TemplateFileError instead of a syntax error if the text looks like a template.

    `name` is what messages call the file. A SealedSecret whose own templates are badly quoted is none: for that,
    InputError is raised.
    """
    try:
        yield
    except BadManifestError as error:
        if error.problem in _NO_TEMPLATES or not is_action(error.reason if error.problem in _OF_OBJECTS else text):
            raise
        if error.problem not in _OF_OBJECTS and _holds_own_templates_only(text):
            raise InputError(str(error), hint=_QUOTING) from None
        raise template_file(name) from None


def _holds_own_templates_only(text: str) -> bool:
    """Tell whether a text is that of SealedSecrets in which every placeholder stands below template.data.

    It cannot be parsed, so the indentation has to tell. A tool's template has placeholders elsewhere, as in the name.
    """
    if not (_OUR_VERSION.search(text) and _OUR_KIND.search(text)):
        return False
    around: list[tuple[int, str]] = []
    for line in text.splitlines():
        content = line.lstrip(" ")
        if not content or content.startswith("#"):
            continue
        indent = len(line) - len(content)
        while around and around[-1][0] >= indent:
            around.pop()
        if is_action(line) and ["template", "data"] not in [[one, other] for (_, one), (_, other) in pairwise(around)]:
            return False
        if found := _FIELD_OF_MAPS.match(content):
            around.append((indent, found[1]))
    return True


def is_action(text: str) -> bool:
    """Tell whether a field's text holds a placeholder of such a tool."""
    return _ACTION.search(text) is not None


def template_file(name: str) -> TemplateFileError:
    """Return the error for a file that looks like a template."""
    return TemplateFileError(
        f"{name}: looks like a Helm template", hint="render it first (helm template), and give the result"
    )


def check_filled(secret: Secret, scope: Scope, name: str) -> None:
    """Raise TemplateFileError if a name that ciphertexts of this scope are bound to is a tool's placeholder.

    `name` is what messages call the file.
    """
    bound = {Scope.STRICT: secret.namespace + secret.name, Scope.NAMESPACE_WIDE: secret.namespace}.get(scope, "")
    if is_action(bound):
        raise template_file(name)


def found_instead(kinds: Iterable[str], documents: Iterable[Document]) -> str:
    """Return what a file holds in the place of the wanted objects: their kinds, if it holds any."""
    if named := sorted(set(filter(None, kinds))):
        return f"found: {', '.join(named)}"
    is_empty = all(document.root is None for document in documents)
    return "it is empty" if is_empty else "it holds no Kubernetes object"


def note(error: CliError, source: Source, console: Console, errors: list[CliError]) -> None:
    """Add an error about a source to the others; what a folder holds besides manifests only gives a warning."""
    if isinstance(error, TemplateFileError | OtherFileError) and not source.named:
        console.warn(f"{error.message}; skipped")
    else:
        errors.append(error)
