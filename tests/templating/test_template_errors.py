"""What is refused, when, and that the message says where and why, and never a value."""

import pytest

from sealwright_templating import TemplateError, TemplateExecutionError, TemplateParseError, render

SECRET = "hunter2-correct-horse"

MALFORMED = [
    ("a {{ .b ", 1, 3, "this action is not closed: }} is missing"),
    ("{{ .a", 1, 1, "this action is not closed: }} is missing"),
    ("{{ .a }} {{", 1, 10, "this action is not closed: }} is missing"),
    ("{{}}", 1, 3, "a value is missing for command"),
    ("{{ if }}", 1, 4, "a value is missing for if"),
    ("{{ print () }}", 1, 10, "a value is missing for parenthesized pipeline"),
    ("a\nb {{/* c", 2, 5, "this comment is not closed: */ is missing"),
    ("{{/* c */ }}", 1, 10, 'nothing may stand between the end of a comment and }}, or " -}}"'),
    ("{{ /* c */}}", 1, 4, 'unexpected "/" in command'),
    ("{{.my-key}}", 1, 6, 'a name may hold letters, digits and _ only, not "-"'),
    ("{{$x²}}", 1, 5, 'a name may hold letters, digits and _ only, not "²"'),
    ('{{.["a"]}}', 1, 4, 'a name may hold letters, digits and _ only, not "["'),
    ("{{ .a. }}", 1, 6, 'unexpected "." in operand'),
    ("{{ ..a }}", 1, 4, "there is a dot too many"),
    ("{{-.a}}", 1, 3, "this is not a number"),
    ("{{ .a - }}", 1, 7, '"-": this is not a number'),
    ("{{ 1a }}", 1, 4, "this is not a number"),
    ("{{ 1+2 }}", 1, 4, "this is not a number"),
    ("{{ 08 }}", 1, 4, '"08": this number is too large for an int'),
    ("{{ 99999999999999999999 }}", 1, 4, '"99999999999999999999": this number is too large for an int'),
    ('{{ "a\nb" }}', 1, 4, "this text constant is not closed"),
    ("{{ `a }}", 1, 4, "this raw text constant is not closed"),
    ("{{ 'a }}", 1, 4, "this character constant is not closed"),
    ("{{ 'ab' }}", 1, 4, "\"'ab'\": this character constant has more than one character"),
    ("{{ '' }}", 1, 4, "\"''\": this character constant is empty"),
    (r'{{ "\z" }}', 1, 4, r'""\z"": this constant has an escape sequence that does not exist'),
    (r'{{ "\400" }}', 1, 4, r'""\400"": this constant has an escape sequence that does not exist'),
    (r'{{ define "\ud800" }}{{ end }}', 1, 11, r'""\ud800"": this constant has an escape sequence that does not exist'),
    ("{{ $x : 1 }}", 1, 7, '":" must be followed by "="'),
    ("{{ # }}", 1, 4, 'unexpected "#" in command'),
    ("{{ \x07 }}", 1, 4, '"\\x07" has no meaning here'),
    ("{{ (.a }}", 1, 8, "a left parenthesis is not closed"),
    ("{{ .a) }}", 1, 6, "this right parenthesis closes nothing"),
    ("{{ .a | 1 }}", 1, 9, "stage 2 of a pipeline cannot be a constant or the dot"),
    ("{{ .a | . }}", 1, 9, "stage 2 of a pipeline cannot be a constant or the dot"),
    ("{{ true.a }}", 1, 4, "a constant has no fields"),
    ("{{ nosuch }}", 1, 4, 'function "nosuch" does not exist'),
    ("{{ print nosuch }}", 1, 10, 'function "nosuch" does not exist'),
    ("{{ $x }}", 1, 4, 'variable "$x" is not declared'),
    ("{{ $x, $y := 1 }}", 1, 8, "too many declarations in command"),
    ("{{ range $x, 1 := . }}", 1, 14, "range can declare variables only"),
    ("{{ if .a }}b", 1, 4, "this if is not closed: {{ end }} is missing"),
    ("{{ end }}", 1, 4, "there is nothing that this end closes"),
    ("{{ else }}", 1, 4, "there is nothing that this else belongs to"),
    ('{{ define "t" }}{{ else }}', 1, 20, "there is nothing that this else belongs to"),
    ("{{ if .a }}{{ else }}{{ else }}", 1, 25, "this if has an else already"),
    ("{{ if .a }}{{ else with .b }}", 1, 20, 'unexpected "with" in else'),
    ("{{ if .a }}{{ end if }}", 1, 19, 'unexpected "if" in end'),
    ("{{ break }}", 1, 4, "break stands outside of any range"),
    ("{{ range . }}{{ else }}{{ continue }}", 1, 27, "continue stands outside of any range"),
    ('{{ range . }}{{ block "b" . }}{{ break }}', 1, 34, "break stands outside of any range"),
    ("{{ template .a }}", 1, 13, 'unexpected ".a" in template clause'),
    ("{{ define }}", 1, 11, 'unexpected "}}" in define clause'),
    ('{{ if .a }}{{ define "t" }}', 1, 15, 'unexpected "define" in command'),
    ('{{ define "t" }}1{{ end }}{{ define "t" }}2{{ end }}', 1, 30, 'template "t" is defined already'),
    ("a\nb\ud800", 2, 2, "half a surrogate pair is not text"),
]

