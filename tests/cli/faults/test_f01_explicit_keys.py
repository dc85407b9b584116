"""f01: a map whose first key is written `? a`, as go-yaml writes keys of over 128 characters, is added to as it is."""

from pathlib import Path

import pytest
from tests.support.cli import CERTIFICATE, kubeseal, sealwright
from tests.support.edits import ciphertext, items_of, merge_into, reencrypt_file, sealed_text, shape

from sealwright_cli.messages.exitcodes import ExitStatus

LONG = "application-production-eu-central-1." * 5 + "properties"
ADDITION = "kind: Secret\nmetadata: {name: db}\nstringData: {new: one}\n"

# What stands behind encryptedData:, <C> for a ciphertext, and where a new item goes (>).
LAYOUTS = {
    "a short key": "\n    ? a\n    : <C>\n>",
    "a long key": f"\n    ? {LONG}\n    : <C>\n>",
    "a comment on the key": "\n    ? a # why\n    : <C> # so\n>",
    "the key on its own line": "\n    ?\n      a\n    :\n      <C>\n>",
    "a folded value": "\n    ? a\n    : >-\n      <C>\n>",
    "a quoted key": "\n    ? \"\\x61\"\n    : '<C>'\n>",
    "a key with an anchor": "\n    &k a: <C>\n>",
    "a key with a tag": "\n    !!str a: <C>\n>",
    "an explicit key with both": "\n    ? &k !!str a\n    : <C>\n>",
    "a map with an anchor": " &m\n    ? a\n    : <C>\n>",
    "a plain key first": f"\n    a: <C>\n    ? {LONG}\n    : <C>\n>",
    "an explicit key first": f"\n    ? {LONG}\n    : <C>\n    a: <C>\n>",
    "less indented": "\n   ? a\n   : <C>\n>",
}


@pytest.mark.parametrize("case", LAYOUTS)
def test_an_item_is_added_and_nothing_else_moves(case: str, tmp_path: Path) -> None:
    layout, path = LAYOUTS[case].removesuffix(">"), tmp_path / "db.yaml"
    path.write_text(sealed_text(layout.replace("<C>", ciphertext("v")), tail="  template:\n    type: Opaque\n"))
    before = shape(path.read_bytes())
    merge_into(path, {"new": "one"})
    margin = " " * (3 if case == "less indented" else 4)
    assert shape(path.read_bytes()) == before.replace(b"  template", f"{margin}new: <C>\n  template".encode())
    assert items_of(path) == dict.fromkeys(items_of(path), "v") | {"new": "one"}


@pytest.mark.parametrize("case", LAYOUTS)
def test_an_item_is_replaced_and_sealed_again(case: str, tmp_path: Path) -> None:
    path = tmp_path / "db.yaml"
    path.write_text(sealed_text(LAYOUTS[case].removesuffix(">").replace("<C>", ciphertext("v"))))
    before, names = path.read_bytes(), list(items_of(path))
    merge_into(path, {names[0]: "w"})
    assert shape(path.read_bytes()) == shape(before)
    assert items_of(path) == dict.fromkeys(names, "v") | {names[0]: "w"}
    again = path.read_bytes()
    reencrypt_file(path)
    assert shape(path.read_bytes()) == shape(before)
    assert path.read_bytes() != again
    assert items_of(path) == dict.fromkeys(names, "v") | {names[0]: "w"}


def test_by_both_commands(tmp_path: Path) -> None:
    for run in (
        lambda path: sealwright("merge", "--cert", CERTIFICATE, path, stdin=ADDITION),
        lambda path: kubeseal("--cert", CERTIFICATE, "--merge-into", path, stdin=ADDITION),
    ):
        path = tmp_path / "db.yaml"
        path.write_text("---\n" + sealed_text(f"\n    ? {LONG}\n    : {ciphertext('v')}\n"))
        done = run(path)
        assert done.status == ExitStatus.OK, done.stderr
        assert items_of(path) == {LONG: "v", "new": "one"}
