"""The tests that a page names, as `folder/test_file.py::Class::test_name`, and those that pytest collects."""

import ast
import functools
import re
from collections.abc import Iterator

from tests.support.repository import ROOT

NAME = r"`[\w/]+\.py(?:::[\w:]+)?`"
"""How a page names a test, or a file of them, as a regular expression."""


def named_in(page: str) -> list[str]:
    """Return the tests that a page's text names, each once."""
    return sorted({name.strip("`") for name in re.findall(NAME, page) if "test_" in name})


def exists(name: str) -> bool:
    """Tell whether pytest collects a test, or several, of this name below tests/."""
    file, _, path = name.partition("::")
    found = _found_in(file)
    return bool(found) if not path else path in found


@functools.cache
def _found_in(file: str) -> set[str]:
    path = ROOT / "tests" / file
    if not path.is_file() or not path.name.startswith("test_"):
        return set()
    return set(_names_in(ast.parse(path.read_text(encoding="utf-8"))))


def _names_in(tree: ast.Module | ast.ClassDef, prefix: str = "") -> Iterator[str]:
    """Yield functions, and classes: that take over all tests of another one, or stand for all of their own.

    By pytest's rules, other names are helpers; and a class without tests and without a base stands for nothing.
    """
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.name.startswith("Test"):
            own = list(_names_in(node, f"{prefix}{node.name}::"))
            yield from own
            if own or node.bases:
                yield prefix + node.name
        elif isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield prefix + node.name
