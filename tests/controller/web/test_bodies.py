"""No body that is sent costs much to read, whatever its author wants."""

import contextlib
import json

import pytest
from tests.support.costs import costs_at_most

from sealwright_controller.web.bodies import BadBodyError, manifest_in
from sealwright_controller.web.connection import MAX_BODY_BYTES
from sealwright_manifests.text import yamlevents

MOST = MAX_BODY_BYTES - 1
MAX_CPU_SECONDS = 5.0  # ten times of what is promised
MAX_BLANKS = 4095
OTHER_BREAKS = "\r\x85\u2028\u2029"


def filled(unit: str, before: str = "", after: str = "", size: int = MOST) -> str:
    """Return a text of at most `size` bytes that repeats one unit."""
    room = size - len((before + after).encode())
    return before + unit * (room // len(unit.encode())) + after


THIRD = MOST // 3 - 10
SHAPES = [
    ("98 KB of scalars in flow style", filled("a,", "[", "]", 98_000)),
    ("one line of scalars in flow style", filled("a,", "[", "]")),
    ("pairs in flow style", filled("a: b,", "[", "]")),
    ("quoted scalars in flow style", filled("'',", "[", "]")),
    ("a list in block style", filled("- a\n")),
    ("a list of nothing", filled("-\n")),
    ("a map in block style", "".join(f"k{number}: v\n" for number in range(180_000))),
    ("anchors", "".join(f"- &a{number} x\n" for number in range(140_000))),
    ("aliases", filled("- *a\n", "- &a x\n")),
    ("one comment", filled("x", "#")),
    ("comments", filled("#\n")),
    ("comments behind values", filled("- a #c\n")),
    ("a quoted text", filled("x", '"', '"')),
    ("a quoted text of many lines", filled("x\n ", '"', '"')),
    ("a quoted text of escapes", filled("\\n", '"', '"')),
    ("a text in single quotes of many lines", filled("x\n ", "'", "'")),
    ("a plain text of many lines", filled("x\n ")),
    ("a plain text of many words", filled("x ")),
    ("a literal text", filled(" x\n", "a: |\n")),
    ("a folded text", filled(" x\n", "a: >\n")),
    ("lists in lists in flow style", filled("[")),
    ("maps in maps in flow style", filled("{a: ")),
    ("lists in lists in block style", filled("- ")),
    ("maps in maps in block style", "".join(" " * depth + "a:\n" for depth in range(1900))),
    ("values at the deepest place", filled("a,", "[" * 99, "]" * 99)),
    ("a long key", filled("x", after=": a")),
    ("many long keys", "".join(f"{number:0900}: x\n" for number in range(2300))),
    ("a long tag", filled("x", "!")),
    ("many tags", filled("- !!str a\n")),
    ("a long anchor", filled("x", "&", " a")),
    ("directives", "".join(f"%TAG !a{number}! t{number}\n" for number in range(90_000)) + "---\na"),
    ("documents", filled("--- a\n")),
    ("ends of documents", filled("...\n")),
    ("tabs", filled("\t")),
    ("blanks", filled(" ")),
    ("line breaks", filled("\n")),
    ("byte order marks", filled("\ufeff")),
    ("long numbers", filled(f"- {'9' * 95}\n", "a:\n")),
    ("one number that is none", filled("1", "a: ", ".x")),
    *(
        (f"wide blanks, then line breaks, in {where}", f"{before}{' ' * THIRD}b" + after * THIRD)
        for where, before, after in [("double quotes", '"a', "\nb"), ("single quotes", "'a", "\nb"), ("a plain text", "a", "\nb")]
    ),
    ("many empty lines, then short ones, in a literal text", "|\n" + "\n" * THIRD + filled(" b\n", size=2 * THIRD)),
    ("blanks as many as are allowed, again and again", filled(" " * MAX_BLANKS + "b\n", '"', '"')),
    ("blanks as many as are allowed, then line breaks", f'"a{" " * MAX_BLANKS}b' + "\nb" * (MOST // 2 - MAX_BLANKS) + '"'),
    ("JSON of many numbers", filled("1,", '{"a": [', "1]}")),
    ("JSON of many empty lists", filled("[],", '{"a": [', "1]}")),
    ("JSON of many keys", json.dumps({f"k{number}": 1 for number in range(9_900)})),
    ("JSON of quotation marks", filled('"', "{")),
    ("JSON of escapes", filled("\\n", '{"a": "', '"}')),
    ("JSON that is cut off in a text", filled('\\"', '{"a": "')),
    ("JSON of one number", filled("9", '{"a": ', "}")),
    ("JSON nested without end", filled('{"a":')),
    ("JSON lists, each with many values before the next", filled("[" + "1," * 19_000)),
    ("lists, each with many values before the next", filled("[" + "a," * 19_000)),
    ("JSON of many values, but for its end, which is YAML", filled("1,", '{"a": [', "x]}", size=38_000)),
    ("aliases of aliases", "".join(f"- &a{number} [{f'*a{number - 1},' * 10 if number else 'x'}]\n" for number in range(50))),
    ("merges of merges", "".join(f"- &a{number} {{k{number}: v, <<: [{f'*a{number - 1},' * 2 if number else ''}]}}\n" for number in range(50))),
    ("tags with # behind many values", "- a\n" * 19_900 + "- !a#b c\n" * 50),
    ("a merge of many", filled("*a,", "- &a {k: v}\n- <<: [", "]")),
]  # fmt: skip


@pytest.mark.parametrize("text", [row[1] for row in SHAPES], ids=[row[0] for row in SHAPES])
def test_no_body_takes_long(text: str) -> None:
    body = text.encode()
    assert len(body) < MAX_BODY_BYTES
    assert costs_at_most(MAX_CPU_SECONDS, lambda: read(body))


def read(body: bytes) -> None:
    with contextlib.suppress(BadBodyError):
        manifest_in(body)


BROKEN_BY_OTHERS = [(f"{name}, lines ended by U+{ord(end):04X}", text.replace("\n", end)) for name, text in SHAPES if "\n" in text
                    for end in (OTHER_BREAKS if name == "directives" else "\r")]  # fmt: skip


@pytest.mark.parametrize("text", [row[1] for row in BROKEN_BY_OTHERS], ids=[row[0] for row in BROKEN_BY_OTHERS])
def test_nor_does_one_whose_lines_end_otherwise(text: str) -> None:
    test_no_body_takes_long(text.encode()[:MOST].decode(errors="ignore"))


def test_where_pyyaml_has_no_libyaml_yaml_is_refused_and_json_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yamlevents, "__with_libyaml__", False)
    with pytest.raises(BadBodyError, match="without libyaml"):
        manifest_in(b"a: b")
    assert manifest_in(b'{"a": "b"}') == {"a": "b"}
