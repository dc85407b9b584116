"""Flags as Go programs take them, each from the environment as well. Knows how flags are given, not which there are.

`-x` and `--x` mean the same, `--x=value` and `--x value` too; of a flag given twice the last counts. A flag on the
command line wins over its environment variable; an empty variable counts as not set. An invalid value is refused
wherever it comes from (upstream ignores it in the environment, and goes on with something nobody asked for).
"""

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

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


class FlagSet:
    """The flags of a program, in groups for its help."""

    def __init__(self, program: str, about: str, version: str, groups: Mapping[str, Sequence[Flag]]) -> None:
        """`version` is what `--version` prints; `groups` maps titles to flags."""
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
        rest.add_argument("-h", "--help", action="help", help="show this and end")
        rest.add_argument("--version", action="version", version=version, help="show the version and end")

    def parse(self, argv: Sequence[str], environ: Mapping[str, str]) -> dict[str, Any]:
        """Return each flag's value by its name; `argv` is without the program's name.

        Help and version are printed and end the program with status 0, mistakes with 2 (SystemExit).
        """
        given, unknown = self._parser.parse_known_args([_double_dash(word) for word in argv])
        if unknown:
            word = unknown[0].partition("=")[0]
            self.refuse(f"unknown flag {word}" if word.startswith("-") else f'unexpected argument "{word}"')
        return {flag.name: self._value(flag, getattr(given, flag.name), environ) for flag in self._flags}

    def refuse(self, message: str) -> NoReturn:
        """Say what is wrong with the flags, and end the program with status 2 (SystemExit)."""
        self._parser.error(message)

    def _value(self, flag: Flag, given: str | None, environ: Mapping[str, str]) -> Any:
        source, text = flag.option, given
        if given is None and environ.get(flag.variable):
            source, text = flag.variable, environ[flag.variable]
        try:
            return flag.parse(flag.default if text is None else text)
        except ValueError as error:
            self.refuse(f"{source}: {error}")


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        message = message.removeprefix("argument ")
        self.exit(2, f"error: {message}\nhint: {self.prog} --help lists the flags and what they take\n")


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
