"""One dialect of YAML and JSON for the command, for bodies of requests and for directory mode: the one of kubectl.

The rows are in tests/vectors/dialect, which says how to read them.
"""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.support.repository import ROOT
from tools.building.make_apiserver import find_assets

from sealwright_cli.files.disk import decode
from sealwright_cli.messages.errors import CliError
from sealwright_controller.directory.documents import OtherObject, UnusableFileError, load_objects
from sealwright_controller.web.bodies import BadBodyError, manifest_in
from sealwright_crypto import API_VERSION as SEALED_API_VERSION
from sealwright_crypto import KIND as SEALED_SECRET
from sealwright_crypto import ManifestError, SealedSecret
from sealwright_manifests.errors import BadManifestError, SyntaxProblemError
from sealwright_manifests.kinds.finding import find_manifests
from sealwright_manifests.kinds.reading import read_secret
from sealwright_manifests.text.documents import read_documents
from sealwright_manifests.text.tree import native

API_VERSION, KIND = "example.com/v1", "Thing"
HEAD = f"apiVersion: {API_VERSION}\nkind: {KIND}\nmetadata: {{name: a}}\n"
ROWS: list[dict[str, Any]] = json.loads((ROOT / "tests" / "vectors" / "dialect" / "rows.json").read_text())
OLDEST_KUBECTL = (1, 36)
"""Older ones do not read as YAML what begins with a brace and is no JSON."""
REFUSED = (CliError, BadManifestError, SyntaxProblemError, UnusableFileError, BadBodyError)


def text_of(row: dict[str, Any]) -> str:
    return str(row["file"]) if "file" in row else HEAD + row["text"]


def is_one_document(row: dict[str, Any]) -> bool:
    return len(row["reads"] or [None]) == 1 and "List" not in text_of(row)


def named(rows: list[dict[str, Any]]) -> Any:
    return pytest.mark.parametrize("row", rows, ids=[row["name"] for row in rows])


def value_in(manifest: Any) -> Any:
    return manifest.get("x", "<absent>")


def by_command(content: bytes) -> list[Any]:
    documents = read_documents(decode(content, "file"), "file")
    return [value_in(native(found.node)) for found in find_manifests(documents)]


def by_directory(content: bytes) -> list[Any]:
    return [value_in(found) for found in load_objects(content, API_VERSION, KIND) if not isinstance(found, OtherObject)]


def by_verify(content: bytes) -> list[Any]:
    return [value_in(manifest_in(content))]


def is_same(one: Any, other: Any) -> bool:
    """Compare as JSON does, for which 1 and 1.0 are the same number, and true is another thing than 1."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(is_same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(is_same, one, other))
    if isinstance(one, bool) or isinstance(other, bool) or not isinstance(one, int | float):
        return type(one) is type(other) and one == other
    return isinstance(other, int | float) and float(one) == float(other)


def check(row: dict[str, Any], read: Any) -> None:
    content = text_of(row).encode()
    if row["reads"] is None:
        with pytest.raises(REFUSED):
            read(content)
    else:
        assert is_same(read(content), row["reads"])


@named(ROWS)
def test_the_command_reads(row: dict[str, Any]) -> None:
    check(row, by_command)


@named(ROWS)
def test_directory_mode_reads(row: dict[str, Any]) -> None:
    check(row, by_directory)


@named([row for row in ROWS if is_one_document(row)])
def test_verify_and_rotate_read(row: dict[str, Any]) -> None:
    check(row, by_verify)


class Kubectl:
    """What kubectl reads of all rows, asked once."""

    def __init__(self, kubectl: str, folder: Path) -> None:
        """Give it each row as a file, with the row's number as the name of its objects."""
        for number, row in enumerate(ROWS):
            text = (
                text_of(row).replace("{name: a}", f"{{name: n{number}}}").replace('"name":"a"', f'"name":"n{number}"')
            )
            (folder / f"{number:04}.yaml").write_bytes(text.encode())
        command = [kubectl, "label", "--local", "-f", str(folder), "-o", "json", "read=by-kubectl"]
        answer = subprocess.run(command, capture_output=True, text=True, check=False)
        self._read: dict[str, list[Any]] = {}
        for manifest in _values(answer.stdout):
            self._read.setdefault(manifest["metadata"]["name"], []).append(value_in(manifest))
        self._refused = answer.stderr

    def reads(self, number: int) -> list[Any] | None:
        """Return the values of a row, None when it is refused."""
        return None if f"{number:04}.yaml" in self._refused else self._read.get(f"n{number}")


def _values(text: str) -> Iterator[dict[str, Any]]:
    """Yield JSON objects that follow each other, those of a List one by one."""
    decoder, at = json.JSONDecoder(), 0
    while at < len(text.rstrip()):
        value, at = decoder.raw_decode(text, at)
        at += len(text[at:]) - len(text[at:].lstrip())
        yield from value["items"] if value["kind"] == "List" else [value]


@pytest.fixture(scope="module")
def kubectl(tmp_path_factory: pytest.TempPathFactory) -> Kubectl:
    assets = find_assets()
    found = str(assets / "kubectl") if assets else shutil.which("kubectl")
    if found is None:
        pytest.skip("there is no kubectl")
    answer = subprocess.run([found, "version", "--client", "-o", "json"], capture_output=True, check=True)
    version = json.loads(answer.stdout)["clientVersion"]
    if (int(version["major"]), int(version["minor"].rstrip("+"))) < OLDEST_KUBECTL:
        pytest.skip(f"kubectl {version['gitVersion']} reads JSON in an older way")
    return Kubectl(found, tmp_path_factory.mktemp("rows"))


@named(ROWS)
def test_kubectl_reads_the_same_or_the_row_says_why_not(row: dict[str, Any], kubectl: Kubectl) -> None:
    read = kubectl.reads(ROWS.index(row))
    assert is_same(read, row["reads"]) != ("differs" in row)


SPELLINGS = [row for row in ROWS if row["name"].removeprefix("scalar ").lower() in ("y", "yes", "n", "no", "on", "off", "true", "false")]  # fmt: skip
SECRET = "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nimmutable: "
SEALED = (
    f"apiVersion: bitnami.com/v1alpha1\nkind: {SEALED_SECRET}\nmetadata: {{name: a}}\nspec: {{template: {{immutable: "
)


def test_there_are_28_spellings_of_booleans() -> None:
    assert len(SPELLINGS) == 28


@named(SPELLINGS)
def test_a_secret_is_immutable_for_all_or_for_none(row: dict[str, Any]) -> None:
    word = row["text"].removeprefix("x: ").strip()
    [value] = row["reads"]
    [secret] = find_manifests(read_documents(SECRET + word, "file"))
    sealed = f"{SEALED}{word}}}}}\n".encode()
    [in_folder] = load_objects(sealed, SEALED_API_VERSION, SEALED_SECRET)
    assert in_folder is not None
    for read in (
        lambda: read_secret(secret).secret.immutable,
        lambda: SealedSecret.from_dict(manifest_in(sealed)).template.immutable,
        lambda: SealedSecret.from_dict(in_folder).template.immutable,
    ):
        if isinstance(value, bool):
            assert read() is value
        else:
            with pytest.raises((ManifestError, BadManifestError)):
                read()
