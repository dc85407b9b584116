"""Patterns: they do what `re.compile` makes, once they are used."""

import re

import pytest

from sealwright_conventions.patterns import compiled_when_used, pattern


def test_a_pattern_matches_as_a_compiled_one() -> None:
    word = pattern(r"[a-z]+", re.IGNORECASE)
    assert word.fullmatch("Word") is not None
    assert word.findall("a-B") == ["a", "B"]
    assert word.sub("x", "ab cd") == "x x"
    assert word.pattern == "[a-z]+"


def test_bytes_are_matched_as_well() -> None:
    assert pattern(rb"[0-9]+").findall(b"1-22") == [b"1", b"22"]


def test_a_pattern_is_compiled_when_it_is_first_used() -> None:
    broken = pattern("(")
    with pytest.raises(re.error):
        broken.match("")


def test_a_library_imported_meanwhile_compiles_its_patterns_when_it_uses_them() -> None:
    with compiled_when_used():
        broken, words = re.compile("("), re.compile("[a-z]+  # a comment", re.VERBOSE)
    assert words.fullmatch("word") is not None
    with pytest.raises(re.error):
        broken.match("")
    with pytest.raises(re.error):
        re.compile("(")
