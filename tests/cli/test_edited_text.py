"""Laws of the text that a person edits: whatever is typed, it is understood or one of our own errors says why not."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.builders import sealing_key
from tests.support.cli import recording_console
from tests.support.edits import ciphertext, sealed_text

from sealwright_cli.messages.errors import CliError, InputError
from sealwright_cli.sealed.target import Target, open_target
from sealwright_cli.views import marks
from sealwright_cli.views.changing import changes_for
from sealwright_cli.views.marks import Kept, Typed
from sealwright_cli.views.page import read, with_reason, without_reason, written
from sealwright_cli.views.wanted import Known, find_wanted
from sealwright_crypto import Scope
from sealwright_manifests.editing.fields import merge_fields
from sealwright_manifests.text.tree import native

TEXT = sealed_text(
    f"\n    password: {ciphertext('old')}\n    user: {ciphertext('ann')}\n",
    tail='  template:\n    metadata:\n      labels: {app: "x"}\n      annotations:\n        a: b\n    type: Opaque\n',
)
PIECES = [
    *(
        "<sealed>",
        "<sealed user>",
        "<sealed gone>",
        "<base64 AA==>",
        "<base64 A>",
        "null",
        "5",
        "[]",
        "{}",
        "&a x",
        "*a",
    ),
    *("spec:", "metadata:", "encryptedData:", "template:", "\n", "  ", "---\n", "# x", "'", '"', "|", "<<: {a: b}"),
    *(
        "password",
        "user:",
        "name: db",
        "data: {x: y}",
        "labels: [a]",
        "annotations: x",
        "\u2028",
        "\ufeff",
        "kind: List",
    ),
]


def opened(folder: Path) -> Target:
    """Return the object of a file that holds TEXT."""
    path = folder / "db.yaml"
    path.write_text(TEXT)
    return open_target(str(path), "", "", recording_console())


def mistake_in(text: str, target: Target) -> CliError | None:
    """Return what is wrong with a text; if nothing is, the object of a file is changed, and it is what was meant."""
    try:
        page = read(text)
        wanted = find_wanted(page, Known(target), recording_console()) if page else None
    except CliError as error:
        return error
    if wanted:
        manifest = target.manifest
        merge_fields(manifest.document, manifest.node, changes_for(wanted, target, sealing_key().certificate))
        made = manifest.document.data_of(manifest.node)
        assert (made["spec"].get("encryptedData") or {}).keys() == set(wanted.items)
        assert made["metadata"] == wanted.data["metadata"]
    return None


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_whatever_is_typed_is_understood_or_an_error_says_why_not(data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        target = opened(Path(folder))
        first = text = written(native(target.manifest.node), {}, "x", Scope.STRICT)
        for _ in range(data.draw(st.integers(1, 3))):
            at = data.draw(st.integers(first.index("apiVersion"), len(text)))
            end = data.draw(st.integers(at, min(at + 20, len(text))))
            text = text[:at] + data.draw(st.sampled_from(PIECES)) + text[end:]
        presented = with_reason(text, lambda body: mistake_in(body, target))
        assert presented is None or without_reason(presented[0]) == text


@given(st.binary(max_size=200) | st.text(max_size=40).map(str.encode))
def test_a_value_that_is_shown_is_read_as_the_same_bytes(value: bytes) -> None:
    assert marks.read(marks.shown(value), "") == Typed(value)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("<sealed>", Kept()),
        ("<sealed .env>", Kept(".env")),
        ("<sealed  a >", Kept("a")),
        ("<base64\nYWJj\nZGVm\n>\n", Typed(b"abcdef")),
        ("a <sealed>", Typed(b"a <sealed>")),
        ("<secret>", Typed(b"<secret>")),
        ("<name>", Typed(b"<name>")),
        ("<a href=x>", Typed(b"<a href=x>")),
        ("<" + "sealed" * 5_000 + ">", Typed(b"<" + b"sealed" * 5_000 + b">")),
    ],
)
def test_marks(text: str, meant: Kept | Typed) -> None:
    assert marks.read(text, "") == meant


@pytest.mark.parametrize(
    "text",
    [
        "<Sealed>",
        "< sealed>",
        " <sealed>",
        "<seald>",
        "<selaed>",
        "<sealedx>",
        "<SEALED user>",
        "<seald user>",
        "<bas64 AA==>",
        "<Base64\nAA==\n>",
        "<sealed",
    ],
)
def test_what_looks_like_a_mark_is_a_mistake_and_its_value_goes_in_base64(text: str) -> None:
    with pytest.raises(InputError, match="looks like a mark and is none") as caught:
        marks.read(text, "item a")
    assert "a value that looks so goes in base64" in caught.value.hint
    assert marks.read(marks.shown(text.encode()), "") == Typed(text.encode())


def test_a_typed_value_is_not_in_its_repr() -> None:
    assert "s3cret" not in repr(Typed(b"s3cret"))
