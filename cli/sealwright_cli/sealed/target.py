"""The one SealedSecret of a file that a verb changes in place: finding it, and writing the file again."""

import re
from collections.abc import Iterable, Mapping, Sequence
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

from sealwright_cli.files.inputs import STDIN, Source
from sealwright_cli.files.replacing import Original
from sealwright_cli.files.rewriting import Edited, write_edited
from sealwright_cli.files.templatefiles import is_action, recognised
from sealwright_cli.manners import SEALWRIGHT
from sealwright_cli.messages.advice import did_you_mean, nearest
from sealwright_cli.messages.errors import CliError, InputError, UsageError
from sealwright_cli.messages.naming import shown_path
from sealwright_cli.messages.ui import Console, counted, visible
from sealwright_cli.sealed.sealedinput import check_fields, find_sealed, place_of, with_namespace
from sealwright_conventions.records import record, replace
from sealwright_crypto import KIND, SealedSecret
from sealwright_manifests.editing.fields import merge_fields
from sealwright_manifests.errors import BadManifestError
from sealwright_manifests.kinds.finding import Manifest
from sealwright_manifests.kinds.reading import read_sealed_secret
from sealwright_manifests.names import is_item_name
from sealwright_manifests.text.documents import Document

NO_ITEM_LEFT = "no item is left; the Secret will hold what template.data makes, or nothing"
"""A warning about an object whose last item went."""

_WORDS = re.compile(r"(?=.{1,48}\Z)[._-]?[A-Za-z]+(?:[-_.][A-Za-z]+)*")
_MOST_NAMED = 20  # objects or items that a hint lists


@record
class Target:
    """A SealedSecret in a file that was read, with all that is needed to write the file again."""

    source: Source
    original: Original | None
    documents: Sequence[Document]
    manifest: Manifest
    sealed: SealedSecret

    @property
    def called(self) -> str:
        """What messages call the object: file, kind, namespace and name."""
        return " ".join(filter(None, [f"{self.manifest.place}: {KIND}", place_of(self.sealed)]))

    def placed(self, namespace: str, default: str) -> "Target":
        """Return it with the object's own namespace, else `namespace`, else `default`. Raises InputError."""
        return replace(self, sealed=with_namespace(self.sealed, namespace, self.manifest.place, default))

    def write(self, changes: Mapping[str, Any], console: Console) -> None:
        """Change fields of the object, and write the file in its place, or standard input to standard output.

        Raises CliError and BadManifestError; then nothing is written.
        """
        merge_fields(self.manifest.document, self.manifest.node, changes)
        write_edited(console.stdout, Edited(self.source.path, self.original, self.documents), None, None)


def open_target(file: str, name: str, namespace: str, console: Console, *, takes_only_one: bool = False) -> Target:
    """Return the SealedSecret of a file (`-` is standard input); `name` and `namespace` choose one of several.

    With `takes_only_one`, the only one of a file is taken whatever its name. Raises CliError for a file without one,
    BadManifestError for one that cannot be read.
    """
    path = None if file == STDIN else Path(file)
    label = shown_path(path, "argument 1") if path else ""
    source = Source(path, Path(file), label=label)
    text, original = source.read_original(console)
    documents, manifests = find_sealed(text, source, console, SEALWRIGHT)
    with recognised(text, source.name):
        found = [(one, read_sealed_secret(one)) for one in manifests]
        is_only = takes_only_one and len(found) == 1
        manifest, sealed = found[0] if is_only else _choose(found, name, namespace, source.name)
    check_fields(manifest, console, SEALWRIGHT)
    if sealed.legacy is not None:
        raise InputError(
            f"{manifest.place}: the deprecated spec.data holds all items in one ciphertext, so none can be changed",
            hint="sealwright reencrypt turns it into encryptedData",
        )
    return Target(source, original, documents, manifest, sealed)