AT_RUN_TIME = [
    ("a\n {{ .user.name.first }}", 2, 5, 'a value of type string has no field or method "name"'),
    ("{{ range list nil }}{{ .a }}{{ end }}", 1, 24, 'nil has no field "a"'),
    ("{{ nil }}", 1, 4, "nil is not a command"),
    ("{{ 9223372036854775808 }}", 1, 4, "this number is too large for an int"),
    ("{{ .user 1 }}", 1, 4, '"user" is not a method, but has arguments'),
    ("{{ . 1 }}", 1, 4, "arguments are given to something that is not a function"),
    ("{{ 1 | $ }}", 1, 8, "arguments are given to something that is not a function"),
    ("{{ upper }}", 1, 4, 'wrong number of arguments for function "upper": want 1 got 0'),
    ("{{ print (upper) }}", 1, 11, 'wrong number of arguments for function "upper": want 1 got 0'),
    ("{{ print upper }}", 1, 10, 'wrong number of arguments for function "upper": want 1 got 0'),
    ("{{ eq }}", 1, 4, 'wrong number of arguments for function "eq": want at least 1 got 0'),
    ("{{ upper 1 }}", 1, 10, 'argument 1 of function "upper": expected string'),
    ("{{ upper nil }}", 1, 10, 'argument 1 of function "upper": a value of type string cannot be nil'),
    ("{{ upper . }}", 1, 4, 'argument 1 of function "upper": wrong type for value; expected string; got map[string]string'),
    ("{{ upper .no }}", 1, 4, 'argument 1 of function "upper": invalid value; expected string'),
    ("{{ until (len . | int64) }}", 1, 4, 'argument 1 of function "until": wrong type for value; expected int; got int64'),
    ("{{ eq 1 .user }}", 1, 4, 'function "eq" failed: values of types int and string cannot be compared'),
    ("{{ fail .user }}", 1, 4, 'function "fail" failed: the template says so'),
    ("{{ $x = 1 }}", 1, 4, 'variable "$x" is not declared'),
    ("{{ $x := $x }}", 1, 10, 'variable "$x" is not declared'),
    ("{{ or 1 ($x := 2) }}{{ $x }}", 1, 24, 'variable "$x" is not declared'),
    ("{{ or 1 ($x := 2) }}{{ $x = 3 }}", 1, 24, 'variable "$x" is not declared'),
    ("{{ range .user }}{{ end }}", 1, 4, "range cannot go over a value of type string"),
    ("{{ range $i, $v := 3 }}{{ end }}", 1, 4, "an integer gives one variable only, not two"),
    ('{{ template "no" }}', 1, 4, 'template "no" is not defined'),
    ('{{ define "t" }}\n{{ .user.a }}{{ end }}{{ template "t" . }}', 2, 4, 'a value of type string has no field or method "a"'),
    ("{{ (now).Date }}", 1, 4, 'method "Date" cannot be called in a template: it has 3 results; should be 1 or 2'),
    ("{{ (now).ISOWeek }}", 1, 4, 'method "ISOWeek" cannot be called in a template: its second result is not an error'),
    ("{{ (now).Format }}", 1, 4, 'wrong number of arguments for method "Format": want 1 got 0'),
    ("{{ (now).Format 1 }}", 1, 4, 'argument 1 of function "Format": expected string'),
    ("{{ (now).Format .no }}", 1, 4, 'argument 1 of function "Format": invalid value; expected string'),
]  # fmt: skip


def refused(template: str) -> TemplateError:
    with pytest.raises(TemplateError) as caught:
        render(template, {"user": SECRET}, name="app.conf")
    return caught.value


@pytest.mark.parametrize(("template", "line", "column", "reason"), MALFORMED)
def test_what_is_no_template_is_refused_with_its_place(template: str, line: int, column: int, reason: str) -> None:
    error = refused(template)
    assert isinstance(error, TemplateParseError)
    assert (error.name, error.line, error.column, error.reason) == ("app.conf", line, column, reason)
    assert str(error) == f'template "app.conf", line {line}, column {column}: {reason}'


@pytest.mark.parametrize(("template", "line", "column", "reason"), AT_RUN_TIME)
def test_what_does_not_fit_the_data_is_refused_with_its_place(
    template: str, line: int, column: int, reason: str
) -> None:
    error = refused(template)
    assert isinstance(error, TemplateExecutionError)
    assert (error.line, error.column, error.reason) == (line, column, reason)
    assert SECRET not in str(error)


def test_what_is_wrong_at_run_time_does_not_matter_where_it_is_not_run() -> None:
    assert render("{{ if .no }}{{ upper 1 }}{{ nil }}{{ . 1 }}{{ $x = 1 }}{{ end }}ok", {}) == b"ok"


def test_the_detail_is_for_whoever_holds_the_data() -> None:
    error = refused("{{ fail .user }}")
    assert error.detail == SECRET
    assert SECRET not in str(error)
    assert SECRET not in repr(error)


def test_an_error_has_no_other_exception_in_its_train() -> None:
    error = refused("{{ fail .user }}")
    assert error.__cause__ is None
    assert error.__suppress_context__


@pytest.mark.parametrize(
    ("name", "shown"),
    [("n" * 100, f'"{"n" * 60}…"'), ("a\nb", '"a\\nb"'), ("\u202eevil", '"\\u202eevil"')],
    ids=["long", "with a line break", "with a character that turns the text around"],
)
def test_a_hostile_name_stays_short_and_printable(name: str, shown: str) -> None:
    with pytest.raises(TemplateError) as caught:
        render("{{", {}, name=name)
    assert str(caught.value).startswith(f"template {shown}, line 1")
