"""Files and folders that cannot be looked at, read or written: each is a message, whatever the command does with it."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.cli.test_bad_input import check_failed
from tests.support.cli import CERTIFICATE, COMMAND, KUBESEAL, PRIVATE_KEY, SECRET, environment, kubeseal, sealwright
from tests.support.unprivileged import folder_with_keys, run_stopped_by_modes

from sealwright_cli.messages.exitcodes import ExitStatus

POSIX = pytest.mark.skipif(os.name == "nt", reason="POSIX modes and users")
TOO_LONG = "a" * 5000
INPUT, CERT, REFUSED, OUTPUT = ExitStatus.INPUT, ExitStatus.CERTIFICATE, ExitStatus.REFUSED, ExitStatus.OUTPUT
SEAL = ["seal", "--cert", "cert.pem"]
REENCRYPT = ["reencrypt", "--force", "--key", "key.pem", "--cert", "cert.pem"]

LOCKED = [
    ([*SEAL, "locked/sub/s.yaml"], INPUT, "locked/sub/s.yaml: permission denied"),
    ([*SEAL, "locked"], INPUT, "locked: permission denied"),
    ([*SEAL, "above"], INPUT, "above/locked: permission denied"),
    ([*SEAL, "listed"], INPUT, "listed/s.yaml: permission denied"),
    ([*SEAL, "--in-place", "listed/s.yaml"], INPUT, "listed/s.yaml: permission denied"),
    ([*SEAL, "--in-place", "fixed/s.yaml"], OUTPUT, "fixed/s.yaml: cannot be written: permission denied"),
    ([*SEAL, "--output", "locked/x.yaml", "s.yaml"], OUTPUT, "locked/x.yaml: cannot be written: permission denied"),
    ([*SEAL, "--output", "fixed/x.yaml", "s.yaml"], OUTPUT, "fixed/x.yaml: cannot be written: permission denied"),
    ([*SEAL, "--output-dir", "locked/x", "s.yaml"], OUTPUT, "locked/x: cannot be made: permission denied"),
    ([*SEAL, "--output-dir", "locked/sub", "s.yaml"], OUTPUT, "locked/sub: cannot be made: permission denied"),
    ([*SEAL, "--output-dir", "unread", "s.yaml"], REFUSED, "unread/s.yaml: exists and cannot be read (permission denied)"),
    (["seal", "--cert", "locked/c.pem", "s.yaml"], CERT, "locked/c.pem: permission denied"),
    (["cert", "show", "file://localhost/PLACE/locked/c.pem"], CERT, "locked/c.pem: permission denied"),
    (["unseal", "--key", "locked/k.pem", "s.yaml"], CERT, "locked/k.pem: permission denied"),
    (["unseal", "--key", "key.pem", "locked/s.yaml"], INPUT, "locked/s.yaml: permission denied"),
    (["verify", "locked/s.yaml"], INPUT, "locked/s.yaml: permission denied"),
    (["merge", "--cert", "cert.pem", "locked/s.yaml"], INPUT, "locked/s.yaml: permission denied"),
    ([*REENCRYPT, "locked/s.yaml"], INPUT, "locked/s.yaml: permission denied"),
    (["raw", "--cert", "cert.pem", "-n", "a", "--name", "b", "--from-file", "locked/v"], INPUT, "locked/v: permission denied"),
]  # fmt: skip


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A folder with Secrets in places that are locked in several ways."""
    modes = {"locked": 0, "above/locked": 0, "listed": 0o644, "fixed": 0o555, "unread": 0o755, "locked/sub": 0o755}
    with folder_with_keys() as folder:
        for name in modes:
            (folder / name).mkdir(parents=True)
            (folder / name / "s.yaml").write_text(SECRET)
        (folder / "s.yaml").write_text(SECRET)
        (folder / "unread" / "s.yaml").chmod(0)
        for name, mode in reversed(modes.items()):
            (folder / name).chmod(mode)
        yield folder
        (folder / "above" / "locked").chmod(0o755)


@POSIX
@pytest.mark.parametrize(("arguments", "status", "words"), LOCKED, ids=[" ".join(row[0]) for row in LOCKED])
def test_what_is_locked_is_named(folder: Path, arguments: list[str], status: ExitStatus, words: str) -> None:
    there = [one.replace("PLACE", str(folder).lstrip("/")) for one in arguments]
    check_failed(run_stopped_by_modes("sealwright_cli.app", *there, cwd=folder), status, words)


