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
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import ScalarNode
from ruamel.yaml.representer import SafeRepresenter
from ruamel.yaml.scanner import Scanner, ScannerError

from sealwright_controller.directory.treebuilder import MAX_DIGITS, TreeBuilder, UnusableFileError, check_size

MAX_TAG_CHARACTERS = 100
"""How long a tag may be: ruamel's scanner takes quadratic time for it."""

_BYTE_ORDER_MARKS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
# What any reader of YAML, of version 1.1 or 1.2, takes for text without quotes.
_PLAIN_TEXT = re.compile(r"[A-Za-z][A-Za-z0-9_./:-]*[A-Za-z0-9]")
_WORDS_OF_YAML = frozenset({"yes", "no", "on", "off", "true", "false", "null"})
_NEVER_FOLD = 1 << 20


def load_documents(content: bytes, *, is_json: bool) -> list[Any]:
    """Read the documents of a file: maps, lists, texts, numbers, true, false and None.

    Dates stay texts; merge keys and aliases are resolved. Raises UnusableFileError for what is no YAML or JSON, for
    duplicate keys, and for more nodes than MAX_NODES, aliases expanded, or deeper ones than MAX_DEPTH; nothing else.
    """
    try:
        text = content.decode(_BYTE_ORDER_MARKS.get(content[:2], "utf-8-sig"))
    except UnicodeDecodeError:
        raise UnusableFileError("not UTF-8 text") from None
    try:
        return [_load_json(text)] if is_json else _load_yaml(text)
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


def _load_yaml(text: str) -> list[Any]:
    builder = TreeBuilder()
    try:
        for event in _reader().parse(text):
            builder.take(event)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise UnusableFileError(f"{_place(mark)}{_QUOTED.sub('…', error.problem or 'not YAML')}") from None
    except (YAMLError, ValueError):  # a character that YAML does not allow; a number or escape out of bounds
        raise UnusableFileError("not YAML text") from None
    return builder.documents


class _Scanner(Scanner):
    """Refuses what takes time without bounds."""

    def scan_tag(self) -> Any:
        ends = (number for number in range(MAX_TAG_CHARACTERS) if self.reader.peek(number) in "\0 \t\r\n")
        if next(ends, None) is None:
            raise ScannerError(None, None, "a tag without end", self.reader.get_mark())
        return super().scan_tag()


def _reader() -> YAML:
    reader = YAML(typ="safe", pure=True)
    reader.Scanner = _Scanner
    return reader


def _place(mark: Any) -> str:
    return f"line {mark.line + 1}, column {mark.column + 1}: " if mark is not None else ""


def _load_json(text: str) -> Any:
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
    check_size(value)
    return value


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
