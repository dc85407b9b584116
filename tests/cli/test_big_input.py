"""Large and hostile input takes a time that grows with its size, not with the square of it.

The limits are coarse, for a machine that is busy: what grew with the square would take minutes, or hours. Figures are
`benchmarks/big_input.py`'s business.
"""

import os
import resource
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.support import big_texts
from tests.support.cli import CERTIFICATE, seal
from tests.support.costs import costs_at_most

from sealwright_cli.messages.errors import CliError, InputError
from sealwright_cli.messages.exitcodes import ExitStatus
from sealwright_cli.sealed.sealing import SealingRules, seal_text
from sealwright_crypto import load_certificate
from sealwright_manifests.text.blocks import LINE_BREAKS, line_start
from sealwright_manifests.text.documents import join

RULES = SealingRules(load_certificate(CERTIFICATE.read_bytes()))
MOST_SECONDS = 100
SIZE = 1_000_000


@pytest.mark.skipif(os.name == "nt", reason="POSIX tells what a process that ended has used")
@pytest.mark.parametrize(
    ("text", "count"),
    [
        pytest.param(lambda: big_texts.comments(30_000_000), 1, id="30 MB of comments"),
        pytest.param(lambda: big_texts.documents(10_000), 10_000, id="10,000 documents"),
        pytest.param(lambda: big_texts.items(50_000), 1, id="50,000 items"),
        pytest.param(lambda: big_texts.small_secrets(10_000), 10_000, id="10,000 Secrets in a List"),
    ],
)
def test_the_command_seals_a_large_file(tmp_path: Path, text: Callable[[], str], count: int) -> None:
    (tmp_path / "s.yaml").write_text(text())
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = seal("-q", tmp_path / "s.yaml", "-w", tmp_path / "out.yaml")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.status == ExitStatus.OK, done.stderr[-500:]
    assert (tmp_path / "out.yaml").read_text().count("kind: SealedSecret") == count
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < MOST_SECONDS


def errors_in(text: str) -> list[CliError]:
    """Seal a text, within the limit; returns what was wrong."""
    errors: list[CliError] = []

    def work() -> None:
        errors[:] = seal_all(text)

    assert costs_at_most(MOST_SECONDS, work)
    return errors


def seal_all(text: str) -> list[CliError]:
    try:
        sealed = seal_text(text, "x", RULES)
        if not sealed.errors:
            join(sealed.documents)
    except InputError as error:
        return [error]
    return list(sealed.errors)


@pytest.mark.parametrize("kind", big_texts.SEALED)
def test_large_texts_of_every_kind_are_sealed_in_time(kind: str) -> None:
    assert errors_in(big_texts.SEALED[kind](SIZE)) == []


@pytest.mark.parametrize("make", [big_texts.small_secrets_in_json, big_texts.small_secrets_in_braces])
def test_thousands_of_secrets_on_one_line_are_sealed_in_time(make: Callable[[int], str]) -> None:
    assert errors_in(make(3000)) == []


@pytest.mark.parametrize("kind", big_texts.BROKEN)
def test_large_texts_that_are_broken_are_refused_in_time(kind: str) -> None:
    (error,) = errors_in(big_texts.BROKEN[kind](SIZE))
    assert error.hint


@pytest.mark.parametrize("end", LINE_BREAKS)
def test_the_beginning_of_a_line_is_found_without_a_look_at_the_whole_text(end: str) -> None:
    text = ("x" * 19 + end) * 200_000

    def find() -> None:
        assert all(line_start(text, offset) == offset - 19 for offset in range(19, len(text), 40))

    assert costs_at_most(5, find)


@pytest.mark.parametrize("end", LINE_BREAKS)
def test_lines_of_all_lengths_have_a_beginning(end: str) -> None:
    for length in (0, 1, 254, 255, 256, 257, 767, 768, 769, 5000):
        assert line_start("x" * length, length) == 0
        assert line_start(f"é{end}{'x' * length}{end}y", length + 2) == 2
        assert line_start(f"{end}{'x' * length}", length + 1) == 1
