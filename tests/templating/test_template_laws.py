"""Laws that hold for any template and any data. `make fuzz-templates` tries many more examples than the suite does."""

import os
import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.support.templates import any_texts, templates

from sealwright_templating import (
    Limits,
    TemplateError,
    TemplateExecutionError,
    TemplateParseError,
    parse,
    render,
)

VALUES = st.text() | st.binary()
SECRET = "correct horse battery staple"
SMALL = Limits(steps=20_000, output_bytes=64 * 1024, value_bytes=128 * 1024, memory_bytes=1024 * 1024)
EXAMPLES = int(os.environ.get("SEALWRIGHT_FUZZ_EXAMPLES", "200"))

fuzzed = settings(deadline=None, max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))


def outcome(template: str, data: dict[str, str | bytes]) -> bytes | TemplateError:
    try:
        return render(
            template, data, limits=SMALL, clock=lambda: 1_700_000_000_123_456_789, randomness=random.Random(0).randbytes
        )
    except TemplateError as error:
        return error


@fuzzed
@given(any_texts)
def test_any_text_parses_or_is_refused_with_its_place(text: str) -> None:
    try:
        parse(text)
    except TemplateParseError as raised:
        error = raised
    else:
        return
    assert 1 <= error.line <= text.count("\n") + 1
    assert 1 <= error.column <= len(text) + 1


@fuzzed
@given(templates, VALUES)
def test_any_template_over_any_data_renders_or_is_refused_in_bounds(template: str, value: str | bytes) -> None:
    try:
        parse(template)
    except TemplateParseError:
        return
    result = outcome(template, {"user": value})
    if isinstance(result, bytes):
        assert len(result) <= SMALL.output_bytes
    else:
        assert isinstance(result, TemplateExecutionError)
        assert 1 <= result.line <= template.count("\n") + 1


@fuzzed
@given(templates | any_texts, st.sampled_from([SECRET, SECRET.encode(), SECRET.encode() + b"\xff", SECRET + "\ud800"]))
def test_no_error_ever_shows_a_value(template: str, value: str | bytes) -> None:
    result = outcome(template + "{{ .user.x }}", {"user": value, "none": value, SECRET: value})
    if isinstance(result, TemplateError):
        assert "horse" not in str(result).lower()
        assert "horse" not in repr(result).lower()


@given(any_texts, templates)
def test_what_is_rendered_once_is_rendered_the_same_again(text: str, template: str) -> None:
    for each in (text, template):
        first, second = outcome(each, {"user": "u"}), outcome(each, {"user": "u"})
        assert str(first) == str(second)


@given(st.text().filter(lambda text: "{{" not in text))
def test_text_without_actions_is_copied(text: str) -> None:
    assert render(text, {}) == text.encode()


@given(st.text(), VALUES, st.text())
def test_a_field_between_texts_gives_the_value_between_them(before: str, value: str | bytes, after: str) -> None:
    plain_before, plain_after = before.replace("{", ""), after.replace("{", "")
    expected = value if isinstance(value, bytes) else value.encode()
    rendered = render(plain_before + "{{.user}}" + plain_after, {"user": value})
    assert rendered == plain_before.encode() + expected + plain_after.encode()


@given(
    st.binary(),
    st.sampled_from(["{{ .v }}", "{{ print .v }}", '{{ printf "%s" .v }}', "{{ with .v }}{{ . }}{{ end }}"]),
)
def test_a_string_survives_byte_for_byte(value: bytes, template: str) -> None:
    assert render(template, {"v": value}) == value


@pytest.mark.parametrize("depth", [1_000, 9_999])
def test_nesting_never_reaches_pythons_stack(depth: int) -> None:
    limits = Limits(tokens=20 * depth)  # more than by default, where so deep a nesting is too long a text
    assert render("{{ " + "(" * depth + "1" + ")" * depth + " }}", {}, limits=limits) == b"1"
    assert render("{{ if 1 }}" * depth + "x" + "{{ end }}" * depth, {}, limits=limits) == b"x"
    assert render("{{ print " + "(print " * depth + "1" + ")" * depth + " }}", {}, limits=limits) == b"1"
