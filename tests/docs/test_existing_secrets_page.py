"""docs/reference/existing-secrets.md: each row names tests that exist, and each reason that it tells is one."""

import re

import pytest
from tests.support.named_tests import NAME, exists, named_in
from tests.support.repository import ROOT

from sealwright_controller.objects.guards import TYPES_ACTED_ON
from sealwright_controller.objects.reasons import Reason
from sealwright_controller.options.table import FLAGS

PAGE = (ROOT / "docs/reference/existing-secrets.md").read_text(encoding="utf-8")
ROWS = [row for row in re.findall(r"^\| (.*) \|$", PAGE, re.MULTILINE) if not row.endswith(" | tests")]
GUARDING = (
    Reason.SEALING_KEY,
    Reason.TYPE_REFUSED,
    Reason.FINALIZERS_REFUSED,
    Reason.MISSING,
    Reason.CONTENDED,
)


def test_every_row_names_a_test() -> None:
    assert len(ROWS) > 20
    assert [row for row in ROWS if not re.search(rf" \| {NAME}(<br>{NAME})*$", row)] == []


@pytest.mark.parametrize("name", named_in(PAGE))
def test_a_test_that_is_named_exists(name: str) -> None:
    assert exists(name)


def test_all_reasons_types_and_flags_of_the_rules_stand_there() -> None:
    flags = [flag.name for flag in FLAGS.flags if flag.name.startswith("allow-")]
    assert len(flags) == 3
    assert [reason for reason in GUARDING if f"`{reason.value}`" not in PAGE] == []
    assert [kind for kind in TYPES_ACTED_ON if f"`{kind}`" not in PAGE] == []
    assert [flag for flag in flags if f"`--{flag}`" not in PAGE] == []
