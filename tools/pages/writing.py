"""The command line of every page's module: it takes only `--help`, and writes the page."""

import argparse
from collections.abc import Callable
from pathlib import Path


def write_page(page: Path, render: Callable[[], str], about: str) -> None:
    """Write what `render` returns to `page`, unless `--help` was given; `about` is the module's docstring."""
    argparse.ArgumentParser(description=about).parse_args()
    page.write_text(render(), encoding="utf-8", newline="\n")
