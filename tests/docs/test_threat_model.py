"""docs/threat-model.md: every attack names the tests that show what stops it, and each test that is named exists."""

import re

import pytest
from tests.support.named_tests import NAME, exists, named_in
from tests.support.repository import ROOT

PAGE = (ROOT / "docs/threat-model.md").read_text(encoding="utf-8")
ATTACKS = [
    row
    for table in re.findall(r"^\| (?:attack|what happens) \|.*\n\|[-|]+\|\n((?:\|.*\|\n)+)", PAGE, re.MULTILINE)
    for row in table.splitlines()
]


def test_every_attack_names_a_test() -> None:
    assert len(ATTACKS) > 50
    assert [row for row in ATTACKS if not re.search(rf" \| {NAME}(<br>{NAME})* \|$", row)] == []


@pytest.mark.parametrize("name", named_in(PAGE))
def test_a_test_that_is_named_exists(name: str) -> None:
    assert exists(name)