@POSIX
@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["-f", "locked/s.yaml", "--cert", "cert.pem"], INPUT, "locked/s.yaml: permission denied"),
        (["-f", "s.yaml", "--cert", "locked/c.pem"], CERT, "locked/c.pem: permission denied"),
        (["-f", "s.yaml", "--cert", "cert.pem", "-w", "fixed/x"], OUTPUT, "fixed/x: cannot be written: permission"),
        (["--cert", "cert.pem", "--merge-into", "locked/x"], INPUT, "locked/x: permission denied"),
    ],
)
def test_kubeseal_names_what_is_locked(folder: Path, arguments: list[str], status: ExitStatus, words: str) -> None:
    check_failed(run_stopped_by_modes("sealwright_cli.kubeseal.front", *arguments, cwd=folder), status, words)


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["seal", "--cert", CERTIFICATE, TOO_LONG], INPUT),
        (["seal", "--cert", CERTIFICATE, "a/" * 2500], INPUT),
        (["seal", "--cert", TOO_LONG], CERT),
        (["seal", "--cert", f"http://{TOO_LONG}"], CERT),
        (["seal", "--cert", f"http://127.0.0.1:9/{TOO_LONG}"], CERT),
        (["seal", "--cert", f"file:///{TOO_LONG}"], CERT),
        (["seal", "--cert", "file://[x"], CERT),
        (["seal", "--cert", CERTIFICATE, "--output", TOO_LONG], OUTPUT),
        (["seal", "--cert", CERTIFICATE, "--output-dir", TOO_LONG, "SECRET"], OUTPUT),
        (["unseal", "--key", TOO_LONG], CERT),
        (["unseal", "--key", PRIVATE_KEY, TOO_LONG], INPUT),
        (["verify", TOO_LONG], INPUT),
        (["merge", "--cert", CERTIFICATE, TOO_LONG], INPUT),
        (["reencrypt", TOO_LONG], INPUT),
        (["raw", "--cert", CERTIFICATE, "-n", "a", "--name", "b", "--from-file", TOO_LONG], INPUT),
        (["cert", "show", TOO_LONG], CERT),
    ],
    ids=lambda value: " ".join(map(str, value))[:60] if isinstance(value, list) else None,
)
def test_what_is_too_long_to_be_a_name_is_told(tmp_path: Path, arguments: list[str | Path], status: ExitStatus) -> None:
    (tmp_path / "s.yaml").write_text(SECRET)
    given = [tmp_path / "s.yaml" if one == "SECRET" else one for one in arguments]
    check_failed(sealwright(*given, stdin=SECRET), status, "")


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["-f", TOO_LONG], INPUT),
        (["--cert", f"http://{TOO_LONG}"], CERT),
        (["--re-encrypt", "-f", TOO_LONG], INPUT),
        (["--validate", "-f", TOO_LONG], INPUT),
    ],
    ids=["input", "certificate", "re-encrypt", "validate"],
)
def test_kubeseal_tells_what_is_too_long_to_be_a_name(arguments: list[str], status: ExitStatus) -> None:
    check_failed(kubeseal(*arguments, stdin=SECRET), status, "")


@POSIX
@pytest.mark.parametrize(
    "command",
    [
        f"{' '.join(COMMAND)} seal --cert {CERTIFICATE}",
        f"{' '.join(COMMAND)} unseal --key {PRIVATE_KEY}",
        f"{' '.join(COMMAND)} raw --cert {CERTIFICATE} -n a --name b",
        f"{' '.join(COMMAND)} merge --cert {CERTIFICATE} SEALED",
        f"{KUBESEAL} --cert {CERTIFICATE}",
    ],
)
def test_standard_input_that_cannot_be_read_is_told(tmp_path: Path, command: str) -> None:
    sealed = sealwright("seal", "--cert", CERTIFICATE, stdin=SECRET)
    (tmp_path / "sealed.yaml").write_bytes(sealed.stdout)
    done = in_a_shell(f"{command.replace('SEALED', 'sealed.yaml')} 0>there", tmp_path)
    assert done.returncode == INPUT
    assert done.stdout == ""
    assert "error: standard input: cannot be read: bad file descriptor\nhint: " in done.stderr


@POSIX
def test_a_folder_that_was_removed_under_the_command_is_no_reason_to_crash(tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text(SECRET)
    command = f"mkdir gone; cd gone; rmdir ../gone; {' '.join(COMMAND)} seal --cert {CERTIFICATE}"
    for argument, status in (("../s.yaml", ExitStatus.OK), ("x.yaml", INPUT), ("../s.yaml -w x.yaml", OUTPUT)):
        done = in_a_shell(f"{command} {argument}", tmp_path)
        assert done.returncode == status, done.stderr
        assert "Traceback" not in done.stderr


def in_a_shell(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, shell=True, cwd=folder, env=environment(), capture_output=True, text=True, check=False
    )
