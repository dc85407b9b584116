"""What is known of an expression before it is run: how long its matches can be, and how far searches may look."""

import time
from math import inf

import pytest

from sealwright_templating.context import Context
from sealwright_templating.go.regexp import Expression, Subject, engine
from sealwright_templating.go.regexp.syntax import read
from sealwright_templating.limits import Budget, Limits

TABLE = [
    ("a letter", "a", 1, 1),
    ("a letter of four bytes", "é", 4, 4),
    ("a letter in either case may be longer", "(?i)k", 4, 4),
    ("a class", "[ab]", 1, 1),
    ("all but a class", "[^ab]", 4, 4),
    ("a place", "^\\b$", 0, 0),
    ("a word", "abc", 3, 3),
    ("alternatives", "abc|d", 3, 3),
    ("a count", "(?:ab){2,3}", 6, 8),
    ("no times", "(?:a+){0}", 0, 2),
    ("any number of times nothing", "(?:^)*", 0, 0),
    ("a loop is left at the first that does not fit", "a+", inf, 2),
    ("also in a group and behind something", "ab([0-9]*)", inf, 4),
    ("also as an alternative", "ab|c*", inf, 2),
    ("also if it may be left out", "(?:a+)?", inf, 2),
    ("a loop with something behind it may go on in vain", "a*b", inf, inf),
    ("even if that is only a place", "a+$", inf, inf),
    ("loops in loops may, too", "(?:a+b)*", inf, inf),
    ("and a loop in front of another", "a*b*", inf, inf),
    ("and one in a count", "(?:a*b){2}", inf, inf),
]
NEWLINE = [
    ("a letter", "a", False),
    ("a line break", "\\n", True),
    ("a dot", ".", False),
    ("a dot that means all", "(?s).", True),
    ("spaces", "\\s", True),
    ("all but digits", "a\\D", True),
    ("all but spaces", "\\S", False),
    ("a range over it", "[\\t-\\r]", True),
    ("a class without it", "[^\\n]", False),
    ("all but a class", "[^a]", True),
    ("controls", "[[:cntrl:]]", True),
    ("all but what is printed", "[[:^print:]]", True),
    ("other characters", "\\pC", True),
    ("all but letters", "x|\\PL", True),
    ("letters", "\\pL", False),
]


def budget() -> Budget:
    return Budget(Limits(), time.monotonic)


@pytest.mark.parametrize(("pattern", "longest", "overscan"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_how_long_matches_and_how_far_searches_can_be(pattern: str, longest: float, overscan: float) -> None:
    piece, _ = read(budget(), pattern)
    assert (piece.longest, piece.overscan) == (longest, overscan)


@pytest.mark.parametrize(("pattern", "expected"), [row[1:] for row in NEWLINE], ids=[row[0] for row in NEWLINE])
def test_whether_a_line_break_can_be_matched(pattern: str, expected: bool) -> None:
    piece, _ = read(budget(), pattern)
    assert piece.newline is expected


def test_groups_are_told_by_name() -> None:
    _, names = read(budget(), "(a)(?P<b>c(?<d>e))(?:f)")
    assert names == ["", "b", "d"]


@pytest.mark.parametrize("window", [1, 3, 4096])
@pytest.mark.parametrize("pattern", ["b", "^", "$", "(?m)^b?$", "\\b", "a*", "(?m)a$|^b", ""])
def test_line_by_line_the_same_is_found(pattern: str, window: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def found() -> list[tuple[int, int]]:
        context = Context(budget(), lambda: 0, bytes, lambda _: None, 0)
        expression = Expression(context, pattern.encode())
        return [match.span() for match in expression.all(Subject(context.budget, b"ab\nb\n\naab a\n"))]

    at_once = found()
    monkeypatch.setattr(engine, "_WINDOW_BYTES", window)
    assert found() == at_once


def test_offsets_in_a_text_with_stray_bytes() -> None:
    subject = Subject(budget(), b"\xffa\xe6\x97b")
    assert subject.data.decode() == "\ufffda\ufffd\ufffdb"
    assert [subject.between(*span) for span in [(0, 3), (3, 4), (4, 10), (10, 11), (0, 11), (7, 7)]] == [
        b"\xff",
        b"a",
        b"\xe6\x97",
        b"b",
        b"\xffa\xe6\x97b",
        b"",
    ]
