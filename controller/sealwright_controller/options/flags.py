"""Flags as Go programs take them, each from the environment as well. Knows how flags are given, not which there are.

`-x` and `--x` mean the same, `--x=value` and `--x value` too; of a flag given twice the last counts. A flag on the
command line wins over its environment variable; an empty variable counts as not set. An invalid value is refused
wherever it comes from (upstream ignores it in the environment, and goes on with something nobody asked for).
"""

import argparse
import contextlib
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

_PLAIN_FLAG = re.compile(r"-{1,2}(?=.{1,24}\Z)[a-z]+(-[a-z]+)*")
ENVIRONMENT_PREFIX = "SEALED_SECRETS_"


@dataclass(frozen=True)
class Flag:
    """A flag: `parse` turns text into a value, or raises ValueError saying what is allowed; `default` is text too."""

    name: str
    metavar: str
    help: str
    parse: Callable[[str], Any]
    default: str = ""
    is_switch: bool = False

    @property
    def variable(self) -> str:
        """The name of its environment variable."""
        return ENVIRONMENT_PREFIX + self.name.upper().replace("-", "_")

    @property
    def option(self) -> str:
        """Its name as it is typed."""
        return f"--{self.name}"


class Values(dict[str, Any]):
    """Each flag's value by its name; `sources` has the option or the variable of those that are not the default."""

    def __init__(self) -> None:
        super().__init__()
        self.sources: dict[str, str] = {}


class FlagSet:
    """The flags of a program, in groups for its help."""

    def __init__(self, program: str, about: str, version: str, groups: Mapping[str, Sequence[Flag]]) -> None:
        """`version` is what `--version` prints; `groups` maps titles to flags."""
        self._groups = groups
        self._flags = [flag for flags in groups.values() for flag in flags]
        first = self._flags[0]
        self._parser = _Parser(
            prog=program,
            usage=f"{program} [flags]",
            description=about,
            epilog=f"Every flag may come from the environment as well: {first.option} from {first.variable}.",
            formatter_class=lambda prog: argparse.HelpFormatter(prog, max_help_position=32),
            add_help=False,
            allow_abbrev=False,
        )
        for title, flags in groups.items():
            _describe(self._parser.add_argument_group(title), flags)
        rest = self._parser.add_argument_group("Help")
        rest.add_argument("-h", "--help", action=_Say, nargs=0, help="show this and end")
        rest.add_argument("--version", action=_Say, nargs=0, const=f"{version}\n", help="show the version and end")

    def parse(self, argv: Sequence[str], environ: Mapping[str, str]) -> "Values":
        """Return each flag's value by its name; `argv` is without the program's name.

        Help and version are printed and end the program with status 0, or 1 when they cannot be; mistakes end it with
        2 (SystemExit).
        """
        given, unknown = self._parser.parse_known_args([_double_dash(word) for word in argv])
        if unknown:
            # Either may be anything, a secret value too; a flag's name of plain words has to be found again.
            word = unknown[0].partition("=")[0]
            name = f" {word}" if _PLAIN_FLAG.fullmatch(word) else ""
            self.refuse(f"unknown flag{name}" if word.startswith("-") else "unexpected argument, which is no flag")
        values = Values()
        for flag in self._flags:
            source, text = _source(flag, getattr(given, flag.name), environ)
            try:
                values[flag.name] = flag.parse(text)
            except ValueError as error:
                self.refuse(f"{source}: {error}")
            if text != flag.default:
                values.sources[flag.name] = source
        return values

    def refuse_beside(self, option: str, group: str, values: "Values") -> None:
        """Refuse every flag of a group that is set to anything but its default: it means nothing beside `option`."""
        for flag in self._groups[group]:
            if source := values.sources.get(flag.name):
                self.refuse(
                    f"{option} and {source} exclude each other: the latter is for work {group[0].lower()}{group[1:]}"
                )

    def refuse(self, message: str) -> NoReturn:
        """Say what is wrong with the flags, and end the program with status 2 (SystemExit)."""
        self._parser.error(message)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        message = message.removeprefix("argument ")
        self.exit(2, f"error: {message}\nhint: {self.prog} --help lists the flags and what they take\n")

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        if message and sys.stderr:
            with contextlib.suppress(OSError):  # as argparse does since Python 3.11.3
                sys.stderr.write(message)
        sys.exit(status)


class _Say(argparse.Action):
    """Prints a text, or else the help; argparse's own actions do not tell of a full disk."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        try:
            print(self.const or parser.format_help(), end="", flush=True)  # noqa: T201 - what the user asked for
        except BrokenPipeError:
            parser.exit()
        except OSError as error:
            parser.exit(1, f"error: standard output: {str(error.strerror).lower()}\n")
        parser.exit()


def _source(flag: Flag, given: str | None, environ: Mapping[str, str]) -> tuple[str, str]:
    """Return where a flag's value comes from, and its text."""
    if given is None and environ.get(flag.variable):
        return flag.variable, environ[flag.variable]
    return flag.option, flag.default if given is None else given


def _describe(group: argparse._ArgumentGroup, flags: Sequence[Flag]) -> None:
    for flag in flags:
        text = f"{flag.help} (default: {flag.default})" if flag.default else flag.help
        # Values are read later, in one way for both of their sources: here they stay text.
        group.add_argument(
            flag.option,
            dest=flag.name,
            metavar=flag.metavar,
            help=text.replace("%", "%%"),
            nargs="?" if flag.is_switch else None,
            const="true" if flag.is_switch else None,
        )


def _double_dash(word: str) -> str:
    """Turn `-flag` into `--flag`; `-h` stays."""
    single = word.startswith("-") and not word.startswith("--")
    return f"-{word}" if single and len(word) > 2 else word
