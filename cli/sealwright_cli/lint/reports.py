"""Findings as text for people, as JSON, as SARIF 2.1.0 for code scanning, and as GitHub's workflow commands.

Decides nothing: which findings there are is settled before.
"""

import json
import os
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Any
from urllib.parse import quote

from sealwright_cli.lint.finding import Finding
from sealwright_cli.lint.rules import RULES, Rule
from sealwright_cli.messages.ui import visible
from sealwright_conventions.records import field, record
from sealwright_crypto import __version__

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_NO_LINKS = str.maketrans({char: f"\\{char}" for char in "\\[]"})
"""SARIF takes text in brackets for a link (3.11.6), and the author of a file may have written it."""


class Report(StrEnum):
    """The forms of a report; the value is the word on the command line."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"
    GITHUB = "github"


@record
class Outcome:
    """What is reported: how many files were read, what is left, what was corrected, what was passed over and why."""

    files: int
    findings: Sequence[Finding]
    fixed: Sequence[Finding] = ()
    skipped: Mapping[str, str] = field(default_factory=dict)


def report(form: Report, outcome: Outcome) -> str:
    """Return a report; the text for people and GitHub's commands are empty if nothing was found."""
    return _FORMS[form](outcome)


def table_of_rules(form: Report) -> str:
    """Return the rules: a line each, or as JSON in every other form."""
    if form is Report.TEXT:
        width = max(len(rule.name) for rule in RULES.values())
        return "".join(f"{one.id}  {one.level:7}  {one.name:{width}}  {one.summary}\n" for one in RULES.values())
    return _json([_described(rule) for rule in RULES.values()])


def _text(outcome: Outcome) -> str:
    lines = []
    for one in outcome.findings:
        about = f"{one.about}: " if one.about else ""
        lines.append(f"{visible(one.file)}:{one.line}:{one.column}: {one.rule} {visible(f'{about}{one.message}')}")
        lines.append(f"    hint: {visible(one.hint)}")
    return "".join(f"{line}\n" for line in lines)


def _as_json(outcome: Outcome) -> str:
    return _json(
        {
            "files": outcome.files,
            "findings": [_as_data(one) for one in outcome.findings],
            "fixed": [_as_data(one) for one in outcome.fixed],
            "skipped": [{"file": name, "reason": reason} for name, reason in outcome.skipped.items()],
        }
    )


def _as_data(one: Finding) -> dict[str, Any]:
    rule = RULES[one.rule]
    return {
        "file": one.file,
        "line": one.line,
        "column": one.column,
        "rule": one.rule,
        "name": rule.name,
        "level": str(rule.level),
        "object": one.about or None,
        "message": one.message,
        "hint": one.hint,
        "fix": one.fix or None,
        "page": rule.page,
    }


def _described(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "name": rule.name,
        "level": str(rule.level),
        "summary": rule.summary,
        "fixable": rule.is_fixable,
        "page": rule.page,
    }


def _sarif(outcome: Outcome) -> str:
    rules = list(RULES.values())
    places = {rule.id: place for place, rule in enumerate(rules)}
    driver = {
        "name": "sealwright",
        "version": __version__,
        "rules": [
            {
                "id": rule.id,
                "name": rule.name.title().replace("-", ""),
                "shortDescription": {"text": rule.summary},
                "help": {"text": f"{rule.summary} It is explained in {rule.page}."},
                "defaultConfiguration": {"level": str(rule.level)},
            }
            for rule in rules
        ],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(one, places[one.rule]) for one in outcome.findings],
    }
    return _json({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})


def _result(one: Finding, place: int) -> dict[str, Any]:
    about = f"{one.about}: " if one.about else ""
    location = {
        "artifactLocation": {"uri": _uri(one.file)},
        "region": {"startLine": one.line, "startColumn": one.column},
    }
    return {
        "ruleId": one.rule,
        "ruleIndex": place,
        "level": str(RULES[one.rule].level),
        "message": {"text": f"{about}{one.message}. What to do: {one.hint}".translate(_NO_LINKS)},
        "locations": [{"physicalLocation": location}],
    }


def _uri(name: str) -> str:
    """Return a path as a URI reference: relative to where lint ran, with slashes."""
    path = name.replace(os.sep, "/")
    written = quote(path, safe="/~!$&'()*+,;=@-._", errors="replace")
    return f"file://{written}" if path.startswith("/") else written


def _github(outcome: Outcome) -> str:
    lines = []
    for one in outcome.findings:
        rule = RULES[one.rule]
        about = f"{one.about}: " if one.about else ""
        place = f"file={_property(one.file)},line={one.line},col={one.column}"
        title = _property(f"{one.rule} {rule.name}")
        message = _escaped(f"{about}{one.message}\n{one.hint}")
        lines.append(f"::{rule.level} {place},title={title}::{message}")
    return "".join(f"{line}\n" for line in lines)


def _escaped(text: str) -> str:
    """Return a text as the message of a workflow command holds it."""
    return visible(text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A"))


def _property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")


def _json(data: Any) -> str:
    return json.dumps(data, indent=2, ensure_ascii=True) + "\n"


_FORMS: Mapping[Report, Callable[[Outcome], str]] = {
    Report.TEXT: _text,
    Report.JSON: _as_json,
    Report.SARIF: _sarif,
    Report.GITHUB: _github,
}
