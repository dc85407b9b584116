"""Replaces Typer's layout of help and its messages about wrong command lines by ours.

Typer's errors have capitals, a usage line and no hint; they differ between its versions, and they repeat what was
typed, which may be a secret value in the wrong place. So only the names of commands and options are shown from them.
"""

import re
from collections import Counter
from collections.abc import Container, Iterable, Sequence
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from sealwright_cli.commandline.spec import GROUPS, OTHER
from sealwright_cli.front.othersoptions import hint_for
from sealwright_cli.messages.errors import UsageError

_STDIN_OR_FILE = "give the value on standard input, or name its file with --from-file"
_IN_QUOTES = re.compile(r"'([^']*)'")


_OTHERS_VERBS = {
    "decrypt": "unseal",
    "edit": "set",
    "encrypt": "seal",
    "fetch": "cert fetch",
    "fetch-cert": "cert fetch",
    "delete": "unset",
    "help": "--help",
    "merge-into": "merge",
    "re-encrypt": "reencrypt",
    "remove": "unset",
    "recovery-unseal": "unseal",
    "rotate": "reencrypt",
    "updatekeys": "reencrypt",
    "validate": "verify",
    "version": "--version",
}
"""Words of kubeseal, sops and kubectl → our commands."""

_OF_CERT = {"get": "cert fetch", "list": "cert show", "save": "cert fetch", "view": "cert show"}
"""The same, behind `cert`."""
_ELSEWHERE = dict.fromkeys(("get", "list", "ls"), "kubectl get sealedsecrets --all-namespaces lists those of a cluster")
"""Words for what another program does → a hint."""
_FROM_A_URL = (
    "it asks the controller of a cluster; sealwright seal --cert and sealwright cert show take a URL, and "
    "curl -o cert.pem URL saves what is there"
)
_OF_CERTIFICATES = (".pem", ".crt", ".cer", ".cert")
_MOST_NAMES = 3
_SLIP = 0.85
"""How similar two words are (difflib) that differ by a typing mistake."""

_ALIKE = 0.7
"""How similar options are that may be meant. All begin with two dashes, which counts as similar."""

SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 160}
"""The help option of every command; the help is as wide as the terminal, up to a readable width."""


