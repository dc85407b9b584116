"""`seal -n NS` for files of which some name a namespace: it is for those without, and must not contradict the others."""

import json
from pathlib import Path

import pytest
from tests.support.cli import Run, seal

from sealwright_cli.messages.exitcodes import ExitStatus
from sealwright_manifests.text.plaindata import read_plain

CLUSTER_WIDE = 'annotations: {sealedsecrets.bitnami.com/cluster-wide: "true"}'
METADATA = {
    "none": "name: none",
    "equal": "name: equal, namespace: team-a",
    "other": "name: other, namespace: team-b",
    "wide": f"name: wide, namespace: team-b, {CLUSTER_WIDE}",
}


def secret(metadata: str) -> str:
    return f"apiVersion: v1\nkind: Secret\nmetadata: {{{metadata}}}\nstringData: {{a: hunter2}}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, metadata in METADATA.items():
        (tmp_path / f"{name}.yaml").write_text(secret(metadata))
    return tmp_path


def sealed_in(folder: Path) -> dict[str, str]:
    """Return the namespaces of the files that are sealed."""
    found = {}
    for path in sorted(folder.glob("*.yaml")):
        (data,) = read_plain(path.read_bytes())
        if data.get("kind") == "SealedSecret":
            found[path.stem] = data["metadata"].get("namespace", "")
    return found


def errors(run: Run) -> list[str]:
    return [line for line in run.stderr.splitlines() if line.startswith("error: ")]


def test_each_file_that_agrees_is_sealed_and_the_other_is_named(folder: Path) -> None:
    before = (folder / "other.yaml").read_bytes()
    run = seal("-n", "team-a", "--in-place", folder)
    assert run.status == ExitStatus.PARTLY_DONE
    assert sealed_in(folder) == {"equal": "team-a", "none": "team-a", "wide": "team-b"}
    assert (folder / "other.yaml").read_bytes() == before
    (error,) = errors(run)
    assert error.endswith("other.yaml: Secret other: metadata.namespace is team-b, --namespace is team-a")
    assert "hint: correct the file, or seal it without --namespace\n" in run.stderr
    assert run.stderr.endswith("3 Secrets sealed in 3 files; 1 error\n")


def test_all_are_sealed_if_none_contradicts(folder: Path) -> None:
    (folder / "other.yaml").unlink()
    assert seal("-n", "team-a", "--in-place", folder).status == ExitStatus.OK
    assert sealed_in(folder) == {"equal": "team-a", "none": "team-a", "wide": "team-b"}


def test_one_result_for_all_is_not_written_and_that_is_said(folder: Path) -> None:
    run = seal("-n", "team-a", folder)
    assert (run.status, run.stdout) == (ExitStatus.INPUT, b"")
    assert len(errors(run)) == 1
    assert run.stderr.endswith("1 error, nothing written\n")


def test_without_it_those_that_name_one_are_sealed(folder: Path) -> None:
    run = seal("--in-place", folder)
    assert run.status == ExitStatus.PARTLY_DONE
    assert sealed_in(folder) == {"equal": "team-a", "other": "team-b", "wide": "team-b"}
    (error,) = errors(run)
    assert error.endswith("none.yaml: Secret none: no namespace; strict scope needs one")


def test_a_project_file_is_for_those_without_alone(folder: Path) -> None:
    (folder / ".sealwright.yaml").write_text("rules: [{path: '**', namespace: team-a}]\n")
    assert seal("--in-place", folder).status == ExitStatus.OK
    assert sealed_in(folder) == {"equal": "team-a", "none": "team-a", "other": "team-b", "wide": "team-b"}


def test_a_list_of_both_is_one_file(tmp_path: Path) -> None:
    items = [read_plain(secret(METADATA[name]).encode())[0] for name in ("none", "other")]
    path = tmp_path / "list.json"
    path.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": items}))
    before = path.read_bytes()
    run = seal("-n", "team-a", "--in-place", path)
    assert (len(errors(run)), path.read_bytes()) == (1, before)
