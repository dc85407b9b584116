"""What `git diff` shows hides no change: no two texts have the same view, whatever an author writes into them."""

import base64
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.costs import costs_at_most

from sealwright_crypto import HINT_ANNOTATION
from sealwright_manifests.comparing.view import coding_line, digest, view_of
from sealwright_manifests.text.decoding import Coding

MOST_SECONDS = 60.0
KEY, OTHER = "a" * 64, "b" * 64
ONE, TWO = (base64.b64encode(b"\1\0" + bytes([fill]) * 256 + bytes(24)).decode() for fill in (7, 8))
HEAD = "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\n"
SEALED = (
    f"{HEAD}metadata:\n  name: db\n  annotations:\n    {HINT_ANNOTATION}: {{}}\nspec:\n  encryptedData:\n    a: {{}}\n"
)
LIST = (
    "kind: List\nitems:\n- apiVersion: bitnami.com/v1alpha1\n  kind: SealedSecret\n  metadata: {name: a}\n"
    "  spec: {encryptedData: {image: VALUE}}\n- kind: Pod\n  spec: {containers: [{image: *x}]}\n"
)


MARKS = {"utf-8": (b"", b"\xef\xbb\xbf"), "utf-16-le": (b"", b"\xff\xfe"), "utf-16-be": (b"", b"\xfe\xff")}


def sealed(value: str = ONE, hint: str = KEY) -> str:
    anchored = "&x " in hint + value
    return SEALED.format(hint, value) + (f"  template:\n    data: {{x: {'*x' if anchored else ONE}}}\n")


PAIRS = {
    "an image with an anchor": (LIST.replace("VALUE", '&x "good:1"'), LIST.replace("VALUE", '&x "evil:1"')),
    "a text with an anchor as the annotation": (sealed(hint="&x abc"), sealed(hint="&x abd")),
    "keys with an anchor as the annotation": (sealed(hint=f"&x {KEY}"), sealed(hint=f"&x {OTHER}")),
    "words in the annotation that nobody reads": (sealed(hint=f"&x {KEY}; a"), sealed(hint=f"&x {KEY}; b")),
    "a ciphertext with an anchor": (sealed(f"&x {ONE}"), sealed(f"&x {TWO}")),
    "line breaks of a ciphertext with an anchor": (sealed(f"&x |-\n      {ONE}"), sealed(f"&x |\n      {ONE}")),
    "what a comment in the header of a block is": (sealed(f"|- # a\n      {ONE}"), sealed(f"|- # b\n      {ONE}")),
    "the words of a view": (LIST.replace("VALUE", ONE), LIST.replace("VALUE", f"<sealed {digest(ONE)}>")),
    "a line of a view": (sealed("1"), f"# sealed for db, strict scope\n{sealed('1')}"),
    "an alias and what it stands for": (sealed(f"&x {ONE}\n    b: *x"), sealed(f"&x {ONE}\n    b: {ONE}")),
}


@pytest.mark.parametrize("pair", PAIRS.values(), ids=PAIRS)
def test_a_change_shows(pair: tuple[str, str]) -> None:
    before, after = map(view_of, pair)
    assert before != after


PIECES = [
    *(ONE, TWO, KEY, f"<sealed {digest(ONE)}>", f"<sealed {digest(ONE)}, key {KEY[:32]}>"),
    *("&x ", "*x", "!!str ", "'", '"'),
    *("|-\n      ", "|\n      ", "# sealed for db, strict scope\n", "# ", "<", "as written: ", "\n", " ", "\r\n", "\\"),
    *("<<<<<<< a\n", "=======\n", ">>>>>>> b\n", "||||||| c\n", "---\n", "    b: ", "{", "}", "spec:\n", HEAD),
]


@st.composite
def texts(draw: st.DrawFn) -> str:
    """Return a SealedSecret, or one in a List, with a few changes."""
    text = draw(st.sampled_from([sealed(), sealed(f"&x {ONE}"), LIST.replace("VALUE", f"&x {ONE}"), sealed() * 2]))
    for _ in range(draw(st.integers(0, 3))):
        ends_of_lines = [at for at, letter in enumerate(text) if letter == "\n"]
        at = draw(st.sampled_from([0, text.find(ONE), text.find(ONE) + len(ONE), *ends_of_lines]))
        end = at + draw(st.sampled_from([0, 0, 1, len(ONE)]))
        text = text[: max(at, 0)] + draw(st.sampled_from(PIECES)) + text[max(end, 0) :]
    return text


@given(texts(), texts())
def test_no_two_texts_have_one_view(one: str, other: str) -> None:
    assert (view_of(one) == view_of(other)) == (one == other)


@given(texts())
def test_no_text_is_the_view_of_another(text: str) -> None:
    shown = view_of(text)
    assert shown == text or view_of(shown) != shown


def test_a_name_controls_no_terminal_and_begins_no_line() -> None:
    shown = view_of(sealed("1").replace("name: db", r'name: "a\n+b\x9b31m"'))
    assert shown.startswith(r"# sealed for a\n+b\x9b31m, strict scope" + "\n")


def test_an_encoding_shows() -> None:
    text = sealed()
    written = [mark + text.encode(coding) for coding in ("utf-8", "utf-16-le", "utf-16-be") for mark in MARKS[coding]]
    views = [coding_line(Coding.of(content)) + view_of(text) for content in written]
    assert len(set(views)) == len(written) == 6


CONFLICT = f"<<<<<<< a\n    z: {ONE}\n=======\n    z: 1\n>>>>>>> b\n"
ITEMS = f"{HEAD}spec:\n  encryptedData:\n"
BIG: dict[str, Callable[[int], str]] = {
    "beginnings of conflicts": lambda number: "kind: SealedSecret\n" + "<<<<<<<\n" * number,
    "halves of conflicts": lambda number: "kind: SealedSecret\n" + "<<<<<<<\n=======\n" * number,
    "signs": lambda number: "kind: SealedSecret\n" + "<" * number + "\n",
    "items and a conflict": lambda number: (
        ITEMS + "".join(f"    a{one}: {ONE[:-5]}{one:05}\n" for one in range(number // 20)) + CONFLICT
    ),
    "conflicts": lambda number: ITEMS + "".join(CONFLICT.replace("z", f"z{one}") for one in range(number // 20)),
    "documents and a conflict": lambda number: f"---\n{ITEMS}    a: {ONE}\n" * (number // 50) + CONFLICT,
    "objects on one line": lambda number: (
        f'{{"apiVersion":"bitnami.com/v1alpha1","kind":"SealedSecret","spec":{{"encryptedData":{{"a":"{ONE}"}}}}}} '
        * (number // 20)
    ),
    "our own words": lambda number: sealed() + "# " + "as written: " * number + "\n",
}


@pytest.mark.parametrize("make", BIG.values(), ids=BIG)
def test_large_and_hostile_texts_are_shown_in_time(make: Callable[[int], str]) -> None:
    """What grew with the square of the size took hours of these."""
    text = make(200_000)
    assert costs_at_most(MOST_SECONDS, lambda: view_of(text))
