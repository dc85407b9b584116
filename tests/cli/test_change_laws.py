"""Laws of `set`, `unset`, `rename` and `edit`, for layouts that nobody would think of."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.cli import CERTIFICATE, recording_console
from tests.support.edits import NOW, items_of
from tests.support.sealed_layouts import NAMES, SealedFile, sealed_files

from sealwright_cli.certificates.request import CertificateRequest
from sealwright_cli.commands.changing import edit as edit_module
from sealwright_cli.commands.changing.edit import EditOptions, edit
from sealwright_cli.commands.changing.rename import RenameOptions, rename
from sealwright_cli.commands.changing.set_items import SetOptions, set_items
from sealwright_cli.commands.changing.unset import UnsetOptions, unset
from sealwright_cli.surroundings import Surroundings
from sealwright_manifests.text import yamlwriter

some = settings(max_examples=40)  # each works with RSA keys and files
Edit = Callable[[str], object]


def set_to(name: str, value: str) -> Edit:
    request = CertificateRequest(source=str(CERTIFICATE))
    return lambda path: set_items(SetOptions(path, [name], request, value=value), recording_console(), now=NOW)


def removing(name: str) -> Edit:
    return lambda path: unset(UnsetOptions(path, [name]), recording_console())


def renaming(old: str, new: str) -> Edit:
    return lambda path: rename(RenameOptions(path, old, new), recording_console())


def typing(name: str, line: str) -> Edit:
    """Edit a file, and write another line in the place of an item's."""

    def type_it(_: object, path: Path, __: object) -> None:
        text = path.read_text()
        old = f"    {yamlwriter.key(name)}: <sealed>\n"
        assert text.count(old) == 1
        path.write_text(text.replace(old, line))

    def run(path: str) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(edit_module, "run", type_it)
            request = CertificateRequest(source=str(CERTIFICATE))
            surroundings = Surroundings({"EDITOR": "true", "PATH": os.environ["PATH"]})
            edit(EditOptions(path, request), recording_console(), surroundings, now=NOW)

    return run


def edited(file: SealedFile, *edits: Edit) -> tuple[bytes, dict[str, str]]:
    """Edit a file of this content; return what it holds then, and its items."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.yaml"
        path.write_bytes(file.content)
        for edit in edits:
            edit(str(path))
        return path.read_bytes(), items_of(path)


@some
@given(sealed_files(), st.data())
def test_setting_changes_that_item_alone(file: SealedFile, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(file.values)))
    content, items = edited(file, set_to(name, "another"))
    assert file.is_edited_into(content, [name])
    assert items == file.values | {name: "another"}


@some
@given(sealed_files(), st.sampled_from(["new", *NAMES]))
def test_a_new_item_comes_and_goes_without_a_trace(file: SealedFile, name: str) -> None:
    if name not in file.values:
        assert edited(file, set_to(name, "another"), removing(name)) == (file.content, file.values)


@some
@given(sealed_files(), st.data(), st.sampled_from(["new", "true", "0x1", ".env", "n" * 253]))
def test_a_name_that_comes_back_leaves_the_file_as_it_was(file: SealedFile, data: st.DataObject, name: str) -> None:
    old = data.draw(st.sampled_from(sorted(file.values)))
    _, items = edited(file, renaming(old, name))
    assert items == {name if one == old else one: value for one, value in file.values.items()}
    again, as_before = edited(file, renaming(old, name), renaming(name, old))
    assert as_before == file.values
    needs_quotes = name in ("true", "0x1")  # and the name behind it gets them too, where others have some
    is_escaped = any("\\x" in piece for piece in file.pieces if isinstance(piece, str))
    assert again == file.content or needs_quotes or is_escaped


@some
@given(sealed_files(), st.data())
def test_edit_does_what_the_other_verbs_do(file: SealedFile, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(file.values)))
    key = yamlwriter.key(name)
    content, items = edited(file, typing(name, f"    {key}: another\n"))
    assert file.is_edited_into(content, [name])
    assert items == file.values | {name: "another"}
    assert edited(file, typing(name, "    renamed: <sealed>\n")) == edited(file, renaming(name, "renamed"))
    if len(file.values) > 1:
        assert edited(file, typing(name, "")) == edited(file, removing(name))
    assert edited(file, typing(name, f"    {key}: <sealed>\n")) == (file.content, file.values)
