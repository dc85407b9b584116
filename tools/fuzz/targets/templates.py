"""Templates: the three laws of tests/support/template_laws.py, over each input."""

import json
from random import Random

from hypothesis import strategies as st
from tests.support.builders import VECTORS
from tests.support.template_laws import (
    SECRETS,
    check_no_error_shows_a_value,
    check_parses_or_is_refused_with_its_place,
    check_renders_or_is_refused_in_bounds,
)
from tests.support.templates import EVERYTHING, FIELDS, FRAGMENTS, FUNCTIONS, any_texts, templates

from tools.fuzz.targets.target import Target, text_of

_BLOCKS = ["if", "with", "range", "range $x, $y :=", "range $i, $x =", "else", "else if", "break", "continue", "end"]
_DEPTH = 3


def template() -> Target:
    """Return the target. Functions that are slow by nature, such as those that make keys, are left out."""
    words = [text.encode() for text in [*FRAGMENTS, *EVERYTHING, *FIELDS, *FUNCTIONS]]

    def check(data: bytes) -> None:
        text = text_of(data)
        if any(f"{name}" in text for name in ("gen", "derivePassword", "bcrypt", "htpasswd", "buildCustomCert")):
            return
        value = SECRETS[len(data) % len(SECRETS)]
        check_parses_or_is_refused_with_its_place(text)
        check_renders_or_is_refused_in_bounds(text, value)
        check_no_error_shows_a_value(text, value)

    drawn = st.one_of(templates, templates, any_texts).map(lambda text: text.encode("utf-8", "surrogatepass"))
    return Target("template", check, _recorded(), words, _make, drawn)


def _recorded() -> list[bytes]:
    """Return the templates that were recorded from Go, those with slow functions left out."""
    found = [b"{{ .user }}"]
    for path in sorted((VECTORS / "gotemplate" / "given").glob("*.json")):
        cases = _cases(json.loads(path.read_text(encoding="utf-8")))
        found += [case.encode("utf-8", "surrogatepass") for case in cases]
    return found


def _cases(found: object) -> list[str]:
    if isinstance(found, dict):
        own = [found["template"]] if isinstance(found.get("template"), str) else []
        return own + [case for value in found.values() for case in _cases(value)]
    return [case for value in found for case in _cases(value)] if isinstance(found, list) else []


def _make(random: Random) -> bytes:
    """Write a template by the grammar, with arguments of any type."""
    text = '{{ $x := 1 }}{{ $y := list 1 .user }}{{ define "t" }}{{ . }}{{ end }}' + _body(random, _DEPTH)
    return text.encode()


def _body(random: Random, depth: int) -> str:
    pieces = []
    for _ in range(random.randrange(1, 4)):
        if depth and random.random() < 0.3:
            block = random.choice(_BLOCKS[:5])
            otherwise = "{{ else }}x" if random.random() < 0.3 else ""
            pieces.append(f"{{{{ {block} {_pipe(random, 1)} }}}}{_body(random, depth - 1)}{otherwise}{{{{ end }}}}")
        else:
            pieces.append(random.choice(("{{ ", "{{- ")) + _pipe(random, 2) + random.choice((" }}", " -}}")))
    return random.choice(("", "x", "\n")).join(pieces)


def _pipe(random: Random, depth: int) -> str:
    stages = [_call(random, depth) for _ in range(random.choice((1, 1, 1, 2, 3)))]
    return random.choice(("", "", "", "$x = ", "$y := ")) * (depth > 1) + " | ".join(stages)


def _call(random: Random, depth: int) -> str:
    name = random.choice(list(FUNCTIONS))
    return " ".join(
        [name, *(_operand(random, depth) for _ in range(FUNCTIONS[name].fixed + random.choice((0, 0, 1, -1))))]
    )


def _operand(random: Random, depth: int) -> str:
    if depth and random.random() < 0.4:
        return f"({_call(random, depth - 1)}){random.choice(FIELDS) if random.random() < 0.1 else ''}"
    return random.choice(EVERYTHING)
