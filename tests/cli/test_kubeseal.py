"""`sealwright-kubeseal` as a process: what the recorded corpus does not show."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from tests.support import independent
from tests.support.cli import (
    CERTIFICATE,
    KUBESEAL,
    PRIVATE_KEY,
    SECRET,
    Run,
    environment,
    files_below,
    kubeseal,
    run_command,
)

from sealwright_cli.messages.exitcodes import ExitStatus

SEALED = """\
apiVersion: bitnami.com/v1alpha1
kind: SealedSecret
metadata:
  name: db
  namespace: team-a
spec:
  encryptedData: {}
"""


def sealing(*arguments: str | Path, stdin: str | bytes = b"", cwd: Path | None = None) -> Run:
    return kubeseal("--cert", CERTIFICATE, *arguments, stdin=stdin, cwd=cwd)


NOTHING_DONE = [
    ("empty input", [], "", ExitStatus.INPUT, "no Secret in it"),
    ("two documents, the second broken", [], f"{SECRET}---\nkind: [\n", ExitStatus.INPUT, "document 2: line"),
    (
        "two documents, the second without a name",
        ["-w", "out.yaml"],
        f"{SECRET}---\nkind: Secret\ndata: {{a: Yg==}}\n",
        ExitStatus.INPUT,
        "document 2",
    ),
    ("a folder as -f", ["-f", "folder"], "", ExitStatus.INPUT, "--secret-file folder: is a directory"),
    ("a missing -f", ["-f", "gone.yaml"], "", ExitStatus.INPUT, "--secret-file gone.yaml: no such file"),
    ("a target that is none", ["--merge-into", "secret.yaml"], SECRET, ExitStatus.INPUT, "no SealedSecret in it"),
    ("an empty target", ["--merge-into", "empty.yaml"], SECRET, ExitStatus.INPUT, "empty.yaml: no SealedSecret"),
    ("a bare map as target", ["--merge-into", "bare.yaml"], SECRET, ExitStatus.INPUT, "bare.yaml: no SealedSecret"),
    ("a missing target", ["--merge-into", "gone.yaml"], SECRET, ExitStatus.INPUT, "gone.yaml: no such file"),
    ("a folder as target", ["--merge-into", "folder"], SECRET, ExitStatus.INPUT, "folder: is a folder"),
    ("a namespace that disagrees", ["-n", "team-b"], SECRET, ExitStatus.INPUT, "is team-a, --namespace is team-b"),
    (
        "a namespace that disagrees with the target",
        ["--merge-into", "sealed.yaml", "-n", "b"],
        SECRET,
        3,
        "is team-a, --namespace is b",
    ),
    ("raw without a name", ["--raw", "-n", "a"], "value", ExitStatus.USAGE, "strict scope needs a name"),
    ("an output folder that is not there", ["-w", "no/such/out.yaml"], SECRET, ExitStatus.OUTPUT, "no/such/out.yaml"),
    ("UTF-16", [], SECRET.encode("utf-16"), ExitStatus.INPUT, "UTF-16 text"),
    ("a List", [], "kind: List\nitems: []\n", ExitStatus.INPUT, "kind List"),
    ("an unknown format", ["-o", "toml"], SECRET, ExitStatus.USAGE, "--format: unsupported output format toml"),
    ("a file for --raw without it", ["--from-file", "value"], "", ExitStatus.USAGE, "--from-file requires --raw"),
    ("recovery without a key", ["--recovery-unseal"], SEALED, ExitStatus.USAGE, "needs a private key"),
]


@pytest.mark.parametrize(
    ("arguments", "stdin", "status", "words"), [row[1:] for row in NOTHING_DONE], ids=[row[0] for row in NOTHING_DONE]
)
def test_bad_input_gets_one_clear_line_and_nothing_is_written(
    tmp_path: Path, arguments: list[str], stdin: str | bytes, status: int, words: str
) -> None:
    (tmp_path / "folder").mkdir()
    contents = {"secret.yaml": SECRET, "empty.yaml": "", "bare.yaml": "a: b\n", "sealed.yaml": SEALED, "value": "v"}
    for name, content in contents.items():
        (tmp_path / name).write_text(content)
    before = files_below(tmp_path)
    run = sealing(*arguments, stdin=stdin, cwd=tmp_path)
    assert (run.status, run.stdout) == (status, b"")
    (line,) = [line for line in run.stderr.splitlines() if line.startswith("error: ")]
    assert words in line
    assert "Traceback" not in run.stderr
    assert files_below(tmp_path) == before


def test_a_private_key_is_no_certificate() -> None:
    run = kubeseal("--cert", PRIVATE_KEY, stdin=SECRET)
    assert (run.status, run.stdout) == (ExitStatus.CERTIFICATE, b"")
    assert "no PEM CERTIFICATE block" in run.stderr


def test_what_it_seals_an_independent_program_opens() -> None:
    run = sealing(stdin=SECRET)
    (item,) = run.json["spec"]["encryptedData"].values()
    key = load_pem_private_key(PRIVATE_KEY.read_bytes(), None)
    assert isinstance(key, RSAPrivateKey)
    assert independent.open_item(item, key, b"team-a/db") == b"correct horse"


def test_success_is_silent() -> None:
    assert sealing(stdin=SECRET).stderr == ""


def test_sealing_with_a_certificate_does_not_import_the_kubernetes_client() -> None:
    program = (
        "import os, sys; from sealwright_cli.kubeseal.front import main\n"
        "told = os.fdopen(os.dup(2), 'w')  # main lets go of its own at its end\n"
        "try: main()\n"
        "except SystemExit as stop: code = stop.code\n"
        "heavy = {'kubernetes', 'urllib3', 'typer', 'rich', 'prometheus_client', 'structlog'} & set(sys.modules)\n"
        "print(code, sorted(heavy), file=told)\n"
    )
    run = run_command([sys.executable, "-c", program, "--cert", str(CERTIFICATE)], SECRET)
    assert run.stderr.splitlines()[-1] == "0 []"


@pytest.mark.parametrize(("arguments", "starts"), [(["--help"], b"Usage: kubeseal"), (["-h"], b"Usage: kubeseal")])
def test_help_is_on_standard_output(arguments: list[str], starts: bytes) -> None:
    run = kubeseal(*arguments)
    assert run.status == 0
    assert run.stdout.startswith(starts)


def test_surplus_arguments_are_told_of() -> None:
    run = sealing("--allow-empty-data", "false", stdin=SECRET)
    assert run.status == 0
    assert run.stderr == "warning: kubeseal takes no arguments; ignored 1 argument\n"


def test_a_recovered_secret_is_written_for_its_owner_alone(tmp_path: Path) -> None:
    sealed = sealing(stdin=SECRET).stdout
    run = kubeseal(
        "--recovery-unseal", "--recovery-private-key", PRIVATE_KEY, "-w", "out.yaml", stdin=sealed, cwd=tmp_path
    )
    assert run.status == 0, run.stderr
    assert (tmp_path / "out.yaml").stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for one process")
def test_ctrl_c_leaves_nothing(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [KUBESEAL, "--cert", str(CERTIFICATE), "-w", "out.yaml", "-v", "1", "unused"],
        cwd=tmp_path,
        env=environment(),
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    with process:
        assert process.stderr is not None
        process.stderr.readline()  # the word on the surplus argument: from now on it waits for input
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == ExitStatus.INTERRUPTED
        assert b"Traceback" not in process.stderr.read()
    assert files_below(tmp_path) == {}


def test_help_ends_with_an_example_and_is_as_wide_as_the_terminal() -> None:
    for columns in (60, 120):
        lines = kubeseal("--help", COLUMNS=str(columns)).stdout.decode().rstrip().splitlines()
        assert lines[-2] == "Example:"
        assert columns - 8 < max(len(line) for line in lines[:-1]) <= columns


def test_no_hint_names_an_option_of_the_other_command() -> None:
    run = kubeseal("--re-encrypt", stdin=SEALED)
    assert run.status == ExitStatus.INPUT
    assert (
        "hint: name a kubeconfig with --kubeconfig or KUBECONFIG, and one of its contexts with --context\n"
        in run.stderr
    )
