"""The text that a person edits: written from a SealedSecret, read again, with the reason of a mistake at its top."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sealwright_cli.messages.border import border
from sealwright_cli.messages.errors import CliError, InputError
from sealwright_cli.messages.ui import visible
from sealwright_cli.views import marks
from sealwright_cli.views.marks import NAME, Kept, Typed
from sealwright_conventions.records import field, record
from sealwright_crypto import HINT_ANNOTATION, Scope
from sealwright_manifests.errors import SyntaxProblemError
from sealwright_manifests.text import readable
from sealwright_manifests.text.documents import read_documents
from sealwright_manifests.text.tree import Entry, Map, Scalar, behind, entries_of, native, native_scalar

_QUOTE = "put quotes around the value, or remove that"
_REASON = "#! "
_REASONS = re.compile(r"(?:#![^\n]*\n)*")
_BY_SCOPE = {
    Scope.STRICT: "name and namespace",
    Scope.NAMESPACE_WIDE: "namespace, and to the annotation of its scope",
    Scope.CLUSTER_WIDE: "annotation of its scope",
}


@record
class Page:
    """What a text asks for: the object's `data`, and its items in the place of `spec.encryptedData`."""

    data: dict[str, Any] = field(repr=False)
    items: Mapping[str, Kept | Typed]


def written(data: Mapping[str, Any], values: Mapping[str, bytes], called: str, scope: Scope) -> str:
    """Return the text for an object's plain data; `values` stand in the place of `<sealed>`.

    The annotation about keys and the status are left out: they follow from the rest.
    """
    spec = data.get("spec") or {}
    items = spec.get("encryptedData") or {}
    shown = {name: marks.shown(values[name]) if name in values else "<sealed>" for name in items}
    page = {**data, "spec": {**spec, "encryptedData": shown}}
    page.pop("status", None)
    metadata = data.get("metadata") or {}
    if HINT_ANNOTATION in (metadata.get("annotations") or {}):
        others = {key: value for key, value in metadata["annotations"].items() if key != HINT_ANNOTATION}
        page["metadata"] = {**metadata, "annotations": others}
        if not others:
            del page["metadata"]["annotations"]
    return "\n".join([*_head(called, scope, has_values=bool(values)), *readable.lines(page), ""])


def read(text: str) -> Page | None:
    """Return what a text asks for; None if it holds nothing. Raises InputError."""
    with border():
        found = [one for one in read_documents(text, NAME) if one.root is not None]
        if not found:
            return None
        document, root = found[0], found[0].root
        if len(found) > 1 or not isinstance(root, Map):
            raise InputError(f"{NAME}: not one object", hint="keep the fields of the one SealedSecret, without ---")
        try:
            return _read(root, document.source)
        except SyntaxProblemError as problem:
            document.fail(problem)


def with_reason(text: str, check: Callable[[str], CliError | None]) -> tuple[str, CliError] | None:
    """Return a text with the reason of its mistake as a comment at the top, and the mistake; None if it has none.

    `check` finds the mistake. It is called again for the text with the comment, so that the line that a reason names is
    the one that the editor shows.
    """
    body = without_reason(text)
    if (error := check(body)) is None:
        return None
    error = check(_comment(error) + body) or error
    return _comment(error) + body, error


def without_reason(text: str) -> str:
    """Return a text without the comment of an earlier mistake."""
    found = _REASONS.match(text)
    return text[found.end() :] if found else text


def _comment(error: CliError) -> str:
    said = [f"error: {error.message}", *error.excerpt, *([f"hint: {error.hint}"] if error.hint else [])]
    return "".join(f"{_REASON}{visible(line)}\n" for line in said)


def _head(called: str, scope: Scope, *, has_values: bool) -> Sequence[str]:
    if has_values:
        kept = "# A value that you leave as it is keeps its ciphertext; one that you change or add is sealed."
    else:
        kept = "# An item that stays <sealed> keeps its ciphertext. What you write in its place is sealed."
    return (
        f"# {visible(called)}. Save this and close the editor; to change nothing, leave it as it is.",
        kept,
        "# To rename an item, change its name; <sealed NAME> is the ciphertext that the item NAME has now.",
        "# To remove an item, remove its line. <base64 TEXT> is a value that is no text.",
        f"# The ciphertexts are bound to the {_BY_SCOPE[scope]} ({scope} scope): to change that, write all values.",
        "# A value with # & ! * or : in it needs quotes. Comments and another order of fields are not taken over.",
    )


def _read(root: Map, source: str) -> Page:
    fields = dict(entries_of(root))
    spec = behind(fields["spec"].value) if "spec" in fields else None
    if not isinstance(spec, Map):
        raise InputError(f"{NAME}: no map spec in it", hint="put it back, with encryptedData and template in it")
    sealed = dict(entries_of(spec)).get("encryptedData")
    items = _items(sealed, source) if sealed else {}
    in_place = {id(sealed.value): dict.fromkeys(items, "<sealed>")} if sealed else {}
    return Page(native(root, in_place), items)


def _items(sealed: Entry, source: str) -> dict[str, Kept | Typed]:
    node = behind(sealed.value)
    if isinstance(node, Scalar) and native_scalar(node) is None:
        return {}
    if not isinstance(node, Map):
        raise InputError(f"{NAME}: spec.encryptedData: not a map of items", hint="write each item as NAME: VALUE")
    return {name: _item(name, entry, source) for name, entry in entries_of(node)}


def _item(name: str, entry: Entry, source: str) -> Kept | Typed:
    called = f"{NAME}: item {name}"
    node = behind(entry.value)
    if not isinstance(node, Scalar):
        raise InputError(f"{called}: a map or a list stands where its value is expected", hint="put quotes around it")
    if source[node.start : node.start + 1] in ("&", "!"):
        raise InputError(f"{called}: begins with & or !, which YAML does not take for a part of it", hint=_QUOTE)
    if not node.block and "#" in source[node.end :].partition("\n")[0]:
        raise InputError(f"{called}: # begins a comment, so what follows is no part of the value", hint=_QUOTE)
    if native_scalar(node) is None:
        raise InputError(f"{called}: no value", hint='write one, or "" if it is empty')
    return marks.read(node.value, called)  # a bare number or boolean is taken as it is written
