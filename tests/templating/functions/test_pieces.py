"""Texts made of values, put together and taken apart, where no recorded vector goes. Go gave the results."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealwright_templating import TemplateLimitError, render

DATA: dict[str, str | bytes] = {"stray": b"a\xe2\x82\xff", "two": "é,à"}

BYTES = '(semver "1.2.3").MarshalText'
TABLE: list[tuple[str, str, str | bytes]] = [
    ("bytes are a text", f"{{{{ toString {BYTES} }}}} {{{{ quote {BYTES} }}}}", '1.2.3 "1.2.3"'),
    ("but a list of numbers to squote and cat", f"{{{{ squote {BYTES} }}}} {{{{ cat {BYTES} }}}}", "'[49 46 50 46 51]' [49 46 50 46 51]"),
    ("and to join, as any list", f'{{{{ join "," {BYTES} }}}}', "49,46,50,46,51"),
    ("a month is its name", '{{ $m := (toDate "2006" "2024").Month }}{{ toString $m }} {{ quote $m }} {{ cat $m 1 }}', 'January "January" January 1'),
    ("strings in strings are quoted again", '{{ quote (quote "a") }}', '"\\"a\\""'),
    ("stray bytes are escaped", "{{ quote .stray }}", '"a\\xe2\\x82\\xff"'),
    ("between single quotes nothing is", "{{ squote .stray }}", b"'a\xe2\x82\xff'"),
    ("nil in a list is left out", "{{ join \",\" (list nil 1 nil) }}{{ toStrings (list nil) }}", "1[]"),
    ("nil itself is a text to some", "{{ toString nil }} {{ toStrings nil }} {{ sortAlpha nil }} [{{ join \",\" nil }}]", "<nil> [] [<nil>] []"),
    ("a nil list is empty", '{{ join "," (initial list) }}{{ toStrings (initial list) }}', "[]"),
    ("sorting a list of texts changes it", '{{ $l := splitList "," "b,a" }}{{ $_ := sortAlpha $l }}{{ $l }}', "[a b]"),
    ("sorting any other does not", '{{ $l := list "b" "a" }}{{ $_ := sortAlpha $l }}{{ $l }}', "[b a]"),
    ("texts are sorted by their bytes", '{{ sortAlpha (list "é" "z" "Z" 10 9 "") }}', "[ 10 9 Z z é]"),
    ("a dict is no list", '{{ sortAlpha (dict "b" 1 "a" 2) }}', "[map[a:2 b:1]]"),
    ("toStrings gives a list of texts itself", '{{ $l := splitList "," "b,a" }}{{ $_ := sortAlpha (toStrings $l) }}{{ $l }}', "[a b]"),
    ("stray bytes are parts of their own", '{{ splitList "" .stray | len }} {{ splitList "" .stray | toJson }}', '4 ["a","\\ufffd","\\ufffd","\\ufffd"]'),
    ("the last part has the rest", '{{ splitn "" 2 "éàè" }} {{ splitn "," 2 ",a," }}', "map[_0:é _1:àè] map[_0: _1:a,]"),
    ("more parts than there are", '{{ splitn "" 9 "éà" }} {{ splitn "," 9 .two }}', "map[_0:é _1:à] map[_0:é _1:à]"),
    ("no parts", '{{ splitn "," 0 .two }}{{ splitn "" 0 .two }}{{ splitn "" -1 "" }}', "map[]map[]map[]"),
    ("one part", '{{ splitn "" 1 .two }} {{ splitn "," 1 "" }}', "map[_0:é,à] map[_0:]"),
    ("a part may be a byte of a character", '{{ splitList "\\xa9" "é" | first | printf "%q" }}', '"\\xc3"'),
]  # fmt: skip


@pytest.mark.parametrize(("template", "expected"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_pieces_as_by_go(template: str, expected: str | bytes) -> None:
    assert render(template, DATA) == (expected if isinstance(expected, bytes) else expected.encode())


LARGE = [
    'splitList "" .x',
    'split "," .commas',
    'join .x (splitList "," "a,b,c,d,e,f")',
    "quote .stray .stray .stray",
    "toStrings (list $d $d $d $d $d)",
    "cat $d $d $d $d $d",
]


@pytest.mark.parametrize("call", LARGE)
def test_pieces_that_would_be_too_large_are_refused(call: str) -> None:
    data = {"x": "x" * 1_000_000, "commas": "," * 200_000, "stray": b"\xff" * 500_000}
    with pytest.raises(TemplateLimitError, match="one value would take more than"):
        # With a clock that stands still: on a busy machine, time may be over first.
        render(f'{{{{ $d := dict "a" .x }}}}{{{{ {call} }}}}', data, timer=lambda: 0.0)


def test_joining_costs_steps() -> None:
    with pytest.raises(TemplateLimitError, match="it takes more than"):
        render('{{ $l := splitList "," .c }}{{ range 10000 }}{{ $_ := join "" $l }}{{ end }}', {"c": "," * 30_000})


@given(st.binary(), st.binary(max_size=2))
def test_what_was_split_is_joined_again(text: bytes, separator: bytes) -> None:
    assert render("{{ splitList .s .t | join .s }}", {"t": text, "s": separator}) == text


@given(st.binary(min_size=1), st.binary(max_size=1), st.integers(1, 5))
def test_a_text_is_split_into_no_more_parts_than_wished(text: bytes, separator: bytes, most: int) -> None:
    number = int(render(f"{{{{ splitn .s {most} .t | len }}}}", {"t": text, "s": separator}))
    assert 1 <= number <= most
