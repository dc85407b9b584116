"""Comments beside Secrets: none that goes out repeats a sealed value or holds an old one, and the others stay."""

import base64
import re
import textwrap

import pytest
from hypothesis import given
from ruamel.yaml import YAML
from tests.support.gossip import GOSSIP, GossipText, gossip_texts
from tests.support.sealed_texts import RULES

from sealwright_cli.sealed.sealing import SealedFile, seal_text
from sealwright_manifests.editing import spellings as spellings_module
from sealwright_manifests.editing.readback import check_as_meant
from sealwright_manifests.editing.spellings import Spellings
from sealwright_manifests.text.documents import join, join_as_read

SECRET = "kind: Secret\nmetadata: {name: a, namespace: b}\nstringData:\n  password: hunter2-very-secret\n"
FLOW = "{kind: Secret, metadata: {name: a, namespace: b}, stringData: {password: hunter2-very-secret}}"
ITEM = "- " + SECRET.replace("\n", "\n  ").rstrip() + "\n"


def sealed(text: str) -> SealedFile:
    result = seal_text(textwrap.dedent(text), "x", RULES)
    check_as_meant(result.documents, join_as_read(result.documents))
    assert result.errors == []
    return result


def told_lines(result: SealedFile) -> list[int]:
    """Return the numbers of the lines from which comments were left out."""
    return [int(line) for warning in result.warnings for line in re.findall(r"\(line (\d+)\)", warning)]


REPEATED = {
    "above braces": (f"# hunter2-very-secret\n{FLOW}\n", [1]),
    "behind braces": (f"{FLOW} # hunter2-very-secret\n", [1]),
    "inside braces": (FLOW.replace("metadata", "# hunter2-very-secret\n  metadata"), [1]),
    "behind the marker": (f"--- # hunter2-very-secret\n{SECRET}", [1]),
    "behind the end": (f"{SECRET}...\n# hunter2-very-secret\n", [6]),
    "on the line of the end": (f"{SECRET}... # hunter2-very-secret\n", [5]),
    "beside a directive": (f"%YAML 1.1 # hunter2-very-secret\n---\n{SECRET}", [1]),
    "in a document of nothing before it": (f"# hunter2-very-secret\n---\n# second\n---\n{SECRET}", [1]),
    "in a document of nothing behind it": (f"{SECRET}---\n# hunter2-very-secret\n", [6]),
    "in another document": (f"a: b # hunter2-very-secret\n---\n{SECRET}---\n# so it is hunter2-very-secret\nb: c\n", [1, 8]),
    "before the items": (f"kind: List\n# hunter2-very-secret\nitems: # hunter2-very-secret\n{ITEM}", [2, 3]),
    "between items": (f"kind: List\nitems:\n{ITEM}# hunter2-very-secret\n- a: b\n", [7]),
    "behind items": (f"items:\n{ITEM}# hunter2-very-secret\nkind: List\n# hunter2-very-secret\n", [6, 8]),
    "inside another item": (f"kind: List\nitems:\n{ITEM}- {{a: b}} # hunter2-very-secret\n- c # hunter2-very-secret\n", [7, 8]),
    "behind the head of a block text": (f"kind: List\nitems:\n{ITEM}- a: | # hunter2-very-secret\n    b\n", [7]),
    "behind a tag": (f"kind: List\nitems:\n{ITEM}- a: !!str # hunter2-very-secret\n    b\n", [7]),
    "behind an anchor of a map": (f"kind: List\nitems:\n{ITEM}- &x # hunter2-very-secret\n  a: b\n", [7]),
    "right behind the head of a block text": (f"kind: List\nitems:\n{ITEM}- a: |#hunter2-very-secret\n    b\n- >-1#hunter2-very-secret\n  b\n", [7, 9]),
    "right behind the head of a value": (SECRET.replace("password: ", "password: |#hunter2-very-secret\n    "), [4]),
    "right behind a value": (SECRET.replace("-secret\n", "-secret'#hunter2-very-secret\n").replace("password: ", "password: '"), [4]),
    "right behind a quote": (f"kind: List\nitems:\n{ITEM}- 'a'#hunter2-very-secret\n", [7]),
    "right behind a bracket": (f"kind: List\nitems:\n{ITEM}- [#hunter2-very-secret\n  ]\n", [7]),
    "inside a word": (f"# xhunter2-very-secretx\n{SECRET}", [1]),
    "in base64": (f"# {base64.b64encode(b'hunter2-very-secret').decode()}\n{SECRET}", [1]),
    "in base64 with a line break": (f"# {base64.b64encode(b'hunter2-very-secret' + bytes([10])).decode()}\n{SECRET}", [1]),
    "of another Secret": (f"{SECRET}---\n# {'correct-horse'}\n{SECRET}---\n{SECRET.replace('hunter2-very-secret', 'correct-horse')}", [6]),
    "with Windows lines": (f"# hunter2-very-secret\r\n{SECRET}".replace("\r\n", "\n").replace("\n", "\r\n"), [1]),
}  # fmt: skip


