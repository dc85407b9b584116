"""Laws of editing in place, for layouts that nobody would think of: what is set changes, and no other byte."""

import json
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML
from ruamel.yaml.error import ReusedAnchorWarning
from tests.support.edits import items_of, merge_into, opened, reencrypt_file, remove_from
from tests.support.sealed_layouts import NAMES, SealedFile, sealed_files

from sealwright_crypto import SealedSecret

KUBECTL = shutil.which("kubectl")
some = settings(max_examples=30)  # each works with RSA keys and files


def edited(file: SealedFile, edit: Callable[[Path], None]) -> tuple[bytes, dict[str, str]]:
    """Edit a file of this content; return what it holds then, and its items."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.yaml"
        path.write_bytes(file.content)
        edit(path)
        return path.read_bytes(), items_of(path)


@some
@given(sealed_files(), st.data())
def test_merging_an_item_that_is_there_changes_its_ciphertext_alone(file: SealedFile, data: st.DataObject) -> None:
    names = data.draw(st.lists(st.sampled_from(sorted(file.values)), min_size=1, unique=True))
    content, items = edited(file, lambda path: merge_into(path, dict.fromkeys(names, "another")))
    assert file.is_edited_into(content, names)
    assert items == file.values | dict.fromkeys(names, "another")
    assert read_by_ruamel(file, content) == items


@some
@given(sealed_files())
def test_sealing_again_changes_ciphertexts_alone(file: SealedFile) -> None:
    content, items = edited(file, reencrypt_file)
    assert file.is_edited_into(content, file.values)
    assert items == file.values
    assert read_by_ruamel(file, content) == items


@some
@given(sealed_files(), st.sampled_from(["new", *NAMES]))
def test_merging_a_new_item_adds_it_and_moves_nothing(file: SealedFile, name: str) -> None:
    if name in file.values:
        return
    content, items = edited(file, lambda path: merge_into(path, {name: "another"}))
    assert items == file.values | {name: "another"}
    assert read_by_ruamel(file, content) == items
    before, after = (part.removeprefix(file.mark).decode(file.encoding) for part in (file.content, content))
    assert is_added_to(before, after, name)


@some
@given(sealed_files(), st.sampled_from(sorted(NAMES)))
def test_merging_with_the_keys_annotation_is_read_as_meant(file: SealedFile, name: str) -> None:
    content, items = edited(file, lambda path: merge_into(path, {name: "another"}, hints=True))
    assert items == file.values | {name: "another"}
    assert read_by_ruamel(file, content) == items


@some
@given(sealed_files(), st.data())
def test_removing_items_removes_their_lines_alone(file: SealedFile, data: st.DataObject) -> None:
    names = data.draw(st.lists(st.sampled_from(sorted(file.values)), min_size=1, unique=True))
    content, items = edited(file, lambda path: remove_from(path, names))
    assert items == {name: value for name, value in file.values.items() if name not in names}
    assert read_by_ruamel(file, content) == items
    expected = file.without(names)
    if items and expected is not None:
        after = content.removeprefix(file.mark).decode(file.encoding)
        assert lines_of(after) == lines_of(expected)


@pytest.mark.skipif(KUBECTL is None, reason="kubectl is not there")
@settings(max_examples=10)
@given(sealed_files(plain=True))
def test_kubectl_reads_what_was_made(file: SealedFile) -> None:
    if read_by_kubectl(file.content) is None:  # it reads no JSON before YAML, and no directives
        return
    content, items = edited(file, lambda path: merge_into(path, {"new": "another"}))
    sealed = read_by_kubectl(content)
    assert sealed is not None
    assert {name: value.decode() for name, value in opened(sealed).items()} == items


def lines_of(text: str) -> list[str]:
    """Return the lines of a text that are not empty: those below a block text may be a part of it."""
    return [line for line in text.splitlines() if line.strip()]


def is_added_to(before: str, after: str, name: str) -> bool:
    """Tell whether one text is the other with an entry added, and in braces a comma."""
    start = next((at for at, (one, other) in enumerate(zip(before, after, strict=False)) if one != other), len(before))
    rest = before[start:]
    added = after[start : len(after) - len(rest)]
    if after.endswith(rest) and name in added:
        return True
    # Behind a comma the rest of the line stays, and the entry comes below.
    return after[start : start + 1] == "," and is_added_to(before, after[:start] + after[start + 1 :], name)


def read_by_ruamel(file: SealedFile, content: bytes) -> dict[str, str]:
    """Return the items as ruamel.yaml reads the file."""
    text = content.removeprefix(file.mark).decode(file.encoding).replace("\t#", " #")  # it does not know such tabs
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ReusedAnchorWarning)
        documents = list(YAML(typ="safe", pure=True).load_all(text))
    return {name: value.decode() for name, value in opened(sealed_in(documents)).items()}


def read_by_kubectl(content: bytes) -> SealedSecret | None:
    """Return the SealedSecret as kubectl reads the file, None where it cannot."""
    command = [str(KUBECTL), "annotate", "--local", "-f", "-", "read=yes", "-o", "json"]
    done = subprocess.run(command, input=content, capture_output=True, check=False)
    if done.returncode:
        return None
    decoder, text, found, at = json.JSONDecoder(), done.stdout.decode(), [], 0
    while at < len(text.rstrip()):
        one, at = decoder.raw_decode(text, at)
        found.append(one)
        at += len(text[at:]) - len(text[at:].lstrip())
    return sealed_in(found)


def sealed_in(documents: list[Any]) -> SealedSecret:
    """Return the one SealedSecret among documents and their lists."""
    objects = [one for document in documents if document for one in document.get("items", [document])]
    (manifest,) = [one for one in objects if one["kind"] == "SealedSecret"]
    return SealedSecret.from_dict(manifest)
