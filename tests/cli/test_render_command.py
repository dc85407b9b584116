"""`sealwright render` as a process: what templates will make, before anything is deployed."""

import json
import os
import pty
import subprocess
from pathlib import Path

import pytest
from tests.support.builders import sealed_secret
from tests.support.cli import COMMAND, PRIVATE_KEY, Run, environment, sealwright

from sealwright_cli.messages.exitcodes import ExitStatus

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


VALUE = "h0rse-battery"
TELLING = {
    "fail": "{{ fail .password }}",
    "fail with a text around the value": '{{ printf "it is %s" .password | fail }}',
    "a date": '{{ mustToDate "2006" .password }}',
    "JSON": "{{ mustFromJson .password }}",
    "a duration": "{{ durationRound .password | fail }}",
}


@pytest.mark.parametrize("text", TELLING.values(), ids=TELLING)
@pytest.mark.parametrize("source", ["--key", "--with", "--with-file"])
def test_an_error_holds_nothing_made_of_a_value(tmp_path: Path, source: str, text: str) -> None:
    (tmp_path / "value").write_text(VALUE)
    given = {"--key": PRIVATE_KEY, "--with": f"password={VALUE}", "--with-file": f"password={tmp_path / 'value'}"}
    sealed = json.dumps(sealed_secret(items={"password": VALUE.encode()}, template={"data": {"conf": text}}))
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "db.json").write_text(sealed)
    for where in ("-", tmp_path / "folder"):
        run = render(where, source, given[source], "-w", tmp_path / "out", stdin=sealed)
        assert run.status == ExitStatus.INPUT
        assert VALUE not in run.stderr
        assert 'template "conf", line 1, column' in run.stderr
        assert 'function "' in run.stderr
        assert "--to-terminal shows it" in run.stderr
    assert VALUE not in sealwright("unseal", "--key", PRIVATE_KEY, "-w", tmp_path / "out", stdin=sealed).stderr


def test_what_a_function_says_is_shown_on_request() -> None:
    for arguments in (["--with", "user=bob"], ["--key", PRIVATE_KEY, "--with", "user=bob"]):
        run = render(*arguments, "--to-terminal", stdin=manifest({"conf": "{{ fail .user }}"}))
        assert run.status == ExitStatus.INPUT
        assert "    bob" in run.stderr.splitlines()


def test_without_values_what_fail_says_is_shown() -> None:
    assert "    no <user>" in render(stdin=manifest({"conf": '{{ fail (print "no " .user) }}'})).stderr.splitlines()


@pytest.mark.parametrize("value", ["abc{{h0rse-battery", "{{ h0rse }}", '{{ fail "h0rse" }}', "{{ .a.h0rse }}"])
def test_an_error_about_a_text_in_a_secret_quotes_nothing_of_it(value: str) -> None:
    secret = json.dumps({"kind": "Secret", "metadata": {"name": "db"}, "stringData": {"a": "x", "pw": value}})
    run = render(stdin=secret)
    assert run.status == ExitStatus.INPUT
    assert "h0rse" not in run.stderr
    assert "error: standard input: Secret db: item pw " in run.stderr
    assert "line 1, column" in run.stderr
    assert "h0rse" in render("--to-terminal", stdin=secret).stderr


@pytest.mark.parametrize(
    ("arguments", "stdin", "status", "words"),
    [
        (["--with", "user"], "", ExitStatus.USAGE, "--with: no = between a key and its value"),
        (["--with-file", "user=/gone"], "", ExitStatus.INPUT, "file 1 of --with-file: no such file"),
        (["--only", "gone"], "", ExitStatus.INPUT, "no template of the name that --only gives in it"),
        ([], "kind: ConfigMap\n", ExitStatus.INPUT, "error: standard input: no template in it"),
        (["--key", "/gone"], "", ExitStatus.CERTIFICATE, "the file that --key names: no such file"),
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
    words = "there is no item of this name, and no template uses it; the items are: password, user"
    assert run.stderr == f"warning: {origin}: {words}\n"


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


@pytest.mark.parametrize(("function", "kind"), [("b64dec", "base64"), ("b32dec", "base32")])
def test_an_error_text_as_output_is_told(function: str, kind: str) -> None:
    text = manifest({"x": f"{{{{ .password | {function} }}}}"})
    told = f"SealedSecret team-a/db: template x holds the error text of {function}: illegal {kind} data"
    run = render(stdin=text)
    assert run.status == ExitStatus.OK
    assert run.stderr == (f"warning: standard input: {told}; <KEY> stands for a value that was not given, see --with\n")
    opened = render("--key", PRIVATE_KEY, stdin=text)
    assert (opened.status, opened.stderr) == (ExitStatus.OK, f"warning: standard input: {told}\n")
    unsealed = sealwright("unseal", "--key", PRIVATE_KEY, stdin=text)
    assert (unsealed.status, f"warning: standard input: {told}\n" in unsealed.stderr) == (ExitStatus.OK, True)


def test_unseal_tells_of_an_item_that_does_not_exist_too() -> None:
    run = sealwright("unseal", "--key", PRIVATE_KEY, stdin=manifest({"x": "{{ .nope }}"}))
    assert run.status == ExitStatus.OK
    assert "SealedSecret team-a/db: template x uses an item that does not exist: <no value>\n" in run.stderr