class Command(TyperCommand):
    """A command whose help has options in groups, examples below them, and our own usage line.

    `rich_help_panel` is an option's group. An option that takes a single value may be given once.
    """

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """Return the usage after the command's name."""
        arguments = [str(one.metavar) for one in self.get_params(ctx) if one.param_type_name == "argument"]
        return ["[OPTIONS]", *arguments]

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the command line. Raises UsageError for a repeated option, of which Typer would use the last."""
        if not ctx.resilient_parsing:
            _, _, order = self.make_parser(ctx).parse_args(args=list(args))
            for parameter, times in Counter(order).items():
                if times > 1 and parameter.param_type_name == "option" and _takes_one_value(parameter):
                    raise UsageError(f"{parameter.opts[0]} is given {times} times", hint="give it once")
        return super().parse_args(ctx, args)

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the options, group by group."""
        groups: dict[str, list[tuple[str, str]]] = {}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx) if parameter.param_type_name == "option" else None
            if record is not None:
                groups.setdefault(getattr(parameter, "rich_help_panel", None) or OTHER, []).append(record)
        for title in filter(groups.get, GROUPS):
            with formatter.section(title):
                formatter.write_dl(groups[title])

    def format_epilog(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 - the library's signature
        """Write the examples."""
        _write_example(self.epilog, formatter)


class Group(TyperGroup):
    """A group of commands, with examples below them."""

    def format_epilog(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 - the library's signature
        """Write the examples."""
        _write_example(self.epilog, formatter)


def _takes_one_value(parameter: Any) -> bool:
    return not (parameter.multiple or parameter.is_flag or parameter.count)


def _write_example(lines: str | None, formatter: Any) -> None:
    with formatter.section("Examples"):
        for line in (lines or "").splitlines():
            formatter.write(f"{'':{formatter.current_indent}}{line}\n")


def usage_error(error: typer.TyperException, argv: Sequence[str], commands: Container[str]) -> UsageError:
    """Return the error to raise instead of Typer's own, with a hint; `argv` is without the program's name.

    `commands` are the names of all commands, such as `seal` and `cert show`.

    Only names of commands and options are repeated; other words are identified by their position.
    """
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "sealwright"
    if context is None:  # of an option without its argument
        named = [name for name in (" ".join(argv[:2]), *argv[:1]) if name and name in commands]
        command = " ".join(["sealwright", *named[:1]])
    usual = f"{command} --help shows what it takes"
    words = error.format_message()
    match words.split()[:3]:
        case ["No", "such", "option:" | "option"]:
            return _no_such_option(error, context, argv, usual)
        case ["No", "such", "command"]:
            return _no_such_command(words, context, argv, usual)
        case ["Got", "unexpected", "extra"]:
            takes = "too many arguments" if _takes_arguments(context) else "takes no arguments"
            hints = {"sealwright raw": _STDIN_OR_FILE, "sealwright cert fetch": _FROM_A_URL}
            return UsageError(f"{command}: {takes}", hint=hints.get(command, usual))
    return UsageError(_about_a_parameter(error, words, command), hint=usual)


def _no_such_option(error: typer.TyperException, context: Any, argv: Sequence[str], usual: str) -> UsageError:
    written = str(getattr(error, "option_name", ""))
    message = f"no such option{_place(written, argv)}"
    verbs = _verbs_of(context)
    verb = written.lstrip("-")
    if verbs and (meant := verb if verb in verbs else _OTHERS_VERBS.get(verb)):  # kubeseal's verbs are flags
        return UsageError(message, hint=f"did you mean sealwright {meant}")
    if verbs and written in ("-v", "-V"):
        return UsageError(message, hint=_did_you_mean(["--version"]))
    if context and context.command_path == "sealwright cert fetch" and written == "--cert":
        return UsageError(message, hint=_FROM_A_URL)
    meant = hint_for(written, context.command_path.removeprefix("sealwright ")) if context else ""
    return UsageError(message, hint=meant or _did_you_mean(_similar_options(written, context)) or usual)


def _similar_options(written: str, context: Any) -> list[str]:
    """Return the options of a command that may be meant: one with a slip of the pen, else those that its help shows."""
    from difflib import get_close_matches  # noqa: PLC0415 - needed for mistakes only

    shown, hidden = _options_of(context, is_hidden=False), _options_of(context, is_hidden=True)
    slip = get_close_matches(written, [*shown, *hidden], n=1, cutoff=_SLIP)
    return slip or _close(written, shown, _ALIKE) or _close(written, hidden, _ALIKE)


def _no_such_command(words: str, context: Any, argv: Sequence[str], usual: str) -> UsageError:
    written = next(iter(_IN_QUOTES.findall(words)), "")
    word = written.lower().removeprefix("--")
    message = f"no such command{_place(written, argv)}"
    if context and context.command_path == "sealwright cert":
        meant = _OF_CERT.get(word, "")
        meant = meant or "cert show" * (Path(written).suffix.lower() in _OF_CERTIFICATES)
    else:
        meant = _OTHERS_VERBS.get(word, "")
    if meant:
        return UsageError(message, hint=f"did you mean sealwright {meant}")
    similar = [repr(name) for name in _close(written, _verbs_of(context))]
    return UsageError(message, hint=_ELSEWHERE.get(word) or _did_you_mean(similar) or usual)


def _about_a_parameter(error: typer.TyperException, words: str, command: str) -> str:
    """Return the message about an existing option or argument, by its name."""
    parameter = getattr(error, "param", None)
    option = getattr(error, "option_name", None)
    if parameter is not None:
        is_argument = parameter.param_type_name == "argument"
        name = str(parameter.metavar) if is_argument else " / ".join(parameter.opts)
        if words.startswith("Missing"):
            return f"missing {'argument' if is_argument else 'option'} '{name}'"
        return f"invalid value for '{name}': {parameter.metavar or 'another one'} is expected"
    if option is not None and "requires" in words:
        return f"option '{option}' requires an argument"
    if option is not None and "does not take a value" in words:
        return f"option '{option}' does not take a value"
    return f"{command}: the command line is not valid"


def _verbs_of(context: Any) -> list[str]:
    return list(getattr(getattr(context, "command", None), "commands", ()))


def _options_of(context: Any, *, is_hidden: bool) -> list[str]:
    """Return the options that the help of a command shows, or those that it leaves out."""
    parameters: Iterable[Any] = context.command.get_params(context) if context else ()
    options = [one for one in parameters if one.param_type_name == "option" and one.hidden is is_hidden]
    return [name for one in options for name in one.opts]


def _takes_arguments(context: Any) -> bool:
    parameters: Iterable[Any] = context.command.get_params(context) if context else ()
    return any(one.param_type_name == "argument" for one in parameters)


def _close(written: str, known: Sequence[str], cutoff: float = 0.6) -> list[str]:
    """Return the most similar names, the closest first: those that begin as written, or as which it begins."""
    from difflib import get_close_matches  # noqa: PLC0415 - needed for mistakes only

    words = [name for name in known if len(name) > len("-n")]
    alike = [name for name in words if written and (name.startswith(written) or written.startswith(name))]
    alike.sort(key=lambda name: abs(len(name) - len(written)))
    return list(dict.fromkeys([*alike, *get_close_matches(written, words, cutoff=cutoff)]))[:_MOST_NAMES]


def _did_you_mean(names: Iterable[str]) -> str:
    listed = ", ".join(names)
    return f"did you mean {listed}" if listed else ""


def _place(written: str, argv: Sequence[str]) -> str:
    """Return the position of a word on the command line, if it can be found."""
    found = [number for number, word in enumerate(argv, start=1) if written and word.partition("=")[0] == written]
    return f" (word {found[0]} after sealwright)" if found else ""
