"""`sealwright-kubeseal` against what upstream's binary was seen to do, and what ours does in the place of its accidents."""

import json
from pathlib import Path

import pytest
from tests.support.cli import kubeseal
from tools.checks.kubeseal_parity import FOLDER, cases, differences
from tools.pages.kubeseal_reference import PAGE, render

COMPATIBLE = [name for name, case in cases().items() if case["kind"] == "compat"]
SHOWN_ELSEWHERE = {"merge-comments-lost"}  # the corpus does not compare comments; a test below does
QUIRKS = [name for name, case in cases().items() if case["kind"] == "quirk"]


def test_the_corpus_is_whole() -> None:
    assert (len(COMPATIBLE), len(QUIRKS)) == (353, 54)


@pytest.mark.parametrize("name", COMPATIBLE)
def test_does_what_kubeseal_does(name: str) -> None:
    assert differences(cases()[name]) == [], cases()[name]["about"]


@pytest.mark.parametrize("name", QUIRKS)
def test_does_better_than_kubeseal(name: str) -> None:
    assert differences(cases()[name]) == [], cases()[name]["better"]


@pytest.mark.parametrize("name", QUIRKS)
def test_what_is_better_is_something_else(name: str) -> None:
    recorded = json.loads((FOLDER / "cases" / f"{name}.json").read_text(encoding="utf-8"))["expect"]
    better = cases()[name]
    assert better["expect"] != recorded or better["stderr_has"] or name in SHOWN_ELSEWHERE


def test_merge_comments_lost(tmp_path: Path) -> None:
    case = cases()["merge-comments-lost"]
    target = tmp_path / "t.yaml"
    target.write_text(case["files"]["t.yaml"])
    run = kubeseal("--cert", FOLDER / "keys" / "a.crt", "--merge-into", target, "-o", "yaml", stdin=case["stdin"])
    assert run.status == 0, run.stderr
    comment, *rest = case["files"]["t.yaml"].splitlines()
    after = target.read_text().splitlines()
    assert comment.startswith("# ")
    assert after[:2] == ["---", comment]
    assert [line for line in after if line in rest] == rest


def test_the_reference_page_says_what_the_program_does() -> None:
    assert PAGE.read_text(encoding="utf-8") == render(), "run: python -m tools.pages.kubeseal_reference"
