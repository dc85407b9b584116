"""Command lines as Go programs read them (pflag's rules), with variables beside them. Defines no flags itself.

`--flag value`, `--flag=value`, `-f value`, `-fvalue`, `-f=value`. A boolean takes a value only after `=`, and several
short flags may share a dash. Flags and arguments may be mixed. `--` ends the flags. If a flag is repeated, the last one
wins. By the rules of Go's package `flag`, which some programs follow, `-flag` means `--flag`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from sealwright_conventions.flagkinds import Kind
from sealwright_conventions.records import field, record
from sealwright_conventions.words import is_plain_word


class FlagError(Exception):
    """A command line or a variable that cannot be read. The text names the flag or variable and what is wrong.

    The text repeats typed words as kubeseal does, but only plain ones: any other may be a secret value in the wrong
    place. When a value is refused, `source` is the flag or variable alone, and `reason` is what is wrong.
    """

    def __init__(self, message: str, source: str = "", reason: str = "") -> None:
        super().__init__(message)
        self.source = source
        self.reason = reason


@record
class Flag:
    """One flag.

    `default` is written as on a command line. `parse` turns the text into a value, when the value is not the text
    itself; it raises ValueError, whose text says what is allowed. `metavar` is what the help calls the value.
    `has_variable` is True if an environment variable stands for the flag, `hidden` if the help leaves the flag out.
    """

    name: str
    kind: Kind = Kind.STRING
    help: str = ""
    short: str = ""
    default: str = ""
    parse: Callable[[str], Any] | None = field(default=None, repr=False)
    metavar: str = ""
    has_variable: bool = True
    hidden: bool = False

    @property
    def option(self) -> str:
        """The flag as it is typed."""
        return f"--{self.name}"

    @property
    def initial(self) -> Any:
        """The value when the flag is not given."""
        if self.kind is Kind.BOOL:
            return self.read(self.default or "false")
        if self.parse:
            return self.read(self.default)
        return () if self.kind.is_list else self.default

    def read(self, text: str) -> Any:
        """Return the value that a text stands for; for a list, the values that it adds. Raises ValueError."""
        value = self.kind.read(text)
        return self.parse(value) if self.parse else value

    def variable(self, prefix: str) -> str:
        """Return the name of the environment variable that stands for the flag."""
        return f"{prefix}_{self.name.replace('-', '_').upper()}"


@record
class Parsed:
    """What a command line says: a value for every flag, which of them were given, and the arguments.

    `given` maps each flag that was set to where it was set: `--format`, or the name of the variable.
    """

    values: Mapping[str, Any]
    given: Mapping[str, str]
    arguments: tuple[str, ...]

    def __getitem__(self, name: str) -> Any:
        """Return a flag's value."""
        return self.values[name]


def parse(
    flags: Sequence[Flag], argv: Sequence[str], environ: Mapping[str, str], prefix: str, *, one_dash: bool = False
) -> Parsed:
    """Read a command line (without the program's name) and the variables that stand for its flags.

    The command line wins over `environ`, in which the variable `PREFIX_FROM_FILE` stands for the flag `from-file`; an
    empty variable is ignored. With `one_dash`, `-flag` means `--flag`, and short flags cannot be combined. Raises
    FlagError.
    """
    reader = _Reader(flags, one_dash=one_dash)
    reader.read(argv)
    values = {flag.name: flag.initial for flag in flags} | reader.values
    given = {name: f"--{name}" for name in reader.values}
    for flag in flags:
        name = flag.variable(prefix)
        if flag.has_variable and flag.name not in given and environ.get(name):
            values[flag.name], given[flag.name] = _read_variable(flag, name, environ[name]), name
    return Parsed(values, given, tuple(reader.arguments))


def _read_variable(flag: Flag, name: str, text: str) -> Any:
    try:
        return flag.read(text)
    except ValueError as error:
        words = f"invalid value{_repeated(text)} in the variable {name}: {error}"
        raise FlagError(words, name, str(error)) from None


def _repeated(text: str) -> str:
    return f" {text!r}" if is_plain_word(text) else ""


class _Reader:
    """Walks along a command line and collects the flags and arguments."""

    def __init__(self, flags: Sequence[Flag], *, one_dash: bool) -> None:
        self._long = {flag.name: flag for flag in flags}
        self._short = {flag.short: flag for flag in flags if flag.short}
        self._one_dash = one_dash
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
                self._read_long(word[2:], words)
            elif word == "-" or not word.startswith("-"):
                self.arguments.append(word)
            elif self._one_dash and word[1:] not in self._short:
                self._read_long(word[1:], words)
            else:
                self._read_short(word, words)

    def _walk(self, argv: Sequence[str]) -> Iterator[str]:
        for number, word in enumerate(argv, start=1):
            self._at = number
            yield word

    @property
    def _place(self) -> str:
        return f" (word {self._at} of the command line)"

    def _read_long(self, written: str, words: Iterator[str]) -> None:
        name, equals, text = written.partition("=")
        if not name or name.startswith("-"):
            raise FlagError(f"bad flag syntax{self._place}")
        flag = self._long.get(name)
        if flag is None:
            raise self._unknown(name)
        self._set(flag, flag.option, text if equals else self._following(flag, flag.option, words))

    def _unknown(self, name: str) -> FlagError:
        from difflib import get_close_matches  # noqa: PLC0415 - needed for mistakes only

        repeated = f": --{name}" if is_plain_word(name) else ""
        similar = ", ".join(f"--{one}" for one in get_close_matches(name, self._long))
        return FlagError(f"unknown flag{repeated}{self._place}" + (f"; did you mean {similar}" if similar else ""))

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
            self._set(flag, f"-{letter}, {flag.option}", text)

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
            words = f"invalid argument{_repeated(text)} for {written}: {error}"
            raise FlagError(words, flag.option, str(error)) from None
        self.values[flag.name] = (*self.values.get(flag.name, ()), *value) if flag.kind.is_list else value
