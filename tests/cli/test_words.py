"""Two readers of command lines: what the fast one reads, Typer reads too, and in the same way."""

import functools
import shlex
from collections.abc import Callable, Mapping
from typing import Any

import pytest
import typer
from hypothesis import given, settings
from hypothesis import strategies as st

from sealwright_cli.commandline.spec import Option, Verb
from sealwright_cli.front import words
from sealwright_cli.front.index import GROUPS, HIDDEN, VERBS, find, load
from sealwright_cli.front.typerapp import make_app
from sealwright_cli.messages.errors import CliError
from sealwright_cli.messages.exitcodes import ExitStatus

REFUSED = "refused"
ENVIRON = {"SEALWRIGHT_CERT": "cert.pem", "SEALWRIGHT_CERT_FINGERPRINT": "aa bb"}
USUAL = {
    "FILE": "a.yaml",
    "NAME": "team-a",
    "yaml|json": "json",
    "strict|namespace-wide|cluster-wide": "namespace-wide",
}
every_verb = pytest.mark.parametrize("name", VERBS)


@functools.cache
def command_of(name: str) -> tuple[Callable[..., Any], list[Mapping[str, Any]]]:
    """Return Typer's command for a verb, and the list of what it makes of words; to make one takes long."""
    taken: list[Mapping[str, Any]] = []

    def run(_: Verb, given: dict[str, Any]) -> ExitStatus:
        taken.append(given)
        return ExitStatus.OK

    return typer.main.get_command(make_app(run, lambda _: None, "0", name)).main, taken


def by_typer(name: str, line: list[str]) -> Mapping[str, Any] | str:
    """Return what Typer makes of a verb's words, or that it refuses them."""
    command, taken = command_of(name)
    taken.clear()
    try:
        command(args=[*name.split(), *words.with_values(load(name), line)], standalone_mode=False)
    except (typer.TyperException, CliError):
        return REFUSED
    return taken[0] if taken else "shows help"


@every_verb
@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_typer_reads_the_same(name: str, data: st.DataObject) -> None:
    verb = load(name)
    line = data.draw(lines_of(name))
    environ = data.draw(st.sampled_from([{}, ENVIRON]))
    with pytest.MonkeyPatch.context() as patch:
        for variable in ENVIRON:
            patch.delenv(variable, raising=False)
        for variable, value in environ.items():
            patch.setenv(variable, value)
        try:
            fast: Any = words.read(verb, line, environ)
        except CliError:
            fast = REFUSED
        if fast is not None:
            assert fast == by_typer(name, line), shlex.join(line)


@every_verb
def test_what_people_write_is_read_without_typer(name: str) -> None:
    for example in load(name).examples.replace("\\\n", " ").splitlines():
        for part in example.split("|"):
            line = shlex.split(part)
            if line[0] == "sealwright":
                assert find(line[1:])[0] == name
                assert words.read(load(name), line[1 + len(name.split()) :], {}) is not None, part


@every_verb
def test_lists_of_verbs_say_what_the_help_begins_with(name: str) -> None:
    assert VERBS[name][1] == load(name).summary


@pytest.mark.parametrize("name", sorted(VERBS.keys() - HIDDEN))
def test_a_verb_has_two_examples(name: str) -> None:
    lines = load(name).examples.replace("\\\n", " ").splitlines()
    assert len(lines) >= 2
    assert all(f"sealwright {name}" in line for line in lines)


def test_every_group_has_verbs() -> None:
    assert GROUPS.keys() == {name.split()[0] for name in VERBS if " " in name}


@pytest.mark.parametrize(
    "line", ["--help", "-h", "--no-such", "-qn x", "--cert", "--quiet=yes", "-n a -n b", "--scope wide"]
)
def test_the_rest_is_left_to_typer(line: str) -> None:
    assert words.read(load("seal"), line.split(), {}) is None


def test_an_option_may_do_without_its_value() -> None:
    option = Option(("--generate",), "A random value.", "LENGTH", bare="32")
    verb = Verb("", "", lambda _: ExitStatus.OK, options=(option, Option(("--quiet",), "")))
    lines = {"--generate": "32", "--generate 8": "8", "--generate=9": "9", "--generate --quiet": "32", "--quiet": None}
    assert {line: (words.read(verb, line.split(), {}) or {})["generate"] for line in lines} == lines
    assert words.with_values(verb, ["--", "--generate"]) == ["--", "--generate"]


@functools.cache
def lines_of(name: str) -> st.SearchStrategy[list[str]]:
    """Return the words that may follow a verb; to make the strategy takes longer than to draw from it."""
    parts = st.one_of(*(spelled(one) for one in load(name).options), rarely_right())
    return st.lists(parts, max_size=6).map(flat)


def spelled(option: Option) -> st.SearchStrategy[list[str]]:
    """Return ways to write an option, with values that are right or not."""
    if option.is_flag:
        return st.sampled_from([[name] for name in option.names])
    values = st.sampled_from([USUAL.get(option.metavar, "x"), "30s", "", "-", "Team_A"])
    together = st.builds(lambda value: [f"{option.names[0]}={value}"], values)
    return st.one_of(together, st.builds(lambda name, value: [name, value], st.sampled_from(option.names), values))


def rarely_right() -> st.SearchStrategy[list[str]]:
    """Return arguments, and what is seldom meant."""
    return st.sampled_from([["a.yaml"], ["-"], ["--"], ["folder", "b.yaml"], [""], ["-x"], ["--nam", "x"]])


def flat(parts: list[list[str]]) -> list[str]:
    """Return the words of all parts."""
    return [word for part in parts for word in part]
