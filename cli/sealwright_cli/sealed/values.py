"""Where values come from: a prompt without echo, standard input, or randomness. No message ever shows one.

Randomness is the operating system's: a parameter would only make it possible to weaken it.
"""

import math
from collections.abc import Mapping

from sealwright_cli.files.disk import read_stream, write_stdout
from sealwright_cli.messages.errors import InputError, UsageError
from sealwright_cli.messages.ui import Console, counted

USUAL_LENGTH = 32
ALPHABETS = {
    "letters-digits": "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
    "hex": "0123456789abcdef",
    "digits": "0123456789",
    "url-safe": "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
    "printable": "".join(map(chr, range(0x21, 0x7F))),
}
"""The alphabets with a name; another one is given by its characters."""

_MOST_CHARACTERS = 64 * 1024
_FEWEST_BITS = 64
_TRIES = 3


def has_terminal(console: Console) -> bool:
    """Tell whether a person can be asked."""
    return not console.stdin.closed and console.stdin.isatty()


def ask(console: Console, prompt: str) -> bytes:
    """Return what a person types after a prompt, without echo. Raises InputError if it cannot be read."""
    try:
        return console.ask(prompt).encode("utf-8", "surrogateescape")
    except EOFError:
        raise InputError("no value was given", hint="type one, or name a file with --from-file") from None
    except UnicodeError:
        raise InputError(
            "what was typed is not text in the terminal's encoding", hint="set the locale, or name a file"
        ) from None


def ask_twice(console: Console, what: str) -> bytes:
    """Return what a person types twice alike, `what` it is. Raises InputError if it differs each time."""
    for _ in range(_TRIES):
        value = ask(console, f"{what} (not shown): ")
        if ask(console, f"{what}, again: ") == value:
            return value
        console.warn("the two differ; type it again")
    raise InputError(f"{what}: typed differently each time", hint="run the command again, or name a file")


def read_value(console: Console) -> bytes:
    """Return all of standard input, byte for byte. Raises InputError."""
    return read_stream(console.stdin, "standard input")


def read_password(console: Console, what: str) -> bytes:
    """Return a password: asked on a terminal, else standard input without its last line break. Raises InputError."""
    if has_terminal(console):
        return ask_twice(console, what)
    return read_stream(console.stdin, "standard input").removesuffix(b"\n").removesuffix(b"\r")


def generate(length: int, alphabet: str) -> bytes:
    """Return random text of so many characters."""
    import secrets  # noqa: PLC0415 - most commands make nothing random

    return "".join(secrets.choice(alphabet) for _ in range(length)).encode()


def check_length(word: str, flag: str, example: str) -> int:
    """Return a word of the command line as the length of a value. Raises UsageError, with an example in its hint."""
    is_number = word.isascii() and word.isdigit() and len(word) < len(str(10 * _MOST_CHARACTERS))
    if not is_number or not 0 < int(word) <= _MOST_CHARACTERS:
        raise UsageError(
            f"{flag}: a number of characters is expected, from 1 to {_MOST_CHARACTERS}", hint=f"{example}, for example"
        )
    return int(word)


def check_alphabet(word: str) -> str:
    """Return the characters of an alphabet, each once; the word names one, or is all of it. Raises UsageError."""
    if not word:
        return ALPHABETS["letters-digits"]
    characters = "".join(dict.fromkeys(ALPHABETS.get(word, word)))
    if len(characters) < 2 or not characters.isprintable():
        raise UsageError(
            "--alphabet: two different characters are needed, and none that cannot be printed",
            hint=f"give the characters, or one of {', '.join(ALPHABETS)}",
        )
    return characters


def warn_if_guessable(length: int, alphabet: str, console: Console) -> None:
    """Warn about random values of which a machine tries all."""
    bits = int(length * math.log2(len(alphabet)))
    if bits < _FEWEST_BITS:
        console.warn(f"{counted(length, 'character')} of this alphabet are only {bits} bits; {_FEWEST_BITS} are needed")


def show(generated: Mapping[str, bytes], console: Console) -> None:
    """Print what was generated: the value alone, or KEY=VALUE for several. Raises OutputError."""
    lines = [value if len(generated) == 1 else item.encode() + b"=" + value for item, value in generated.items()]
    write_stdout(console.stdout, b"".join(line + b"\n" for line in lines))
