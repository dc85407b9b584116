"""Command lines that are right, read without Typer, which takes longer to import than a file to be sealed.

Reads what can be read without a doubt. All else is left to Typer: help, completion, mistakes, and rarer ways to write
what is right. A test holds that both read the same.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sealwright_cli.commandline.spec import Argument, Option, Verb


class _Unclear(Exception):  # noqa: N818 - no error: Typer reads the line
    """A command line that is not read here."""


def read(verb: Verb, words: Sequence[str], environ: Mapping[str, str]) -> dict[str, Any] | None:
    """Return the values of all options and arguments; None if the words are left to Typer."""
    try:
        options, positions = _sort(verb, words)
        given = {option.into: _value(option, options.get(option.into), environ) for option in verb.options}
        return given | _arguments(verb.arguments, positions, environ)
    except (_Unclear, ValueError):
        return None


def with_values(verb: Verb, words: Sequence[str]) -> list[str]:
    """Return the words with the usual value behind each option that is given without its own, and one word for each.

    Typer knows no options whose value may be left out, and none of several words that may be repeated.
    """
    several = {name: option for option in verb.options if option.words > 1 for name in option.names}
    optional = {name: option for option in verb.options if option.bare is not None for name in option.names}
    done: list[str] = []
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if word == "--":
            return [*done, word, *rest]
        option = optional.get(word)
        if option is not None:
            is_given = bool(rest) and option.is_value(rest[0])
            word = f"{option.names[0]}={rest.pop(0) if is_given else option.bare}"
        elif word in several and rest and not rest[0].startswith("-"):
            count = next(
                (at for at, one in enumerate(rest[: several[word].words]) if one[:1] == "-"), several[word].words
            )
            *first, last = [f"{word}={one}" for one in rest[:count]]
            done += first
            word, rest = last, rest[count:]
        done.append(word)
    return done


def _sort(verb: Verb, words: Sequence[str]) -> tuple[dict[str, list[str]], list[str]]:
    """Return the words of each option that is given, by key, and the words that are arguments."""
    known = {name: option for option in verb.options for name in option.names}
    options: dict[str, list[str]] = {}
    positions: list[str] = []
    rest = list(reversed(with_values(verb, words)))
    while rest:
        word = rest.pop()
        if word == "--":
            positions += reversed(rest)
            break
        if word[:1] != "-" or word == "-":
            positions.append(word)
            continue
        name, equals, value = word.partition("=") if word.startswith("--") else (word, "", "")
        option = known.get(name)
        if option is None or (equals and option.is_flag) or not (equals or option.is_flag or rest):
            raise _Unclear
        options.setdefault(option.into, []).append(value if equals else "" if option.is_flag else rest.pop())
    return options, positions


def _value(option: Option, words: Sequence[str] | None, environ: Mapping[str, str]) -> Any:
    if words is None:
        word = environ.get(option.variable, "")
        if word and option.many:
            return tuple(option.kind(part) for part in word.split())
        return option.kind(word) if word else option.absent
    if option.is_flag:
        return True
    if option.many:
        return tuple(option.kind(word) for word in words)
    if len(words) > 1:
        raise _Unclear
    return option.kind(words[0])


def _arguments(arguments: Sequence[Argument], words: Sequence[str], environ: Mapping[str, str]) -> dict[str, Any]:
    """Give each argument its word, in order; one with `many` takes what the others leave."""
    rest = list(words)
    given: dict[str, Any] = {}
    for index, argument in enumerate(arguments):
        later = len(arguments) - index - 1
        if argument.many:
            count = max(0, len(rest) - later)
            given[argument.into] = tuple(argument.kind(rest.pop(0)) for _ in range(count))
        elif rest:
            given[argument.into] = argument.kind(rest.pop(0))
        else:
            word = environ.get(argument.variable, "")
            given[argument.into] = argument.kind(word) if word else argument.absent
        if argument.is_required and given[argument.into] in ((), argument.absent):
            raise _Unclear
    if rest:
        raise _Unclear
    return given
