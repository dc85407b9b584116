"""The command line as a whole: help, version, completion, statuses, and what it loads."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.cli import CERTIFICATE, SECRET, environment, sealwright
from tests.support.repository import PACKAGES, ROOT
from tools.pages.cli_reference import REFERENCE, VERBS, pages

from sealwright_cli.front.index import GROUPS
from sealwright_cli.messages.exitcodes import ExitStatus
from sealwright_crypto import __version__


def test_the_reference_pages_say_what_help_says() -> None:
    written = [REFERENCE / "sealwright.md", *(REFERENCE / "sealwright").iterdir()]
    found = {page: page.read_text(encoding="utf-8") for page in written}
    assert found == pages(), "run: python -m tools.pages.cli_reference"


@pytest.mark.parametrize("verb", [*VERBS, "cert fetch", "cert show", ""])
def test_help_ends_with_an_example_and_is_as_wide_as_the_terminal(verb: str) -> None:
    run = sealwright(*verb.split(), "-h", env={"COLUMNS": "140"})
    assert run.status == ExitStatus.OK
    lines = run.stdout.decode().rstrip().splitlines()
    example = lines[lines.index("Examples:") + 1 :]
    assert example
    assert all(line.startswith("  ") for line in example)
    assert f"sealwright {verb}".rstrip() in " ".join(example)
    assert 98 < max(map(len, lines)) <= 140 or verb in ("", *GROUPS)
    narrow = sealwright(*verb.split(), "--help", env={"COLUMNS": "60"}).stdout.decode()
    assert max(len(line) for line in narrow.partition("Examples:")[0].splitlines()) <= 78


@pytest.mark.parametrize("verb", ["seal", "merge", "reencrypt"])
def test_options_stand_in_groups(verb: str) -> None:
    lines = sealwright(verb, "--help").stdout.decode().splitlines()
    titles = [line for line in lines if line.endswith(":") and not line.startswith(" ")]
    assert titles == ["What:", "Where to:", "Certificate:", "Cluster:", "Other:", "Examples:"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["seal", "-n", "a", "--namespace=b"],
        ["raw", "--cert=dev.pem", "--cert=prod.pem"],
        ["reencrypt", "--kubeconfig", "a", "--kubeconfig", "b"],
        ["unseal", "-w", "a", "--output", "b"],
    ],
    ids=" ".join,
)
def test_an_option_with_one_value_may_be_given_once(arguments: list[str]) -> None:
    run = sealwright(*arguments, stdin=SECRET)
    assert (run.status, run.stdout) == (ExitStatus.USAGE, b"")
    assert "is given 2 times\nhint: give it once" in run.stderr
    assert "prod.pem" not in run.stderr


def test_flags_and_options_with_several_values_may_be_repeated() -> None:
    pin = "0" * 64
    run = sealwright("seal", "-q", "-q", "--cert", CERTIFICATE, "--cert-fingerprint", pin, "--cert-fingerprint", pin)
    assert run.status == ExitStatus.CERTIFICATE


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("validate", "sealwright verify"),
        ("rotate", "sealwright reencrypt"),
        ("re-encrypt", "sealwright reencrypt"),
        ("decrypt", "sealwright unseal"),
        ("encrypt", "sealwright seal"),
        ("Encrypt", "sealwright seal"),
        ("--validate", "sealwright verify"),
        ("--re-encrypt", "sealwright reencrypt"),
        ("--fetch-cert", "sealwright cert fetch"),
        ("--raw", "sealwright raw"),
    ],
)
def test_the_verbs_of_other_tools_are_known(word: str, meant: str) -> None:
    run = sealwright(word)
    assert run.status == ExitStatus.USAGE
    assert run.stderr.endswith(f"hint: did you mean {meant}\n")


def test_the_old_name_of_an_option_is_still_taken() -> None:
    for name in ("--no-hints", "--no-key-annotation"):
        run = sealwright("seal", "--cert", CERTIFICATE, name, stdin=SECRET)
        assert run.status == ExitStatus.OK
        assert b"key-fingerprints" not in run.stdout
    assert "--no-hints" not in sealwright("seal", "--help").stdout.decode()


def test_every_exit_status_is_documented_once() -> None:
    page = (ROOT / "docs" / "reference" / "exit-codes.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+) \| (\S+) \|", page, re.MULTILINE)
    assert [(int(number), name) for number, name in rows] == [
        (status.value, status.name.lower().replace("_", "-")) for status in ExitStatus
    ]


@pytest.mark.parametrize("word", ["--version", "version"])
def test_the_version_is_told(word: str) -> None:
    assert sealwright(word).stdout.decode() == f"sealwright version: v{__version__}\n"


@pytest.mark.parametrize("words", [[], ["seal"], ["cert"], ["cert", "fetch"]], ids=" ".join)
def test_help_is_a_word_too(words: list[str]) -> None:
    asked = sealwright("help", *words)
    assert (asked.status, asked.stderr) == (0, "")
    assert asked.stdout == sealwright(*words, "--help").stdout
    assert sealwright("help", *words, "--help").stdout == asked.stdout


def test_the_result_of_a_dry_run_is_what_the_hints_say(tmp_path: Path) -> None:
    path = tmp_path / "db.yaml"
    path.write_bytes(sealwright("seal", "--cert", CERTIFICATE, stdin=SECRET).stdout)
    before, secret = path.read_text(), tmp_path / "secret.yaml"
    secret.write_text(SECRET.replace("password", "user"))
    for words in (["unset", "-", "password"], ["rename", "-", "password", "pass"]):
        assert sealwright(*words, stdin=before).stdout not in (b"", before.encode())
    run = sealwright("merge", path, secret, "--output", "-", "--cert", CERTIFICATE)
    assert b"    user: AQ" in run.stdout
    assert path.read_text() == before


@pytest.mark.parametrize("arguments", [[], ["cert"]])
def test_no_command_at_all_shows_the_help(arguments: list[str]) -> None:
    run = sealwright(*arguments)
    assert (run.status, run.stdout) == (ExitStatus.USAGE, b"")
    assert run.stderr == sealwright(*arguments, "--help").stdout.decode()


FROM_A_URL = (
    "it asks the controller of a cluster; sealwright seal --cert and sealwright cert show take a URL, and "
    "curl -o cert.pem URL saves what is there"
)
USAGE = [
    (["bogus"], "no such command (word 1 after sealwright)", "sealwright --help shows what it takes"),
    (["sel"], "no such command (word 1 after sealwright)", "did you mean 'seal', 'unseal', 'set'"),
    (["--bogus"], "no such option (word 1 after sealwright)", "sealwright --help shows what it takes"),
    (["seal", "--outpt", "x"], "no such option (word 2 after sealwright)", "did you mean --output"),
    (["seal", "--cert"], "option '--cert' requires an argument", "sealwright seal --help shows what it takes"),
    (["cert", "show", "-o"], "option '-o' requires an argument", "sealwright cert show --help shows what it takes"),
    (["seal", "--frobnicate"], "no such option (word 2 after sealwright)", "sealwright seal --help shows what it takes"),
    (["seal", "--quiet=1"], "option '--quiet' does not take a value", "sealwright seal --help shows what it takes"),
    (
        ["raw", "--scope", "planet"],
        "invalid value for '--scope': strict|namespace-wide|cluster-wide is expected",
        "sealwright raw --help shows what it takes",
    ),
    (["merge"], "missing argument 'TARGET'", "sealwright merge --help shows what it takes"),
    (["seal", "--certificate", "c.pem"], "no such option (word 2 after sealwright)", "did you mean --cert, --allow-weak-certificate"),
    (["seal", "--certificate-authorit", "c.pem"], "no such option (word 2 after sealwright)", "did you mean --certificate-authority"),
    (["seal", "--client-ke", "c.pem"], "no such option (word 2 after sealwright)", "did you mean --client-key"),
    (["cert", "fetch", "--cert", "u"], "no such option (word 3 after sealwright)", FROM_A_URL),
    (["cert", "fetch", "http://u"], "sealwright cert fetch: takes no arguments", FROM_A_URL),
    (["-v"], "no such option (word 1 after sealwright)", "did you mean --version"),
    (["cert", "view"], "no such command (word 2 after sealwright)", "did you mean sealwright cert show"),
    (["cert", "cert.pem"], "no such command (word 2 after sealwright)", "did you mean sealwright cert show"),
    (["cert", "get"], "no such command (word 2 after sealwright)", "did you mean sealwright cert fetch"),
    (["list"], "no such command (word 1 after sealwright)", "kubectl get sealedsecrets --all-namespaces lists those of a cluster"),
    (["create", "db", "--from-literal", "a=b"], "no such option (word 3 after sealwright)", "others can see a value on a command line: --prompt KEY asks for it, --from-file KEY=PATH reads it, --generate KEY makes one"),
    (["create", "db", "--from-literal=a=b"], "no such option (word 3 after sealwright)", "others can see a value on a command line: --prompt KEY asks for it, --from-file KEY=PATH reads it, --generate KEY makes one"),
    (["seal", "-f", "x.yaml"], "no such option (word 2 after sealwright)", "files are named without an option: sealwright seal FILE"),
    (["merge", "--filename", "x.yaml"], "no such option (word 2 after sealwright)", "files are named without an option: sealwright merge TARGET FILE"),
    (["raw", "-f", "x"], "no such option (word 2 after sealwright)", "others can see a value on a command line: give it on standard input, or name its file with --from-file"),
    (["seal", "--dry-run=client", "x"], "no such option (word 2 after sealwright)", "without --output, --in-place and --output-dir it prints the result and changes no file"),
    (["set", "db.yaml", "k", "--dry-run"], "no such option (word 4 after sealwright)", "with - in the place of FILE it reads standard input, prints the result and changes no file"),
    (["cert", "check", "--dry-run"], "no such option (word 3 after sealwright)", "it changes no file"),
    (["help", "bogus"], "no such command (word 2 after sealwright)", "sealwright --help shows what it takes"),
    (["version", "bogus"], "no such command (word 1 after sealwright)", "did you mean sealwright --version"),
    (["cert", "show", "a", "b"], "sealwright cert show: too many arguments", "sealwright cert show --help shows what it takes"),
]  # fmt: skip


@pytest.mark.parametrize("arguments", [[], ["cert"]])
def test_no_summary_of_a_command_is_cut_short(arguments: list[str]) -> None:
    page = sealwright(*arguments, "--help", env={"COLUMNS": "80"}).stdout.decode()
    assert "..." not in page.replace("[ARGS]...", "")


@pytest.mark.parametrize(("arguments", "message", "hint"), USAGE, ids=[" ".join(row[0]) for row in USAGE])
def test_a_wrong_command_line_is_told_in_the_voice_of_all_messages(
    arguments: list[str], message: str, hint: str
) -> None:
    run = sealwright(*arguments)
    assert (run.status, run.stdout) == (ExitStatus.USAGE, b"")
    assert run.stderr == f"error: {message}\nhint: {hint}\n"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "powershell"])
def test_completion_is_there_for_every_shell(shell: str) -> None:
    # The shell is found out from the processes around this one unless that is switched off, as Typer's own tests do.
    run = sealwright("--show-completion", shell, env={"_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"})
    assert run.status == ExitStatus.OK, run.stderr
    assert "_SEALWRIGHT_COMPLETE" in run.stdout.decode()


def test_completion_completes() -> None:
    variables = {"_SEALWRIGHT_COMPLETE": "complete_bash", "COMP_WORDS": "sealwright unsea", "COMP_CWORD": "1"}
    assert sealwright(env=variables).stdout.decode().split() == ["unseal"]


def loaded_by(*arguments: str, stdin: str) -> set[str]:
    """Return the top-level modules that a run in a process of its own has loaded at its end."""
    program = (
        "import os, sys\n"
        "told = os.fdopen(os.dup(2), 'w')  # main lets go of its own at its end\n"
        "from sealwright_cli.app import main\n"
        f"sys.argv = {['sealwright', *arguments]!r}\n"
        "try: main()\n"
        "finally: print(*sorted({name.partition('.')[0] for name in sys.modules}), file=told)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], input=stdin.encode(), capture_output=True, env=environment(), check=True
    )
    return set(done.stderr.decode().split())


SLOW = {"kubernetes", "rich", "httpx", "requests", "urllib3", "websocket", "asyncio", "http", "sealwright_templating"}


@pytest.mark.parametrize(
    "arguments",
    [
        ("seal", "--quiet", "--cert", str(CERTIFICATE)),
        ("raw", "--quiet", "--scope", "cluster-wide", "--cert", str(CERTIFICATE)),
        ("cert", "show", str(CERTIFICATE)),
    ],
    ids=["seal", "raw", "cert show"],
)
def test_a_certificate_that_is_named_needs_no_cluster_client_and_nothing_else_that_is_slow(
    arguments: tuple[str, ...],
) -> None:
    modules = loaded_by(*arguments, stdin=SECRET)
    assert ("yaml" in modules) is (arguments[0] == "seal")
    assert "ruamel" not in modules
    assert modules & SLOW == set()


def test_asking_a_cluster_needs_no_kubernetes_client_either() -> None:
    program = (
        "import sys, sealwright_cli.certificates.fromcluster, sealwright_cli.cluster.podaccess; print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "kubernetes" not in done.stdout.split()


def test_sealing_json_does_without_a_yaml_parser() -> None:
    secret = '{"kind": "Secret", "metadata": {"name": "a", "namespace": "b"}, "data": {"x": "YQ=="}}'
    assert "yaml" not in loaded_by("seal", "--quiet", "--cert", str(CERTIFICATE), stdin=secret)


def test_the_environment_is_read_by_the_process_alone() -> None:
    readers = {
        path.name
        for path in PACKAGES["sealwright_cli"].rglob("*.py")
        if re.search(r"\bos\.environ|\bimport environ|\bgetenv\b", path.read_text(encoding="utf-8"))
    }
    assert readers == {"process.py", "gitrunning.py"}  # which hands it on to git


def test_a_bug_is_told_by_its_class_and_place_and_nothing_that_was_given() -> None:
    program = (
        "import sys\n"
        "from sealwright_cli.sealed import sealing\n"
        "from sealwright_cli.app import main\n"
        "def fail(secret, *_):\n"
        "    raise ValueError(f'a library quotes {secret.items}')\n"
        "sealing.scope_of = fail\n"
        f"sys.argv = ['sealwright', 'seal', '--cert', {str(CERTIFICATE)!r}]\n"
        "main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], input=SECRET, capture_output=True, text=True, env=environment(), check=False
    )
    assert done.returncode == ExitStatus.BUG
    assert done.stderr.startswith("error: a defect of this program: ValueError in sealwright_cli.sealed.sealing, line ")
    assert "hint: report it" in done.stderr
    assert not re.search("Traceback|horse|quotes", done.stderr)
