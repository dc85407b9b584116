"""What is refused, and that the message says where and why, and never a value."""

import pytest

from sealwright_templating import TemplateError, TemplateExecutionError, TemplateParseError, render

MALFORMED = [
    ("a {{ .b ", 1, 3, "this action is not closed: }} is missing"),
    ("{{ .a", 1, 1, "this action is not closed: }} is missing"),
    ("{{ .a }} {{", 1, 10, "this action is not closed: }} is missing"),
    ("{{}}", 1, 1, "this action is empty"),
    ("{{-  -}}", 1, 1, "this action is empty"),
    ("a\nb {{/* c", 2, 5, "this comment is not closed: */ is missing"),
    ("{{/* c */ }}", 1, 10, 'nothing may stand between the end of a comment and }}, or " -}}"'),
    ("{{ /* c */}}", 1, 4, 'a comment must follow {{, or "{{- ", at once'),
    ("{{.my-key}}", 1, 6, 'a field\'s name may hold letters, digits and _ only, not "-"'),
    ('{{.["a"]}}', 1, 4, 'a field\'s name may hold letters, digits and _ only, not "["'),
    ("{{ .a. }}", 1, 6, "a field's name is missing after this dot"),
    ("{{ .a..b }}", 1, 6, "a field's name is missing after this dot"),
    ("{{-.a}}", 1, 3, "a trim marker needs a space between itself and what it marks: {{- .field -}}"),
    ("{{ .a - }}", 1, 7, "a trim marker needs a space between itself and what it marks: {{- .field -}}"),
    ("{{ # }}", 1, 4, '"#" has no meaning here'),
    ("{{ \x07 }}", 1, 4, '"\\x07" has no meaning here'),
]

NOT_YET = [
    ("{{ . }}", 1, 4, "printing all the data is not supported yet; name a field, as in {{ .password }}"),
    ("line\n{{ .a | upper }}", 2, 7, "pipelines are not supported yet"),
    ("{{ .a .b }}", 1, 6, "arguments are not supported yet"),
    ("{{ upper .a }}", 1, 4, 'function "upper" is not supported yet'),
    ("{{ if .a }}x{{ end }}", 1, 4, "if is not supported yet"),
    ("{{- range .a }}", 1, 5, "range is not supported yet"),
    ("{{ true }}", 1, 4, "the constant true is not supported yet"),
    ("{{ $x }}", 1, 4, "variables are not supported yet"),
    ("{{ (.a) }}", 1, 4, "parentheses are not supported yet"),
    ('{{"{{"}}', 1, 3, "text constants are not supported yet"),
    ("{{ 'x' }}", 1, 4, "character constants are not supported yet"),
    ("{{ 1 }}", 1, 4, "numbers are not supported yet"),
    ("{{-3}}", 1, 3, "numbers are not supported yet"),
    ("{{ .5 }}", 1, 4, "numbers are not supported yet"),
]


@pytest.mark.parametrize(("template", "line", "column", "reason"), MALFORMED + NOT_YET)
def test_an_unsupported_template_is_refused_with_its_place(template: str, line: int, column: int, reason: str) -> None:
    with pytest.raises(TemplateParseError) as caught:
        render(template, {"a": "value"}, name="app.conf")
    error = caught.value
    assert (error.name, error.line, error.column, error.reason) == ("app.conf", line, column, reason)
    assert str(error) == f'template "app.conf", line {line}, column {column}: {reason}'


def test_a_field_of_a_value_is_an_execution_error() -> None:
    with pytest.raises(TemplateExecutionError) as caught:
        render("a\n {{ .user.name.first }}", {"user": "alice"}, name="t")
    assert str(caught.value) == 'template "t", line 2, column 10: field "user" is a text, it has no field "name"'


def test_a_template_that_is_no_text_is_refused() -> None:
    with pytest.raises(TemplateParseError, match="line 2, column 2: half a surrogate pair is no text"):
        render("a\nb\ud800", {})


def test_a_value_that_is_no_text_is_refused_without_showing_it() -> None:
    with pytest.raises(TemplateExecutionError) as caught:
        render("{{ .user }}", {"user": "hunter2\ud800"})
    assert caught.value.reason == 'the value of field "user" is no text that UTF-8 can hold'
    assert caught.value.__context__ is None or caught.value.__suppress_context__


@pytest.mark.parametrize(
    ("name", "shown"),
    [("n" * 100, f'"{"n" * 60}…"'), ("a\nb", '"a\\nb"'), ("\u202eevil", '"\\u202eevil"')],
    ids=["long", "with a line break", "with a character that turns the text around"],
)
def test_a_hostile_name_stays_short_and_printable(name: str, shown: str) -> None:
    with pytest.raises(TemplateError) as caught:
        render("{{", {}, name=name)
    assert str(caught.value).startswith(f"template {shown}, line 1")
