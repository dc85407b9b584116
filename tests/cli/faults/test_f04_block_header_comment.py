"""f04: a ciphertext that is replaced leaves the head of its block, its comment, quotes and anchor where they are."""

from pathlib import Path

import pytest
from tests.support.edits import ciphertext, items_of, merge_into, reencrypt_file, sealed_text, shape

VALUES = {
    "a folded block": ">- # rotate in May\n      <C>\n    # tail",
    "a folded block with a last line break": "> # c\n      <C>",
    "a literal block": "| # c\n      <C>\n\n    # tail",
    "a literal block that keeps line breaks": "|+ # c\n      <C>\n\n",
    "an indented block": "|2 # c\n      <C>",
    "an indented block, the other way round": ">-4\t# c\n        <C>",
    "a block further in": ">-\n                <C>\n\n\n# tail",
    "a tag before the head": "!!str >- # c\n      <C>",
    "an anchor before the head": "&x |- # c\n      <C>",
    "single quotes": "'<C>' # c",
    "double quotes": '"<C>"\t# c',
    "the next line": "\n      <C> # c",
    "a comment, and the next line": "# c\n      '<C>' # d",
    "an anchor": "&x <C> # c",
    "a tag": "!!str '<C>' # c",
}


@pytest.mark.parametrize("behind", ["", "\n    b: <C>\n  template: {} # t"], ids=["the last", "the first"])
@pytest.mark.parametrize("case", VALUES)
def test_everything_around_a_ciphertext_stays(case: str, behind: str, tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    text = sealed_text(f"\n    # above\n    a: {VALUES[case]}{behind}\n").replace("<C>", ciphertext("v"))
    path.write_text(text)
    merge_into(path, {"a": "w"})
    assert shape(path.read_bytes()) == shape(text.encode())
    assert items_of(path)["a"] == "w"
    reencrypt_file(path)
    assert shape(path.read_bytes()) == shape(text.encode())
    assert items_of(path) == {"a": "w"} | ({"b": "v"} if behind else {})


WRAPPED = {
    "a literal block over lines": ("|- # c\n      {}\n      {}", "|- # c\n      <C>"),
    "double quotes over lines": ('"{}\\\n      {}" # c', '"<C>" # c'),
    "a literal block that begins with an empty line": ("|-  # c\n\n      {}\n      {}", "|-  # c\n      <C>"),
}


@pytest.mark.parametrize("case", WRAPPED)
def test_a_ciphertext_over_several_lines_becomes_one(case: str, tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    layout, expected = WRAPPED[case]
    sealed = ciphertext("v")
    path.write_text(sealed_text(f"\n    a: {layout.format(sealed[:96], sealed[96:])}\n    # tail\n"))
    reencrypt_file(path)
    assert shape(path.read_bytes()).decode() == sealed_text(f"\n    a: {expected}\n    # tail\n")
    assert items_of(path) == {"a": "v"}


ALIASES = {
    "an alias of a ciphertext": ("\n    a: &x <C>\n    b: *x # c\n", "\n    a: &x <C>\n    b: <C> # c\n"),
    "an anchor elsewhere": ("\n    <<: {a: &x <C>}\n    b: *x # c\n", None),
    "a merge key": ("\n    <<: &m {a: <C>}\n    b: <C> # c\n", "\n    <<: &m {a: <C>}\n    b: <C> # c\n    a: <C>\n"),
}


@pytest.mark.parametrize("case", ALIASES)
def test_aliases_mean_what_they_meant(case: str, tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    layout, expected = ALIASES[case]
    path.write_text(sealed_text(layout.replace("<C>", ciphertext("v"))))
    merge_into(path, {"a": "w"})
    assert items_of(path) == {"a": "w", "b": "v"}
    if expected:
        assert shape(path.read_bytes()).decode() == sealed_text(expected)
    reencrypt_file(path)
    assert items_of(path) == {"a": "w", "b": "v"}
    assert b" # c\n" in path.read_bytes()
