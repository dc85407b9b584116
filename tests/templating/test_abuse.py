"""Hostile templates: each is stopped, or rendered where it does no harm, in bounded time and memory.

What Go does with them, where it survives, is in the file of the cases. Time is that of the process on the CPU, so that a
busy machine fails no test; memory is all that the process ever had, Python and the library included.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

CASES = json.loads((Path(__file__).parents[1] / "vectors/gotemplate/abuse.json").read_text(encoding="utf-8"))
CHILD = Path(__file__).with_name("abuse_child.py")

SECONDS = 5.0  # several times of what any takes, for a machine that is busy
MEMORY_KIB = 64 * 1024

HARMLESS = {
    "abuse/regex-backtrack": "false",
    "abuse/regex-alternation": "false",
    "abuse/cyclic-json": "[]",
    "abuse/cyclic-deepequal": "true",
    "abuse/uniq-quadratic": "100000",
    "abuse/decimal-digits": "1e+308",
    "abuse/fmt-star": "1000000 1000001",
}
"""What those cases give that are as good as any other template."""

MAY_BE_RENDERED = frozenset(["abuse/dsa"])
"""Cases that end in time or not, depending on luck."""

ERRORS_OF_GO = {"abuse/parens": "TemplateParseError", "abuse/regex-size": "TemplateExecutionError"}
"""Cases that Go refuses as well, by its own rules."""


def measured(template: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, CHILD], input=json.dumps(template), capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_hostile_templates_are_bounded(case: dict[str, str]) -> None:
    template = case.get("template") or eval(case["template_python"])  # an expression of our own vectors
    result = measured(template)
    assert result["seconds"] < SECONDS
    assert result["memory_kib"] < MEMORY_KIB
    if expected := HARMLESS.get(case["id"]):
        assert (result["outcome"], result["text"]) == ("rendered", expected)
    elif case["id"] not in MAY_BE_RENDERED or result["outcome"] != "rendered":
        assert result["outcome"] == ERRORS_OF_GO.get(case["id"], "TemplateLimitError"), result["text"]


MORE = [
    ("a variable that holds all that is made", '{{ $l := list }}{{ range 100 }}{{ $l = append $l (repeat 100000 "x") }}{{ end }}'),
    ("a dict that holds all", '{{ $d := dict }}{{ range $i := until 1000 }}{{ $_ := set $d (print $i) (repeat 100000 "x") }}{{ end }}'),
    ("large frames, deeply nested", '{{ define "t" }}{{ template "t" }}' + "{{ $x := 1 }}" * 5000 + '{{ end }}{{ template "t" }}'),
    ("a text that is nothing but variables", "{{ $x := 1 }}" * 5_000 + "{{ range 1000000 }}{{ end }}"),
    ("the same list many times in itself", "{{ $l := list 1 }}{{ range 90 }}{{ $l = list $l $l }}{{ end }}{{ $l }}"),
    ("the same list many times, compared", "{{ $a := list 1 }}{{ $b := list 1 }}{{ range 90 }}{{ $a = list $a $a }}{{ $b = list $b $b }}{{ end }}{{ deepEqual $a $b }}"),
    ("many directives", '{{ $f := repeat 500000 "%d" }}{{ range 1000 }}{{ $x := printf $f }}{{ end }}'),
    ("a long chain of fields", "{{ range 1000000 }}{{ $" + ".a" * 20_000 + " }}{{ end }}"),
    ("many arguments", "{{ range 100000 }}{{ $x := list" + " 1" * 10_000 + " }}{{ end }}"),
    ("escapes that make text longer", '{{ $s := repeat 700000 "<" }}{{ range 1000 }}{{ $x := html $s }}{{ end }}'),
    ("a sort in every turn", '{{ $d := dict }}{{ range until 20000 }}{{ $_ := set $d (print .) . }}{{ end }}{{ range 10000 }}{{ range $d }}{{ break }}{{ end }}{{ end }}'),
]  # fmt: skip


@pytest.mark.parametrize("template", [row[1] for row in MORE], ids=[row[0] for row in MORE])
def test_more_hostile_templates_are_bounded(template: str) -> None:
    result = measured(template)
    assert result["outcome"] in {"rendered", "TemplateLimitError"}, result["text"]
    assert result["seconds"] < SECONDS
    assert result["memory_kib"] < MEMORY_KIB