@pytest.mark.parametrize("case", REPEATED)
def test_a_comment_that_repeats_a_sealed_value_is_left_out_wherever_it_stands(case: str) -> None:
    text, lines = REPEATED[case]
    result = sealed(text)
    output = join(result.documents)
    assert "hunter2" not in output
    assert "correct" not in output
    assert base64.b64encode(b"hunter2").decode()[:8] not in output
    assert told_lines(result) == lines


COMMENTED_OUT = {
    "above the values": ("type: Opaque\n# password: old-one\nstringData:\n  password: new\n", [2]),
    "above, with lines between": ("type: Opaque\n\n# password: old-one\n\nstringData:\n  password: new\n", [3]),
    "above, at the top": ("# password=old-one\nstringData:\n  password: new\n", [1]),
    "above braces": ("# password: old-one\n{stringData: {password: new}, MORE}\n", [1]),
    "above braces, with other fields first": ("# password: old-one\n{MORE, stringData: {password: new}}\n", [1]),
    "beside the head": ("stringData: # password: old-one\n  password: new\n", [1]),
    "inside": ("stringData:\n  # password: old-one\n  password: new\n  #token : old-one\n", [2, 4]),
    "behind": ("stringData:\n  password: new # old = old-one\n# password: old-one\n\n# 'token': old-one\ntype: Opaque\n", [2, 3, 5]),
    "behind, at the end": ("stringData:\n  password: new\n# password: old-one\n", [3]),
    "behind a block text": ("stringData:\n  password: |\n    new\n# password: old-one\ntype: Opaque\n", [4]),
    "behind a value of nothing": ("stringData:\n  password: new\n  more:\n  # password: old-one\ntype: Opaque\n", [4]),
    "beside data": ("# password: b2xkLW9uZQ==\ndata:\n  password: bmV3\n", [1]),
    "beside an object commented out": ("stringData: {password: new}\n# - stringData: {token: old-one}\n", [2]),
    "as a block text": ("stringData:\n  # password: |\n  #   old-one\n  #\n  #   old-one\n  password: new\n", [2, 3, 4, 5]),
}  # fmt: skip


@pytest.mark.parametrize("case", COMMENTED_OUT)
def test_what_looks_like_a_value_commented_out_is_left_out(case: str) -> None:
    text, lines = COMMENTED_OUT[case]
    more = "kind: Secret, metadata: {name: a, namespace: b}"
    text = text.replace("MORE", more) if "MORE" in text else f"{text}{more.replace(', m', chr(10) + 'm')}\n"
    result = sealed(text)
    assert "old-one" not in join(result.documents)
    assert "b2xkLW9uZQ" not in join(result.documents)
    assert told_lines(result) == lines


@pytest.mark.parametrize(
    "text",
    [
        f"# note: kept\n\n{SECRET}",
        "metadata: {name: a, namespace: b}  # note: kept\nstringData:\n  password: new\nkind: Secret\n",
        "kind: Secret\nmetadata: {name: a, namespace: b}\nstringData:\n  # kept, since it says nothing\n  p: new\n",
        "kind: Secret\nmetadata: {name: a, namespace: b}\nstringData:\n  # https://example.org/kept\n  p: new\n",
        "kind: Secret\nmetadata: {name: a, namespace: b}\nstringData: {p: short}\n# kept, though short is in it\n",
        "kind: List\nitems:\n- a: !x#kept b\n- !y#kept {}\n" + ITEM,
        f"%TAG !e! tag:example.org,2000:app#kept\n---\n{SECRET}",
        f"kind: List\nitems:\n- 'kept # hunter2-very-secret'\n{ITEM}",
        f"kind: List\nitems:\n- |\n  kept\n  # hunter2-very-secret\n{ITEM}",
    ],
)
def test_what_gives_nothing_away_stays(text: str) -> None:
    result = sealed(text)
    assert "kept" in join(result.documents)
    assert result.warnings == []


