"""Semantic versions where no recorded vector goes: lenient texts, the whole language of constraints, all methods."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealwright_templating import TemplateExecutionError, TemplateLimitError, render

SECRET = "correct horse battery staple"

VERSIONS = [
    ("zeros in front do not matter", '{{ semver "01.002.3" }}', "1.2.3"),
    ("the text it was read from is kept", '{{ (semver "v01.2").Original }}', "v01.2"),
    (
        "the next one keeps its v",
        '{{ printf "%#v" (semver "v1.2").IncMinor }}',
        'semver.Version{major:0x1, minor:0x3, patch:0x0, pre:"", metadata:"", original:"v1.3.0"}',
    ),
    ("the largest number there is", '{{ (semver "18446744073709551615.0.0").Major }}', "18446744073709551615"),
    ("after it comes nought", '{{ (semver "18446744073709551615.0.0").IncMajor }}', "0.0.0"),
    ("the release after a pre-release", '{{ (semver "1.2.3-rc+m").IncPatch }}', "1.2.3"),
    (
        "its parts",
        '{{ with semver "1.2.3-rc+m" }}{{ .Major }}|{{ .Minor }}|{{ .Patch }}|{{ .Prerelease }}|{{ .Metadata }}{{ end }}',
        "1|2|3|rc|m",
    ),
    (
        "a version as a dict's value is compared by its fields",
        '{{ eq (semver "1").IncMajor (semver "1").IncMajor }}',
        "true",
    ),
    ("a pre-release is taken off", '{{ (semver "1.2.3-rc+m").SetPrerelease "" }}', "1.2.3+m"),
    ("metadata is put on", '{{ (semver "1.2.3-rc").SetMetadata "a.01" }}', "1.2.3-rc+a.01"),
    ("metadata is taken off", '{{ (semver "1.2.3+a").SetMetadata "" }}', "1.2.3"),
    ("numbers come before words", '{{ (semver "1.0.0-9").Compare (semver "1.0.0-a") }}', "-1"),
    ("numbers are compared as such", '{{ (semver "1.0.0-10").Compare (semver "1.0.0-9") }}', "1"),
    (
        "what is too large for a number is a word",
        '{{ (semver "1.0.0-99999999999999999999").Compare (semver "1.0.0-100") }}',
        "1",
    ),
    ("the longer pre-release comes later", '{{ (semver "1.0.0-a.1").Compare (semver "1.0.0-a") }}', "1"),
    ("metadata does not count", '{{ (semver "1.0.0+a").Equal (semver "1.0.0+b") }}', "true"),
    ("nil is equal to no version", '{{ (semver "1").Equal nil }}', "false"),
    (
        "the other comparisons",
        '{{ $v := semver "1" }}{{ $w := semver "2" }}{{ $v.LessThan $w }} {{ $v.GreaterThan $w }} {{ $v.LessThanEqual $v }}',
        "true false true",
    ),
    ("none is greater than itself, but as great", '{{ $v := semver "1" }}{{ $v.GreaterThanEqual $v }}', "true"),
    ("a database's value", '{{ (semver "v1.2").Value }}', "1.2.0"),
    ("bytes", '{{ (semver "1.2.3").MarshalText }}', "[49 46 50 46 51]"),
    ("a version may be read anew", '{{ $v := semver "1" }}{{ $v.Scan "v4.5" }} {{ $v.Original }}', "<nil> v4.5"),
    ("what is no string is none", '{{ (semver "1").Scan 1 }}', "invalid semantic version"),
    (
        "an error is a value there",
        '{{ with (semver "1").UnmarshalText nil }}{{ . }}!{{ end }}',
        "invalid semantic version!",
    ),
    ("and no error is none", '{{ with (semver "1").Scan "2" }}{{ else }}well{{ end }}', "well"),
    (
        "reading from bytes",
        '{{ $v := semver "1" }}{{ $v.UnmarshalText (semver "2.3.4").MarshalText }} {{ $v }}',
        "<nil> 2.3.4",
    ),
    (
        "reading from JSON",
        '{{ $v := semver "1" }}{{ $v.UnmarshalJSON (semver "2.3.4").MarshalJSON }} {{ $v }}',
        "<nil> 2.3.4",
    ),
]
COMPARED = [
    ("spaces and commas between terms are the same", '{{ semverCompare ">=1 <2, !=1.5" "1.4.0" }}', "true"),
    ("a comma may have spaces on either side", '{{ semverCompare " >=1 , <2 " "1.4.0" }}', "true"),
    ("an operator may have spaces behind it", '{{ semverCompare ">=  1" "1.4.0" }}', "true"),
    ("a range is inclusive", '{{ semverCompare "1.2 - 1.4" "1.4.0" }}', "true"),
    ("its end may be open", '{{ semverCompare "1.2 - 1.4" "1.4.9" }}', "true"),
    ("two ranges", '{{ semverCompare "1 - 2 || 4 - 5" "4.1.0" }}', "true"),
    ("a hyphen without spaces is a pre-release", '{{ semverCompare "1.2-1.3" "1.2.0-1.3" }}', "true"),
    ("a pre-release needs a constraint that names one", '{{ semverCompare ">=1" "1.1.0-a" }}', "false"),
    ("in the same alternative", '{{ semverCompare ">=1 || <1-0" "1.1.0-a" }}', "false"),
    ("if only as zero", '{{ semverCompare ">=1-0" "1.1.0-a" }}', "true"),
    ("greater than an open major version", '{{ semverCompare ">1" "1.9.9" }}', "false"),
    (
        "greater than an open minor version",
        '{{ semverCompare ">1.2" "1.2.9" }} {{ semverCompare ">1.2" "1.3.0" }}',
        "false true",
    ),
    ("at most an open one", '{{ semverCompare "<=1.2" "1.2.9" }} {{ semverCompare "<=1" "2.0.0" }}', "true false"),
    ("at most anything is only major version 0", '{{ semverCompare "<=*" "1.0.0" }}', "false"),
    ("unlike an open one", '{{ semverCompare "!=1.2" "1.2.3" }} {{ semverCompare "!=1.2" "1.3.0" }}', "false true"),
    ("unlike an open one, as pre-releases", '{{ semverCompare "!=1.2-a" "1.2.3-b" }}', "true"),
    (
        "unlike all of a major version",
        '{{ semverCompare "!=1.x" "1.2.3" }} {{ semverCompare "!=1.x" "2.0.0" }}',
        "false true",
    ),
    ("unlike anything", '{{ semverCompare "!=*" "1.2.3" }} {{ semverCompare "!=*" "0.0.0" }}', "true false"),
    (
        "about a pre-release",
        '{{ semverCompare "~1.2.3-b" "1.2.4-a" }} {{ semverCompare "~1.2.3-b" "1.2.3-a" }}',
        "true false",
    ),
    ("about nothing is anything", '{{ semverCompare "~0.0.0" "7.8.9" }}', "true"),
    ("about an open 0", '{{ semverCompare "~0" "0.9.0" }} {{ semverCompare "~0" "1.0.0" }}', "true false"),
    ("about another major version", '{{ semverCompare "~1.2" "2.2.0" }}', "false"),
    (
        "compatible with an open 0.0",
        '{{ semverCompare "^0.0" "0.0.9" }} {{ semverCompare "^0.0" "0.1.0" }}',
        "true false",
    ),
    ("compatible with an open 0", '{{ semverCompare "^0" "0.9.0" }} {{ semverCompare "^0" "1.0.0" }}', "true false"),
    ("compatible with 0.0.0 in another minor version", '{{ semverCompare "^0.0.0" "0.1.0" }}', "false"),
    ("compatible with 0.1 in another major version", '{{ semverCompare "^0.1" "1.1.0" }}', "false"),
    ("exactly the one", '{{ semverCompare "1.2.3" "1.2.3" }} {{ semverCompare "1.2.3" "1.2.4" }}', "true false"),
    ("less than", '{{ semverCompare "<1.2.3" "1.2.2" }} {{ semverCompare "<1.2.3" "1.2.3" }}', "true false"),
    ("unlike a full one", '{{ semverCompare "!=1.2.3" "1.2.3" }} {{ semverCompare "!=1.2.3" "1.2.4" }}', "false true"),
    ("about something earlier than it", '{{ semverCompare "~1.2.3" "1.2.2" }}', "false"),
    ("at most a full one", '{{ semverCompare "<=1.2.3" "1.2.3" }} {{ semverCompare "<=1.2.3" "1.2.4" }}', "true false"),
    ("compatible with something later", '{{ semverCompare "^1.2.3" "1.2.2" }}', "false"),
    ("compatible with anything", '{{ semverCompare "^*" "0.0.0" }} {{ semverCompare "^*" "3.0.0" }}', "true false"),
    ("less than anything", '{{ semverCompare "<*" "0.0.0" }}', "false"),
    ("x and X are stars", '{{ semverCompare "1.x" "1.2.3" }} {{ semverCompare "1.X.X" "1.2.3" }}', "true true"),
    ("a v is no harm", '{{ semverCompare "=v1.2.3" "v1.2.3" }}', "true"),
    ("metadata in a constraint does not count", '{{ semverCompare "=1.2.3+a" "1.2.3+b" }}', "true"),
]
REFUSED = [
    ("too large a number", 'semver "18446744073709551616"'),
    ("a number without end", 'semver "1.99999999999999999999999999"'),
    ("a zero before a number of a pre-release", 'semver "1.0.0-a.01"'),
    ("an empty identifier", 'semver "1.0.0-a..b"'),
    ("a pre-release that is set to an empty identifier", '(semver "1").SetPrerelease "a."'),
    ("metadata with a space", '(semver "1").SetMetadata "a b"'),
    ("comparing with nil", '(semver "1").Compare nil'),
    ("a pointer's method of a value", '(semver "1").IncMajor.Compare (semver "1")'),
    ("a value for a pointer", '(semver "1").Compare (semver "1").IncMajor'),
    ("a constraint that ends with a comma", 'semverCompare "1," "1"'),
    ("two commas", 'semverCompare "1,,2" "1"'),
    ("terms with nothing between them", 'semverCompare ">1<2" "1"'),
    ("an operator that there is not", 'semverCompare "==1" "1"'),
    ("an operator alone", 'semverCompare ">" "1"'),
    ("an empty alternative", 'semverCompare "1 || " "1"'),
    ("a vertical tab is no space", 'semverCompare "1\\v<2" "1"'),
    ("a part of stars", 'semverCompare "1.**" "1"'),
    ("too large a number in a constraint", 'semverCompare "<99999999999999999999" "1"'),
    ("no version to compare", 'semverCompare "1" "x"'),
]

numbers = st.integers(0, 12)
versions = st.builds("{}.{}.{}{}".format, numbers, numbers, numbers, st.sampled_from(["", "-a", "-a.1", "-1", "-10"]))


@pytest.mark.parametrize(("template", "expected"), [row[1:] for row in VERSIONS], ids=[row[0] for row in VERSIONS])
def test_versions_as_in_go(template: str, expected: str) -> None:
    assert render(template, {}).decode() == expected


@pytest.mark.parametrize(("template", "expected"), [row[1:] for row in COMPARED], ids=[row[0] for row in COMPARED])
def test_constraints_as_in_go(template: str, expected: str) -> None:
    assert render(template, {}).decode() == expected


@pytest.mark.parametrize("call", [row[1] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_what_go_refuses_is_an_error(call: str) -> None:
    with pytest.raises(TemplateExecutionError):
        render(f"{{{{ {call} }}}}", {})


def test_bytes_that_are_no_json_give_an_error_as_a_value() -> None:
    template = '{{ $v := semver "1" }}{{ $v.UnmarshalJSON (%s).MarshalText }} {{ $v }}'
    assert render(template % 'semver "1.2.3"', {}) == b"invalid JSON 1.0.0"
    number = '{{ $v := semver "1" }}{{ $v.UnmarshalJSON (now.AppendFormat nil "7") }}'
    assert render(number, {}) == b"json: cannot unmarshal into Go value of type string"
    nothing = '{{ $v := semver "1" }}{{ $v.UnmarshalJSON (now.AppendFormat nil "null") }}'
    assert render(nothing, {}) == b"invalid semantic version"


@given(versions, versions)
def test_of_two_versions_one_comes_first_or_they_are_equal(one: str, other: str) -> None:
    template = (
        "{{ $v := semver .one }}{{ $w := semver .other }}"
        "{{ add ($v.Compare $w) ($w.Compare $v) }} {{ eq ($v.Equal $w) (eq 0 ($v.Compare $w)) }}"
    )
    assert render(template, {"one": one, "other": other}) == b"0 true"


@given(versions)
def test_the_next_versions_come_later(version: str) -> None:
    template = "{{ $v := semver .v }}{{ range list $v.IncMajor $v.IncMinor $v.IncPatch }}{{ $v.LessThan (semver .String) }}{{ end }}"
    assert render(template, {"v": version}) == b"truetruetrue"


def test_errors_show_no_value() -> None:
    for call in (
        "semver .user",
        'semverCompare .user "1"',
        'semverCompare "1" .user',
        '(semver "1").SetMetadata .user',
    ):
        with pytest.raises(TemplateExecutionError) as caught:
            render(f"{{{{ {call} }}}}", {"user": SECRET})
        assert SECRET not in str(caught.value)


def test_a_very_long_constraint_is_refused() -> None:
    with pytest.raises(TemplateLimitError):
        render('{{ semverCompare (repeat 20000 " ") "1" }}', {})
