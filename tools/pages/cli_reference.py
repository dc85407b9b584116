"""The pages docs/reference/sealwright.md and sealwright/: what `--help` says. Run this file to write them."""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer.main

from sealwright_cli.app import app
from tools.checkout import ROOT
from tools.pages.helptexts import help_of

REFERENCE = ROOT / "docs" / "reference"
VERBS = ("seal", "raw", "merge", "verify", "reencrypt", "unseal", "render", "cert")
"""Commands with a page of their own."""
OF_CERTIFICATES = (("cert", "fetch"), ("cert", "show"))

_HEAD = """\
# The command `sealwright`

What `--help` says. [Getting started](../getting-started.md) shows it at work; what the exit statuses mean is in
[exit-codes.md](exit-codes.md), what is asked of a cluster and which rights that takes in
[cluster-access.md](cluster-access.md), and where results are written in [files.md](files.md). Every command reads at most
32 MiB of a file.
"""
_VERBS = "Each verb has a page: "
_HIDDEN = """\
## kubectl's other options

All commands but `unseal` and `render` take these too, as kubectl does; `--help` leaves them out.

| option | |
|---|---|
"""
_BACK = "[All verbs](../sealwright.md), and options that `--help` leaves out.\n"


def pages() -> dict[Path, str]:
    """Return every page with its current content."""
    return {REFERENCE / "sealwright.md": _index()} | {
        REFERENCE / "sealwright" / f"{verb}.md": _page(verb) for verb in VERBS
    }


def _index() -> str:
    links = ", ".join(f"[{verb}](sealwright/{verb}.md)" for verb in VERBS)
    hidden = _HIDDEN + "".join(hidden_options("cert", "fetch"))
    return "\n".join([_HEAD, f"{_VERBS}{links}.\n", _shown(), hidden])


def _page(verb: str) -> str:
    parts = [f"# `sealwright {verb}`\n", _BACK, _shown(verb)]
    if verb == "cert":
        parts += [f"## `{' '.join(['sealwright', *command])}`\n\n{_shown(*command)}" for command in OF_CERTIFICATES]
    return "\n".join(parts)


def _shown(*command: str) -> str:
    lines = "\n".join(line.rstrip() for line in help_of("sealwright", *command).rstrip().splitlines())
    return f"```text\n{lines}\n```\n"


def hidden_options(*command: str) -> Iterator[str]:
    """Yield a table line for each option of a command that its help leaves out."""
    found: Any = typer.main.get_command(app)
    for name in command:
        found = found.commands[name]
    for parameter in found.params:
        if parameter.hidden:
            metavar = "" if parameter.is_flag else f" {parameter.metavar}"
            yield f"| `{parameter.opts[0]}{metavar}` | {parameter.help} |\n"


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__).parse_args()
    for page, content in pages().items():
        page.parent.mkdir(exist_ok=True)
        page.write_text(content, encoding="utf-8", newline="\n")
