"""Lists where no recorded vector goes: types, nil, sharing, limits. Go gave the results."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealwright_templating import TemplateExecutionError, TemplateLimitError, render

DATA: dict[str, str | bytes] = {"csv": "a,b,c", "secret": "hunter2"}

TABLE = [
    ("elements of any list", '{{ first (chunk 1 (until 2)) }} {{ last (splitList "" "ab") }}', "[0] b"),
    ("an element may be nil", "{{ first (list nil 1) }} {{ kindOf (last (list 1 nil)) }}", "<no value> invalid"),
    ("the rest of nothing is nil", "{{ rest list | toJson }} {{ initial list | toJson }}", "null null"),
    ("the rest of one is empty", "{{ rest (list 1) | toJson }} {{ initial (list 1) | toJson }}", "[] []"),
    ("a list of numbers takes anything more", '{{ append (until 1) "a" | toJson }} {{ prepend (until 1) nil | toJson }}', '[0,"a"] [null,0]'),
    ("a new list has nothing in common with the old", "{{ $l := list 1 2 }}{{ $m := append $l 3 }}{{ $n := append $l 4 }}{{ $l }}{{ $m }}{{ $n }}", "[1 2][1 2 3][1 2 4]"),
    ("but its elements have", '{{ $d := dict }}{{ $l := list $d }}{{ $_ := set (first (reverse $l)) "a" 1 }}{{ $l }}', "[map[a:1]]"),
    ("lists of all types are put together", '{{ concat (until 1) (splitList "," .csv) (initial list) | toJson }}', '[0,"a","b","c"]'),
    ("nothing put together is nil", "{{ concat list list | toJson }}", "null"),
    ("empty elements of all kinds", '{{ compact (list 0.0 nil "" list dict false 0 (int64 0) 0i) }}', "[]"),
    ("what is not empty", '{{ compact (list (semver "0.0.0") (toDate "" "") -0.1 "0" (list nil)) | len }}', "5"),
    ("only what is the same in type is the same", '{{ uniq (list 1 1.0 "1" true (int64 1) 1i 1 1.0 "1" true (int64 1) 1i) }}', "[1 1 1 true 1 (0+1i)]"),
    ("0 and -0 are equal", "{{ uniq (list 0.0 -0.0) }} {{ uniq (list -0.0 0.0) }}", "[0] [-0]"),
    ("NaN is not equal to itself", '{{ $n := float64 "nan" }}{{ uniq (list $n $n) }} {{ has $n (list $n) }} {{ without (list $n) $n }}', "[NaN NaN] false [NaN]"),
    ("lists are the same if their types are", '{{ uniq (list list (until 0) (splitList "" "") list) | len }}', "3"),
    ("versions are the same if they were written so", '{{ uniq (list (semver "1") (semver "1") (semver "1.0")) }}', "[1.0.0 1.0.0]"),
    ("what is left out, is left out by type", '{{ without (until 3) 1 "2" }} {{ without (splitList "," .csv) "a" nil }}', "[0 2] [b c]"),
    ("a nil is in no list but one with nil", "{{ has nil list }} {{ has nil (list 1 nil) }} {{ has list (list nil) }} {{ has 1 nil }}", "false true false false"),
    ("bounds are made numbers of", '{{ slice (until 5) "1" 2.9 }} {{ slice (until 5) nil true }} {{ slice (until 5) "x" }}', "[1] [0] [0 1 2 3 4]"),
    ("further bounds are not looked at", "{{ slice (until 5) 1 2 3 4 }}", "[1]"),
    ("a part has the type of the whole", "{{ slice (until 5) 2 | typeOf }} {{ slice (until 5) 5 }}", "[]int []"),
    ("of nothing there is no part, whatever the bounds", '[{{ slice list -1 "9" }}]', "[<no value>]"),
    ("a chunk has elements of any type", '{{ chunk 2 (until 3) | toJson }} {{ first (chunk 1 (until 1)) | typeOf }}', "[[0,1],[2]] []interface {}"),
    ("chunks larger than the list", "{{ chunk 9223372036854775807 (until 3) }} {{ chunk 3 list }}", "[[0 1 2]] []"),
    ("chunks of less than nothing give none or one", "{{ chunk -1 (list 1 2) }} {{ chunk -9 (list 1 2 3) }} {{ chunk -2 (list 1) }}", "[] [] [[1]]"),
]  # fmt: skip


@pytest.mark.parametrize(("template", "expected"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_lists_as_by_go(template: str, expected: str) -> None:
    assert render(template, DATA).decode() == expected


LIST_TAKERS = ["first {}", "last {}", "rest {}", "initial {}", "reverse {}", "uniq {}", "compact {}", "slice {}", "concat list {}", "without {} 1", "append {} 1", "prepend {} 1", "chunk 1 {}", "has 1 {}"]  # fmt: skip
NO_LISTS = [".secret", "dict", "7", '(semver "1")', "."]
CALLS = [taker.format(value) for taker in LIST_TAKERS for value in NO_LISTS]
CALLS += [taker.format("nil") for taker in LIST_TAKERS if not taker.startswith("has")]


@pytest.mark.parametrize("call", CALLS)
def test_what_is_no_list_is_an_error_that_shows_no_value(call: str) -> None:
    with pytest.raises(TemplateExecutionError, match="its argument is not a list") as caught:
        render(f"{{{{ {call} }}}}", DATA)
    assert "hunter2" not in str(caught.value)


REFUSED = [
    ("slice (until 3) 4", "the list has no such part"),
    ("slice (until 3) -1", "the list has no such part"),
    ("slice (until 3) 2 1", "the list has no such part"),
    ("mustSlice (list 1 2 3) 0 4", "the list has no such part"),
    ("chunk 0 (list 1)", "the size of a chunk is not positive"),
    ("chunk -1 (list 1)", "the size of a chunk is not positive"),
    ("chunk -1 list", "the size of a chunk is not positive"),
    ("chunk -1 (list 1 2 3)", "the size of a chunk is not positive"),
]


@pytest.mark.parametrize(("call", "reason"), REFUSED)
def test_what_cannot_be_done_is_an_error(call: str, reason: str) -> None:
    with pytest.raises(TemplateExecutionError, match=reason):
        render(f"{{{{ {call} }}}}", {})


@pytest.mark.parametrize("call", ["concat $l $l $l", "append $l 1", "chunk 1 $l", "rest $l | prepend $l"])
def test_lists_that_would_be_too_large_are_refused(call: str) -> None:
    with pytest.raises(TemplateLimitError, match="more than"):
        render(f"{{{{ $l := until 104857 }}}}{{{{ {call} }}}}", {})


@pytest.mark.parametrize("call", ["uniq $l", "compact $l", "without $l 1", "has -1 $l", "uniq $m"])
def test_looking_at_all_elements_costs_steps(call: str) -> None:
    with pytest.raises(TemplateLimitError, match="it takes more than"):
        render(
            f"{{{{ $l := until 50000 }}}}{{{{ $m := chunk 1 (until 20000) }}}}{{{{ range 500 }}}}{{{{ $_ := {call} }}}}{{{{ end }}}}", {}
        )  # fmt: skip


def test_many_simple_values_are_told_apart_quickly() -> None:
    assert render("{{ uniq (until 50000) | len }}", {}) == b"50000"


texts = st.lists(st.text(alphabet="abc", max_size=2), min_size=1, max_size=20)


@given(texts)
def test_a_list_is_its_first_and_its_rest_and_its_initial_and_its_last(items: list[str]) -> None:
    template = (
        '{{ $l := splitList "," .t }}{{ prepend (rest $l) (first $l) | join "," }};'
        '{{ append (initial $l) (last $l) | join "," }};{{ reverse (reverse $l) | join "," }}'
    )
    assert render(template, {"t": ",".join(items)}).decode() == ";".join([",".join(items)] * 3)


@given(texts)
def test_what_is_unique_is_left_in_order(items: list[str]) -> None:
    rendered = render('{{ splitList "," .t | uniq | join "," }}', {"t": ",".join(items)}).decode()
    assert rendered == ",".join(dict.fromkeys(items))


@given(texts, st.integers(1, 25))
def test_chunks_put_together_are_the_list(items: list[str], size: int) -> None:
    template = f'{{{{ range chunk {size} (splitList "," .t) }}}}{{{{ join "," . }}}};{{{{ end }}}}'
    chunks = [items[start : start + size] for start in range(0, len(items), size)]
    assert render(template, {"t": ",".join(items)}).decode() == "".join(",".join(chunk) + ";" for chunk in chunks)
