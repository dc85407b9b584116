"""`sealwright raw` as a process: one value in, one line out."""

import os
import subprocess
from pathlib import Path

import pytest
from tests.support.builders import keyring, sealing_key
from tests.support.cli import CERTIFICATE, COMMAND, Run, environment, kubeseal, sealwright

from sealwright_cli.messages.exitcodes import ExitStatus
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
        f"sealed for {told} with key {sealing_key().fingerprint[:32]}; "
        f"paste it as spec.encryptedData.KEY of the SealedSecret{' team-a/db' * ('(strict)' in told)}\n"
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
        (["-n", "team-a"], ExitStatus.USAGE, "hint: give --name\n"),
        (["--name", "db"], ExitStatus.USAGE, "hint: give --namespace\n"),
        (["--scope", "namespace-wide"], ExitStatus.USAGE, "namespace-wide scope needs a namespace"),
        (["-n", "a", "--name", "a/b"], ExitStatus.USAGE, "no object can have this name"),
        (["--scope", "cluster-wide", "--from-file", "gone.txt"], ExitStatus.INPUT, "gone.txt: no such file"),
        (["--scope", "planet-wide"], ExitStatus.USAGE, "strict|namespace-wide|cluster-wide is expected"),
        (
            ["a value"],
            ExitStatus.USAGE,
            "sealwright raw: takes no arguments\nhint: give the value on standard input",
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


VALUES = {
    "echo": (b"hunter2\n", "warning: the value ends with a line break, which is sealed too; printf writes none\n"),
    "echo of Windows": (b"hunter2\r\n", "warning: the value ends with a line break"),
    "nothing": (b"", "warning: the value is empty\n"),
    "printf": (b"hunter2", ""),
    "a file of lines": (b"-----BEGIN X-----\n-----END X-----\n", ""),
    "line breaks within": (b"a\nb", ""),
}


@pytest.mark.parametrize("case", VALUES)
def test_what_is_rarely_meant_is_warned_of_and_sealed_as_it_is(case: str) -> None:
    value, words = VALUES[case]
    for run in (
        raw("--scope", "cluster-wide", stdin=value),
        kubeseal("--cert", CERTIFICATE, "--raw", "--scope", "cluster-wide", stdin=value),
    ):
        assert run.status == ExitStatus.OK
        assert words in run.stderr
        assert ("warning" in run.stderr) is bool(words)
        opened = keyring().open(run.stdout.decode().strip(), label_for(Scope.CLUSTER_WIDE, "", ""))
        assert opened.plaintext == value


def test_a_file_may_end_so(tmp_path: Path) -> None:
    (tmp_path / "value").write_bytes(b"line\n")
    assert "warning" not in raw("--scope", "cluster-wide", "--from-file", tmp_path / "value").stderr


@pytest.mark.parametrize("arguments", [["-n", "Team_A"], ["--name", "a/b"], ["--name", "-x"], ["-n", "a.b"]])
def test_names_that_no_object_can_have_are_refused_and_not_repeated(arguments: list[str]) -> None:
    run = raw(*arguments, stdin="v")
    assert (run.status, run.stdout) == (ExitStatus.USAGE, b"")
    assert "can have this name" in run.stderr
    assert not any(word in run.stderr for word in ("Team_A", "a/b", "-x", "a.b"))


def test_a_missing_namespace_is_asked_for_and_no_wider_scope_is_offered() -> None:
    run = raw("--name", "db", stdin="v")
    assert run.status == ExitStatus.USAGE
    assert "hint: give --namespace\n" in run.stderr
    assert "wide" not in run.stderr
