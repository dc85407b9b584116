"""What the language gives, by example; the corners are in the recorded vectors."""

import pytest

from sealwright_templating import OUTPUT_LIMIT_BYTES, TemplateExecutionError, TemplateLimitError, parse, render

DATA: dict[str, str | bytes] = {
    "user": "alice",
    "password": b"p\xff\x00w",
    "ключ": "key",
    "_1": "underscore",
    "end": "e",
    "empty": "",
}

TABLE = [
    ("plain text is copied", "a { b } }} c\r\n", b"a { b } }} c\r\n"),
    ("nothing gives nothing", "", b""),
    ("a field gives its value", "hello {{ .user }}!", b"hello alice!"),
    ("space inside an action does not matter", "{{.user}}{{\t.user\r\n}}", b"alicealice"),
    ("bytes that are not UTF-8 survive", "<{{ .password }}>", b"<p\xff\x00w>"),
    ("text becomes UTF-8", "naïve {{ .user }} 日本", "naïve alice 日本".encode()),
    ("a name may be any letters", "{{ .ключ }}{{ ._1 }}", b"keyunderscore"),
    ("a keyword may be a field", "{{ .end }}", b"e"),
    ("a missing field says so", "[{{ .nothing }}]", b"[<no value>]"),
    ("so does a field of a missing field", "[{{ .nothing.at.all }}]", b"[<no value>]"),
    ("names are told apart by case", "{{ .User }}", b"<no value>"),
    ("a comment leaves nothing", "a{{/* {{ .user }} */}}b", b"ab"),
    ("a comment may span lines", "a{{/*\n*/}}b", b"ab"),
    ("a left marker trims what is before", "a \t\r\n{{- .user }} b", b"aalice b"),
    ("a right marker trims what is behind", "a {{ .user -}} \n b", b"a aliceb"),
    ("both markers trim both", "a \n {{- .user -}} \n b", b"aaliceb"),
    ("a comment trims too", "a {{- /* c */ -}} b", b"ab"),
    ("a marker may stand on a line of its own", "a {{-\n.user\n-}} b", b"aaliceb"),
    ("a marker may follow any number of spaces", "a {{ .user \n -}} b", b"a aliceb"),
    ("a marker trims up to the next action only", "{{ .user -}} {{ .user }} {{- .user }}", b"alicealicealice"),
    ("a no-break space is not trimmed", "a\u00a0{{- .user }}", "a\u00a0alice".encode()),
    ("a minus without a space is no marker", "a {{-3}} b", b"a -3 b"),
    ("the first field of a method is found on the dot", '{{ with dict "a" 1 }}{{ .a }}{{ end }}', b"1"),
    ("arguments that cannot matter are not evaluated", '{{ .nothing.method (fail "no") }}', b"<no value>"),
    ("nor those of a pipeline into nothing", '{{ 1 | .nothing.method (fail "no") }}', b"<no value>"),
    ("and stops at what is not true", '{{ and 0 (fail "no") }}', b"0"),
    ("or stops at what is true", '{{ 5 | or 0 1 (fail "no") }}', b"1"),
    ("or gives what is piped into it if nothing else is true", '{{ 5 | or 0 "" }}', b"5"),
    ("a variable that was skipped hides none", "{{ $x := 1 }}{{ $y := or 2 ($x := 3) }}{{ $x }}{{ $y }}", b"12"),
    ("one that was not skipped does", "{{ $x := 1 }}{{ $y := or 0 ($x := 3) }}{{ $x }}{{ $y }}", b"33"),
    ("the skipped one is assigned no value", "{{ $x := 1 }}{{ $y := or 2 ($x := 3) }}{{ $x = 4 }}{{ $x }}", b"4"),
    ("a variable of the body is not there in the else", "{{ $x := 1 }}{{ if 0 }}{{ $x := 2 }}{{ else }}{{ $x }}{{ end }}", b"1"),
    ("a declaration does not see itself", "{{ $x := 1 }}{{ if 1 }}{{ $x := print $x 2 }}{{ $x }}{{ end }}{{ $x }}", b"1 21"),
    ("the else of range sees the list in the variable", "{{ range $x := list }}{{ else }}{{ $x }}{{ end }}", b"[]"),
    ("else if chains need one end", "{{ if 0 }}a{{ else if 0 }}b{{ else if 1 }}c{{ else }}d{{ end }}", b"c"),
    ("with chains too", '{{ with "" }}a{{ else with .user }}{{ . }}{{ else }}b{{ end }}', b"alice"),
    ("break brings the dot back", "{{ range list 1 2 }}{{ with 7 }}{{ break }}{{ end }}{{ end }}{{ .user }}", b"alice"),
    ("continue brings it back too", "{{ range list 1 2 }}{{ with 7 }}{{ continue }}{{ end }}x{{ end }}{{ .user }}", b"alice"),
    ("break leaves the innermost loop", "{{ range 2 }}{{ range 5 }}{{ . }}{{ break }}{{ end }};{{ end }}", b"0;0;"),
    ("break in an else leaves the loop around it", "{{ range 3 }}{{ range 0 }}{{ else }}{{ break }}{{ end }}x{{ end }}ok", b"ok"),
    ("an int64 gives int64s", '{{ range int64 2 }}{{ printf "%T" . }}{{ end }}', b"int64int64"),
    ("a number below one gives nothing", "{{ range -1 }}x{{ else }}none{{ end }}", b"none"),
    ("a template sees its own dollar", '{{ define "t" }}{{ $ }}{{ end }}{{ template "t" 5 }}', b"5"),
    ("a block is printed where it is defined", '{{ block "b" .user }}<{{ . }}>{{ end }}{{ template "b" 1 }}', b"<alice><1>"),
    ("an empty definition replaces nothing", '{{ define "t" }}a{{ end }}{{ define "t" }} {{ end }}{{ template "t" }}', b"a"),
    ("a definition of the template itself wins over spaces", '{{ define "template" }}a{{ end }} \n', b"a"),
    ("a raw constant has no carriage returns", "{{ `a\r\nb` }}", b"a\nb"),
    ("a template's name may be raw", "{{ define `a\"b` }}x{{ end }}{{ template \"a\\\"b\" }}", b"x"),
]  # fmt: skip


