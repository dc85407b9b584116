"""The command line that every page's module has: it takes nothing but `--help`, and writes the page."""

import argparse
from collections.abc import Callable
from pathlib import Path


def write_page(page: Path, render: Callable[[], str], about: str) -> None:
    """Write what `render` returns to `page`, unless `--help` was asked for; `about` is the module's docstring."""
    argparse.ArgumentParser(description=about).parse_args()
    page.write_text(render(), encoding="utf-8", newline="\n")