def check_items_exist(target: Target, names: Iterable[str]) -> None:
    """Raise InputError for items that the object does not have; the hint offers the nearest names."""
    missing = [name for name in names if name not in target.sealed.items]
    if not missing:
        return
    items = list(target.sealed.items)
    hint = f"its items: {listed(items)}" if items else "it has no items; sealwright set adds one"
    if near := nearest(missing[0], items):
        hint = did_you_mean(visible(near), hint if len(items) > 1 else "")
    raise InputError(f"{target.called}: no item {', '.join(map(shown_item, missing))}", hint=hint)


def complete_items(given: Mapping[str, Any], incomplete: str) -> list[str]:
    """Return the names of a file's items that begin so, for a shell; none of a file that cannot be read."""
    console = Console(BytesIO(), BytesIO(), StringIO(), lambda _: "")
    try:
        sealed = open_target(str(given.get("file") or ""), given.get("name") or "", "", console).sealed
    except (CliError, BadManifestError):
        return []
    return [name for name in sealed.items if name.startswith(incomplete)]


def check_item_name(word: str, called: str) -> str:
    """Return a word of the command line as the name of an item. Raises UsageError, which does not repeat the word."""
    if not is_item_name(word):
        raise UsageError(
            f"{called} is not a name that an item can have",
            hint="an item has letters, digits, - _ and . in its name, at most 253",
        )
    return word


def shown_item(name: str, known: Iterable[str] = ()) -> str:
    """Return a new item's name as messages show it: by words alone, else a value may stand in its place.

    The `known` ones, which the object has, are always shown.
    """
    return name if name in known or _WORDS.fullmatch(name) else "(of a name that is not repeated: it may be a value)"


def check_once(names: Sequence[str]) -> None:
    """Raise UsageError if an item is named twice."""
    for position, name in enumerate(names):
        if name in names[:position]:
            raise UsageError(f"the item {shown_item(name)} is named twice", hint="name each item once")


def templates_with(target: Target, name: str) -> list[str]:
    """Return the keys of the object's templates that seem to use an item."""
    texts = target.sealed.template.data.items()
    return [key for key, text in texts if text and is_action(text) and _mentions(text, name)]


def listed(names: Sequence[str]) -> str:
    """Return names in one line; of many, the first."""
    more = f" and {len(names) - _MOST_NAMED:,} more" if len(names) > _MOST_NAMED else ""
    return ", ".join(map(visible, names[:_MOST_NAMED])) + more


def _choose(
    found: Sequence[tuple[Manifest, SealedSecret]], name: str, namespace: str, file: str
) -> tuple[Manifest, SealedSecret]:
    fitting = [
        (manifest, sealed)
        for manifest, sealed in found
        if name in ("", sealed.name) and (namespace in ("", sealed.namespace) or not sealed.namespace)
    ]
    if len(fitting) == 1:
        return fitting[0]
    among = f"it holds {listed([place_of(sealed) or 'one without a name' for _, sealed in fitting or found])}"
    if not fitting:
        wanted = " ".join([f"called {name}"] * bool(name) + [f"in namespace {namespace}"] * bool(namespace))
        raise InputError(f"{file}: no {KIND} {wanted} in it", hint=among)
    if len({place_of(sealed) for _, sealed in fitting}) < len(fitting):
        raise InputError(f"{file}: two {KIND}s of the same name in it", hint="remove one; the last one applied wins")
    raise InputError(
        f"{file}: {counted(len(fitting), KIND)} in it, and one is to be changed",
        hint=f"choose it with --name, or --namespace too; {among}",
    )


def _mentions(text: str, name: str) -> bool:
    """Tell whether a name stands in a text, and is not a part of a longer one."""
    at = text.find(name)
    while at >= 0:
        before, behind = text[at - 1 : at], text[at + len(name) : at + len(name) + 1]
        if not any(one.isalnum() or one in "-_" for one in (before, behind) if one):
            return True
        at = text.find(name, at + 1)
    return False