@pytest.mark.parametrize(("template", "expected"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_templates(template: str, expected: bytes) -> None:
    assert render(template, DATA) == expected


def test_values_are_not_rendered_again() -> None:
    assert render("{{ .a }}", {"a": "{{ .b }}", "b": "secret"}) == b"{{ .b }}"


def test_further_templates_are_known_by_their_names_and_what_they_define() -> None:
    templates = {"one": '1{{ define "inner" }}({{ . }}){{ end }}', "two": '2{{ template "one" }}'}
    assert render('{{ template "two" }}{{ template "inner" .a }}', {"a": "x"}, templates=templates) == b"21(x)"


def test_what_a_text_defines_itself_comes_before_further_templates() -> None:
    templates = {"one": "other", "template": "other"}
    assert render('{{ define "one" }}own{{ end }}{{ template "one" }}', {}, templates=templates) == b"own"


def test_a_parsed_template_can_be_rendered_again_and_again() -> None:
    template = parse("{{ $x := .a }}{{ range 2 }}{{ $x = print $x . }}{{ end }}{{ $x }}", name="t")
    assert template.render({"a": "a"}) == b"a01"
    assert template.render({"a": "b"}) == b"b01"


def test_the_largest_result_that_a_secret_can_hold_is_given() -> None:
    half = b"x" * (OUTPUT_LIMIT_BYTES // 2)
    assert render("{{ .half }}{{ .half }}", {"half": half}) == half + half


@pytest.mark.parametrize("template", ["{{ .half }}{{ .half }}!", "{{ .half }}{{ .half }}{{ .user }}"])
def test_a_larger_result_is_refused(template: str) -> None:
    data: dict[str, str | bytes] = {"half": b"x" * (OUTPUT_LIMIT_BYTES // 2), "user": "alice"}
    with pytest.raises(TemplateLimitError, match="the result is larger than 1048576 bytes"):
        render(template, data)


def test_a_value_that_is_no_text_is_refused_without_showing_it() -> None:
    with pytest.raises(TemplateExecutionError) as caught:
        render("{{ .user }}", {"user": "hunter2\ud800"})
    assert caught.value.reason == 'the value of field "user" is not text that UTF-8 can encode'
    assert caught.value.__context__ is None or caught.value.__suppress_context__
