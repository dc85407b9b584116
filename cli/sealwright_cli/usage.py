"""What Typer finds wrong with a command line, in our words: its own show a usage line, capitals and no way out."""

import re

import typer

from sealwright_cli.errors import UsageError

_PARTS = re.compile(r"(.*?)\.?(?: \(Possible options: (.*)\)| Did you mean (.*)\?)?")


def usage_error(error: typer.TyperException) -> UsageError:
    """Return the error to raise in the place of Typer's own, with a hint."""
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "sealwright"
    words = " ".join(error.format_message().split())
    match = _PARTS.fullmatch(words)
    message, *meant = match.groups() if match else (words, None)
    similar = next(filter(None, meant), "")
    return UsageError(
        message[:1].lower() + message[1:],
        hint=f"did you mean {similar}" if similar else f"{command} --help shows what it takes",
    )
