"""The page docs/reference/sealwright.md: what `--help` says, of every command. Run this file to write it anew."""

from collections.abc import Iterator
from typing import Any

import typer.main

from sealwright_cli.app import app
from tools.checkout import ROOT
from tools.pages.helptexts import help_of
from tools.pages.writing import write_page

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

What `--help` says. [Getting started](../getting-started.md) shows it at work; what the exit statuses mean is in
[exit-codes.md](exit-codes.md), what is asked of a cluster and which rights that takes in
[cluster-access.md](cluster-access.md), and where results are written in [files.md](files.md). Every command reads at most
32 MiB of a file.
"""
_HIDDEN = """\
## kubectl's other options

All commands but `unseal` and `render` take these too, as kubectl does; `--help` leaves them out.

| option | |
|---|---|
"""


def render() -> str:
    """Return the page as it has to be."""
    sections = [_HEAD]
    for command in COMMANDS:
        shown = help_of("sealwright", *command)
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
    write_page(PAGE, render, __doc__)
