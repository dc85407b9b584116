"""JSON where no recorded vector goes: Go's ways with numbers, strings and damage, limits, and what is read back."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealwright_templating import TemplateExecutionError, TemplateLimitError, render

SECRET = "correct horse battery staple"

WRITTEN = [
    ("from 1e21 on numbers have an exponent", "{{ toJson 9.99e20 }} {{ toJson 1e21 }}", "999000000000000000000 1e+21"),
    ("below 1e-6 too, without a zero in it", "{{ toJson 1e-6 }} {{ toJson 9.99e-7 }}", "0.000001 9.99e-7"),
    ("the smallest number", "{{ toJson 5e-324 }}", "5e-324"),
    ("zero has a sign", "{{ toJson -0.0 }}", "-0"),
    ("bytes are base64", '{{ toJson (semver "1.2.3").MarshalText }}', '"MS4yLjM="'),
    ("a struct has the fields that can be seen", "{{ toJson now.Location }}", "{}"),
    ("a month is a number", '{{ toJson (toDate "2006" "2024").Month }}', "1"),
    ("a version in a list", '{{ toJson (list (semver "v1").IncMajor nil) }}', '["2.0.0",null]'),
    ("keys are escaped like strings", '{{ toJson (dict "<\\n" 1) }}', '{"\\u003c\\n":1}'),
    ("nothing is on a line of its own", "{{ toPrettyJson (list (list) (dict)) }}", "[\n  [],\n  {}\n]"),
    ("complex numbers have no form", "[{{ toJson 1i }}]", "[]"),
    ("nor have lists with one in them", "[{{ toPrettyJson (list 1 2i) }}]", "[]"),
    ("a value in itself has none", '{{ $d := dict }}{{ $_ := set $d "a" (list $d) }}[{{ toJson $d }}]', "[]"),
    ("no matches are null", '{{ toJson (regexFindAll "x" "" -1) }}', "null"),
    ("so is no error", '{{ toJson ((semver "1").Scan "2") }}', "null"),
    ("the same value twice is no harm", "{{ $l := list 1 }}{{ toJson (list $l $l) }}", "[[1],[1]]"),
    (
        "every stray byte is escaped, a character that looks the same is not",
        "{{ toJson .bin }}",
        '"\\ufffd\\ufffd\ufffd"',
    ),
]
READ = [
    ("a number that is too large is nil", '{{ fromJson "[1e999, 2]" }}', "[<nil> 2]"),
    ("what has to be JSON and is", '{{ mustFromJson "[1]" }}', "[1]"),
    ("a number that is too small is zero", '{{ fromJson "1e-999" }}', "0"),
    ("half a pair of surrogates is no character", '{{ fromJson "\\"\\\\ud800x\\"" }}', "\ufffdx"),
    ("a pair is one", '{{ fromJson "\\"\\\\ud83d\\\\ude00\\"" }}', "😀"),
    ("stray bytes are no characters", "{{ fromJson .quoted }}", "\ufffd\ufffd"),
    ("constants of JavaScript are no JSON", '{{ fromJson "[NaN]" }}', "<no value>"),
    ("nor are they if signed", '{{ fromJson "-Infinity" }}', "<no value>"),
    ("an object that is not closed is none", '{{ fromJson "{" }}', "<no value>"),
    ("a byte order mark is no JSON", '{{ fromJson "\\ufeff1" }}', "<no value>"),
    ("a vertical tab is no space", '{{ fromJson "\\v1" }}', "<no value>"),
    ("keys that become the same are one", '{{ fromJson "{\\"\\\\ud800\\": 1, \\"\\\\udc00\\": 2}" }}', "map[\ufffd:2]"),
]
REFUSED = [
    ("a number that is too large", 'mustFromJson "1e999"', "a number is too large"),
    ("a text that is no JSON", "mustFromJson .user", "the text is not JSON"),
    ("a complex number", "mustToJson 1i", "JSON has no form for values of type complex128"),
    ("infinity", 'toRawJson (float64 "Inf")', "JSON has no form for NaN and infinities"),
    ("a value in itself", 'mustToPrettyJson (set $d "a" $d)', "the value lies in itself"),
]
DATA: dict[str, str | bytes] = {"bin": b"\xe6\x97\xef\xbf\xbd", "quoted": b'"\xed\xa0"', "user": SECRET}

values = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@pytest.mark.parametrize(("template", "expected"), [row[1:] for row in WRITTEN], ids=[row[0] for row in WRITTEN])
def test_values_are_written_as_by_go(template: str, expected: str) -> None:
    assert render(template, DATA).decode() == expected


@pytest.mark.parametrize(("template", "expected"), [row[1:] for row in READ], ids=[row[0] for row in READ])
def test_texts_are_read_as_by_go(template: str, expected: str) -> None:
    assert render(template, DATA).decode() == expected


@pytest.mark.parametrize(("call", "reason"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_what_has_no_form_is_an_error_that_shows_no_value(call: str, reason: str) -> None:
    with pytest.raises(TemplateExecutionError, match=reason) as caught:
        render(f"{{{{ $d := dict }}}}{{{{ {call} }}}}", DATA)
    assert SECRET not in str(caught.value)


@given(values)
def test_what_is_written_is_read_again(value: object) -> None:
    text = json.dumps(value)
    for written in ("toJson", "toRawJson", "toPrettyJson"):
        rendered = render(f"{{{{ fromJson .text | {written} }}}}", {"text": text})
        assert json.loads(rendered, parse_int=float) == value


@given(st.binary(max_size=30))
def test_any_text_is_read_or_is_nil(text: bytes) -> None:
    rendered = render("{{ fromJson .text | toJson }}", {"text": text})
    json.loads(rendered)


def test_indented_json_is_pythons() -> None:
    value = {"a": [1, {"b": "c"}], "d": "e"}
    rendered = render("{{ fromJson .text | toPrettyJson }}", {"text": json.dumps(value)})
    assert rendered.decode() == json.dumps(value, indent=2)


@pytest.mark.parametrize(
    ("template", "limit"),
    [
        ('{{ fromJson (print (repeat 101 "[") (repeat 101 "]")) }}', "nested more than 100 levels"),
        ('{{ fromJson (print (repeat 200 "[\\"]\\",") "1" (repeat 200 "]")) }}', "nested more than 100 levels"),
        ('{{ fromJson (print "[" (repeat 200000 "1,") "1]") }}', "one value would take more than"),
        ("{{ $l := list }}{{ range 101 }}{{ $l = list $l }}{{ end }}{{ toJson $l }}", "nested more than 100 levels"),
        ('{{ toJson (repeat 1000000 "<") }}', "one value would take more than"),
    ],
    ids=["too deep", "deep, with brackets in strings", "too long", "too deep a value", "too long when escaped"],
)
def test_limits(template: str, limit: str) -> None:
    with pytest.raises(TemplateLimitError, match=limit):
        render(template, {})


def test_brackets_side_by_side_are_not_deep() -> None:
    assert render('{{ fromJson (print "[" (repeat 200 "[],") "0]") | len }}', {}) == b"201"
