"""docs/reference/project-file.md and its JSON schema are what the table of fields says, and the schema knows examples."""

import json
import re

import jsonschema
import pytest
from ruamel.yaml import YAML
from tests.cli.project.test_reading import MISTAKES, PLACE, WHOLE
from tests.support.repository import ROOT
from tools.pages.project_reference import PAGE, SCHEMA, render, schema_text

from sealwright_cli.project.reading import project_of
from sealwright_cli.project.table import PLACEHOLDERS

CHECKED = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))
GUIDE = (ROOT / "docs/guides/several-clusters.md").read_text(encoding="utf-8")
EXAMPLES = [
    WHOLE,
    *(
        block
        for page in (render(), GUIDE)
        for block in re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
        if "rules" in block
    ),
]


def test_page_and_schema_are_what_the_table_says() -> None:
    assert render() == PAGE.read_text(encoding="utf-8"), "run: python -m tools.pages.project_reference"
    assert schema_text() == SCHEMA.read_text(encoding="utf-8"), "run: python -m tools.pages.project_reference"


def test_page_and_schema_explain_each_placeholder_of_output() -> None:
    rule = json.loads(schema_text())["properties"]["rules"]["items"]
    for name, meaning in PLACEHOLDERS.items():
        assert f"| `{{{name}}}` | {meaning} |" in render()
        assert f"{{{name}}} is {meaning}" in rule["properties"]["output"]["description"]


@pytest.mark.parametrize("text", EXAMPLES)
def test_examples_fit_the_schema_and_can_be_read(text: str) -> None:
    CHECKED.validate(YAML(typ="safe").load(text))
    project_of(text, PLACE)


@pytest.mark.parametrize("text", [text for text, message, _ in MISTAKES if "field" in message or "a scope" in message])
def test_unknown_fields_and_words_do_not_fit_the_schema(text: str) -> None:
    assert not CHECKED.is_valid(YAML(typ="safe").load(text))
