"""Line breaks that only YAML 1.1 knows, with blanks, tabs and comments around: what sealing writes can be read again."""

import json
import shutil
import subprocess
from contextlib import nullcontext, suppress
from pathlib import Path

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from tests.support.builders import sealing_key
from tools.building.make_apiserver import find_assets

from sealwright_crypto import SealedSecret, seal
from sealwright_manifests.editing.exchanging import Sealed, exchange
from sealwright_manifests.editing.fields import merge_fields
from sealwright_manifests.editing.readback import check_as_meant
from sealwright_manifests.errors import BadManifestError, Problem
from sealwright_manifests.kinds.finding import find_manifests
from sealwright_manifests.kinds.reading import read_sealed_secret, read_secret
from sealwright_manifests.text.documents import join, join_as_read, read_documents
from sealwright_manifests.text.tree import native

SECRET = "kind: Secret\nmetadata: {name: db, namespace: team-a}\n"
PIECES = ["\u2028", "\u2029", "\x85", "\r", "\r\n", "\n", " ", "\t", "  ", "x", "# c", " # c", " # k: value", "'", '"']
ENDS = ["", "\n---\nkind: ConfigMap\nmetadata: {name: x}\n", "\n...\n", "\ntype: Opaque\n"]
STARTS = [
    "stringData:\n  a: b",
    "stringData:\n  a: |\n    b",
    "stringData:\n  a: 'b'",
    "stringData: {a: b}",
    "data:\n  a: AAAA\ntype: b",
    "data: {a: AAAA}\nimmutable: false",
]
FOUND = [
    f"{SECRET}stringData:\n  a: b\u2028\n    \t",
    f"{SECRET}stringData: {{a: b}}\ntype: x \u2029\n  \u2029\n      \t\n",
    f"{SECRET}stringData: {{a: b}}\ntype: x\x85 \t\n\n  \t\n",
    f"{SECRET}stringData:\n  a: 'b'#\u2028#  k: v\n---\nkind: ConfigMap\nmetadata: {{name: x}}\n",
    f"{SECRET}stringData:\n  a: |\n    b\r#  k: v\u2028\n---\nkind: ConfigMap\nmetadata: {{name: x}}\n",
    f"{SECRET}stringData:\n  a: b\n#  k: v\u2028type: x\n",
]


def sealed(text: str) -> tuple[SealedSecret, str, str]:
    """Seal the one Secret of a text; return it, the file in its place, and what standard output gets."""
    documents = read_documents(text, "x")
    (manifest,) = [one for one in find_manifests(documents) if one.is_secret]
    secret = read_secret(manifest).secret
    made = seal(secret, sealing_key().certificate)
    exchange(documents, [Sealed(manifest, made.to_dict(), list(secret.items.values()))])
    in_place, printed = join_as_read(documents), join(documents)
    check_as_meant(documents, in_place)
    check_as_meant(documents, printed, is_converted=True)
    return made, in_place, printed


def read(text: str) -> SealedSecret:
    (manifest,) = [one for one in find_manifests(read_documents(text, "x")) if one.is_sealed_secret]
    return read_sealed_secret(manifest)


@given(st.sampled_from(STARTS), st.lists(st.sampled_from(PIECES), min_size=1, max_size=9), st.sampled_from(ENDS))
def test_what_was_sealed_is_read_again(start: str, tail: list[str], end: str) -> None:
    text = SECRET + start + "".join(tail) + end
    try:
        for manifest in find_manifests(read_documents(text, "x")):
            if manifest.is_secret:
                read_secret(manifest)
    except BadManifestError:
        assume(False)
    made, in_place, printed = sealed(text)
    assert read(in_place) == read(printed) == made


@pytest.mark.parametrize("text", FOUND, ids=range(len(FOUND)))
def test_found(text: str) -> None:
    made, in_place, printed = sealed(text)
    assert read(in_place) == read(printed) == made


@given(
    st.sampled_from(["|", "|-", "|+", ">", ">-", ">+"]), st.lists(st.sampled_from(PIECES), max_size=6), st.booleans()
)
@example("|", ["\u2028"], False)
@example("|", ["\r"], True)
def test_what_is_added_below_a_block_of_text_leaves_it_as_it_is(style: str, tail: list[str], more: bool) -> None:
    text = f"apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nb: {style}\n  x{''.join(tail)}"
    try:
        documents = read_documents(text + "\nc: d\n" * more, "x")
        (manifest,) = [one for one in find_manifests(documents) if one.is_sealed_secret]
    except (BadManifestError, ValueError):
        assume(False)
    is_unusual = not more and set(text) & set("\u2028\u2029\x85\r")
    with suppress(BadManifestError) if is_unusual else nullcontext():
        merge_fields(manifest.document, manifest.node, {"spec": {"encryptedData": {"a": "b"}}})
        check_as_meant(documents, join_as_read(documents))


def test_nothing_is_added_behind_a_last_line_break_that_only_yaml_1_1_knows() -> None:
    documents = read_documents("apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nb: |\n  x\u2028", "x")
    (manifest,) = find_manifests(documents)
    with pytest.raises(BadManifestError, match="a line break that only YAML") as caught:
        merge_fields(manifest.document, manifest.node, {"spec": {}})
    assert caught.value.problem is Problem.LAST_LINE_BREAK


def test_what_becomes_json_by_a_change_keeps_the_meaning_of_its_other_values() -> None:
    """JSON has no line break in a text, so the item with one makes it YAML, in which U+0085 is a blank."""
    text = '{"apiVersion": "bitnami.com/v1alpha1", "kind": "SealedSecret", "metadata": {"name": "a\x85b"},\n'
    documents = read_documents(text + ' "spec": {"encryptedData": {"a": "AQ\nc="}}}\n', "x")
    (manifest,) = find_manifests(documents)
    merge_fields(manifest.document, manifest.node, {"spec": {"encryptedData": {"a": "AAAA"}}})
    written = join_as_read(documents)
    check_as_meant(documents, written)
    (again,) = read_documents(written, "x")
    assert again.root is not None
    assert native(again.root)["metadata"] == {"name": "a b"}


def test_kubectl_reads_it_alike(tmp_path: Path) -> None:
    assets = find_assets()
    kubectl = str(assets / "kubectl") if assets else shutil.which("kubectl")
    if kubectl is None:
        pytest.skip("there is no kubectl")
    results = [sealed(text) for text in FOUND]
    for number, (_, in_place, printed) in enumerate(results):
        (tmp_path / f"{number:02}a.yaml").write_text(in_place, newline="")
        (tmp_path / f"{number:02}b.yaml").write_text(printed, newline="")
    command = [kubectl, "label", "--local", "-f", str(tmp_path), "-o", "json", "read=by-kubectl"]
    done = subprocess.run(command, capture_output=True, check=True, text=True)
    decoder, at, found = json.JSONDecoder(), 0, []
    while at < len(done.stdout.rstrip()):
        value, at = decoder.raw_decode(done.stdout, at)
        at += len(done.stdout[at:]) - len(done.stdout[at:].lstrip())
        found += [one for one in value.get("items", [value]) if one["kind"] == "SealedSecret"]
    assert [one["spec"]["encryptedData"] for one in found] == [
        made.items for made, *_ in results for _ in ("in place", "printed")
    ]
