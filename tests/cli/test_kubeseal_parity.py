"""`sealwright-kubeseal` against what upstream's binary was seen to do, and what ours does in the place of its accidents."""

import json

import pytest
from tests.support.kubeseal_parity import FOLDER, cases, differences
from tests.support.kubeseal_reference import PAGE, render

COMPATIBLE = [name for name, case in cases().items() if case["kind"] == "compat"]
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
    assert better["expect"] != recorded or better["stderr_has"]


def test_the_reference_page_says_what_the_program_does() -> None:
    assert PAGE.read_text(encoding="utf-8") == render(), "run: python -m tests.support.kubeseal_reference"
