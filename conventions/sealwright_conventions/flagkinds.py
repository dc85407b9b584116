"""The kinds of values that Go's flags take (pflag's and klog's), each read from one text."""

import csv
import re
from collections.abc import Callable
from enum import StrEnum
from typing import Any

_TRUE = frozenset({"1", "t", "T", "TRUE", "true", "True"})
_FALSE = frozenset({"0", "f", "F", "FALSE", "false", "False"})
_SEVERITIES = frozenset({"INFO", "WARNING", "ERROR", "FATAL"})
_INTEGER = re.compile(r"[+-]?(?:0[xX][0-9a-fA-F]+|0[oO]?[0-7]+|0[bB][01]+|[0-9]+)")


class Kind(StrEnum):
    """What a flag's value is; each member's value is the word that the help shows."""

    BOOL = "bool"
    STRING = "string"
    STRINGS = "strings"
    """A list: the flag is repeated, or one value holds several, comma-separated and quoted as in CSV."""
    STRING_ARRAY = "stringArray"
    """A list: the flag is repeated; a comma separates nothing."""
    LEVEL = "Level"
    UINT = "uint"
    SEVERITY = "severity"
    TRACE_LOCATION = "traceLocation"
    MODULE_SPEC = "moduleSpec"

    @property
    def is_list(self) -> bool:
        """Tell whether a flag of this kind collects values."""
        return self in (Kind.STRINGS, Kind.STRING_ARRAY)

    def read(self, text: str) -> Any:
        """Return the value that a text stands for; for a list, the values that it adds. Raises ValueError."""
        return _READERS[self](text)


def _bool(text: str) -> bool:
    """Accept what Go's strconv.ParseBool accepts."""
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    raise ValueError("write true or false")


def _strings(text: str) -> tuple[str, ...]:
    try:
        return tuple(next(csv.reader([text], strict=True), ()))
    except csv.Error:
        raise ValueError("not comma-separated values; double the quotes that are meant as text") from None


def _integer(text: str) -> str:
    if not _INTEGER.fullmatch(text):
        raise ValueError("write a whole number")
    return text


def _unsigned(text: str) -> str:
    if text.startswith(("+", "-")):
        raise ValueError("write a whole number of 0 or more")
    return _integer(text)


def _severity(text: str) -> str:
    return text if text.upper() in _SEVERITIES else _integer(text)


def _trace_location(text: str) -> str:
    file, colon, line = text.rpartition(":")
    if text and not (file and colon and line.isdigit() and int(line) > 0):
        raise ValueError("write FILE:LINE")
    return text


def _module_spec(text: str) -> str:
    for part in filter(None, text.split(",")):
        pattern, equals, level = part.partition("=")
        if not (pattern and equals and _INTEGER.fullmatch(level)):
            raise ValueError("write PATTERN=LEVEL, several separated by commas")
    return text


_READERS: dict[Kind, Callable[[str], Any]] = {
    Kind.BOOL: _bool,
    Kind.STRING: str,
    Kind.STRINGS: _strings,
    Kind.STRING_ARRAY: lambda text: (text,),
    Kind.LEVEL: _integer,
    Kind.UINT: _unsigned,
    Kind.SEVERITY: _severity,
    Kind.TRACE_LOCATION: _trace_location,
    Kind.MODULE_SPEC: _module_spec,
}
