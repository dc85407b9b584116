"""docs/threat-model.md is complete: each attacker has attacks, each attack what stops it, and tests that pytest collects.

Or the page says plainly that nothing stops it, and why.
"""

import re

import pytest
from tests.docs.test_pages import anchors
from tests.support.named_tests import NAME, exists, named_in
from tests.support.repository import ROOT

PATH = ROOT / "docs/threat-model.md"
PAGE = PATH.read_text(encoding="utf-8")
SECTIONS = {
    part.partition("\n")[0]: part.partition("\n")[2] for part in re.split(r"^## ", PAGE, flags=re.MULTILINE)[1:]
}
HEAD = re.compile(r"^\| (?:attack|what happens) \|.*\n\|[-|]+\|\n((?:\|.*\|\n)+)", re.MULTILINE)
ATTACKS = {
    section: [[cell.strip() for cell in row.strip("|").split(" | ")] for row in found[1].splitlines()]
    for section, text in SECTIONS.items()
    if (found := HEAD.search(text))
}
"""Section → its rows: the attack, the harm that it did once, what stops it, the tests."""
ATTACKERS = re.findall(r"^\| \[([\w ]+)\]\(#([\w-]+)\) \| ([\d, ]*) \|.*\|$", SECTIONS["Attackers"], re.MULTILINE)
"""Who, the section about them, and by which flows of data they come."""

NOTHING = re.compile(r"\*\*Nothing.*?\*\*[:,.]? .{40,}")
"""Of an attack that nothing stops: so it begins, and then it says why, or what limits it."""
AT_LEAST = 3
REQUIRED = {"author", "tenant", "network client", "reader", "thief of a backup", "compromised replica", "supply chain"}


def anchor(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def test_every_kind_of_attacker_is_there() -> None:
    assert {name for name, _, _ in ATTACKERS} >= REQUIRED
    assert len(ATTACKERS) == len(re.findall(r"^\| (?!attacker|---)", SECTIONS["Attackers"], re.MULTILINE))


@pytest.mark.parametrize(("name", "link", "flows"), ATTACKERS)
def test_an_attacker_has_a_section_with_attacks(name: str, link: str, flows: str) -> None:
    assert link in anchors(PATH)
    (rows,) = [rows for section, rows in ATTACKS.items() if anchor(section) == link]
    assert len(rows) >= AT_LEAST


def test_every_section_with_attacks_is_an_attackers() -> None:
    assert {anchor(section) for section in ATTACKS} == {link for _, link, _ in ATTACKERS}


def test_every_flow_of_data_is_in_the_picture_is_explained_and_is_somebodys_way_in() -> None:
    (picture,) = re.findall(r"```mermaid\n(.*?)```", SECTIONS["Boundaries"], re.DOTALL)
    drawn = [int(number) for number in re.findall(r'\|"(\d+): ', picture)]
    explained = [int(number) for number in re.findall(r"^(\d+)\. ", SECTIONS["Boundaries"], re.MULTILINE)]
    assert explained == list(range(1, len(explained) + 1))
    assert set(drawn) == set(explained)
    used = {int(number) for _, _, flows in ATTACKERS for number in re.findall(r"\d+", flows)}
    assert used == set(explained)


@pytest.mark.parametrize("section", ATTACKS)
def test_every_attack_names_its_tests_or_says_that_nothing_stops_it_and_why(section: str) -> None:
    for row in ATTACKS[section]:
        assert len(row) == 4, row
        attack, _, stops, tests = row
        if tests == "none":
            assert NOTHING.match(stops), attack
        else:
            assert re.fullmatch(f"{NAME}(<br>{NAME})*", tests), attack
            assert len(stops) > 10, attack


@pytest.mark.parametrize("name", named_in(PAGE))
def test_a_test_that_is_named_is_collected(name: str) -> None:
    assert exists(name)


def test_a_name_that_pytest_does_not_collect_is_no_test() -> None:
    assert exists("docs/test_threat_model.py::test_every_kind_of_attacker_is_there")
    assert not exists("docs/test_threat_model.py::anchor")
    assert not exists("support/named_tests.py")
    assert not exists("docs/test_nothing.py")


def test_every_file_of_attacks_is_named() -> None:
    files = [*(ROOT / "tests/threats").glob("test_*.py"), *(ROOT / "tests").rglob("test_hostile_*.py")]
    files += [ROOT / "tests/controller/web/test_keyservice_oracles.py", ROOT / "tests/integration/test_bombs.py"]
    named = {name.partition("::")[0] for name in named_in(PAGE)}
    assert len(files) > 6
    assert {path.relative_to(ROOT / "tests").as_posix() for path in files} - named == set()


def test_what_nothing_stops_is_among_the_limitations() -> None:
    page = (ROOT / "docs/limitations.md").read_text(encoding="utf-8")
    assert "## What sealing does not protect against" in page
    for name in ("threat-model.md", "limitations.md#what-sealing-does-not-protect-against"):
        assert f"docs/{name}" in (ROOT / "SECURITY.md").read_text(encoding="utf-8")