def test_each_comment_that_is_left_out_is_told_of() -> None:
    result = sealed(
        """\
        # the password is correct-horse, do not tell
        kind: Secret
        metadata:
          name: db  # not Y29ycmVjdC1ob3JzZQ== again
          namespace: team-a
        stringData:
          # rotated every spring
          # old: battery-staple
          password: correct-horse  # previous = battery
          #token: abc
        # pin: 0000
        type: Opaque
        # note: fine
        # one line of -----BEGIN KEY----- it is
        """
    )
    text = join(result.documents)
    comments = [line.strip() for line in text.splitlines() if "#" in line]
    assert comments == ["# rotated every spring", "# note: fine", "# one line of -----BEGIN KEY----- it is"]
    assert told_lines(result) == [1, 4, 8, 9, 10, 11]


def test_what_stands_behind_a_comment_that_is_left_out_means_what_it_meant() -> None:
    text = "kind: List\nitems:\n- |+\n  text\n\n# hunter2-very-secret\n\n" + ITEM
    (before, _) = YAML(typ="safe", pure=True).load(text)["items"]
    (after, _) = YAML(typ="safe", pure=True).load(join(sealed(text).documents))["items"]
    assert (before, after) == ("text\n\n", "text\n\n")


@given(gossip_texts())
def test_no_layout_lets_a_comment_repeat_what_is_sealed(gossip: GossipText) -> None:
    result = seal_text(gossip.text, "x", RULES)
    check_as_meant(result.documents, join_as_read(result.documents))
    assert result.errors == []
    output = join(result.documents)
    for value in gossip.sealed:
        assert value not in output
        assert base64.b64encode(value.encode()).decode().rstrip("=") not in output
    before, after = ([*YAML(typ="safe", pure=True).load_all(one)] for one in (gossip.text, output))
    assert [without_secrets(one) for one in after] == [without_secrets(one) for one in before]


def without_secrets(data: object) -> object:
    """Return the data of a document with an S for each Secret or SealedSecret in it."""
    if isinstance(data, dict):
        if data.get("kind") in ("Secret", "SealedSecret"):
            return "S"
        return {key: without_secrets(value) for key, value in data.items()}
    return [without_secrets(one) for one in data] if isinstance(data, list) else data


def test_of_very_many_comments_the_first_are_told_and_the_others_counted() -> None:
    result = sealed(SECRET + "# password: old-one\n" * 250)
    assert "old-one" not in join(result.documents)
    assert len(result.warnings) == 101
    assert result.warnings[-1].startswith("x: left out 150 more such comments, the last on line ")
    assert result.warnings[-1].endswith(f" {SECRET.count(chr(10)) + 250}")


class TestSpellings:
    @pytest.mark.parametrize("around", ["", "hunter", "unter2-hunter"])
    def test_they_are_found_wherever_they_stand_in_a_long_text(self, around: str) -> None:
        """A text is looked at piece by piece, and not at every place."""
        spellings = Spellings([b"hunter2-secret", b"another-value"])
        for at in range(spellings_module._AT_ONCE - 20, spellings_module._AT_ONCE + 5):
            text = "x" * at + around + "hunter2-secret" + around
            begin = at + len(around)
            assert list(spellings.places(text, 0, len(text))) == [(begin, begin + 14)]
            assert list(spellings.places(text, begin, begin + 14)) == [(begin, begin + 14)]
            assert list(spellings.places(text, begin + 1, len(text))) == []
            assert list(spellings.places(text, 0, begin + 13)) == []

    @pytest.mark.parametrize(
        ("value", "text"),
        [
            ("123456", "a123456b"),
            ("  123456  \n", "123456"),
            ("x\n123456\r\ny", "it is 123456"),
            ("12345", "MTIzNDU="),
            ("12345", "MTIzNDUK"),
            ("1234567", "MTIzNDU2Nwo="),
            ("1234567\n", "MTIzNDU2Nw=="),
            ("0" * 1000, "0" * 64),
        ],
    )
    def test_a_value_is_found(self, value: str, text: str) -> None:
        assert Spellings([b"unrelated", value.encode(), b"12"]).occur_in(text)

    @pytest.mark.parametrize(
        ("value", "text"), [("12345", "12345"), ("123456", "12345 6"), ("", ""), ("0" * 70, "0" * 63)]
    )
    def test_what_is_no_value_is_not(self, value: str, text: str) -> None:
        assert not Spellings([value.encode()]).occur_in(text)

    @given(GOSSIP, GOSSIP, GOSSIP)
    def test_of_values_that_begin_alike_each_is_found(self, one: str, other: str, end: str) -> None:
        spellings = Spellings([one.encode(), (one + other).encode(), (one + end).encode()])
        assert spellings.occur_in(f"{end}{one}{other}")
