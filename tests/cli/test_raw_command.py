"""`sealwright raw` as a process: one value in, one line out."""

import os
import subprocess
from pathlib import Path

import pytest
from tests.support.builders import keyring, sealing_key
from tests.support.cli import CERTIFICATE, COMMAND, Run, environment, sealwright

from sealwright_cli.exitcodes import ExitStatus
from sealwright_crypto import Scope, label_for


def raw(*arguments: str | Path, stdin: str | bytes = b"") -> Run:
    return sealwright("raw", "--cert", CERTIFICATE, *arguments, stdin=stdin)


@pytest.mark.parametrize(
    ("arguments", "label", "told"),
    [
        (["--name", "db", "-n", "team-a"], (Scope.STRICT, "team-a", "db"), "team-a/db (strict)"),
        (
            ["-n", "team-a", "--scope", "namespace-wide"],
            (Scope.NAMESPACE_WIDE, "team-a", ""),
            "any name in namespace team-a (namespace-wide)",
        ),
        (["--scope", "cluster-wide", "--name", "db"], (Scope.CLUSTER_WIDE, "", ""), "any place (cluster-wide)"),
    ],
)
def test_a_value_is_sealed_byte_for_byte(arguments: list[str], label: tuple[Scope, str, str], told: str) -> None:
    value = "\ufeffčaj\n".encode() + bytes(range(256))
    run = raw(*arguments, stdin=value)
    assert run.status == ExitStatus.OK, run.stderr
    (line,) = run.stdout.decode().splitlines()
    assert keyring().open(line, label_for(*label)).plaintext == value
    assert run.stderr == (
        f"sealed for {told} with key {sealing_key().fingerprint[:32]}; it goes under spec.encryptedData\n"
    )


def test_an_empty_value_is_a_value() -> None:
    run = raw("--scope", "cluster-wide", "--quiet")
    assert keyring().open(run.stdout.decode().strip(), label_for(Scope.CLUSTER_WIDE, "", "")).plaintext == b""
    assert run.stderr == ""


def test_the_value_may_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "value").write_bytes(b"from a file\n")
    run = raw("--scope", "cluster-wide", "--from-file", tmp_path / "value", stdin="not this")
    opened = keyring().open(run.stdout.decode().strip(), label_for(Scope.CLUSTER_WIDE, "", ""))
    assert opened.plaintext == b"from a file\n"


def test_the_ciphertext_may_go_to_a_file(tmp_path: Path) -> None:
    run = raw("--scope", "cluster-wide", "-w", tmp_path / "out", stdin="value")
    assert (run.status, run.stdout) == (ExitStatus.OK, b"")
    opened = keyring().open((tmp_path / "out").read_text().strip(), label_for(Scope.CLUSTER_WIDE, "", ""))
    assert opened.plaintext == b"value"


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["-n", "team-a"], ExitStatus.USAGE, "hint: give --name, or choose a wider --scope"),
        (["--name", "db"], ExitStatus.USAGE, "hint: give --namespace, or choose a wider --scope"),
        (["--scope", "namespace-wide"], ExitStatus.USAGE, "namespace-wide scope needs a namespace"),
        (["-n", "a", "--name", "a/b"], ExitStatus.USAGE, "slash"),
        (["--scope", "cluster-wide", "--from-file", "gone.txt"], ExitStatus.INPUT, "gone.txt: no such file"),
        (["--scope", "planet-wide"], ExitStatus.USAGE, "strict|namespace-wide|cluster-wide is expected"),
        (
            ["a value"],
            ExitStatus.USAGE,
            "sealwright raw: takes no arguments\nhint: a value is no argument: give it on standard input",
        ),
    ],
)
def test_what_is_missing_is_told(arguments: list[str], status: ExitStatus, words: str) -> None:
    run = raw(*arguments, stdin="value")
    assert (run.status, run.stdout) == (status, b"")
    assert words in run.stderr


@pytest.mark.skipif(os.name == "nt", reason="Windows has no pseudo-terminals to test with")
def test_on_a_terminal_the_value_is_asked_for_and_not_shown() -> None:
    leader, follower = os.openpty()
    with os.fdopen(leader, "r+b", buffering=0) as keyboard, os.fdopen(follower, "r+b", buffering=0) as terminal:
        process = subprocess.Popen(
            [*COMMAND, "raw", "--cert", str(CERTIFICATE), "--scope", "cluster-wide"],
            stdin=terminal,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment(),
            start_new_session=True,
        )
        with process:
            assert process.stderr is not None
            seen = b""
            while b"value to seal (not shown): " not in seen:
                seen += process.stderr.read1(4096)
            keyboard.write(b"typed by hand\n")
            stdout, stderr = process.communicate()
        assert process.returncode == ExitStatus.OK, stderr
        terminal.write(b"(end)\n")
        echoed = b""
        while b"(end)" not in echoed:
            echoed += keyboard.read(65536)
    assert b"typed by hand" not in echoed
    assert keyring().open(stdout.decode().strip(), label_for(Scope.CLUSTER_WIDE, "", "")).plaintext == b"typed by hand"
