"""`sealwright render` as a process: what templates will make, before anything is deployed."""

import json
import os
import pty
import subprocess
from pathlib import Path

import pytest
from tests.support.builders import sealed_secret
from tests.support.cli import COMMAND, PRIVATE_KEY, Run, environment, sealwright

from sealwright_cli.exitcodes import ExitStatus

TEXTS = {"dsn": "db://{{ .user }}:{{ .password | urlquery }}@{{ .host }}", "host": "db.internal"}


def manifest(texts: dict[str, str] | None = None) -> str:
    items = {"user": b"ann", "password": b"p@ss"}
    return json.dumps(sealed_secret(items=items, template={"data": TEXTS if texts is None else texts}))


def render(*arguments: str | Path, stdin: str = "") -> Run:
    return sealwright("render", *arguments, stdin=stdin or manifest())


RENDERED = [
    ("nothing is given", [], "db://<user>:%3Cpassword%3E@db.internal"),
    ("a value", ["--with", "user=bob"], "db://bob:%3Cpassword%3E@db.internal"),
    ("a value with = in it", ["--with", "user=a=b"], "db://a=b:%3Cpassword%3E@db.internal"),
    ("a value in a file", ["--with-file", "password=value"], "db://<user>:of+the+file%0A@db.internal"),
    ("the private key", ["--key", PRIVATE_KEY], "db://ann:p%40ss@db.internal"),
    (
        "a value goes before what was opened",
        ["--key", PRIVATE_KEY, "--with", "user=bob"],
        "db://bob:p%40ss@db.internal",
    ),
    ("a text of the template is replaced for the others", ["--with", "host=h"], "db://<user>:%3Cpassword%3E@h"),
]


@pytest.mark.parametrize(("arguments", "dsn"), [row[1:] for row in RENDERED], ids=[row[0] for row in RENDERED])
def test_a_template_with_what_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str | Path], dsn: str
) -> None:
    (tmp_path / "value").write_text("of the file\n")
    monkeypatch.chdir(tmp_path)
    run = render("--only", "dsn", *arguments)
    assert (run.status, run.stdout.decode(), run.stderr) == (ExitStatus.OK, dsn, "")


def test_all_templates_are_shown_under_their_keys() -> None:
    assert render().stdout.decode() == (
        "# standard input: SealedSecret team-a/db: dsn\n"
        "db://<user>:%3Cpassword%3E@db.internal\n"
        "# standard input: SealedSecret team-a/db: host\n"
        "db.internal\n"
    )


def test_of_a_secret_what_looks_like_a_template() -> None:
    secret = "kind: Secret\nmetadata: {name: db}\nstringData: {user: ann, dsn: 'db://{{ .user }}@{{ .gone }}'}\n"
    assert render(stdin=secret).stdout == b"# standard input: Secret db: dsn\ndb://ann@<no value>\n"


def test_the_place_of_an_error_is_shown() -> None:
    run = render(stdin=manifest({"conf": "a\nuser: {{ .user | nosuch }}\n", "other": "{{ .x"}))
    assert (run.status, run.stdout) == (ExitStatus.INPUT, b"")
    assert run.stderr.splitlines() == [
        (
            'error: standard input: SealedSecret team-a/db: template "conf", line 2, column 18: '
            'function "nosuch" does not exist'
        ),
        "    user: {{ .user | nosuch }}",
        "                     ^",
        "hint: correct the template at the mark",
        (
            'error: standard input: SealedSecret team-a/db: template "other", line 1, column 1: '
            "this action is not closed: }} is missing"
        ),
        "    {{ .x",
        "    ^",
        "hint: correct the template at the mark",
        "2 errors, nothing written",
    ]


def test_who_holds_the_data_may_see_what_fail_says() -> None:
    run = render("--with", "user=bob", stdin=manifest({"conf": "{{ fail .user }}"}))
    assert run.status == ExitStatus.INPUT
    assert "    bob" in run.stderr.splitlines()


@pytest.mark.parametrize(("options", "is_shown"), [([], False), (["--to-terminal"], True)])
def test_what_fail_says_of_decrypted_values_is_shown_on_request(options: list[str], is_shown: bool) -> None:
    failing = sealed_secret(items={"user": b"hunter2"}, template={"data": {"conf": "{{ fail .user }}"}})
    run = render("--key", PRIVATE_KEY, *options, stdin=json.dumps(failing))
    assert run.status == ExitStatus.INPUT
    assert ("hunter2" in run.stderr) is is_shown
    assert ("--to-terminal shows what it says" in run.stderr) is not is_shown


