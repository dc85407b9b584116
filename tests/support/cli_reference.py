"""The page docs/reference/sealwright.md: what `--help` says, of every command. Run this file to write it anew."""

from collections.abc import Iterator
from typing import Any

import typer.main
from tests.support.cli import sealwright
from tests.support.repository import ROOT

from sealwright_cli.app import app

PAGE = ROOT / "docs" / "reference" / "sealwright.md"
COMMANDS = (
    (),
    ("seal",),
    ("raw",),
    ("merge",),
    ("verify",),
    ("reencrypt",),
    ("unseal",),
    ("render",),
    ("cert",),
    ("cert", "fetch"),
    ("cert", "show"),
)

_HEAD = """\
# The command `sealwright`

What `--help` says. [Getting started](../getting-started.md) shows it at work; what the exit statuses mean, and what
messages repeat of a command line, is in [exit-codes.md](exit-codes.md), what is asked of a cluster and which rights that takes in
[cluster-access.md](cluster-access.md). Every command reads at most 32 MiB of a file.

## Where results are written

A file is replaced whole or not at all, and keeps its owner and mode; what `unseal` and `render` write can be read by its
owner only. A file that is replaced by what was made of it (`seal --in-place`, `merge`, `reencrypt`) has to be the one that was
read: when another came in its place meanwhile, the command fails and changes nothing.

Links are followed, and named pipes and devices written into, unless somebody else may have put them there: in a folder
that belongs to neither you nor root, or that others may write to, they are refused with status 7. In a folder like `/tmp`,
those that you or root own are taken. So name the file that a link leads to, or write to a folder of your own.

Plaintext never stands in a temporary file that git would take: it has no name until it is complete, or stands in a folder
with a `.gitignore` of its own. What a run that was killed has left is removed by the next one that writes the same file.
"""
_HIDDEN = """\
## kubectl's other options

Every command that may ask the cluster (all but `unseal` and `render`) takes these too; they mean what they
mean to kubectl, and `--help` leaves them out.

| option | |
|---|---|
"""


def render() -> str:
    """Return the page as it has to be."""
    sections = [_HEAD]
    for command in COMMANDS:
        shown = sealwright(*command, "--help", env={"COLUMNS": "100", "TERM": "dumb"}).stdout.decode()
        lines = "\n".join(line.rstrip() for line in shown.rstrip().splitlines())
        sections.append(f"## {' '.join(['sealwright', *command])}\n\n```text\n{lines}\n```\n")
    return "\n".join([*sections, _HIDDEN + "".join(hidden_options("cert", "fetch"))])


def hidden_options(*command: str) -> Iterator[str]:
    """Yield a line of a table for each option of a command that its help leaves out."""
    found: Any = typer.main.get_command(app)
    for name in command:
        found = found.commands[name]
    for parameter in found.params:
        if parameter.hidden:
            metavar = "" if parameter.is_flag else f" {parameter.metavar}"
            yield f"| `{parameter.opts[0]}{metavar}` | {parameter.help} |\n"


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8", newline="\n")
