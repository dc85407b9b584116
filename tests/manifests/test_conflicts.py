"""Git's conflict markers: a text that they spoil says so, with the first marker's line; a text that reads well is none.

What Git writes is made by the real `git merge-file`, in both of its styles.
"""

import subprocess
from pathlib import Path

import pytest

from sealwright_manifests.errors import BadManifestError, Problem
from sealwright_manifests.text.documents import read_documents

HEAD = "kind: SealedSecret\nmetadata:\n  name: db\nspec:\n  encryptedData:\n"
LITERAL = HEAD + "    a: |\n      one\n      {}\n      three\n    b: AgBy\n"
JSON = '{{\n  "kind": "SealedSecret",\n  "spec": {{\n    "a": "{}"\n  }}\n}}\n'

MERGED = [
    ("an item", HEAD + "    a: {}\n", 6),
    ("the last line without a line break", HEAD + "    a: {}", 6),
    ("lines of Windows", (HEAD + "    a: {}\n    b: x\n").replace("\n", "\r\n"), 6),
    ("the first line", "kind: {}\nmetadata:\n  name: db\n", 1),
    ("a comment above all", "# {}\nkind: SealedSecret\n", 1),
    ("a comment between items", HEAD + "    a: x\n    # {}\n    b: x\n", 7),
    ("a line of a literal text", LITERAL, 8),
    ("the first line of a literal text", HEAD + "    a: |\n      {}\n      two\n", 7),
    ("a line of a folded text", LITERAL.replace("|", ">-"), 8),
    ("a bare text of several lines", HEAD + "    a: one\n      {}\n      three\n", 7),
    ("an entry in braces", "kind: Secret\ndata: {{\n  a: {},\n  b: x\n}}\n", 3),
    ("a list's item", "kind: List\nitems:\n- kind: {}\n- kind: B\n", 3),
    ("a document's marker", "kind: A\n--- # {}\nkind: B\n", 2),
    ("a text of JSON", JSON, 4),
    ("an item of the second document", f"kind: A\n---\n{HEAD}    a: {{}}\n", 8),
    ("a file that both have added", "{}", 1),
]


def merged(tmp_path: Path, text: str, *options: str) -> str:
    """Return what Git makes of a text in which both sides have filled the gap otherwise."""
    base = "" if text == "{}" else text.format("old")
    for name, content in [("base", base), ("ours", text.format("mine: 1")), ("theirs", text.format("others: 2"))]:
        (tmp_path / name).write_bytes(content.encode())
    command = ["git", "merge-file", "-p", *options, "ours", "base", "theirs"]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    assert result.returncode == 1, result
    return result.stdout.decode()


@pytest.mark.parametrize("style", [[], ["--diff3"]], ids=["merge", "diff3"])
@pytest.mark.parametrize(("what", "text", "line"), MERGED, ids=[row[0] for row in MERGED])
def test_a_conflict_is_told(tmp_path: Path, what: str, text: str, line: int, style: list[str]) -> None:
    with pytest.raises(BadManifestError) as caught:
        read_documents(merged(tmp_path, text, *style), "db.yaml")
    assert caught.value.problem is Problem.CONFLICT, what
    assert caught.value.at == (line, 1)
    assert str(caught.value).startswith(f"db.yaml: line {line}: a conflict marker of Git")


SPOILT = [
    ("only the last marker is left", HEAD + "    a: x\n>>>>>>> theirs\n", 7),
    ("the first two are removed", HEAD + "    a: x\n=======\n    a: y\n>>>>>>> theirs\n", 9),
    ("only the base of diff3 is left", HEAD + "    a: x\n||||||| 1a2b3c4\n    a: y\n", 7),
    ("markers without names", HEAD + "<<<<<<<\n    a: x\n=======\n    a: y\n>>>>>>>\n", 6),
    ("longer markers", HEAD + "<<<<<<<<<< HEAD\n    a: x\n==========\n    a: y\n>>>>>>>>>> theirs\n", 6),
    ("both sides begin with a document's marker", "<<<<<<< a\n---\nb: 1\n=======\n---\nb: 2\n>>>>>>> c\n", 1),
    ("a document with one side only", "a: 1\n---\n<<<<<<< a\n=======\n---\nb: 2\n>>>>>>> c\n", 3),
]


@pytest.mark.parametrize(("what", "text", "line"), SPOILT, ids=[row[0] for row in SPOILT])
def test_what_is_left_of_a_conflict_is_told(what: str, text: str, line: int) -> None:
    with pytest.raises(BadManifestError) as caught:
        read_documents(text, "db.yaml")
    assert (caught.value.problem, caught.value.at) == (Problem.CONFLICT, (line, 1)), what


@pytest.mark.parametrize(
    "text",
    [
        "a: |\n  <<<<<<< HEAD\n  x\n  =======\n  y\n  >>>>>>> theirs\n",
        'a: "x\n<<<<<<< HEAD\ny"\n',
        "# <<<<<<< HEAD\na: x\n",
    ],
    ids=["a literal text", "a text in quotes", "a comment"],
)
def test_a_text_that_reads_well_has_no_conflict(text: str) -> None:
    assert len(read_documents(text, "db.yaml")) == 1


@pytest.mark.parametrize(
    ("text", "problem", "line"),
    [
        ("a: |\n  <<<<<<< HEAD\n  x\nb: [\n", Problem.SYNTAX, 5),
        ("a: Title\n=======\nb: [\n", Problem.SYNTAX, 3),
        ('a: "x\n<<<<<<< HEAD\ny"\nb: *x\n', Problem.ALIAS, 4),
    ],
    ids=["markers in a text that ends well", "a line of = alone", "a mistake that no marker makes"],
)
def test_another_mistake_is_told_as_it_is(text: str, problem: Problem, line: int) -> None:
    with pytest.raises(BadManifestError) as caught:
        read_documents(text, "db.yaml")
    assert caught.value.problem is problem
    assert caught.value.at is not None
    assert caught.value.at[0] == line
