"""Runs that are cut short: Ctrl-C, a reader that goes away, standard streams that are closed."""

import contextlib
import errno
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.support.builders import sealed_secret
from tests.support.cli import (
    CERTIFICATE,
    COMMAND,
    KUBESEAL,
    PRIVATE_KEY,
    SECRET,
    environment,
    files_below,
    recording_console,
)
from tests.support.wait import eventually

from sealwright_cli.certificates.request import CertificateRequest
from sealwright_cli.commands.sealing import seal as seal_command
from sealwright_cli.files import disk
from sealwright_cli.messages.exitcodes import ExitStatus
from sealwright_cli.sealed import filesealing

pytestmark = pytest.mark.skipif(os.name == "nt", reason="sends POSIX signals and closes POSIX pipes")


@pytest.fixture(autouse=True)
def hangups_are_heard() -> Iterator[None]:
    """Undo what `nohup` did, should the tests have been started by it: what they start inherits that."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


def start(*arguments: str | Path, env: dict[str, str] | None = None, **streams: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [*COMMAND, "seal", "--cert", str(CERTIFICATE), *map(str, arguments)],
        env=env or environment(),
        start_new_session=True,
        **{"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | streams,
    )


def test_ctrl_c_leaves_every_file_whole_and_nothing_beside_them(tmp_path: Path) -> None:
    for number in range(3000):
        (tmp_path / f"{number:04}.yaml").write_text(SECRET)
    first = tmp_path / "0000.yaml"
    with start("--in-place", tmp_path) as process:
        eventually(lambda: "SealedSecret" in first.read_text(), timeout=60, what="the first file is sealed")
        process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate(timeout=60)
    assert process.returncode == ExitStatus.INTERRUPTED
    assert stdout == b""
    assert b"Traceback" not in stderr
    files = files_below(tmp_path)
    assert len(files) == 3000
    untouched = [name for name, content in files.items() if content == SECRET.encode()]
    sealed = [name for name, content in files.items() if is_sealed(content)]
    assert len(untouched) + len(sealed) == 3000
    assert untouched, "it was through before it could be stopped"
    assert stderr.count(b": sealed team-a/db (strict)") == len(sealed)
    assert stderr.endswith(f"\nstopped: {len(sealed):,} files done, {len(untouched):,} as they were\n".encode())


def is_sealed(content: bytes) -> bool:
    return b"kind: SealedSecret" in content and content.endswith(b"namespace: team-a\n")


WAITING_LIBRARY = """\
import signal, threading
print(signal.getsignal(signal.SIGINT) is signal.SIG_IGN, flush=True)
threading.Event().wait()
"""


@pytest.fixture
def waiting_library(tmp_path: Path) -> Path:
    """A folder with a library that the commands need and that never comes to its end while it is imported."""
    (tmp_path / "cryptography").mkdir()
    (tmp_path / "cryptography" / "__init__.py").write_text(WAITING_LIBRARY)
    return tmp_path


SCRIPT = str(Path(sys.executable).with_name("sealwright"))
STARTS = [[SCRIPT, "--help"], [*COMMAND, "--help"], [KUBESEAL, "--help"]]


@pytest.mark.parametrize("command", STARTS, ids=["sealwright", "python -m", "kubeseal"])
def test_ctrl_c_while_libraries_are_imported_ends_it_quietly(command: list[str], waiting_library: Path) -> None:
    variables = environment(PYTHONPATH=str(waiting_library))
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=variables) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"False\n"
        process.send_signal(signal.SIGINT)
        _, stderr = process.communicate(timeout=60)
    assert (process.returncode, stderr) == (ExitStatus.INTERRUPTED, b"")


@pytest.mark.parametrize("command", STARTS, ids=["sealwright", "python -m", "kubeseal"])
def test_ctrl_c_is_not_heard_by_those_who_were_started_deaf_to_it(command: list[str], waiting_library: Path) -> None:
    """So are the background jobs of a shell, which must outlive a Ctrl-C in front of it."""
    variables = environment(PYTHONPATH=str(waiting_library))
    deaf = ["sh", "-c", 'trap "" INT; exec "$@"', "sh", *command]
    with subprocess.Popen(deaf, stdout=subprocess.PIPE, env=variables) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"True\n"
        process.kill()


@pytest.mark.parametrize(
    ("number", "status"),
    [(signal.SIGINT, ExitStatus.INTERRUPTED), (signal.SIGTERM, 128 + 15), (signal.SIGHUP, 128 + 1)],
)
def test_a_signal_while_waiting_for_input_ends_it_quietly(number: signal.Signals, status: int) -> None:
    with start(stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        process.stdin.write(b"kind: ")
        process.stdin.flush()
        eventually(lambda: is_reading(process.pid), timeout=60, what="the command reads its input")
        end_quietly(process, number)
    assert process.returncode == status


def test_a_closed_terminal_does_not_end_what_was_started_by_nohup() -> None:
    command = ["sh", "-c", 'trap "" HUP; exec "$@"', "sh", *COMMAND, "seal", "--cert", str(CERTIFICATE)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment()) as process:
        assert process.stdin is not None
        process.stdin.write(SECRET.encode())
        process.stdin.flush()
        eventually(lambda: is_reading(process.pid), timeout=60, what="the command reads its input")
        process.send_signal(signal.SIGHUP)
        stdout, _ = process.communicate(timeout=60)
    assert process.returncode == ExitStatus.OK
    assert b"kind: SealedSecret" in stdout


def end_quietly(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    process.send_signal(number)
    process.wait(timeout=60)
    assert process.stderr is not None
    assert process.stderr.read() == b""


def is_reading(pid: int) -> bool:
    """Tell whether a process is blocked in read(0, …), system call 0 of x86-64 and 63 of arm64."""
    return waits_in(pid) in (["0", "0x0"], ["63", "0x0"])


def is_writing(pid: int) -> bool:
    """Tell whether a process is blocked in write(1, …), system call 1 of x86-64 and 64 of arm64."""
    return waits_in(pid) in (["1", "0x1"], ["64", "0x1"])


def waits_in(pid: int) -> list[str]:
    """Return the number and the first argument of the system call in which a process is blocked."""
    try:
        return Path(f"/proc/{pid}/syscall").read_text().split()[:2]
    except (PermissionError, FileNotFoundError):
        pytest.skip("cannot see here what the command waits for")


def test_a_reader_that_goes_away_is_no_reason_to_complain(tmp_path: Path) -> None:
    # More than a pipe holds, so that the command is still writing when the reader has gone.
    many = "---\n".join([SECRET.replace("horse", "horse" * 10_000)] * 50)
    (tmp_path / "many.yaml").write_text(many)
    with start(tmp_path / "many.yaml") as process:
        assert process.stdout is not None
        assert process.stdout.read(1) == b"-"
        process.stdout.close()
        assert process.stderr is not None
        assert process.stderr.read() == b""
    assert process.returncode == ExitStatus.CLOSED_PIPE


@pytest.mark.parametrize("buffering", [{}, {"PYTHONUNBUFFERED": "1"}], ids=["buffered", "unbuffered"])
@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, ExitStatus.INTERRUPTED), (signal.SIGTERM, 128 + 15)])
def test_a_reader_that_reads_no_more_keeps_nobody_waiting(
    number: signal.Signals, status: int, buffering: dict[str, str]
) -> None:
    reading, writing = os.pipe()
    fill(writing)
    with start(stdin=subprocess.PIPE, stdout=writing, env=environment(**buffering)) as process:
        assert process.stdin is not None
        process.stdin.write(SECRET.encode())
        process.stdin.close()
        eventually(lambda: is_writing(process.pid), timeout=60, what="the command writes its result")
        end_quietly(process, number)
    assert process.returncode == status
    os.close(reading)
    os.close(writing)


def fill(pipe: int) -> None:
    os.set_blocking(pipe, False)
    with contextlib.suppress(BlockingIOError):
        while os.write(pipe, b"x"):
            pass
    os.set_blocking(pipe, True)


WORDS = [[*COMMAND, "--help"], [*COMMAND, "seal", "--help"], [*COMMAND, "--version"], [KUBESEAL, "--help"]]
WORDS += [[KUBESEAL, "--version"], [*COMMAND, "--show-completion", "bash"]]


def run_into(stdout: int, command: list[str]) -> subprocess.CompletedProcess[bytes]:
    """Run a command to its end with a file descriptor as its standard output."""
    variables = environment(_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION="1")
    return subprocess.run(command, stdout=stdout, stderr=subprocess.PIPE, env=variables, check=False)


@pytest.mark.parametrize("command", WORDS, ids=lambda command: " ".join(command[-2:]))
def test_words_into_a_closed_pipe_are_silent(command: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = run_into(writing, command)
    os.close(writing)
    assert (done.returncode, done.stderr) == (ExitStatus.CLOSED_PIPE, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("command", WORDS, ids=lambda command: " ".join(command[-2:]))
def test_words_onto_a_full_disk_are_an_error(command: list[str]) -> None:
    with Path("/dev/full").open("wb") as full:
        done = run_into(full.fileno(), command)
    assert done.returncode == ExitStatus.OUTPUT
    assert done.stderr.startswith(b"error: standard output: no space left on device\n")
    assert b"Traceback" not in done.stderr
    assert b"Exception ignored" not in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_messages_onto_a_full_disk_change_no_status() -> None:
    with Path("/dev/full").open("wb") as full:
        for arguments in (["bogus"], ["seal", "--scope", "x"], []):
            done = subprocess.run([*COMMAND, *arguments], stderr=full, env=environment(), check=False)
            assert done.returncode == ExitStatus.USAGE


@pytest.mark.parametrize("verb", ["seal", "raw", "unseal", "verify", "render", "reencrypt", "merge", "kubeseal"])
def test_a_closed_standard_input_is_no_empty_one(verb: str, tmp_path: Path) -> None:
    (tmp_path / "db.json").write_text(json.dumps(sealed_secret()))
    sealing, opening = f"--cert {CERTIFICATE}", f"--key {PRIVATE_KEY}"
    options = {
        "seal": sealing,
        "raw": f"{sealing} --name a --namespace b",
        "unseal": opening,
        "reencrypt": f"{sealing} {opening}",
        "merge": f"{sealing} {tmp_path / 'db.json'}",
    }
    command = f"{' '.join(COMMAND)} {verb} {options.get(verb, '')}" if verb != "kubeseal" else f"{KUBESEAL} {sealing}"
    done = subprocess.run(f"{command} <&-", shell=True, env=environment(), capture_output=True, check=False)
    assert (done.returncode != 0, done.stdout) == (True, b"")
    assert b"standard input: it is closed" in done.stderr


@pytest.mark.parametrize("closed", ["<&-", "2>&-", ">&-"])
def test_closed_standard_streams_make_no_traceback(closed: str, tmp_path: Path) -> None:
    (tmp_path / "secret.yaml").write_text(SECRET)
    source = "" if closed == "<&-" else str(tmp_path / "secret.yaml")
    done = subprocess.run(
        f"{' '.join(COMMAND)} seal --cert {CERTIFICATE} {source} {closed}",
        shell=True,
        env=environment(),
        capture_output=True,
        check=False,
    )
    expected = {"<&-": ExitStatus.INPUT, "2>&-": ExitStatus.OK, ">&-": ExitStatus.OUTPUT}[closed]
    assert b"Traceback" not in done.stderr
    assert done.returncode == expected, done.stderr


def test_a_full_disk_leaves_no_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_space(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", no_space)
    (tmp_path / "in" / "deep").mkdir(parents=True)
    (tmp_path / "in" / "deep" / "db.yaml").write_text(SECRET)
    request = CertificateRequest(source=str(CERTIFICATE))
    options = seal_command.SealOptions([str(tmp_path / "in")], request, output_dir=tmp_path / "out")
    console = recording_console()
    status = seal_command.seal(options, console, now=datetime(2026, 1, 1, tzinfo=UTC), clock=time.monotonic)
    assert status == ExitStatus.OUTPUT
    assert "deep/db.yaml: cannot be written: no space left on device" in console.stderr.getvalue()
    assert [path.name for path in tmp_path.iterdir()] == ["in"]


@pytest.mark.parametrize("is_written", [True, False])
def test_ctrl_c_between_the_writing_of_a_file_and_the_next_tells_what_was_sealed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_written: bool
) -> None:
    def write_and_be_stopped(path: Path, content: bytes, **options: Any) -> None:
        if is_written:
            disk.write_file(path, content, **options)
        raise KeyboardInterrupt

    monkeypatch.setattr(filesealing, "write_file", write_and_be_stopped)
    (tmp_path / "db.yaml").write_text(SECRET)
    console = recording_console()
    request = CertificateRequest(source=str(CERTIFICATE))
    options = seal_command.SealOptions([str(tmp_path / "db.yaml")], request, in_place=True)
    with pytest.raises(KeyboardInterrupt):
        seal_command.seal(options, console, now=datetime(2026, 1, 1, tzinfo=UTC), clock=time.monotonic)
    assert ("sealed team-a/db (strict)" in console.stderr.getvalue()) is is_written
