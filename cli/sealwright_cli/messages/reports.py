"""Reports: plain data as JSON or YAML, and tables for people."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sealwright_cli.messages.ui import visible
from sealwright_manifests.text import yamlwriter
from sealwright_manifests.text.documents import Form


def as_text(facts: Mapping[str, Any], form: Form) -> str:
    """Return plain data in a form, without a line break at its end.

    JSON is in ASCII: names in files may hold characters that control a terminal, and names of files no text at all.
    """
    if form is Form.YAML:
        return "\n".join(["---", *yamlwriter.lines(facts)])
    return json.dumps(facts, indent=2)


def table(rows: Sequence[Sequence[str]], indent: str = "") -> list[str]:
    """Return lines in which the columns of all rows stand below each other; control characters are made visible."""
    shown = [[visible(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*shown, strict=True)]
    return [
        indent + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in shown
    ]
