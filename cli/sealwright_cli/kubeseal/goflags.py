"""Command lines as Go programs read them (pflag's rules), for commands that stand in for one. Knows no flag by name.

`--flag value`, `--flag=value`, `-f value`, `-fvalue`, `-f=value`; a boolean takes a value only behind `=`, and several
short ones may share a dash. Flags and arguments may be mixed, `--` ends the flags, the last of a repeated flag wins.
"""

import csv
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sealwright_cli.naming import is_plain_word

_TRUE = frozenset({"1", "t", "T", "TRUE", "true", "True"})
_FALSE = frozenset({"0", "f", "F", "FALSE", "false", "False"})
_SEVERITIES = frozenset({"INFO", "WARNING", "ERROR", "FATAL"})
_INTEGER = re.compile(r"[+-]?(?:0[xX][0-9a-fA-F]+|0[oO]?[0-7]+|0[bB][01]+|[0-9]+)")


class FlagError(Exception):
    """A command line or a variable that cannot be read; the text names the flag or variable and what is wrong.

    It repeats of what was typed, as kubeseal does, only plain words: another may be a secret value in the wrong place.
    """


class Kind(StrEnum):
    """What a flag's value is; the value is the word that the help shows."""

    BOOL = "bool"
    STRING = "string"
    STRINGS = "strings"
    """A list: repeated, or in one value as comma-separated values with CSV's quotes."""
    STRING_ARRAY = "stringArray"
    """A list by repetition alone."""
    LEVEL = "Level"
    UINT = "uint"
    SEVERITY = "severity"
    TRACE_LOCATION = "traceLocation"
    MODULE_SPEC = "moduleSpec"


@dataclass(frozen=True)
class Flag:
    """One flag.

    `check` may refuse a text value by raising ValueError, whose text says what is allowed. `has_variable` tells
    whether an environment variable stands for the flag, `hidden` whether the help leaves it out.
    """

    name: str
    kind: Kind = Kind.STRING
    help: str = ""
    short: str = ""
    default: Any = None
    check: Callable[[str], object] | None = field(default=None, repr=False)
    has_variable: bool = True
    hidden: bool = False

    @property
    def is_list(self) -> bool:
        """Tell whether the flag collects values."""
        return self.kind in (Kind.STRINGS, Kind.STRING_ARRAY)

    @property
    def initial(self) -> Any:
        """The value when the flag is not given."""
        if self.default is not None:
            return self.default
        return False if self.kind is Kind.BOOL else () if self.is_list else ""

    def read(self, text: str) -> Any:
        """Return the value that a text stands for; of a list the values that it adds. Raises ValueError."""
        value = _READERS[self.kind](text)
        if self.check and isinstance(value, str):
            self.check(value)
        return value


@dataclass(frozen=True)
class Parsed:
    """What a command line says: a value for every flag, which of them were given, and the arguments.

    `given` maps the names of the flags that the command line or a variable sets to where: `--format`, or the variable.
    """

    values: Mapping[str, Any]
    given: Mapping[str, str]
    arguments: tuple[str, ...]

    def __getitem__(self, name: str) -> Any:
        """Return a flag's value."""
        return self.values[name]


def parse(flags: Sequence[Flag], argv: Sequence[str], environ: Mapping[str, str], prefix: str) -> Parsed:
    """Read a command line (without the program's name) and the variables that stand for its flags.

    The command line wins over `environ`, where flag `from-file` is the variable `PREFIX_FROM_FILE`; an empty variable
    counts as none. Raises FlagError.
    """
    reader = _Reader(flags)
    reader.read(argv)
    values = {flag.name: flag.initial for flag in flags} | reader.values
    given = {name: f"--{name}" for name in reader.values}
    for flag in flags:
        name = variable_of(flag, prefix)
        if flag.has_variable and flag.name not in given and environ.get(name):
            values[flag.name], given[flag.name] = _read_variable(flag, name, environ[name]), name
    return Parsed(values, given, tuple(reader.arguments))


def variable_of(flag: Flag, prefix: str) -> str:
    """Return the name of the environment variable that stands for a flag."""
    return f"{prefix}_{flag.name.replace('-', '_').upper()}"


def _read_variable(flag: Flag, name: str, text: str) -> Any:
    try:
        return flag.read(text)
    except ValueError as error:
        raise FlagError(f"invalid value{_repeated(text)} in the variable {name}: {error}") from None


def _repeated(text: str) -> str:
    return f" {text!r}" if is_plain_word(text) else ""


class _Reader:
    """Walks along a command line and collects what it says."""

    def __init__(self, flags: Sequence[Flag]) -> None:
        self._long = {flag.name: flag for flag in flags}
        self._short = {flag.short: flag for flag in flags if flag.short}
        self._at = 0
        self.values: dict[str, Any] = {}
        self.arguments: list[str] = []

    def read(self, argv: Sequence[str]) -> None:
        """Read all words. Raises FlagError."""
        words = self._walk(argv)
        for word in words:
            if word == "--":
                self.arguments += words
            elif word.startswith("--"):
                self._read_long(word, words)
            elif word.startswith("-") and word != "-":
                self._read_short(word, words)
            else:
                self.arguments.append(word)

    def _walk(self, argv: Sequence[str]) -> Iterator[str]:
        for number, word in enumerate(argv, start=1):
            self._at = number
            yield word

    @property
    def _place(self) -> str:
        return f" (word {self._at} of the command line)"

    def _read_long(self, word: str, words: Iterator[str]) -> None:
        name, equals, text = word[2:].partition("=")
        if not name or name.startswith("-"):
            raise FlagError(f"bad flag syntax{self._place}")
        flag = self._long.get(name)
        if flag is None:
            from difflib import get_close_matches  # noqa: PLC0415 - for mistakes alone

            repeated = f": --{name}" if is_plain_word(name) else ""
            similar = ", ".join(f"--{one}" for one in get_close_matches(name, self._long))
            raise FlagError(f"unknown flag{repeated}{self._place}" + (f"; did you mean {similar}" if similar else ""))
        self._set(flag, f"--{name}", text if equals else self._following(flag, f"--{name}", words))

    def _read_short(self, word: str, words: Iterator[str]) -> None:
        letters = word[1:]
        while letters:
            letter, letters = letters[0], letters[1:]
            flag = self._short.get(letter)
            if flag is None:
                raise FlagError(f"unknown shorthand flag{self._place}")
            if letters.startswith("="):
                text, letters = letters[1:], ""
            elif flag.kind is Kind.BOOL or not letters:
                text = self._following(flag, f"-{letter}", words)
            else:
                text, letters = letters, ""
            self._set(flag, f"-{letter}, --{flag.name}", text)

    def _following(self, flag: Flag, written: str, words: Iterator[str]) -> str:
        if flag.kind is Kind.BOOL:
            return "true"
        text = next(words, None)
        if text is None:
            raise FlagError(f"flag needs an argument: {written}")
        return text

    def _set(self, flag: Flag, written: str, text: str) -> None:
        try:
            value = flag.read(text)
        except ValueError as error:
            raise FlagError(f"invalid argument{_repeated(text)} for {written}: {error}") from None
        self.values[flag.name] = (*self.values.get(flag.name, ()), *value) if flag.is_list else value


def _bool(text: str) -> bool:
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
