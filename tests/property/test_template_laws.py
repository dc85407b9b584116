"""Laws that hold for any template and any data. `make fuzz` tries many more templates than the suite does."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.support.template_laws import (
    SECRETS,
    check_no_error_shows_a_value,
    check_parses_or_is_refused_with_its_place,
    check_renders_or_is_refused_in_bounds,
    outcome,
)
from tests.support.templates import any_texts, templates

from sealwright_templating import Limits, render

VALUES = st.text() | st.binary()

some = settings(deadline=None, max_examples=200, suppress_health_check=list(HealthCheck))


@some
@given(any_texts)
def test_any_text_parses_or_is_refused_with_its_place(text: str) -> None:
    check_parses_or_is_refused_with_its_place(text)


@some
@given(templates, VALUES)
def test_any_template_over_any_data_renders_or_is_refused_in_bounds(template: str, value: str | bytes) -> None:
    check_renders_or_is_refused_in_bounds(template, value)


@some
@given(templates | any_texts, st.sampled_from(SECRETS))
def test_no_error_ever_shows_a_value(template: str, value: str | bytes) -> None:
    check_no_error_shows_a_value(template, value)


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
