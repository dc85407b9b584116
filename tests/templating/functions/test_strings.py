"""Texts where no recorded vector goes: stray bytes, spaces of all sorts, ends that are out of reach. By Go."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealwright_templating import TemplateExecutionError, TemplateLimitError, render

DATA: dict[str, str | bytes] = {
    "stray": b"\xe2\x82x\xff",
    "spaced": "\u2003\u00a0x\u2028",
    "grave": "à b",
    "dots": "...",
    "sentence": "the quick brown fox jumps over the lazy dog",
    "secret": "hunter2",
}

CHANGED: list[tuple[str, str, str | bytes]] = [
    ("spaces of all scripts are trimmed", "[{{ trim .spaced }}]", "[x]"),
    ("stray bytes are no spaces, though they would be in Latin 1", '[{{ trim "\\xa0x\\x85" }}]', b"[\xa0x\x85]"),
    ("separators of files are none", '[{{ trim "\\x1cx\\x1f" }}]', b"[\x1cx\x1f]"),
    ("characters are trimmed whole", '[{{ trimAll "é" "\\xa9é\\xc3" }}]', b"[\xa9\xc3\xa9\xc3]"),
    ("a stray byte among them stands for all", '[{{ trimAll "\\xff" .stray }}]', "[x]"),
    ("so does the replacement character", '[{{ trimAll "\ufffd" .stray }}]', "[x]"),
    ("which a stray byte is taken for", '[{{ trimAll "\\xff" "\ufffdx" }}]', "[x]"),
    ("all of a text may be trimmed", '[{{ trimAll "éx" "xéxé" }}{{ trimAll "ab" "abba" }}]', "[]"),
    ("a prefix is taken away once", '{{ trimPrefix "ab" "ababc" }} {{ trimSuffix "c" "abcc" }}', "abc abc"),
    ("without spaces nothing changes", "{{ nospace .stray }}", b"\xe2\x82x\xff"),
    ("with one, bytes become characters of Latin 1", "{{ nospace .grave }}", "Ãb"),
    ("initials are bytes, too", "{{ initials .stray }}", "â"),
    ("a space may be inside a character", "{{ initials .grave }}", "Ãb"),
    ("repeated stray bytes", "{{ repeat 2 .stray }}", b"\xe2\x82x\xff\xe2\x82x\xff"),
    ("nothing is repeated any number of times", '[{{ repeat 9223372036854775807 "" }}]', "[]"),
    ("between stray bytes, too, there is nothing", '{{ replace "" "-" .stray }}', b"-\xe2-\x82-x-\xff-"),
    ("nothing in nothing is there once", '{{ replace "" "-" "" }}', "-"),
    ("nothing for nothing", '{{ replace "" "" "é" }}', "é"),
    ("parts do not overlap", '{{ replace "aa" "b" "aaa" }}', "ba"),
    ("a character may be replaced by a byte of it", '{{ replace "é" "\\xc3" "aé" }}', b"a\xc3"),
    ("a part from before the beginning", '{{ substr -9 2 "abc" }}', "ab"),
    ("a part up to the end", '{{ substr 1 -1 "abc" }} {{ substr 1 9 "abc" }}', "bc bc"),
    ("the last bytes, if there are so many", '{{ trunc -2 "abc" }} {{ trunc -9223372036854775808 "abc" }}', "bc abc"),
    ("singular is for one only", '{{ plural "a" "b" -1 }}', "b"),
    ("a part of nothing", '{{ contains "" "" }} {{ hasPrefix "" "" }}', "true true"),
    ("a byte is a part of a character", '{{ contains "\\xa9" "é" }} {{ hasSuffix "\\xa9" "é" }}', "true true"),
]  # fmt: skip
LAID_OUT = [
    ("an empty line is indented", '[{{ indent 2 "\\n" }}]', "[  \n  ]"),
    ("no spaces", '[{{ nindent 0 "a\\nb" }}]', "[\na\nb]"),
    ("a long word stays whole", '{{ wrap 3 "ab cdefgh ij" }}', "ab\ncdefgh\nij"),
    ("a long word at the end, too", '{{ wrap 3 "ab cdefgh" }}', "ab\ncdefgh"),
    ("unless it is to be broken", '{{ wrapWith 3 "|" "ab cdefgh ij" }}', "ab|cde|fgh|ij"),
    ("a line begins with no spaces", '[{{ wrap 3 "   ab     cde f" }}]', "[ab \ncde\nf]"),
    ("but a last one that fits may", '[{{ wrap 9 "  ab" }}]', "[  ab]"),
    ("other spaces are no places to break at", '{{ wrap 3 "ab\\tcd\\nef" }}', "ab\tcd\nef"),
    ("lines are as long as bytes", '{{ wrapWith 3 "|" "éé" | printf "%q" }}', '"é\\xc3|\\xa9"'),
    ("the longest widths", "{{ wrap 9223372036854775807 .dots }}{{ abbrev 9223372036854775807 .dots }}", "......"),
    ("widths below one are one", '{{ wrap -5 "a bc" }} {{ wrapWith 0 "|" "abc" }}', "a\nbc a|b|c"),
    ("a text is cut at a byte", '{{ abbrev 4 "éàè" | printf "%q" }}', '"\\xc3..."'),
    ("an offset near the end moves back", "{{ abbrevboth 40 10 .sentence }}", "...azy dog"),
    ("an offset at the very end, too", "{{ abbrevboth 43 20 .sentence }}", "...over the lazy dog"),
    ("a small offset is none", "{{ abbrevboth 4 10 .sentence }}", "the qui..."),
    ("a width for one mark only", "{{ abbrevboth 5 6 .sentence }}", "the quick brown fox jumps over the lazy dog"),
    ("a width for one mark, with an offset that moves behind the start", '[{{ abbrevboth -9223372036854775808 5 "abcdefghi" }}]', "[]"),
    ("an offset before the beginning", "{{ abbrevboth -3 8 .sentence }}", "the q..."),
]  # fmt: skip
TABLE = CHANGED + LAID_OUT


@pytest.mark.parametrize(("template", "expected"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_texts_as_by_go(template: str, expected: str | bytes) -> None:
    assert render(template, DATA) == (expected if isinstance(expected, bytes) else expected.encode())


REFUSED = [
    ("repeat -1 .secret", "the count is negative"),
    ("indent -1 .secret", "the number of spaces is negative"),
    ("substr 3 2 .secret", "the text has no such part"),
    ("substr 8 9 .secret", "the text has no such part"),
    ("substr -1 8 .secret", "the text has no such part"),
    ("substr -1 -1 .secret", "the text has no such part"),
]


@pytest.mark.parametrize(("call", "reason"), REFUSED)
def test_what_cannot_be_done_is_an_error_that_shows_no_value(call: str, reason: str) -> None:
    with pytest.raises(TemplateExecutionError, match=reason) as caught:
        render(f"{{{{ {call} }}}}", DATA)
    assert "hunter2" not in str(caught.value)


LARGE = [
    "repeat 999999999 .x",
    "indent 999999 (repeat 9999 .line)",
    'replace "" .x .x',
    'replace "x" .x .x',
    "wrapWith 1 .x .x",
]


@pytest.mark.parametrize("call", LARGE)
def test_texts_that_would_be_too_large_are_refused(call: str) -> None:
    with pytest.raises(TemplateLimitError, match="one value would take more than"):
        render(f"{{{{ {call} }}}}", {"x": "x" * 100_000, "line": "\n"})


WORK = ["trim .wide", "trimAll .wide .wide", "nospace .x", "initials .x", 'contains "y" .x', "wrap 1 .spaces"]


@pytest.mark.parametrize("call", WORK)
def test_reading_long_texts_costs_steps(call: str) -> None:
    data = {"x": "x" * 500_000, "wide": "é" * 250_000, "spaces": " " * 500_000}
    with pytest.raises(TemplateLimitError, match="it takes more than"):
        render(f"{{{{ range $i := 10000 }}}}{{{{ $_ := {call.replace(' .', ' $.')} }}}}{{{{ end }}}}", data)


@given(st.binary(), st.binary(max_size=3))
def test_what_is_trimmed_at_both_ends_is_one_of_the_characters(text: bytes, characters: bytes) -> None:
    trimmed = render("{{ trimAll .c .t }}", {"t": text, "c": characters})
    before, _, behind = text.partition(trimmed) if trimmed else (text, b"", b"")
    assert render("{{ trimAll .c .t }}", {"t": before, "c": characters}) == b""
    assert trimmed == b"" or text == before + trimmed + behind


@given(st.text(alphabet=" ab", max_size=60), st.integers(1, 12))
def test_wrapping_keeps_all_but_spaces_and_the_width(text: str, width: int) -> None:
    lines = render(f"{{{{ wrap {width} .t }}}}", {"t": text}).decode().split("\n")
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(len(line) <= width or " " not in line for line in lines)
