"""The page docs/reference/sealwright.md: what `--help` says, of every command. Run this file to write it anew."""

from tests.support.cli import sealwright
from tests.support.repository import ROOT

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
[exit-codes.md](exit-codes.md). Every command reads at most 32 MiB of a file.
"""


def render() -> str:
    """Return the page as it has to be."""
    sections = [_HEAD]
    for command in COMMANDS:
        shown = sealwright(*command, "--help", env={"COLUMNS": "100", "TERM": "dumb"}).stdout.decode()
        lines = "\n".join(line.rstrip() for line in shown.rstrip().splitlines())
        sections.append(f"## {' '.join(['sealwright', *command])}\n\n```text\n{lines}\n```\n")
    return "\n".join(sections)


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8", newline="\n")
