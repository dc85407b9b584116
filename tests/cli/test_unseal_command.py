"""`sealwright unseal` as a process: recovery, and what it takes care not to show."""

import base64
import contextlib
import json
import os
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest
from tests.support.builders import other_sealing_key, sealed_secret, sealing_key
from tests.support.cli import CERTIFICATE, COMMAND, PRIVATE_KEY, SECRET, environment, seal, sealwright, unseal

from sealwright_cli.messages.exitcodes import ExitStatus

with contextlib.suppress(ImportError):  # Windows has neither, and no pseudo-terminals
    import fcntl
    import termios

UPSTREAM = json.loads((CERTIFICATE.parent / "sealed-by-upstream.json").read_text())["items"]


def key_secret(name: str, key: bytes, certificate: bytes) -> dict[str, Any]:
    data = {"tls.key": base64.b64encode(key).decode(), "tls.crt": base64.b64encode(certificate).decode()}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "type": "kubernetes.io/tls", "data": data}


def key_files() -> dict[str, str]:
    """Return every way in which a backup of keys is written; each holds another key, then the one that fits."""
    other = other_sealing_key()
    secrets = [
        key_secret("old", other.private_key.pem(), other.certificate.pem.encode()),
        key_secret("new", PRIVATE_KEY.read_bytes(), CERTIFICATE.read_bytes()),
    ]
    broken = {"kind": "ConfigMap", "apiVersion": "v1"}
    return {
        "pem with two keys": other.private_key.pem().decode() + PRIVATE_KEY.read_text(),
        "pem with a certificate before the key": CERTIFICATE.read_text() + PRIVATE_KEY.read_text(),
        "a key Secret": json.dumps(secrets[1]),
        "a List of key Secrets": json.dumps({"apiVersion": "v1", "kind": "List", "items": [*secrets, broken]}),
        "a YAML stream of key Secrets": "".join(f"---\n{json.dumps(secret, indent=1)}\n" for secret in secrets),
        "JSON one behind the other": "".join(map(json.dumps, secrets)),
    }


KEY_FILES = key_files()


@pytest.mark.parametrize("case", KEY_FILES)
def test_keys_are_read_in_every_form_of_a_backup(case: str, tmp_path: Path) -> None:
    (tmp_path / "keys").write_text(KEY_FILES[case])
    run = sealwright("unseal", "--key", tmp_path / "keys", stdin=json.dumps(sealed_secret()))
    assert run.status == ExitStatus.OK, run.stderr
    assert run.json["data"] == {"password": base64.b64encode(b"hunter2").decode()}
    assert run.stderr == (f"standard input: unsealed team-a/db with key {sealing_key().fingerprint[:32]}, 1 item\n")


def test_keys_of_several_files_add_up(tmp_path: Path) -> None:
    (tmp_path / "other.pem").write_bytes(other_sealing_key().private_key.pem())
    run = unseal(
        "--key", tmp_path / "other.pem", stdin=json.dumps(sealed_secret(certificate=other_sealing_key().certificate))
    )
    assert run.status == ExitStatus.OK, run.stderr


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("just words\n", "no private key in it"),
        ("", "no private key in it"),
        (CERTIFICATE.read_text(), "no PEM private key block (found: CERTIFICATE)"),
        (json.dumps(key_secret("bad", b"no key in here", b"")), "no PEM private key block"),
        (json.dumps({"kind": "Secret", "data": {"tls.key": "***"}}), "data.tls.key: not base64"),
        ("-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n", "damaged"),
        ("a: [", "expected the node content"),
    ],
    ids=["words", "nothing", "certificate", "Secret without key", "no base64", "damaged", "no YAML"],
)
def test_a_file_without_a_usable_key_is_named_even_beside_a_good_one(tmp_path: Path, content: str, words: str) -> None:
    (tmp_path / "bad").write_text(content)
    run = unseal("--key", tmp_path / "bad", stdin=json.dumps(sealed_secret()))
    assert (run.status, run.stdout) == (ExitStatus.CERTIFICATE, b"")
    assert f"error: {tmp_path / 'bad'}: " in run.stderr
    assert words in run.stderr


