"""`sealwright reencrypt` of the deprecated `spec.data`: the present form takes its place, and all else stays."""

import json
from pathlib import Path

import pytest
from tests.support.edits import ciphertext, items_of, reencrypt_file, shape

from sealwright_manifests.kinds.finding import find_manifests
from sealwright_manifests.kinds.reading import read_sealed_secret
from sealwright_manifests.text.documents import read_documents

INNER = {"apiVersion": "v1", "kind": "Secret", "type": "example.org/x", "data": {"password": "aHVudGVyMg=="}}
BLOB = ciphertext(json.dumps(INNER))
HEAD = (
    "# about\napiVersion: bitnami.com/v1alpha1\nkind: SealedSecret # sealed\nmetadata: {name: db, namespace: team-a}\n"
)
END = "# the end\n---\nkind: ConfigMap\nmetadata: {name: x}  # kept\n"
MADE = "encryptedData:\n    password: <C>\n"
TEMPLATE = "template:\n    metadata:\n      name: db\n      namespace: team-a\n    type: example.org/x\n"
LAYOUTS = {
    "alone": ("spec:\n  # old\n  data: <C> # why\n", f"spec:\n  # old\n  {MADE}  {TEMPLATE}"),
    "beside nothing": ("spec:\n  data: <C>\n  encryptedData: {}\n", None),
    "behind nothing": ("spec:\n  encryptedData: null\n  data: '<C>'\n", None),
    "block": ("spec:\n  data: |-\n    <C>\nstatus: {}\n", f"spec:\n  {MADE}  {TEMPLATE}status: {{}}\n"),
    "quoted, with an anchor": ('spec: # of it\n  data: &x "<C>"\n', f"spec: # of it\n  {MADE}  {TEMPLATE}"),
    "explicit key": ("spec:\n  ? data\n  : <C>\n", f"spec:\n  {MADE}  {TEMPLATE}"),
    "braces": ("spec: {data: <C>} # b\n", None),
    "braces over lines": ("spec: {\n  data: <C>, # b\n  }\n", None),
    "a template that was not used": (
        "spec:\n  data: <C>\n  template:\n    # labels\n    metadata: {labels: {a: b}, name: db}\n    data: {c: d}\n",
        None,
    ),
    "a template of nothing": ("spec:\n  template: {metadata: {creationTimestamp: null}}\n  data: <C>\n", None),
}


@pytest.mark.parametrize("case", LAYOUTS)
@pytest.mark.parametrize("line_break", ["\n", "\r\n"], ids=["unix", "windows"])
def test_it_is_replaced_in_its_place(tmp_path: Path, case: str, line_break: str) -> None:
    before, after = LAYOUTS[case]
    path = tmp_path / "x.yaml"
    path.write_text((HEAD + before.replace("<C>", BLOB) + END).replace("\n", line_break), newline="")
    reencrypt_file(path)
    content = shape(path.read_bytes()).decode().replace(line_break, "\n")
    assert content.startswith(HEAD + before[: before.index("\n")].partition("{")[0])
    assert content.endswith(END)
    if after is not None:
        assert content == HEAD + after + END
    check(path)


@pytest.mark.parametrize("indent", [None, 2, "\t"])
@pytest.mark.parametrize("name", ["x.json", "x.yaml"])
def test_json_stays_json(tmp_path: Path, indent: int | str | None, name: str) -> None:
    manifest = {
        "kind": "SealedSecret",
        "apiVersion": "bitnami.com/v1alpha1",
        "spec": {"data": BLOB, "encryptedData": None, "template": {"data": None}},
        "metadata": {"name": "db", "namespace": "team-a"},
    }
    path = tmp_path / name
    path.write_text(json.dumps(manifest, indent=indent) + "\n\n")
    reencrypt_file(path)
    content = path.read_text()
    made = json.loads(content)
    assert list(made) == list(manifest)
    assert content.endswith("}\n\n")
    assert content.index('"metadata"') > content.index("password")
    assert content.count("\n") >= json.dumps(manifest, indent=indent).count("\n")
    check(path)


def check(path: Path) -> None:
    """Check the one SealedSecret of a file: it is of the present form, with the content that the old one had."""
    assert items_of(path) == {"password": "hunter2"}
    documents = read_documents(path.read_bytes().decode(), "x")
    (manifest,) = [one for one in find_manifests(documents) if one.is_sealed_secret]
    sealed = read_sealed_secret(manifest)
    assert sealed.legacy is None
    assert dict(sealed.template.metadata) == {}
    assert (sealed.template.type, dict(sealed.template.data)) == ("example.org/x", {})
