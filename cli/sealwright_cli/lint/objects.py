"""Rules SW1: the fields, names and labels of one SealedSecret, by what a cluster accepts."""

from collections.abc import Iterator, Mapping
from typing import Any

from sealwright_cli.lint.finding import Problem, fix_at, shown
from sealwright_cli.lint.seen import (
    ANNOTATIONS,
    ITEMS,
    MADE_METADATA,
    METADATA,
    TEMPLATE,
    TEXTS,
    Check,
    Seen,
    path_in,
)
from sealwright_cli.lint.settings import Surroundings
from sealwright_cli.messages.advice import did_you_mean, for_field, nearest
from sealwright_cli.messages.ui import visible
from sealwright_crypto import KIND, ManifestError, Scope, SealedSecret
from sealwright_manifests.kinds.fieldnames import known_fields, strange_fields
from sealwright_manifests.names import is_item_name, is_label_value, is_namespace, is_object_name, is_qualified_name
from sealwright_manifests.text.tree import Map, Scalar, behind, entries_of, text_of

_LABELS = ("metadata", "labels")
_MADE_LABELS, _MADE_ANNOTATIONS = (*MADE_METADATA, "labels"), (*MADE_METADATA, "annotations")
_TEXT_MAPS = (_LABELS, ANNOTATIONS, _MADE_LABELS, _MADE_ANNOTATIONS)
_SHAPES: tuple[tuple[tuple[str, ...], type, str], ...] = (
    (METADATA, Mapping, "a map"),
    (("metadata", "name"), str, "text"),
    (("metadata", "namespace"), str, "text"),
    *((path, Mapping, "a map of texts") for path in _TEXT_MAPS),
    (("spec",), Mapping, "a map"),
    (ITEMS, Mapping, "a map of ciphertexts"),
    (("spec", "data"), str, "text"),
    (TEMPLATE, Mapping, "a map"),
    (MADE_METADATA, Mapping, "a map"),
    ((*MADE_METADATA, "name"), str, "text"),
    ((*MADE_METADATA, "namespace"), str, "text"),
    ((*TEMPLATE, "type"), str, "text"),
    ((*TEMPLATE, "immutable"), bool, "true or false"),
    (TEXTS, Mapping, "a map of texts"),
)
"""What a field holds if it is there and not null."""
_MAPS_OF_TEXTS = {ITEMS: "a ciphertext", TEXTS: "a text"}
_ANNOTATIONS_HOLD = 256 * 1024
"""How many bytes the names and values of an object's annotations may have together, in Kubernetes."""


def _unknown_field(seen: Seen, _: Surroundings) -> Iterator[Problem]:
    for path, is_taken in strange_fields(seen.data):
        fields = known_fields(path[:-1])
        then = "a cluster takes the object and ignores the field" if is_taken else "a cluster refuses the object"
        yield Problem(
            f"{shown(path)} is not a field of a {KIND}: {then}",
            did_you_mean(nearest(path[-1], fields)) or f"the fields here are {', '.join(fields)}",
            path,
        )


def _wrong_value(seen: Seen, _: Surroundings) -> Iterator[Problem]:
    wrong = list(_wrong_shapes(seen))
    yield from wrong
    if wrong or list(_bare_value(seen, _)):
        return
    try:
        SealedSecret.from_dict(seen.data)
    except ManifestError as error:
        yield Problem(str(error), for_field(error, KIND), path_in(seen.data, error.path))


def _wrong_shapes(seen: Seen) -> Iterator[Problem]:
    for path, kind, words in _SHAPES:
        found = seen.at(path)
        if found is not None and not isinstance(found, kind):
            yield Problem(f"{shown(path)}: expected {words}, found {_kind(found)}", f"write {words} there", path)
    for path, words in _MAPS_OF_TEXTS.items():
        for name, found in seen.map_at(path).items():
            if not isinstance(found, str) and not (found is None and path is TEXTS):
                where = (*path, name)
                hint = "seal the value, and write the ciphertext" if path is ITEMS else "put the text in quotes"
                yield Problem(f"{shown(where)}: expected {words}, found {_kind(found)}", hint, where)
    for path in _TEXT_MAPS:
        for name, found in seen.map_at(path).items():
            if isinstance(found, dict | list) or found is None:
                where = (*path, name)
                yield Problem(f"{shown(where)}: expected text, found {_kind(found)}", "write one text", where)


def _bare_value(seen: Seen, _: Surroundings) -> Iterator[Problem]:
    for path in _TEXT_MAPS:
        for name, found in seen.map_at(path).items():
            if isinstance(found, bool | int | float):
                where = (*path, name)
                written = seen.node_at(where)
                text = text_of(found, written.value if isinstance(written, Scalar) else "")
                yield Problem(
                    f"{shown(where)} is {_kind(found)}, not text: a cluster refuses the object",
                    f'write "{visible(text)}", in quotes',
                    where,
                    fix_at(where, text, "puts it in quotes"),
                )


