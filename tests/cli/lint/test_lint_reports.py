"""Reports of lint: SARIF by its schema, GitHub's commands by their escapes, JSON by its fields."""

import json
import re
from typing import Any

import jsonschema
import pytest
from tests.support.builders import VECTORS
from tests.support.linting import lint_result

from sealwright_cli.lint.finding import Finding
from sealwright_cli.lint.reports import Outcome, Report, report, table_of_rules
from sealwright_cli.lint.rules import RULES

SCHEMA = json.loads((VECTORS / "sarif/sarif-2.1.0-rtm.5.json").read_text(encoding="utf-8"))
ODD = Finding("a b/100%: x,ü\n.yaml", 3, 7, "SW101", "100% wrong:\r\nreally", "write\nthis", "SealedSecret db")
BAD = "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: D_B}\nspec: {encryptedData: {a: b}}\n"


def outcome() -> Outcome:
    findings = [*lint_result(BAD).findings, ODD]
    assert len(findings) > 2
    return Outcome(2, findings, [ODD], {"chart/x.yaml": "looks like a Helm template"})


def read(form: Report, one: Outcome) -> Any:
    return json.loads(report(form, one))


@pytest.mark.parametrize(
    "one", [outcome(), Outcome(0, []), Outcome(1, [Finding("/tmp/ü.yaml", 1, 1, "SW002", "x", "y")])]
)
def test_sarif_is_valid_by_the_schema(one: Outcome) -> None:
    jsonschema.Draft4Validator(SCHEMA, format_checker=jsonschema.FormatChecker()).validate(read(Report.SARIF, one))


def test_the_schema_would_notice_a_mistake() -> None:
    data = read(Report.SARIF, outcome())
    data["runs"][0]["results"][0]["level"] = "bad"
    assert not jsonschema.Draft4Validator(SCHEMA).is_valid(data)


def test_sarif_names_place_and_rule() -> None:
    (run,) = read(Report.SARIF, outcome())["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [one["id"] for one in rules] == list(RULES)
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    place = run["results"][-1]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "a%20b/100%25%3A%20x,%C3%BC%0A.yaml"
    assert place["region"] == {"startLine": 3, "startColumn": 7}


def test_no_link_of_an_author_stands_in_a_message_of_sarif() -> None:
    one = Finding("x.yaml", 1, 1, "SW101", r"[see](https://evil.example) \[", "[here](https://evil.example)")
    (result,) = read(Report.SARIF, Outcome(1, [one]))["runs"][0]["results"]
    text = result["message"]["text"]
    assert text == r"\[see\](https://evil.example) \\\[. What to do: \[here\](https://evil.example)"


def test_github_s_commands_are_escaped() -> None:
    line = report(Report.GITHUB, Outcome(1, [ODD]))
    assert line == (
        "::error file=a b/100%25%3A x%2Cü%0A.yaml,line=3,col=7,title=SW101 unknown-field::"
        "SealedSecret db: 100%25 wrong:%0D%0Areally%0Awrite%0Athis\n"
    )
    assert report(Report.GITHUB, Outcome(1, [])) == ""


@pytest.mark.parametrize("form", [Report.TEXT, Report.GITHUB])
@pytest.mark.parametrize("name", ["::add-mask::a.yaml", " ::error::a.yaml", "a ##[set-output name=b]c", "##vso[x]y"])
def test_a_name_is_no_command_to_what_runs_lint(form: Report, name: str) -> None:
    text = report(form, Outcome(1, [Finding(name, 1, 1, "SW101", name, name, name)]))
    assert not re.search(r"##\w*\[", text)
    lines = [line.lstrip() for line in text.splitlines()]
    assert [line.startswith("::") for line in lines] == [form is Report.GITHUB] * len(lines)


def test_text_is_one_line_for_each_finding_and_hint() -> None:
    lines = report(Report.TEXT, Outcome(1, [ODD])).splitlines()
    assert lines[0].startswith(r"a b/100%: x,ü\n.yaml:3:7: SW101 SealedSecret db: 100% wrong:\r\nreally")
    assert lines[1] == r"    hint: write\nthis"


def test_json_has_findings_fixes_and_what_was_skipped() -> None:
    data = read(Report.JSON, outcome())
    assert data["files"] == 2
    assert data["skipped"] == [{"file": "chart/x.yaml", "reason": "looks like a Helm template"}]
    assert data["fixed"][0] == {
        "file": ODD.file, "line": 3, "column": 7, "rule": "SW101", "name": "unknown-field", "level": "error",
        "object": "SealedSecret db", "message": ODD.message, "hint": ODD.hint, "fix": None,
        "page": "docs/reference/lint/objects.md#sw101-unknown-field",
    }  # fmt: skip
    assert {one["rule"] for one in data["findings"]} == {"SW104", "SW201", "SW101"}


def test_the_rules_are_listed() -> None:
    assert len(table_of_rules(Report.TEXT).splitlines()) == len(RULES)
    assert [one["id"] for one in json.loads(table_of_rules(Report.JSON))] == list(RULES)
