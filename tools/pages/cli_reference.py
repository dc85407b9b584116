"""The pages docs/reference/sealwright.md and sealwright/: what `--help` says. Run this file to write them."""

import argparse
from collections.abc import Iterator
from pathlib import Path

from sealwright_cli.front.index import HIDDEN, load
from sealwright_cli.front.index import VERBS as ALL_VERBS
from tools.checkout import ROOT
from tools.pages.helptexts import help_of

REFERENCE = ROOT / "docs" / "reference"
VERBS = tuple(dict.fromkeys(name.split()[0] for name in ALL_VERBS if name not in HIDDEN))
"""Commands with a page of their own."""

_HEAD = """\
# The command `sealwright`

What `--help` says. [Getting started](../getting-started.md) shows it at work; what the exit statuses mean is in
[exit-codes.md](exit-codes.md), what is asked of a cluster and which rights that takes in
[cluster-access.md](cluster-access.md), and where results are written in [files.md](files.md). Every command reads at most
32 MiB of a file.

`kubectl sealwright` is the same command, as a plug-in of kubectl. `sealwright --install-completion` sets up completion in
your shell; behind `kubectl sealwright`, words are completed wherever kubectl's own completion is set up.
"""
_VERBS = "Each verb has a page: "
_HIDDEN = """\
## kubectl's other options

All commands that may ask a cluster take these too, as kubectl does; `--help` leaves them out.

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
    hidden = _HIDDEN + "".join(hidden_options("cert fetch"))
    return "\n".join([_HEAD, f"{_VERBS}{links}.\n", _shown(), hidden])


def _page(verb: str) -> str:
    parts = [f"# `sealwright {verb}`\n", _BACK, _shown(verb)]
    below = [name.split() for name in ALL_VERBS if name.startswith(f"{verb} ") and name not in HIDDEN]
    parts += [f"## `{' '.join(['sealwright', *command])}`\n\n{_shown(*command)}" for command in below]
    return "\n".join(parts)


def _shown(*command: str) -> str:
    lines = "\n".join(line.rstrip() for line in help_of("sealwright", *command).rstrip().splitlines())
    return f"```text\n{lines}\n```\n"


def hidden_options(verb: str) -> Iterator[str]:
    """Yield a table line for each option of a verb that its help leaves out."""
    for option in load(verb).options:
        if option.is_hidden:
            metavar = f" {option.metavar}" if option.metavar else ""
            yield f"| `{option.names[0]}{metavar}` | {option.help} |\n"


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__).parse_args()
    for page, content in pages().items():
        page.parent.mkdir(exist_ok=True)
        page.write_text(content, encoding="utf-8", newline="\n")
