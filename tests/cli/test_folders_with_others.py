"""Folders that hold more than manifests: what cannot be read is named, and the other files are done."""

import json
from pathlib import Path

import pytest
from tests.cli.conftest import StandIn
from tests.cli.test_cluster import VERIFY
from tests.support.builders import sealed_secret
from tests.support.cli import CERTIFICATE, PRIVATE_KEY, SECRET, Run, files_below, sealwright
from tests.support.table_server import Reply

from sealwright_cli.exitcodes import ExitStatus

VERBS = ("seal", "seal --in-place", "unseal", "verify", "reencrypt", "render")

BROKEN: dict[str, tuple[str, bytes]] = {
    "YAML": ("a.yaml", b"kind: [\n"),
    "half of a JSON object": ("a.json", b'{"kind": "Sec'),
    "JSON without a comma": ("a.json", b'{"kind": "x" "y": 1}'),
    "a character that YAML refuses": ("a.yaml", b"kind: \x01\n"),
    "not text": ("a.yaml", b"kind: \xff\xfe\n"),
    "a quote that is not closed": ("a.yaml", b'kind: "x\n'),
}
NOT_BROKEN: dict[str, tuple[str, bytes]] = {
    "a tag of another program": ("a.yaml", b"site: !ENV NAME\n"),
    "a template of another kind": ("a.yaml", b"kind: ConfigMap\n{{- if .Values.x }}\ndata: {}\n{{- end }}\n"),
    "an empty file": ("a.yaml", b""),
    "a list": ("a.json", b"[1, 2]"),
}


def run(verb: str, folder: Path, new_certificate: Path, server: StandIn) -> Run:
    """Run a verb over a folder that holds one good file for it."""
    is_for_secrets = verb.startswith("seal")
    content = SECRET if is_for_secrets else json.dumps(sealed_secret(template={"data": {"x": "{{ .password }}"}}))
    (folder / "z.yaml").write_text(content)
    server.table = {VERIFY: Reply(b"ok")}
    options: dict[str, list[str | Path]] = {
        "seal": ["--cert", CERTIFICATE],
        "unseal": ["--key", PRIVATE_KEY],
        "verify": ["--kubeconfig", server.write_kubeconfig()],
        "reencrypt": ["--key", PRIVATE_KEY, "--cert", new_certificate],
        "render": [],
    }
    return sealwright(*verb.split(), *options[verb.split(maxsplit=1)[0]], folder)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "repo"
    path.mkdir()
    return path


def is_done(verb: str, done: Run, folder: Path) -> bool:
    """Tell whether the good file was done."""
    content = (folder / "z.yaml").read_text()
    return {
        "seal": b"kind: SealedSecret" in done.stdout,
        "seal --in-place": "kind: SealedSecret" in content,
        "unseal": b"kind: Secret" in done.stdout or b'"kind": "Secret"' in done.stdout,
        "verify": "can be unsealed" in done.stderr,
        "reencrypt": "re-encrypted team-a/db" in done.stderr,
        "render": b"<password>" in done.stdout,
    }[verb]


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_file_is_named_in_a_warning(
    folder: Path, new_certificate: Path, plain_server: StandIn, verb: str, case: str
) -> None:
    name, content = BROKEN[case]
    (folder / name).write_bytes(content)
    done = run(verb, folder, new_certificate, plain_server)
    assert done.status == ExitStatus.OK, done.stderr
    (warning,) = [line for line in done.stderr.splitlines() if line.startswith("warning: ")]
    assert warning.startswith(f"warning: {folder / name}: ")
    assert warning.endswith("; skipped")
    assert is_done(verb, done, folder)
    assert files_below(folder)[name] == content


@pytest.mark.parametrize("verb", ["seal", "unseal"])
@pytest.mark.parametrize("case", NOT_BROKEN)
def test_a_file_of_another_program_is_skipped_in_silence(
    folder: Path, new_certificate: Path, plain_server: StandIn, verb: str, case: str
) -> None:
    name, content = NOT_BROKEN[case]
    (folder / name).write_bytes(content)
    done = run(verb, folder, new_certificate, plain_server)
    assert (done.status, "warning" in done.stderr) == (ExitStatus.OK, False), done.stderr


@pytest.mark.parametrize("verb", [verb for verb in VERBS if verb != "seal"])
def test_a_broken_file_that_names_the_kind_is_an_error_and_the_others_are_done(
    folder: Path, new_certificate: Path, plain_server: StandIn, verb: str
) -> None:
    (folder / "a.yaml").write_text("kind: SealedSecret\nkind: Secret\na: [\n")
    done = run(verb, folder, new_certificate, plain_server)
    assert done.status == (ExitStatus.INPUT if verb == "verify" else ExitStatus.PARTLY_DONE), done.stderr
    assert f"error: {folder}/a.yaml: " in done.stderr
    assert is_done(verb, done, folder)


@pytest.mark.parametrize("verb", ["unseal", "render"])
def test_a_file_with_one_bad_object_is_left_out_whole(
    folder: Path, new_certificate: Path, plain_server: StandIn, verb: str
) -> None:
    good = sealed_secret(name="left-out", template={"data": {"x": "{{ .password }}"}})
    bad = good | {"spec": good["spec"] | {"encryptedDatas": {}}}
    (folder / "a.json").write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": [good, bad]}))
    done = run(verb, folder, new_certificate, plain_server)
    assert done.status == ExitStatus.PARTLY_DONE
    assert b"left-out" not in done.stdout
    assert is_done(verb, done, folder)
    assert "1 error, the other files are done" in done.stderr


@pytest.mark.parametrize("verb", ["unseal", "render"])
def test_a_named_file_that_fails_stops_all(folder: Path, verb: str) -> None:
    (folder / "a.yaml").write_text("kind: SealedSecret\na: [\n")
    key = ["--key", str(PRIVATE_KEY)] if verb == "unseal" else []
    done = sealwright(verb, *key, folder / "a.yaml")
    assert (done.status, done.stdout) == (ExitStatus.INPUT, b"")
    assert "nothing written" not in done.stderr
