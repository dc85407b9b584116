"""Where Typer speaks to people, in our words: the line that tells a command's arguments, and what is wrong with one.

Its own errors have capitals, a usage line and no way out, and each of its versions writes arguments in another way.
"""

import re
from typing import Any

import typer
from typer.core import TyperCommand

from sealwright_cli.errors import UsageError

_PARTS = re.compile(r"(.*?)\.?(?: \(Possible options: (.*)\)| Did you mean (.*)\?)?")


class Command(TyperCommand):
    """A command whose arguments stand in its usage line as their `metavar` says: brackets and dots are ours."""

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """Return the words behind the command's name."""
        arguments = [str(one.metavar) for one in self.get_params(ctx) if one.param_type_name == "argument"]
        return ["[OPTIONS]", *arguments]


def usage_error(error: typer.TyperException) -> UsageError:
    """Return the error to raise in the place of Typer's own, with a hint."""
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "sealwright"
    # Where a value does not fit, Typer 0.29 and later begin with words of the library that checked it.
    words = " ".join(error.format_message().split()).replace("Value error, ", "")
    match = _PARTS.fullmatch(words)
    message, *meant = match.groups() if match else (words, None)
    similar = next(filter(None, meant), "")
    return UsageError(
        message[:1].lower() + message[1:],
        hint=f"did you mean {similar}" if similar else f"{command} --help shows what it takes",
    )
