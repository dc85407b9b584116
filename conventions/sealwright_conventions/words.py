"""Which words of a command line a message may repeat: a typing mistake may have put a secret value there."""

from sealwright_conventions.patterns import pattern

_LONGEST_WORD = 24
_PLAIN_WORD = pattern(r"[a-z]+(-[a-z]+)*")


def is_plain_word(text: str) -> bool:
    """Tell whether this is lower-case words joined by dashes, like names and settings."""
    return len(text) <= _LONGEST_WORD and _PLAIN_WORD.fullmatch(text) is not None