@pytest.mark.parametrize(
    ("arguments", "stdin", "status", "words"),
    [
        (["--with", "user"], "", ExitStatus.USAGE, "--with: no = between a key and its value"),
        (["--with-file", "user=/gone"], "", ExitStatus.INPUT, "file 1 of --with-file: no such file"),
        (["--only", "gone"], "", ExitStatus.INPUT, "no template of the name that --only gives in it"),
        ([], "kind: ConfigMap\n", ExitStatus.INPUT, "no template in it"),
        (["--key", "/gone"], "", ExitStatus.CERTIFICATE, "the file with the private key: no such file"),
        (["/gone"], "", ExitStatus.INPUT, "argument 1: no such file"),
        (["gone.yaml"], "", ExitStatus.INPUT, "gone.yaml: no such file"),
    ],
)
def test_bad_input(arguments: list[str], stdin: str, status: ExitStatus, words: str) -> None:
    run = render(*arguments, stdin=stdin)
    assert (run.status, run.stdout) == (status, b"")
    assert words in run.stderr


def test_what_was_opened_is_written_for_its_owner_alone(tmp_path: Path) -> None:
    run = render("--key", PRIVATE_KEY, "-w", tmp_path / "out")
    assert run.status == ExitStatus.OK, run.stderr
    assert (tmp_path / "out").stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(os.name == "nt", reason="Windows has no pseudo-terminals to test with")
@pytest.mark.parametrize(("arguments", "status"), [([], ExitStatus.REFUSED), (["--to-terminal"], ExitStatus.OK)])
def test_what_was_opened_is_not_shown_on_a_terminal_unasked(
    tmp_path: Path, arguments: list[str], status: ExitStatus
) -> None:
    (tmp_path / "db.json").write_text(manifest())
    leader, follower = pty.openpty()
    with os.fdopen(leader, "rb", buffering=0), os.fdopen(follower, "wb", buffering=0) as terminal:
        command = [*COMMAND, "render", str(tmp_path / "db.json"), "--key", str(PRIVATE_KEY), *arguments]
        done = subprocess.run(command, stdout=terminal, stderr=subprocess.PIPE, env=environment(), check=False)
    assert done.returncode == status, done.stderr


def test_sealing_a_secret_makes_no_templates_which_is_told() -> None:
    text = "kind: Secret\napiVersion: v1\nmetadata: {name: a, namespace: b}\nstringData: {x: '{{ .k }}', k: z}\n"
    run = sealwright("render", "--only", "x", stdin=text)
    assert (run.status, run.stdout) == (ExitStatus.OK, b"z")
    assert "warning: standard input: Secret b/a: sealing deploys x as literal text" in run.stderr
    assert "spec.template.data" in run.stderr


@pytest.mark.parametrize(
    ("arguments", "origin"),
    [
        (["--with", "pasword=p"], "value 1 of --with"),
        (["--with", "user=p", "--with", "passwor=x"], "value 2 of --with"),
        (["--with-file", "pass=/dev/null"], "file 1 of --with-file"),
    ],
)
def test_a_value_that_nothing_uses_is_told(arguments: list[str], origin: str) -> None:
    run = render("--only", "dsn", *arguments)
    assert run.status == ExitStatus.OK
    assert run.stderr == f"warning: {origin}: there is no item of this name, and no template uses it\n"


@pytest.mark.parametrize("text", ["{{ .new }}", '{{ index . "new" }}', "{{ with .new }}{{ . }}{{ end }}"])
def test_a_value_for_what_a_template_names_is_used(text: str) -> None:
    run = render("--with", "new=v", stdin=manifest({"x": text}))
    assert (run.status, run.stderr) == (ExitStatus.OK, "")


def test_no_value_is_told_with_the_template() -> None:
    run = render(stdin=manifest({"conf": "{{ .nope }}", "good": "{{ .user }}", "meant": "<no value>"}))
    assert run.status == ExitStatus.OK
    assert run.stderr == (
        "warning: standard input: SealedSecret team-a/db: template conf uses an item that does not exist: <no value>\n"
    )
