"""Which words messages may repeat."""

import pytest

from sealwright_conventions.words import is_plain_word


@pytest.mark.parametrize(
    ("word", "is_plain"),
    [
        ("toml", True),
        ("planet-wide", True),
        ("", False),
        ("hunter2", False),
        ("Hunter", False),
        ("-x", False),
        ("a--b", False),
        ("a b", False),
        ("a\n", False),
        ("a" * 25, False),
    ],
)
def test_names_and_settings_are_plain_words(word: str, is_plain: bool) -> None:
    assert is_plain_word(word) is is_plain
