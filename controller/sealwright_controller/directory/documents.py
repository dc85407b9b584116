"""YAML and JSON files as plain data in JSON's terms, read within limits; and plain data as YAML.

A file may be anybody's, hostile or half-written, and may hold a secret: what is said of a bad one is the place and
the kind of the mistake, and quotes nothing. Knows nothing of Kubernetes but `kind: List`.
"""

import io
import json
import math
import re
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

from ruamel.yaml import YAML
from ruamel.yaml.nodes import ScalarNode
from ruamel.yaml.representer import SafeRepresenter

from sealwright_controller.directory.treebuilder import (
    MAX_DEPTH,
    MAX_DIGITS,
    MAX_NODES,
    UnusableFileError,
    check_size,
)
from sealwright_controller.directory.yamlreader import load_yaml

# Also one that is cut off, so that no quotation mark is looked at twice.
_JSON_TEXT = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)', re.DOTALL)
_BYTE_ORDER_MARKS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
# What any reader of YAML, of version 1.1 or 1.2, takes for text without quotes.
_PLAIN_TEXT = re.compile(r"[A-Za-z][A-Za-z0-9_./:-]*[A-Za-z0-9]")
_WORDS_OF_YAML = frozenset({"yes", "no", "on", "off", "true", "false", "null"})
_NEVER_FOLD = 1 << 20


def load_documents(content: bytes, *, is_json: bool, max_nodes: int = MAX_NODES) -> list[Any]:
    """Read the documents of a file: maps, lists, texts, numbers, true, false and None.

    Dates stay texts; merge keys and aliases are resolved. Raises UnusableFileError for what is no YAML or JSON, for
    duplicate keys, and for more nodes than `max_nodes`, aliases expanded, or deeper ones than MAX_DEPTH; nothing else.
    """
    try:
        text = content.decode(_BYTE_ORDER_MARKS.get(content[:2], "utf-8-sig"))
    except UnicodeDecodeError:
        raise UnusableFileError("not UTF-8 text") from None
    try:
        return [_load_json(text, max_nodes)] if is_json else load_yaml(text, max_nodes)
    except UnusableFileError:
        raise
    except Exception:  # noqa: BLE001 - on some malformed texts parsers fail in ways that they do not declare
        raise UnusableFileError(f"cannot be read as {'JSON' if is_json else 'YAML'}") from None


def objects_in(document: Any) -> Iterator[Any]:
    """Yield the objects of a document: itself, or the items of a `List` of any kind; nothing for an empty document."""
    if isinstance(document, Mapping) and str(document.get("kind", "")).endswith("List") and "items" in document:
        items = document["items"]
        yield from items if isinstance(items, list) else []
    elif document is not None:
        yield document


def dump_document(value: Any) -> bytes:
    """Return plain data as one YAML document, keys in their order, in UTF-8."""
    stream = io.BytesIO()
    _writer().dump(value, stream)
    return stream.getvalue()


def _load_json(text: str, max_nodes: int) -> Any:
    _refuse_crowds(text, max_nodes)
    try:
        value = json.loads(
            text,
            object_pairs_hook=_without_duplicates,
            parse_int=_integer,
            parse_float=_fraction,
            parse_constant=_no_constant,
        )
    except json.JSONDecodeError as error:
        raise UnusableFileError(f"line {error.lineno}, column {error.colno}: {error.msg}") from None
    except RecursionError:
        raise UnusableFileError("nested too deeply") from None
    check_size(value, max_nodes)
    return value


def _refuse_crowds(text: str, max_nodes: int) -> None:
    """Count what separates and encloses values before they are built: twice as many as there are values, or fewer."""
    # A text has two quotation marks; those in it are escaped. So no crowd of texts is gone through.
    is_crowd = text.count('"') - text.count('\\"') > 2 * max_nodes + 1
    structure = text if is_crowd else _JSON_TEXT.sub("", text)
    opened = structure.count("[") + structure.count("{")
    if is_crowd or structure.count(",") + structure.count(":") + opened > 2 * max_nodes:
        is_open = opened - structure.count("]") - structure.count("}") > MAX_DEPTH
        raise UnusableFileError("nested too deeply" if is_open else f"more than {max_nodes} values")


def _integer(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise UnusableFileError(f"a number of more than {MAX_DIGITS} digits")
    return int(digits)


def _fraction(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise UnusableFileError("a number that is too large")
    return number


def _no_constant(name: str) -> NoReturn:
    raise UnusableFileError(f"{name}, which JSON has no word for")


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise UnusableFileError("a key is there twice")
    return made


class _Representer(SafeRepresenter):
    """Writes dicts in their order, and quotes every text that some version of YAML could take for something else."""

    def represent_text(self, text: str) -> ScalarNode:
        plain = _PLAIN_TEXT.fullmatch(text) and text.lower() not in _WORDS_OF_YAML
        node: ScalarNode = self.represent_scalar("tag:yaml.org,2002:str", text, style=None if plain else '"')
        return node

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - ruamel's hook; nothing is written as an alias
        return True


_Representer.add_representer(str, _Representer.represent_text)


def _writer() -> YAML:
    writer = YAML(typ="safe", pure=True)
    writer.Representer = _Representer
    writer.default_flow_style = False
    writer.sort_base_mapping_type_on_output = False  # type: ignore[assignment] # ruamel declares None alone
    writer.width = _NEVER_FOLD
    writer.allow_unicode = True
    return writer
