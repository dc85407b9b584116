"""Go's way with flags: how they are written, what their values are, and the variables that stand for them."""

import contextlib
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealwright_cli.kubeseal.flags import FLAGS, LOGGING, PREFIX
from sealwright_conventions.flagkinds import Kind
from sealwright_conventions.flags import Flag, FlagError, Parsed, parse


def one_of(*allowed: str) -> Any:
    def check(text: str) -> str:
        if text not in allowed:
            raise ValueError(f"write {' or '.join(filter(None, allowed))}")
        return text

    return check


SOME = (
    Flag("format", short="o", default="json"),
    Flag("raw", Kind.BOOL, short="r"),
    Flag("quick", Kind.BOOL, short="q"),
    Flag("from-file", Kind.STRINGS, short="f"),
    Flag("as-group", Kind.STRING_ARRAY),
    Flag("scope", parse=one_of("", "strict", "wide")),
    Flag("v", Kind.LEVEL, short="v", has_variable=False),
    Flag("size", Kind.UINT),
    Flag("threshold", Kind.SEVERITY),
    Flag("trace", Kind.TRACE_LOCATION),
    Flag("modules", Kind.MODULE_SPEC),
)


def read(*argv: str, **environ: str) -> Parsed:
    return parse(SOME, argv, environ, "APP")


WRITTEN: list[tuple[str, Sequence[str], Mapping[str, object], Sequence[str]]] = [
    ("nothing leaves the defaults", [], {"format": "json", "raw": False, "from-file": (), "scope": ""}, []),
    ("a value in the next word", ["--format", "yaml"], {"format": "yaml"}, []),
    ("a value behind =", ["--format=yaml"], {"format": "yaml"}, []),
    ("an empty value behind =", ["--format="], {"format": ""}, []),
    ("an empty word as value", ["--format", ""], {"format": ""}, []),
    ("a value with = in it", ["--format=a=b"], {"format": "a=b"}, []),
    ("a value that looks like a flag", ["--format", "--raw"], {"format": "--raw", "raw": False}, []),
    ("a short flag and the next word", ["-o", "yaml"], {"format": "yaml"}, []),
    ("a short flag with its value", ["-oyaml"], {"format": "yaml"}, []),
    ("a short flag and =", ["-o=yaml"], {"format": "yaml"}, []),
    ("a boolean alone", ["--raw"], {"raw": True}, []),
    ("a boolean behind =", ["--raw=false"], {"raw": False}, []),
    ("a word behind a boolean is an argument", ["--raw", "false"], {"raw": True}, ["false"]),
    ("short booleans share a dash", ["-rq"], {"raw": True, "quick": True}, []),
    ("short booleans and a value share a dash", ["-rqoyaml"], {"raw": True, "quick": True, "format": "yaml"}, []),
    ("a short boolean behind =", ["-r=F"], {"raw": False}, []),
    ("the last one wins", ["--format", "a", "-o", "b"], {"format": "b"}, []),
    ("flags and arguments may be mixed", ["a", "--raw", "b"], {"raw": True}, ["a", "b"]),
    ("-- ends the flags", ["--", "--raw", "-o"], {"raw": False, "format": "json"}, ["--raw", "-o"]),
    ("- is an argument", ["-"], {}, ["-"]),
    ("a list by repetition", ["--from-file", "a", "-f", "b"], {"from-file": ("a", "b")}, []),
    ("a list by commas", ["--from-file", "a,b"], {"from-file": ("a", "b")}, []),
    ("a comma in quotes", ["--from-file", '"a,b",c'], {"from-file": ("a,b", "c")}, []),
    ("an empty list value adds nothing", ["--from-file", ""], {"from-file": ()}, []),
    ("an array is not split", ["--as-group", "a,b", "--as-group=c"], {"as-group": ("a,b", "c")}, []),
    ("a level", ["-v3"], {"v": "3"}, []),
    ("a level in hexadecimal", ["--v=0x1"], {"v": "0x1"}, []),
    ("a size", ["--size", "1800"], {"size": "1800"}, []),
    ("a severity by name", ["--threshold", "warning"], {"threshold": "warning"}, []),
    ("a severity by number", ["--threshold", "2"], {"threshold": "2"}, []),
    ("a trace location", ["--trace", "file.go:3"], {"trace": "file.go:3"}, []),
    ("no trace location", ["--trace", ""], {"trace": ""}, []),
    ("module levels", ["--modules", "a=1,b*=2"], {"modules": "a=1,b*=2"}, []),
]


