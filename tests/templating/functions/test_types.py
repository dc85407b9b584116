"""What `typeOf`, `kindOf` and `deepEqual` say of values that no recorded vector has. Go gave the results."""

import pytest

from sealwright_templating import TemplateLimitError, render

TABLE = [
    ("a complex number has its own type", "{{ typeOf 1i }} {{ kindOf 1i }}", "complex128 complex128"),
    ("a character is an int", "{{ typeOf 'a' }} {{ kindOf 'a' }}", "int int"),
    ("a month is an int of its own type", "{{ typeOf now.Month }} {{ kindOf now.Month }}", "time.Month int"),
    ("a location is a pointer", "{{ typeOf now.Location }} {{ kindOf now.Location }}", "*time.Location ptr"),
    ("the next version is no pointer", '{{ typeOf (semver "1").IncMajor }}', "semver.Version"),
    ("typeIsLike looks through a pointer", '{{ typeIsLike "semver.Version" (semver "1") }}', "true"),
    ("and takes the pointer itself", '{{ typeIsLike "*semver.Version" (semver "1") }}', "true"),
    ("but no value for a pointer to it", '{{ typeIsLike "*string" "a" }}', "false"),
    ("nil has a type's name and no kind", '{{ typeIs "<nil>" nil }} {{ kindIs "invalid" nil }}', "true true"),
    ("nil is equal to nil", "{{ deepEqual nil nil }}", "true"),
    ("nil is no list", "{{ deepEqual list nil }}", "false"),
    ("no matches are a nil list, and unlike an empty one", '{{ deepEqual (regexFindAll "x" "" -1) list }}', "false"),
    (
        "nil lists of one type are equal",
        '{{ deepEqual (regexFindAll "x" "" -1) (regexFindAll "y" "" -1) }}',
        "true",
    ),
    ("pointers are equal if what they point to is", '{{ deepEqual (semver "1.2") (semver "1.2") }}', "true"),
    ("how a version was written counts", '{{ deepEqual (semver "1.2") (semver "1.2.0") }}', "false"),
    ("dicts are compared all the way down", '{{ deepEqual (dict "a" (list 1)) (dict "a" (list 2)) }}', "false"),
]


@pytest.mark.parametrize(("template", "expected"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_types_as_in_go(template: str, expected: str) -> None:
    assert render(template, {}).decode() == expected


def test_dicts_that_hold_themselves_are_compared() -> None:
    cyclic = '{{ $d := dict }}{{ $_ := set $d "a" $d }}{{ $e := dict }}{{ $_ := set $e "a" $e }}'
    assert render(cyclic + "{{ deepEqual $d $e }}", {}) == b"true"


def test_comparing_costs_steps() -> None:
    with pytest.raises(TemplateLimitError, match="takes more than"):
        render("{{ $l := until 60000 }}{{ range 100 }}{{ $_ := deepEqual $l (until 60000) }}{{ end }}", {})
