"""Dicts where no recorded vector goes: nil ones, ones of texts, copies and merges all the way down. Go gave the results."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealwright_templating import TemplateExecutionError, TemplateLimitError, render

DATA: dict[str, str | bytes] = {"stray": b"\xff", "secret": "hunter2"}
NIL = '(unset nil "a")'

LOOKED_INTO: list[tuple[str, str, str | bytes]] = [
    ("keys are made texts of", '{{ dict 1 "a" nil "b" (list 2) "c" true }}', "map[1:a <nil>:b [2]:c true:]"),
    ("a key may be any bytes", "{{ dict .stray 1 }}", b"map[\xff:1]"),
    ("a key that is given twice has the last value", '{{ dict "a" 1 "a" }}', "map[a:]"),
    ("nil has no keys", f'{{{{ get {NIL} "a" }}}}{{{{ hasKey nil "a" }}}}{{{{ keys nil nil }}}}{{{{ values nil }}}}', "false[][]"),
    ("nothing can be plucked of nil", '{{ pluck "a" nil (dict "a" nil) }} {{ pluck "a" }}', "[<nil>] []"),
    ("a key picked twice is there once", '{{ pick (dict "a" 1 "b" 2) "a" "a" "c" }} {{ pick nil }}', "map[a:1] map[]"),
    ("what is left out of a dict stays in it", '{{ $d := dict "a" 1 }}{{ omit $d "a" }}{{ $d }}', "map[]map[a:1]"),
    ("a picked value is the same value", '{{ $d := dict "a" dict }}{{ $_ := set (pick $d "a").a "b" 1 }}{{ $d }}', "map[a:map[b:1]]"),
    ("digging ends where a key is missing", '{{ dig "a" "b" nil (dict "a" dict) }} {{ dig "a" 1 (dict "a" nil) }}', "<no value> <no value>"),
    ("nil is a dict to dig in, of no type it is none", f'{{{{ dig "a" 1 {NIL} }}}}', "1"),
]  # fmt: skip
COPIED = [
    ("a copy has nothing in common", '{{ $d := dict "a" (dict "b" (list dict)) }}{{ $c := deepCopy $d }}{{ $_ := set $c.a "b" 1 }}{{ $d }}', "map[a:map[b:[map[]]]]"),
    ("types stay, and nil", f'{{{{ $c := deepCopy (list (until 1) (split "" "a") nil {NIL} (initial list)) }}}}{{{{ range $c }}}}{{{{ typeOf . }}}} {{{{ end }}}}{{{{ toJson $c }}}}', '[]int map[string]string <nil> map[string]interface {} []interface {} [[0],{"_0":"a"},null,null,null]'),
    ("a version loses what is private: all", '{{ deepCopy (semver "1.2.3") }} {{ deepCopy (semver "1.2.3").IncMajor }}', "0.0.0 0.0.0"),
    ("so does a place", "[{{ deepCopy (list now.Location) }}]", "[[]]"),
    ("a date does not", '{{ deepCopy (dict "a" (toDate "2006" "2024")) }}', "map[a:2024-01-01 00:00:00 +0000 UTC]"),
]  # fmt: skip
MERGED = [
    ("what is empty is replaced", '{{ merge (dict "a" list "b" dict "c" nil "d" 0.0 "e" (int64 0)) (dict "a" 1 "b" 2 "c" 3 "d" 4 "e" 5) }}', "map[a:1 b:2 c:3 d:4 e:5]"),
    ("a complex zero is not empty to mergo", '{{ merge (dict "a" 0i) (dict "a" 1) }}', "map[a:(0+0i)]"),
    ("a nil is not merged, unless it overwrites", '{{ merge dict (dict "a" nil) }} {{ mergeOverwrite (dict "a" 1) (dict "a" nil) }}', "map[] map[a:<nil>]"),
    ("dicts in dicts are merged in place", '{{ $n := dict "x" 1 }}{{ $d := dict "n" $n }}{{ $_ := merge $d (dict "n" (dict "y" 2)) }}{{ $n }}', "map[x:1 y:2]"),
    ("an empty dict is filled, not replaced", '{{ $n := dict }}{{ $d := dict "n" $n }}{{ $_ := merge $d (dict "n" (dict "y" 2)) }}{{ $n }}', "map[y:2]"),
    ("unless there is nothing to fill it with", '{{ $e := dict }}{{ $d := merge (dict "n" dict) (dict "n" $e) }}{{ $_ := set $e "a" 1 }}{{ $d }}', "map[n:map[a:1]]"),
    ("a nil dict is replaced", f'{{{{ merge (dict "n" {NIL}) (dict "n" (dict "a" 1)) }}}} {{{{ merge (dict "n" {NIL}) (dict "n" {NIL}) }}}}', "map[n:map[a:1]] map[n:map[]]"),
    ("a dict and a text do not merge", '{{ mergeOverwrite (dict "a" (dict "b" 1)) (dict "a" "x") }} {{ merge (dict "a" "x") (dict "a" (dict "b" 1)) }}', "map[a:x] map[a:x]"),
    ("lists are replaced as a whole", '{{ merge (dict "a" (list 1)) (dict "a" (list 2)) }} {{ mergeOverwrite (dict "a" (list 1)) (dict "a" list) }}', "map[a:[1]] map[a:[]]"),
    ("nil becomes a dict of its own", '{{ merge nil (dict "a" 1) }} {{ merge nil nil | toJson }} {{ merge nil dict | toJson }}', "map[a:1] null {}"),
    ("a dict of texts gives its texts", '{{ merge (dict "n" (dict "a" 1)) (dict "n" (split "," "x")) }}', "map[n:map[_0:x a:1]]"),
    ("and takes those of another", '{{ mergeOverwrite (dict "n" (split "," "x,y")) (dict "n" (split "," "z")) }}', "map[n:map[_0:z _1:y]]"),
    ("and no others, but none are needed", '{{ merge (dict "n" (split "," "x")) (dict "n" (dict "_0" 1)) }}', "map[n:map[_0:x]]"),
    ("a struct is replaced or left", '{{ $t := toDate "2006" "2024" }}{{ merge (dict "a" $t) (dict "a" 1) | len }}{{ mergeOverwrite (dict "a" $t) (dict "a" dict) }}', "1map[a:map[]]"),
    ("a version in a dict is changed for all who have it", '{{ $v := semver "1" }}{{ $_ := mergeOverwrite (dict "a" $v) (dict "a" (semver "2")) }}{{ $v }}', "2.0.0"),
    ("unless nothing is overwritten", '{{ $v := semver "1" }}{{ $_ := merge (dict "a" $v) (dict "a" (semver "2")) }}{{ $v }}', "1.0.0"),
    ("a version and a dict do not go together", '[{{ merge (dict "a" (semver "1")) (dict "a" dict) }}]', "[]"),
    ("if the dict is nil, they do", f'{{{{ merge (dict "a" (semver "1")) (dict "a" {NIL}) }}}}', "map[a:1.0.0]"),
    ("nor do a version and a date", '[{{ merge (dict "a" (semver "1")) (dict "a" now) }}]', "[]"),
    ("a version and one that is no pointer do", '{{ merge (dict "a" (semver "1")) (dict "a" (semver "2").IncMajor) }}', "map[a:1.0.0]"),
    ("a dict that changes while it is merged", '{{ $d := dict }}{{ $_ := set $d "a" $d }}{{ $_ := mergeOverwrite $d (dict "a" (dict "b" 1 "a" 2)) }}{{ $d }}', "map[a:2 b:1]"),
]  # fmt: skip
TABLE = LOOKED_INTO + COPIED + MERGED


@pytest.mark.parametrize(("template", "expected"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_dicts_as_by_go(template: str, expected: str | bytes) -> None:
    assert render(template, DATA) == (expected if isinstance(expected, bytes) else expected.encode())


REFUSED = [
    ('set nil "a" .secret', "nil takes no keys"),
    ('dig "a" .secret', "it takes at least three arguments"),
    ('dig .secret "d" "x"', "a value on the path of keys is not a dict"),
    ('dig "a" 1 "d" dict', "a key is not a text"),
    ('dig "_0" "d" (split "," .secret)', "a value on the path of keys is not a dict"),
    ("deepCopy nil", "nil cannot be copied"),
    ('mustMerge (dict "a" (semver "1")) (dict "a" dict)', "two values under the same key are of different types"),
    ('mergeOverwrite (dict "a" (semver "1")) (dict "a" now.Location)', "two pointers to different types"),
    ('mergeOverwrite (dict "a" (split "," .secret)) (dict "a" (dict "_0" 1))', "a dict of texts takes no values"),
    ('merge (dict "a" (split "," .secret)) (dict "a" (dict "_0" (list 1)))', "a dict of texts takes no lists"),
    ('merge (dict "a" (unset nil "x")) (dict "a" now)', "a nil dict and a value that is not a dict"),
]


@pytest.mark.parametrize(("call", "reason"), REFUSED)
def test_what_cannot_be_done_is_an_error_that_shows_no_value(call: str, reason: str) -> None:
    with pytest.raises(TemplateExecutionError, match=reason) as caught:
        render(f"{{{{ {call} }}}}", DATA)
    assert "hunter2" not in str(caught.value)


def test_a_certificate_merges_with_what_has_its_fields_only() -> None:
    merge = '{{ $c := dict "a" (genCA "x" 1) }}{{ $_ := merge $c (dict "a" now) }}{{ $_ = merge $c (dict "a" %s) }}'
    with pytest.raises(TemplateExecutionError, match="a struct and a value of another type") as caught:
        render(merge % "dict", {})
    assert caught.value.column == merge.rindex("merge") + 1


def test_the_rules_of_time_cannot_be_changed() -> None:
    change = '{{ $l := (toDate "2006 -0700" "2024 +0500").Location }}{{ mergeOverwrite (dict "a" now.UTC.Location) (dict "a" $l) | len }}'
    assert render(change, {}) == b"1"
    assert render("{{ now.UTC.Location }}", {}) == b"UTC"


def test_keys_and_values_are_in_the_order_of_the_keys() -> None:
    template = '{{ $d := dict "b" 1 "é" 2 "a" 3 "B" 4 }}{{ keys $d (dict "A" 1) }} {{ values $d }}'
    assert render(template, {}).decode() == "[B a b é A] [4 3 1 2]"


CYCLE = '{{ $d := dict }}{{ $_ := set $d "a" $d }}{{ $e := dict }}{{ $_ := set $e "a" $e }}'
BUSH = "{{ $d := list }}{{ range 40 }}{{ $d = list $d $d }}{{ end }}"
HEDGE = '{{ $d := dict "k" 1 }}{{ $e := dict "k" 1 }}{{ range 40 }}{{ $d = dict "a" $d "b" $d }}{{ $e = dict "a" $e "b" $e }}{{ end }}'
ENDLESS = [
    (CYCLE + "{{ $_ := deepCopy $d }}", "nested more than"),
    (CYCLE + "{{ $_ := merge $d $e }}", "nested more than"),
    (BUSH + "{{ $_ := deepCopy $d }}", "one value would take more than"),
    (HEDGE + "{{ $_ := merge $d $e }}", "it takes more than"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("template", "reason"), ENDLESS, ids=["cyclic copy", "cyclic merge", "wide copy", "wide merge"]
)
def test_what_has_no_end_is_refused(template: str, reason: str) -> None:
    with pytest.raises(TemplateLimitError, match=reason):
        render(template, {}, timer=lambda: 0.0)  # on a busy machine, time may be over first


def test_a_dict_does_not_grow_for_ever() -> None:
    with pytest.raises(TemplateLimitError, match="more than"):
        render('{{ $d := dict }}{{ range $i := 1000000 }}{{ $_ := set $d (repeat 99 (toString $i)) "" }}{{ end }}', {})


pairs = st.dictionaries(st.text(alphabet="abcd", min_size=1, max_size=2), st.integers(0, 3), max_size=6)


def _written(items: dict[str, int]) -> str:
    return "(dict " + " ".join(f'"{key}" {value}' for key, value in items.items()) + ")"


def _shown(items: dict[str, int]) -> str:
    return "map[" + " ".join(f"{key}:{items[key]}" for key in sorted(items)) + "]"


@given(pairs, pairs)
def test_merging_flat_dicts(one: dict[str, int], other: dict[str, int]) -> None:
    template = (
        f"{{{{ merge {_written(one)} {_written(other)} }}}} {{{{ mergeOverwrite {_written(one)} {_written(other)} }}}}"
    )
    merged = other | {key: value for key, value in one.items() if value or key not in other}
    assert render(template, {}).decode() == f"{_shown(merged)} {_shown(one | other)}"


@given(pairs, st.lists(st.text(alphabet="abcd", min_size=1, max_size=2), max_size=4))
def test_what_is_picked_and_what_is_omitted_make_up_the_dict(items: dict[str, int], names: list[str]) -> None:
    listed = " ".join(f'"{name}"' for name in names)
    template = f"{{{{ $d := {_written(items)} }}}}{{{{ merge (pick $d {listed}) (omit $d {listed}) }}}}"
    assert render(template, {}).decode() == _shown(items)
