"""docs/reference/templates.md: every example on it was run, and gives what the page says."""

import re

import pytest
from tools.pages.template_examples import DATA, EXAMPLES, result_of
from tools.pages.template_language import ERRORS, LANGUAGE
from tools.pages.template_reference import PAGE, SECTIONS, code, render

from sealwright_templating import TemplateExecutionError
from sealwright_templating import render as render_template
from sealwright_templating.functions.index import FAMILIES, lookup, names

TEXT = PAGE.read_text(encoding="utf-8")
ROWS = dict(re.findall(r"^\| `(\w+)`<br>(.*) \|$", TEXT, re.MULTILINE))


def test_the_page_is_what_its_generator_writes() -> None:
    assert render() == TEXT, "run: python -m tools.pages.template_reference"


def test_every_function_stands_on_the_page_once() -> None:
    assert sorted(ROWS) == names() == sorted(EXAMPLES)
    assert TEXT.count("`<br>`") == len(names())


def test_every_family_has_a_section() -> None:
    assert sorted(" ".join(SECTIONS.values()).split()) == sorted(FAMILIES)


@pytest.mark.parametrize("name", names())
def test_an_example_calls_its_function_and_gives_what_the_page_says(name: str) -> None:
    function, template = lookup(name), EXAMPLES[name]
    assert function is not None
    signature, _, rest = ROWS[name].partition(" | ")
    assert signature == code(function.signature.text)
    assert re.search(rf"(?<![\w.]){name}(?!\w)", template)
    assert rest.endswith(f" | {code(template)} | {code(result_of(template))}")


@pytest.mark.parametrize("template", [template for examples in LANGUAGE.values() for template, _ in examples])
def test_an_example_of_the_language_gives_what_the_page_says(template: str) -> None:
    assert f" | {code(template)} | {code(result_of(template))} | " in TEXT


@pytest.mark.parametrize("template", [template for template, _ in ERRORS])
def test_what_the_page_says_fails_does_fail(template: str) -> None:
    with pytest.raises(TemplateExecutionError):
        render_template(template, DATA)
