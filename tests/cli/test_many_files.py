"""Many files in one run: done by several processes, reported in order, and safe when one of them is killed."""

import json
import os
import signal
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.support.builders import sealed_secret
from tests.support.cli import CERTIFICATE, PRIVATE_KEY, SECRET, files_below, recording_console, seal, sealwright

from sealwright_cli.certificates.request import CertificateRequest
from sealwright_cli.commands.opening.reencrypt import ReencryptOptions, reencrypt
from sealwright_cli.commands.sealing.seal import SealOptions
from sealwright_cli.commands.sealing.seal import seal as seal_files
from sealwright_cli.files import parallel
from sealwright_cli.messages.exitcodes import ExitStatus
from sealwright_cli.messages.ui import Console

MANY = 100
NOW = datetime(2026, 1, 1, tzinfo=UTC)
REQUEST = CertificateRequest(source=str(CERTIFICATE))


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    """A folder with many Secrets, of which the eighth is broken and the ninth a template of Helm's."""
    folder = tmp_path / "secrets"
    folder.mkdir()
    for number in range(MANY):
        (folder / f"{number:03}.yaml").write_text(SECRET.replace("name: db", f"name: db-{number}"))
    (folder / "007.yaml").write_text("kind: Secret\nmetadata: [\n")
    (folder / "008.yaml").write_text("kind: Secret\nmetadata:\n  name: {{ .Values.name }}\n")
    return folder


@pytest.mark.parametrize("place", ["in place", "elsewhere"])
def test_all_are_sealed_and_told_in_order_and_those_that_fail_are_named(secrets: Path, place: str) -> None:
    out = secrets if place == "in place" else secrets.parent / "out" / "deep"
    run = seal(*(["--in-place"] if place == "in place" else ["--output-dir", out]), secrets)
    assert run.status == ExitStatus.PARTLY_DONE
    sealed = [f"{number:03}" for number in range(MANY) if number not in (7, 8)]
    told = [line for line in run.stderr.splitlines() if ": sealed team-a/db-" in line]
    assert [Path(line.partition(":")[0]).stem for line in told] == sealed
    assert run.stderr.count("error: ") == run.stderr.count("007.yaml") == 1
    assert f"warning: {secrets}/008.yaml: looks like a Helm template; skipped\n" in run.stderr
    assert run.stderr.endswith("98 Secrets sealed in 98 files; 1 error\n")
    made = files_below(out)
    assert {name for name, content in made.items() if b"kind: SealedSecret" in content} == {f"{n}.yaml" for n in sealed}
    assert all(b"correct horse" not in made[f"{name}.yaml"] for name in sealed)
    assert len(made) == (MANY if place == "in place" else len(sealed))


def test_one_name_for_all_is_noticed_before_a_second_file_is_written(secrets: Path) -> None:
    run = seal("--in-place", "--name", "db", secrets)
    assert run.status == ExitStatus.PARTLY_DONE
    assert run.stderr.count("--name gives two Secrets the same name") == MANY - 3
    sealed = [name for name, content in files_below(secrets).items() if b"SealedSecret" in content]
    assert sealed == ["000.yaml"]


def test_a_single_output_holds_all_in_order(secrets: Path) -> None:
    for name in ("007.yaml", "008.yaml"):
        (secrets / name).unlink()
    names = [document["metadata"]["name"] for document in seal(secrets).yaml]
    assert names == [f"db-{number}" for number in range(MANY) if number not in (7, 8)]


def sealing(folder: Path, console: Console) -> ExitStatus:
    return seal_files(SealOptions([str(folder)], REQUEST, in_place=True), console, now=NOW, clock=lambda: 0.0)


def encrypting_again(folder: Path, console: Console) -> ExitStatus:
    options = ReencryptOptions([str(folder)], [str(PRIVATE_KEY)], REQUEST, force=True)
    return reencrypt(options, console, now=NOW, clock=lambda: 0.0)


@pytest.mark.skipif(sys.platform != "linux" or parallel.cores() == 1, reason="all is done by one process")
@pytest.mark.parametrize(
    ("act", "text"),
    [(sealing, SECRET), (encrypting_again, json.dumps(sealed_secret()) + "\n")],
    ids=["seal", "reencrypt"],
)
def test_a_process_that_is_killed_is_an_error_and_each_file_is_old_or_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, act: Callable[[Path, Console], ExitStatus], text: str
) -> None:
    for number in range(MANY):
        (tmp_path / f"{number:03}.yaml").write_text(text)
    parent, flush, move = os.getpid(), os.fsync, os.replace

    def while_the_others_are_told_to_end(*places: str, **folders: int | None) -> None:
        until = time.monotonic() + 0.1
        while time.monotonic() < until and signal.SIGTERM not in signal.sigpending():
            pass
        move(*places, **folders)

    def killed_after_the_first_file(descriptor: int) -> None:
        if os.getpid() != parent and any(b"SealedSecret" in one for one in _changed(tmp_path, text)):
            os.kill(os.getpid(), signal.SIGKILL)
        flush(descriptor)

    monkeypatch.setattr(os, "fsync", killed_after_the_first_file)
    monkeypatch.setattr(os, "replace", while_the_others_are_told_to_end)
    console = recording_console()
    assert act(tmp_path, console) == ExitStatus.PARTLY_DONE
    said = console.stderr.getvalue()
    assert "error: one of the processes that share the work was killed; some files are not done\n" in said
    assert "hint: was there too little memory?" in said
    files = files_below(tmp_path)
    assert len(files) == MANY, "something is left beside them"
    new = _changed(tmp_path, text)
    assert 0 < len(new) < MANY
    assert all(b"SealedSecret" in one and one.endswith(b"\n") for one in new)
    monkeypatch.undo()
    assert sealwright("reencrypt", "--check", "--cert", CERTIFICATE, tmp_path).status == ExitStatus.OK


@pytest.mark.skipif(sys.platform != "linux" or parallel.cores() == 1, reason="all is done by one process")
@pytest.mark.parametrize(
    ("act", "text", "done"),
    [(sealing, SECRET, "sealed"), (encrypting_again, json.dumps(sealed_secret()), "re-encrypted")],
    ids=["seal", "reencrypt"],
)
def test_ctrl_c_lets_files_be_finished_and_all_of_them_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, act: Callable[[Path, Console], ExitStatus], text: str, done: str
) -> None:
    for number in range(MANY):
        (tmp_path / f"{number:03}.yaml").write_text(text)
    parent, flush = os.getpid(), os.fsync

    def while_ctrl_c_is_pressed(descriptor: int) -> None:
        os.kill(parent, signal.SIGINT)
        flush(descriptor)

    monkeypatch.setattr(os, "fsync", while_ctrl_c_is_pressed)
    console = recording_console()
    with pytest.raises(KeyboardInterrupt):
        act(tmp_path, console)
    changed = len(_changed(tmp_path, text))
    assert 0 < changed < MANY
    told = [line for line in console.stderr.getvalue().splitlines() if f".yaml: {done} team-a/db" in line]
    assert len(told) == changed
    assert console.stderr.getvalue().endswith(f"\nstopped: {changed} files done, {MANY - changed} as they were\n")
    assert len(files_below(tmp_path)) == MANY, "something is left beside them"


def _changed(folder: Path, before: str) -> list[bytes]:
    return [content for content in files_below(folder).values() if content != before.encode()]