@pytest.mark.parametrize(("argv", "values", "arguments"), [row[1:] for row in WRITTEN], ids=[row[0] for row in WRITTEN])
def test_what_is_written(argv: Sequence[str], values: Mapping[str, object], arguments: Sequence[str]) -> None:
    parsed = read(*argv)
    assert {name: parsed[name] for name in values} == values
    assert list(parsed.arguments) == arguments


@pytest.mark.parametrize("text", ["1", "t", "T", "TRUE", "true", "True"])
def test_true_in_all_its_spellings(text: str) -> None:
    assert read(f"--raw={text}")["raw"] is True


@pytest.mark.parametrize("text", ["0", "f", "F", "FALSE", "false", "False"])
def test_false_in_all_its_spellings(text: str) -> None:
    assert read("--raw", f"--raw={text}")["raw"] is False


REFUSED = [
    ("an unknown flag", ["--frob"], "unknown flag: --frob (word 1 of the command line)"),
    ("an abbreviation", ["--form", "x"], "unknown flag: --form (word 1 of the command line); did you mean --format"),
    ("another case", ["--Format", "x"], "unknown flag (word 1 of the command line); did you mean --format"),
    ("one dash before a long name", ["-format", "x"], "invalid argument"),
    ("an unknown short flag", ["-z"], "unknown shorthand flag (word 1 of the command line)"),
    (
        "an unknown short flag among known ones",
        ["-o", "json", "-rz"],
        "unknown shorthand flag (word 3 of the command line)",
    ),
    ("no value", ["--scope"], "flag needs an argument: --scope"),
    ("no value for a short flag", ["-o"], "flag needs an argument: -o"),
    ("no name", ["--=x"], "bad flag syntax (word 1 of the command line)"),
    ("three dashes", ["---raw"], "bad flag syntax (word 1 of the command line)"),
    ("a boolean that is none", ["--raw=perhaps"], "invalid argument 'perhaps' for --raw: write true or false"),
    ("an empty boolean", ["--raw="], "invalid argument for --raw"),
    ("a value that is not allowed", ["--scope", "x"], "invalid argument 'x' for --scope: write strict or wide"),
    ("a name that may be a value", ["--Hunter2"], "unknown flag (word 1 of the command line)"),
    ("a value of digits too", ["--scope", "hunter2"], "invalid argument for --scope: write strict or wide"),
    ("quotes that do not end", ["--from-file", '"a'], "not comma-separated values"),
    ("a level in words", ["-v", "loud"], "invalid argument 'loud' for -v, --v: write a whole number"),
    ("a negative size", ["--size=-1"], "0 or more"),
    ("a severity that is none", ["--threshold", "loud"], "write a whole number"),
    ("a trace location without a line", ["--trace", "file.go"], "write FILE:LINE"),
    ("a module without a level", ["--modules", "a"], "write PATTERN=LEVEL"),
]


@pytest.mark.parametrize(("argv", "words"), [row[1:] for row in REFUSED if row[0] != "one dash before a long name"])
def test_what_is_refused_names_the_flag(argv: Sequence[str], words: str) -> None:
    with pytest.raises(FlagError) as caught:
        read(*argv)
    assert words in str(caught.value)


def test_one_dash_before_a_long_name_is_a_short_flag_with_a_value() -> None:
    assert read("-ormat")["format"] == "rmat"