def _bare_key(seen: Seen, _: Surroundings) -> Iterator[Problem]:
    for path in (ITEMS, TEXTS, *_TEXT_MAPS):
        node = seen.node_at(path)
        for name, entry in entries_of(node) if isinstance(node, Map) else ():
            key = behind(entry.key)
            if isinstance(key, Scalar) and key.value != name:
                yield Problem(
                    f"{shown((*path, key.value))}: YAML reads this key as {shown([name])}",
                    f"put it in quotes if {shown([key.value])} is meant",
                    (*path, name),
                )


def _bad_name(seen: Seen, _: Surroundings) -> Iterator[Problem]:
    name, namespace = seen.at(("metadata", "name")), seen.at(("metadata", "namespace"))
    if name in (None, ""):
        needs = "its ciphertexts are bound to one" if seen.scope is Scope.STRICT else "every object has one"
        yield Problem(f"no metadata.name; {needs}", "write the name that it was sealed for", METADATA)
    elif isinstance(name, str) and not is_object_name(name) and "${" not in name:
        hint = "a name has at most 253 lower-case letters, digits, - and ."
        yield Problem("no object can have this metadata.name", hint, ("metadata", "name"))
    if isinstance(namespace, str) and namespace and not is_namespace(namespace) and "${" not in namespace:
        hint = "a namespace has at most 63 lower-case letters, digits and - in its name"
        yield Problem("no namespace can have the name in metadata.namespace", hint, ("metadata", "namespace"))


def _bad_label(seen: Seen, _: Surroundings) -> Iterator[Problem]:
    for path in _TEXT_MAPS:
        texts = {name: text for name, text in seen.map_at(path).items() if isinstance(text, str)}
        is_label = path[-1] == "labels"
        for name, text in texts.items():
            where = (*path, name)
            if "${" in name + (text if is_label else ""):
                continue
            if not is_qualified_name(name if is_label else name.lower()):
                hint = "a name has at most 63 letters, digits, - _ and ., and may have a domain and / before it"
                yield Problem(f"{shown(where)}: no {path[-1][:-1]} can have this name", hint, where)
            if is_label and not is_label_value(text):
                hint = "a value has at most 63 letters, digits, - _ and .; other texts belong into annotations"
                yield Problem(f"{shown(where)}: no label can have this value", hint, where)
        size = sum(len((name + text).encode(errors="replace")) for name, text in texts.items())
        if not is_label and size > _ANNOTATIONS_HOLD:
            yield Problem(f"{shown(path)}: longer than 256 KiB, the limit for annotations", "remove some", path)


def _bad_item_name(seen: Seen, _: Surroundings) -> Iterator[Problem]:
    for path in (ITEMS, TEXTS):
        for name in seen.map_at(path):
            if not is_item_name(name):
                hint = "an item's name has at most 253 letters, digits, - _ and ."
                yield Problem(f"{shown((*path, name))}: no Secret can have an item of this name", hint, (*path, name))


def _no_items(seen: Seen, _: Surroundings) -> Iterator[Problem]:
    if not (seen.map_at(ITEMS) or seen.map_at(TEXTS) or seen.is_legacy):
        where = next((path for path in (ITEMS, ("spec",)) if seen.at(path) is not None), ())
        hint = "add items with sealwright merge, or remove the object"
        yield Problem("no spec.encryptedData: the Secret will be empty", hint, where)


def _other_name(seen: Seen, _: Surroundings) -> Iterator[Problem]:
    for field in ("name", "namespace"):
        own, other = seen.text_at(("metadata", field)), seen.text_at((*MADE_METADATA, field))
        if other and own and other != own:
            where = (*MADE_METADATA, field)
            yield Problem(
                f"{shown(where)} is {visible(other)}, but the Secret always gets the {field} of the {KIND}, "
                f"{visible(own)}",
                f"write {visible(own)} there; for another {field}, seal the values again",
                where,
                fix_at(where, own, f"writes {visible(own)} there"),
            )


def _deprecated(seen: Seen, _: Surroundings) -> Iterator[Problem]:
    if seen.is_legacy:
        hint = "sealwright reencrypt turns it into encryptedData"
        yield Problem("the form spec.data is deprecated, and its items do not show", hint, ("spec", "data"))


CHECKS: Mapping[str, Check] = {
    "SW101": _unknown_field,
    "SW102": _wrong_value,
    "SW104": _bad_name,
    "SW105": _bad_label,
    "SW106": _bare_value,
    "SW107": _bad_item_name,
    "SW108": _no_items,
    "SW110": _other_name,
    "SW111": _deprecated,
    "SW112": _bare_key,
}
"""Rule → its check of one object."""


def _kind(found: Any) -> str:
    kinds = {bool: "true or false", int: "a number", float: "a number", str: "text", list: "a list", dict: "a map"}
    return "nothing" if found is None else kinds.get(type(found), "something else")
