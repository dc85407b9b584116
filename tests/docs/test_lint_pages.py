"""The pages about rules: each rule has a section, its bad example is found and its good one is not."""

import re
from pathlib import Path

import pytest
from tests.support.linting import rules_found
from tests.support.repository import ROOT

from sealwright_cli.lint.rules import GROUPS, RULES

FOLDER = ROOT / "docs/reference/lint"
INDEX = (ROOT / "docs/reference/lint.md").read_text(encoding="utf-8")
PAGES = {group: (FOLDER / f"{name}.md").read_text(encoding="utf-8") for group, (name, _) in GROUPS.items()}
SECTIONS = {section.split()[0]: section for page in PAGES.values() for section in page.split("\n## ")[1:]}
BLOCK = re.compile(r"\*\*(Bad|Good)\*\*\n\n```yaml\n(.*?)\n```", re.DOTALL)
WITHOUT_EXAMPLE = {"SW001", "SW204"}
"""What no YAML shows."""


def test_every_rule_has_a_section_with_its_name_and_sentence() -> None:
    assert list(SECTIONS) == list(RULES)
    for rule in RULES.values():
        heading, text = SECTIONS[rule.id].split("\n", 1)
        assert heading == f"{rule.id} {rule.name}"
        assert rule.summary[1:] in " ".join(text.split())
        assert "**Why.**" in text
        assert ("--fix" in text) == rule.is_fixable


@pytest.mark.parametrize("group", GROUPS)
def test_each_page_has_the_rules_of_its_group(group: str) -> None:
    assert {rule for rule in RULES if rule.startswith(group)} == set(
        re.findall(r"^## (SW\d+)", PAGES[group], re.MULTILINE)
    )


def test_the_index_lists_every_rule_and_links_to_its_section() -> None:
    rows = re.findall(r"^\| \[(SW\d+)\]\(([^)]+)\) \| (\S+) \| (\w+) \| (\w*) \| (.+) \|$", INDEX, re.MULTILINE)
    assert rows == [
        (
            one.id,
            one.page.removeprefix("docs/reference/"),
            one.name,
            one.level,
            "yes" if one.is_fixable else "",
            one.summary,
        )
        for one in RULES.values()
    ]
    assert {path.stem for path in FOLDER.glob("*.md")} == {name for name, _ in GROUPS.values()}


@pytest.mark.parametrize("rule", [one for one in RULES if one not in WITHOUT_EXAMPLE])
def test_the_bad_example_is_found_and_the_good_one_is_not(rule: str) -> None:
    examples = dict(BLOCK.findall(SECTIONS[rule]))
    assert rule in rules_found(examples["Bad"], chart=rule == "SW303", key=True)
    assert rules_found(examples["Good"], rule, chart=True, key=True) == []


@pytest.mark.parametrize("rule", [one for one in RULES if one not in WITHOUT_EXAMPLE])
def test_a_good_example_has_no_error_of_another_rule(rule: str) -> None:
    good = dict(BLOCK.findall(SECTIONS[rule]))["Good"]
    allowed = {"SW205"} if rule == "SW109" else {"SW202"}  # the ciphertexts of the examples are all the same
    found = set(rules_found(good, key=True)) - allowed
    assert {one for one in found if RULES[one].level == "error"} == set()


def test_the_exit_statuses_are_those_of_the_command() -> None:
    page = (Path(FOLDER).parent / "exit-codes.md").read_text(encoding="utf-8")
    assert "| 10 | findings |" in page
