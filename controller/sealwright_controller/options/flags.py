"""The controller's command line: how mistakes are reported, and what `--help` and `--version` print.

Flags follow Go's rules (`sealwright_conventions.flags`), and each can come from the environment. Upstream's form
`-flag` is not supported. An invalid value is refused wherever it comes from (upstream ignores it in the environment and
goes on with the default).
"""

import contextlib
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from sealwright_conventions.flaghelp import described
from sealwright_conventions.flagkinds import Kind
from sealwright_conventions.flags import Flag, FlagError, Parsed, parse

PREFIX = "SEALED_SECRETS"
"""The prefix of environment variables for flags."""

_HELP = Flag("help", Kind.BOOL, "show this and end", short="h", has_variable=False)
_VERSION = Flag("version", Kind.BOOL, "show the version and end", has_variable=False)


def valued(name: str, metavar: str, text: str, read: Callable[[str], Any], default: str = "") -> Flag:
    """Return a flag whose value `read` makes from a text; `read` raises ValueError, saying what is allowed."""
    return Flag(name, help=text, default=default, parse=read, metavar=metavar)


def switch(name: str, text: str, default: str) -> Flag:
    """Return a flag that is on or off."""
    return Flag(name, Kind.BOOL, text, default=default)


@dataclass(frozen=True)
class FlagSet:
    """The flags of a program: `version` is what `--version` prints, `groups` maps titles of the help to flags."""

    program: str
    about: str
    version: str
    groups: Mapping[str, Sequence[Flag]]

    @property
    def flags(self) -> list[Flag]:
        """All flags, in the order of the groups."""
        return [flag for flags in self.groups.values() for flag in flags]

    def parse(self, argv: Sequence[str], environ: Mapping[str, str]) -> Parsed:
        """Return what the flags say; `argv` is without the program's name.

        Help and version are printed and exit with status 0, or 1 if they cannot be printed. Mistakes exit with status 2
        (SystemExit).
        """
        self._answer(self._parsed(argv, {}))  # before the environment: --help works despite its mistakes
        return self._parsed(argv, environ)

    def refuse_beside(self, option: str, group: str, parsed: Parsed) -> None:
        """Refuse every flag of a group that is not at its default, because it has no effect with `option`."""
        for flag in self.groups[group]:
            source = parsed.given.get(flag.name)
            if source and parsed[flag.name] != flag.initial:
                self.refuse(
                    f"{option} and {source} exclude each other: the latter is for work {group[0].lower()}{group[1:]}"
                )

    def refuse(self, message: str) -> NoReturn:
        """Say what is wrong with the flags, and end the program with status 2 (SystemExit)."""
        _complain(f"{message}\nhint: {self.program} --help lists the flags and what they take")
        sys.exit(2)

    def help(self) -> str:
        """Return the help: every flag, grouped, with its default."""
        first = self.flags[0]
        parts = [
            f"Usage: {self.program} [flags]\n",
            self.about,
            f"Each flag can also be set by a variable, {first.option} for example by {first.variable(PREFIX)}.",
        ]
        for title, flags in {**self.groups, "Help": (_HELP, _VERSION)}.items():
            parts += [f"\n{title}:", *(described(flag) for flag in flags)]
        return "\n".join(parts)

    def _parsed(self, argv: Sequence[str], environ: Mapping[str, str]) -> Parsed:
        flags = [_HELP, _VERSION, *self.flags]
        try:
            parsed = parse(flags, argv, environ, PREFIX, one_dash=True)
        except FlagError as error:
            # A value is never repeated, because this output may be kept in a log.
            self.refuse(f"{error.source}: {error.reason}" if error.source else str(error))
        if parsed.arguments:
            self.refuse(
                "unexpected argument: there are flags alone,"
                " and a switch takes its value behind = (--update-status=false)"
            )
        return parsed

    def _answer(self, parsed: Parsed) -> None:
        """Print help or the version, if requested, and end the program (SystemExit)."""
        if not parsed["help"] and not parsed["version"]:
            return
        try:
            print(self.help() if parsed["help"] else self.version, flush=True)  # noqa: T201 - what the user asked for
        except BrokenPipeError:
            sys.exit(0)
        except OSError as error:
            _complain(f"standard output: {str(error.strerror).lower()}")
            sys.exit(1)
        sys.exit(0)


def _complain(words: str) -> None:
    """Write to standard error. If that is closed or full, only the exit status tells."""
    if sys.stderr:
        with contextlib.suppress(OSError):
            sys.stderr.write(f"error: {words}\n")