def test_without_a_key_nothing_is_opened() -> None:
    run = sealwright("unseal", stdin=json.dumps(sealed_secret()))
    assert run.status == ExitStatus.USAGE
    assert "hint: give --key FILE" in run.stderr


def test_what_does_not_open_is_named_and_nothing_is_printed(tmp_path: Path) -> None:
    moved = sealed_secret(namespace="team-a", items={"user": b"u", "password": b"p"}) | {}
    moved["metadata"]["namespace"] = "team-b"
    run = unseal(stdin=f"{json.dumps(sealed_secret())}\n{json.dumps(moved)}")
    assert (run.status, run.stdout) == (ExitStatus.DECRYPTION, b"")
    assert "document 2: SealedSecret team-b/db: no key could decrypt secret (password, user)" in run.stderr
    assert "hint: give the private keys of the cluster that it was sealed for" in run.stderr


def test_input_without_a_sealed_secret_is_told() -> None:
    run = unseal(stdin=SECRET)
    assert (run.status, run.stdout) == (ExitStatus.INPUT, b"")
    assert "standard input: no SealedSecret in it (found: Secret)" in run.stderr


@pytest.mark.parametrize("name", ["encryptedDatas", "encyptedData", "more"])
@pytest.mark.parametrize("is_beside", [True, False])
def test_an_unknown_field_of_spec_is_an_error(tmp_path: Path, name: str, is_beside: bool) -> None:
    manifest = sealed_secret()
    items = manifest["spec"]["encryptedData"] if is_beside else manifest["spec"].pop("encryptedData")
    manifest["spec"][name] = items
    (tmp_path / "out.yaml").write_text("a recovered Secret\n")
    run = unseal("-w", tmp_path / "out.yaml", stdin=json.dumps(manifest))
    assert run.status == ExitStatus.INPUT
    words = f"error: standard input: SealedSecret team-a/db: spec.{name} is not a field of a SealedSecret"
    assert words in run.stderr
    assert (tmp_path / "out.yaml").read_text() == "a recovered Secret\n"


def test_a_misspelt_kind_is_named() -> None:
    run = unseal(stdin=json.dumps(sealed_secret() | {"kind": "SealdSecret"}))
    assert run.status == ExitStatus.INPUT
    assert "standard input: no SealedSecret in it (found: SealdSecret)\n" in run.stderr


@pytest.mark.parametrize(("name", "words"), [("folder", "name a file in it"), ("gone.pem", "check the path")])
def test_a_key_file_that_cannot_be_read_gets_the_hint_of_any_file(tmp_path: Path, name: str, words: str) -> None:
    (tmp_path / "folder").mkdir()
    run = sealwright("unseal", "--key", tmp_path / name, stdin=json.dumps(sealed_secret()))
    assert run.status == ExitStatus.CERTIFICATE
    assert f"hint: {words}" in run.stderr


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("spec: {encryptedData: [a]}", "SealedSecret b/a: spec.encryptedData: expected a map, found a list"),
        ("spec: {encryptedData: {x: AgB}, data: AgB}", "SealedSecret b/a: spec: holds both data and encryptedData"),
        ("spec: {encryptedData: {x: y, x: z}}", "line 4: the key x is there twice"),
        ("spec: {encryptedData: {x: }}", "SealedSecret b/a: spec.encryptedData.x: expected text"),
    ],
)
def test_a_malformed_sealed_secret_is_told(text: str, words: str) -> None:
    head = "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: a, namespace: b}\n"
    run = unseal(stdin=f"{head}{text}\n")
    assert (run.status, run.stdout) == (ExitStatus.INPUT, b"")
    assert words in run.stderr


def test_documents_of_a_stream_are_opened_and_others_pass_through() -> None:
    other = "apiVersion: v1\nkind: ConfigMap\ndata: {a: 1.50}  # kept\n"
    sealed = seal(stdin=f"# head\n{SECRET}---\n{other}---\n{SECRET.replace('db', 'two')}")
    run = unseal(stdin=sealed.stdout)
    assert [(document["kind"], document.get("metadata", {}).get("name")) for document in run.yaml] == [
        ("Secret", "db"), ("ConfigMap", None), ("Secret", "two"),
    ]  # fmt: skip
    assert f"---\n{other}---\n".encode() in run.stdout
    assert b"# head\n" in run.stdout


