"""Replaces a file by the changed text that was made from it; all commands do it here.

The bytes to be written are read back and compared with what was meant before the old file is replaced. The suffix of
an existing file does not matter: its content keeps its form.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from sealwright_cli.files.disk import decode, is_same_file, write_file, write_result
from sealwright_cli.files.replacing import Original
from sealwright_cli.manners import SEALWRIGHT, Manners
from sealwright_cli.messages.errors import DefectError
from sealwright_cli.messages.naming import shown_path
from sealwright_conventions.records import record
from sealwright_manifests.editing.readback import check_as_meant
from sealwright_manifests.errors import NotAsMeantError
from sealwright_manifests.text.decoding import Coding
from sealwright_manifests.text.documents import Document, Form, form_of, join, join_as_read, with_kubeseal_end


@record
class Edited:
    """A file that was read and changed: all of its documents. `path` is None for standard input."""

    path: Path | None
    original: Original | None
    documents: Sequence[Document]

    def is_at(self, output: Path | None) -> bool:
        """Tell whether the result for `output` replaces the file itself."""
        return self.path is not None and (output is None or is_same_file(output, self.path))


def write_edited(
    stdout: BinaryIO, edited: Edited, output: Path | None, form: Form | None, manners: Manners = SEALWRIGHT
) -> None:
    """Write a changed file: in its place, unless `output` is another one.

    `form` None keeps the form of each document, or takes that of the suffix of a new file. `manners` decide how the
    written text begins and ends. Raises as `content_in_place`, and OutputError and RefusedError; then every file is
    unchanged.
    """
    if edited.path is not None and edited.is_at(output):
        content = content_in_place(edited, form, manners)
        write_file(output or edited.path, content, original=edited.original)
        return
    text = _text(edited, form or form_of(output), Coding(), manners)
    write_result(stdout, output, text.encode(), source=edited.original)


def content_in_place(edited: Edited, form: Form | None = None, manners: Manners = SEALWRIGHT) -> bytes:
    """Return the new content of a file, read back; `form` converts it.

    Raises BadManifestError for data that the form cannot hold, DefectError for a text that is not what was meant.
    """
    coding = edited.original.coding if edited.original else Coding()
    return coding.encode(_text(edited, form, coding, manners))


def _text(edited: Edited, form: Form | None, coding: Coding, manners: Manners) -> str:
    is_new = form is not None and any(one.form is not form for one in edited.documents if one.root is not None)
    text = join(edited.documents, form) if is_new else join_as_read(edited.documents)
    _check(edited, text, coding, is_new=is_new)
    if manners.frames_as_kubeseal and (ended := with_kubeseal_end(join(edited.documents, form))) != text:
        _check(edited, ended, coding, is_new=True)
        return ended
    return text


def _check(edited: Edited, text: str, coding: Coding, *, is_new: bool) -> None:
    """Read the written documents again, from their bytes. Raises DefectError if they are not what was meant."""
    name = shown_path(edited.path) if edited.path else "standard input"
    try:
        check_as_meant(edited.documents, decode(coding.encode(text), name), is_converted=is_new)
    except NotAsMeantError as error:
        raise DefectError(
            f"{name}: the new text differs from what was intended ({error.reason}); nothing was written",
            hint="this is a defect of Sealwright, not of the file: report it with the file's text, but without values",
        ) from None
