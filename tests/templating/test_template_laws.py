"""Laws that hold for any template and any data."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealwright_templating import TemplateError, render

FRAGMENTS = st.sampled_from(
    [
        "{{",
        "}}",
        "{{- ",
        " -}}",
        "{{/*",
        "*/}}",
        ".",
        ".user",
        ".none",
        " ",
        "\n",
        "-",
        "if",
        "|",
        '"',
        "upper",
        "5",
        "é",
    ]
)
TEMPLATES = st.one_of(st.text(), st.lists(FRAGMENTS | st.text(max_size=3), max_size=12).map("".join))
VALUES = st.text() | st.binary()
SECRET = "correct horse battery staple"


def outcome(template: str, data: dict[str, str | bytes]) -> bytes | TemplateError:
    try:
        return render(template, data)
    except TemplateError as error:
        return error


@given(TEMPLATES, st.dictionaries(st.text(max_size=5) | st.just("user"), VALUES, max_size=3))
def test_any_text_renders_or_is_refused_with_our_error(template: str, data: dict[str, str | bytes]) -> None:
    result = outcome(template, data)
    if isinstance(result, TemplateError):
        assert 1 <= result.line <= template.count("\n") + 1
        assert 1 <= result.column <= len(template) + 1
    else:
        assert isinstance(result, bytes)


@given(st.text().filter(lambda text: "{{" not in text))
def test_text_without_actions_is_copied(text: str) -> None:
    assert render(text, {}) == text.encode()


@given(st.text(), VALUES, st.text())
def test_a_field_between_texts_gives_the_value_between_them(before: str, value: str | bytes, after: str) -> None:
    plain_before, plain_after = before.replace("{", ""), after.replace("{", "")
    expected = value if isinstance(value, bytes) else value.encode()
    rendered = render(plain_before + "{{.user}}" + plain_after, {"user": value})
    assert rendered == plain_before.encode() + expected + plain_after.encode()


@given(TEMPLATES, st.sampled_from([SECRET, SECRET.encode(), SECRET.encode() + b"\xff", SECRET + "\ud800"]))
def test_no_error_ever_shows_a_value(template: str, value: str | bytes) -> None:
    with pytest.raises(TemplateError) as caught:
        render(template + "{{ .user }}{{ .user.x }}", {"user": value, "none": value, SECRET: value})
    assert SECRET not in str(caught.value)
    assert SECRET not in repr(caught.value)