def test_items_sealed_by_upstream_are_opened() -> None:
    cases = [item for item in UPSTREAM if item["key"] == "key-2048" and item["scope"] == "strict"]
    manifest = sealed_secret()
    manifest["spec"]["encryptedData"] = {item["id"]: item["ciphertext"] for item in cases}
    run = unseal(stdin=json.dumps(manifest))
    assert run.status == ExitStatus.OK, run.stderr
    assert run.json["data"] == {item["id"]: item["plaintext_base64"] for item in cases}


def test_templates_are_rendered_and_all_bad_ones_are_named() -> None:
    template = {"data": {"url": "db://{{ .user }}:{{ .password }}@host", "plain": "text"}}
    items = {"user": b"ann", "password": b"p@h"}
    run = unseal("-o", "json", stdin=json.dumps(sealed_secret(items=items, template=template)))
    assert base64.b64decode(run.json["data"]["url"]) == b"db://ann:p@h@host"
    bad = {"data": {"first": "{{ .a", "second": "{{ nosuch }}"}}
    run = unseal(stdin=json.dumps(sealed_secret(items=items, template=bad)))
    assert (run.status, run.stdout) == (ExitStatus.INPUT, b"")
    assert '"first"' in run.stderr
    assert '"second"' in run.stderr
    assert "p@h" not in run.stderr


class TestPlaintext:
    def test_goes_into_a_file_that_only_its_owner_can_read(self, tmp_path: Path) -> None:
        output = tmp_path / "secret.yaml"
        run = unseal("-w", output, stdin=json.dumps(sealed_secret()))
        assert (run.status, run.stdout) == (ExitStatus.OK, b"")
        assert b"password: aHVudGVyMg==" in output.read_bytes()
        assert os.name == "nt" or stat.S_IMODE(output.stat().st_mode) == 0o600

    def test_makes_an_existing_file_private(self, tmp_path: Path) -> None:
        output = tmp_path / "secret.yaml"
        output.write_text("old")
        output.chmod(0o644)
        assert unseal("-w", output, stdin=json.dumps(sealed_secret())).status == ExitStatus.OK
        assert os.name == "nt" or stat.S_IMODE(output.stat().st_mode) == 0o600

    def test_is_never_in_what_is_told(self) -> None:
        assert "hunter2" not in unseal(stdin=json.dumps(sealed_secret())).stderr

    @pytest.mark.skipif(os.name == "nt", reason="Windows has no pseudo-terminals to test with")
    @pytest.mark.parametrize("output", [[], ["-w", "-"], ["-w", "/dev/stdout"], ["-w", "/dev/tty"]])
    @pytest.mark.parametrize("asked", [False, True])
    def test_is_shown_on_a_terminal_only_when_asked_for(self, tmp_path: Path, output: list[str], asked: bool) -> None:
        (tmp_path / "sealed.json").write_text(json.dumps(sealed_secret()))
        arguments = [tmp_path / "sealed.json", *output, *(["--to-terminal"] if asked else [])]
        seen, done = on_a_terminal("unseal", "--key", PRIVATE_KEY, *arguments)
        assert (b"aHVudGVyMg==" in seen) == asked
        assert done.returncode == (ExitStatus.OK if asked else ExitStatus.REFUSED), done.stderr
        assert asked or b"hint: write to a file with --output, or add --to-terminal" in done.stderr


def on_a_terminal(*arguments: str | Path) -> tuple[bytes, subprocess.CompletedProcess[bytes]]:
    """Run the command with standard output on a terminal that is its own; return what that shows, and the run."""
    leader, follower = os.openpty()
    with os.fdopen(leader, "rb") as screen, os.fdopen(follower, "wb") as terminal:
        done = subprocess.run(
            [*COMMAND, *map(str, arguments)],
            stdin=subprocess.DEVNULL,
            stdout=terminal,
            stderr=subprocess.PIPE,
            env=environment(),
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(1, termios.TIOCSCTTY, 0),
            check=False,
        )
        terminal.write(b"\n(end)\n")
        terminal.flush()
        seen = b""
        while b"(end)" not in seen:
            seen += os.read(screen.fileno(), 65536)
    return seen, done
