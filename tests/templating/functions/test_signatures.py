"""The registry against what reflection says of the functions that upstream's templates have."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sealwright_templating.functions.index import FAMILIES, lookup, names
from sealwright_templating.values.registry import function, registered
from sealwright_templating.values.signatures import parse_signature
from sealwright_templating.values.types import define_type, go_type

RECORDED = json.loads((Path(__file__).parents[2] / "vectors/gotemplate/functions.json").read_text(encoding="utf-8"))


def test_there_are_these_functions_and_no_others() -> None:
    assert names() == sorted(recorded["name"] for recorded in RECORDED)


@pytest.mark.parametrize("recorded", RECORDED, ids=lambda recorded: recorded["name"])
def test_signatures_are_as_recorded(recorded: dict[str, Any]) -> None:
    found = lookup(recorded["name"])
    assert found is not None
    signature = found.signature
    assert (found.name, signature.text) == (recorded["name"], recorded["signature"])
    assert signature.variadic is recorded["variadic"]
    assert signature.fixed == recorded["min_args"]
    assert len(signature.results) == 1 + recorded["returns_error"]


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_registers_what_the_index_says(family: str) -> None:
    module = f"sealwright_templating.functions.{family}"
    for name in FAMILIES[family].split():
        lookup(name)
        assert registered[name].call is not None
    assert sys.modules[module].__doc__


def test_no_function_is_in_two_families() -> None:
    listed = [name for family in FAMILIES.values() for name in family.split()]
    assert len(listed) == len(set(listed))


def test_a_name_is_registered_and_a_type_defined_once_only() -> None:
    with pytest.raises(ValueError, match="function upper is registered already"):
        function("upper", signature="func(string) string")(lambda text: text)
    with pytest.raises(ValueError, match="type int is defined already"):
        define_type("int", go_type("int").kind)


def test_a_type_that_nobody_defined_is_an_error() -> None:
    with pytest.raises(KeyError, match=r"nosuch\.Type"):
        parse_signature("func(nosuch.Type) string")


def test_unknown_names_are_no_functions() -> None:
    assert lookup("nosuch") is None


def test_importing_the_package_loads_no_family_and_nothing_heavy() -> None:
    program = (
        "import sys, sealwright_templating as t;"
        "t.render('{{ if .a }}{{ .a }}{{ end }}', {'a': 'b'});"
        "print(sorted(m for m in sys.modules if m.startswith(('sealwright_templating.functions.', 'cryptography', 'zoneinfo', 're2'))))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['sealwright_templating.functions.index']"
