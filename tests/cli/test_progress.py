"""The progress bar: only on a terminal, only after a second, and gone in the end."""

import io

import pytest

from sealwright_cli.messages.progress import Progress
from sealwright_cli.messages.ui import Console


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def run(stderr: io.StringIO, seconds_each: float, *, quiet: bool = False, total: int = 20) -> str:
    console = Console(io.BytesIO(), io.BytesIO(), stderr, lambda _: "", quiet)
    clock = iter(number * seconds_each for number in range(total + 1))
    with Progress(console, total, "sealing", lambda: next(clock)) as progress:
        for _ in range(total):
            progress.advance()
    return stderr.getvalue()


def test_work_that_takes_longer_than_a_second_shows_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    assert "sealing" in run(Terminal(), 0.1)


def test_short_work_shows_none() -> None:
    assert run(Terminal(), 0.01) == ""


def test_what_is_no_terminal_shows_none() -> None:
    assert run(io.StringIO(), 1.0) == ""


def test_quiet_shows_none() -> None:
    assert run(Terminal(), 1.0, quiet=True) == ""
