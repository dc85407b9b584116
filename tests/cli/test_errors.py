"""Errors: each says what to do next, and each class has the status that its place in the hierarchy promises."""

import ast
import io
from collections.abc import Iterator
from dataclasses import replace

import pytest
from tests.support.cli import recording_console
from tests.support.repository import PACKAGES, shown

from sealwright_cli.messages import errors
from sealwright_cli.messages.errors import CliError, ClusterError, InputError, KubeconfigError
from sealwright_cli.messages.exitcodes import ExitStatus

CLASSES = [one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, CliError)]
SAID_TO_NOBODY = {"OutputClosedError"}


def raised_without_hint() -> Iterator[str]:
    """Yield each place where an error is made that says nothing of what to do next."""
    with_usual_hint = {one.__name__ for one in CLASSES if one.usual_hint}
    wanted = {one.__name__ for one in CLASSES} - with_usual_hint - SAID_TO_NOBODY
    for path in sorted(PACKAGES["sealwright_cli"].rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in wanted:
                hints = [one.value for one in node.keywords if one.arg == "hint"]
                if not hints or (isinstance(hints[0], ast.Constant) and not hints[0].value):
                    yield f"{shown(path)}:{node.lineno}"


def test_every_error_says_what_to_do_next() -> None:
    assert list(raised_without_hint()) == []


@pytest.mark.parametrize(
    ("error", "hint"),
    [
        (InputError("what", hint="do"), "do"),
        (ClusterError("what", hint="do"), "do"),
        (ClusterError("what"), ClusterError.usual_hint),
        (KubeconfigError("what"), KubeconfigError.usual_hint),
    ],
)
def test_an_error_is_shown_with_its_nearest_hint(error: CliError, hint: str) -> None:
    stderr = io.StringIO()
    replace(recording_console(), stderr=stderr).error(error)
    assert stderr.getvalue() == f"error: what\nhint: {hint}\n"


NOT_ERRORS = {ExitStatus.OK, ExitStatus.PARTLY_DONE, ExitStatus.INTERRUPTED, ExitStatus.FINDINGS}


def test_every_kind_of_error_has_a_status_of_its_own() -> None:
    assert {one.status for one in CLASSES if one is not CliError} == set(ExitStatus) - NOT_ERRORS