VARIABLES: list[tuple[str, Sequence[str], Mapping[str, str], Mapping[str, object]]] = [
    ("a text", [], {"APP_FORMAT": "yaml"}, {"format": "yaml"}),
    ("a dash is an underscore", [], {"APP_FROM_FILE": "a,b"}, {"from-file": ("a", "b")}),
    ("a boolean", [], {"APP_RAW": "T"}, {"raw": True}),
    ("the flag wins", ["--format", "json"], {"APP_FORMAT": "yaml"}, {"format": "json"}),
    ("a flag replaces a list", ["-f", "c"], {"APP_FROM_FILE": "a,b"}, {"from-file": ("c",)}),
    ("a boolean is switched off by the flag", ["--raw=false"], {"APP_RAW": "true"}, {"raw": False}),
    ("an empty variable is none", [], {"APP_FORMAT": "", "APP_RAW": ""}, {"format": "json", "raw": False}),
    ("a short name has none", [], {"APP_O": "yaml"}, {"format": "json"}),
    ("another prefix does not count", [], {"APPLE_FORMAT": "yaml", "FORMAT": "yaml"}, {"format": "json"}),
    ("lower case does not count", [], {"app_format": "yaml"}, {"format": "json"}),
    ("some flags have none", [], {"APP_V": "loud"}, {"v": ""}),
    ("a bad value does no harm behind the flag", ["--raw"], {"APP_RAW": "perhaps"}, {"raw": True}),
]


@pytest.mark.parametrize(
    ("argv", "environ", "values"), [row[1:] for row in VARIABLES], ids=[row[0] for row in VARIABLES]
)
def test_variables(argv: Sequence[str], environ: Mapping[str, str], values: Mapping[str, object]) -> None:
    parsed = read(*argv, **environ)
    assert {name: parsed[name] for name in values} == values


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({"APP_RAW": "perhaps"}, "invalid value 'perhaps' in the variable APP_RAW: write true or false"),
        ({"APP_SCOPE": "planet"}, "invalid value 'planet' in the variable APP_SCOPE: write strict or wide"),
        ({"APP_FROM_FILE": '"a'}, "in the variable APP_FROM_FILE: not comma-separated values"),
    ],
)
def test_a_bad_variable_is_named(environ: Mapping[str, str], words: str) -> None:
    with pytest.raises(FlagError) as caught:
        read(**environ)
    assert words in str(caught.value)


def test_what_was_given_and_where() -> None:
    parsed = read("-o", "yaml", APP_SCOPE="strict", APP_FORMAT="json")
    assert parsed.given == {"format": "--format", "scope": "APP_SCOPE"}


@pytest.mark.parametrize("flag", [flag for flag in FLAGS if flag not in LOGGING], ids=lambda flag: flag.name)
def test_every_flag_of_kubeseal_has_its_variable(flag: Flag) -> None:
    text = {Kind.BOOL: "true", Kind.STRINGS: "a,b"}.get(flag.kind, "strict" if flag.name == "scope" else "json")
    parsed = parse(FLAGS, [], {flag.variable(PREFIX): text}, PREFIX)
    assert parsed[flag.name] == flag.read(text)
    assert parsed.given == {flag.name: flag.variable(PREFIX)}


@pytest.mark.parametrize("flag", LOGGING, ids=lambda flag: flag.name)
def test_logging_flags_have_none(flag: Flag) -> None:
    assert parse(FLAGS, [], {flag.variable(PREFIX): "loud"}, PREFIX)[flag.name] == flag.initial


@given(st.lists(st.text(max_size=8) | st.sampled_from(["--format", "-o", "--raw", "-r", "--", "--from-file=", "-v3"])))
def test_any_command_line_is_read_or_refused(argv: list[str]) -> None:
    with contextlib.suppress(FlagError):
        assert set(read(*argv).values) == {flag.name for flag in SOME}
