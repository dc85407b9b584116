"""Everything that people get wrong: each ends with a status of its own, one clear message, and nothing written."""

import json
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from tests.support.cli import CERTIFICATE, COMMAND, PRIVATE_KEY, SECRET, Run, environment, files_below, seal, sealwright

from sealwright_cli.messages.exitcodes import ExitStatus
from sealwright_crypto import generate_sealing_key

BAD_SECRETS = {
    "a text that is not YAML": ("kind: Secret\n  metadata: [oops\n", "line 2"),
    "words that are no object": ("open sesame\n", "no Secret in it"),
    "another kind": ("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n", "no Secret in it (found: ConfigMap)"),
    "nothing at all": ("", "no Secret in it (it is empty)"),
    "markers and comments only": ("---\n# nothing\n---\n", "no Secret in it (it is empty)"),
    "a SealedSecret": ("apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\n", "it is sealed already"),
    "no name": (SECRET.replace("  name: db\n", ""), "no metadata.name"),
    "a generated name": (SECRET.replace("name: db", "generateName: db-"), "no metadata.name"),
    "no namespace": (SECRET.replace("  namespace: team-a\n", ""), "no namespace; strict scope needs one"),
    "a slash in the name": (SECRET.replace("name: db", "name: a/b"), "slash"),
    "no data": (SECRET.replace("  password: correct horse\n", ""), "no data to seal"),
    "data that is no base64": (SECRET.replace("stringData", "data"), "data.password: not base64"),
    "base64 that was cut": (
        SECRET.replace("stringData", "data").replace("correct horse", "Y29ycmVjdCBob3JzZ"),
        "hint: write plain text under stringData; if it is base64, it may be cut off",
    ),
    "a list as value": (
        SECRET.replace("correct horse", "[correct]"),
        "stringData.password: expected text, found a list",
    ),
    "a map as value": (SECRET.replace("correct horse", "{a: b}"), "stringData.password: expected text, found a map"),
    "a text in place of data": (SECRET.replace(":\n  password:", ":"), "stringData: expected a map, found text"),
    "a number as value in JSON": (
        '{"kind": "Secret", "metadata": {"name": "a", "namespace": "b"}, "data": {"port": 5432}}',
        "data.port: expected base64 text, found a number",
    ),
    "half a surrogate pair": (
        '{"kind": "Secret", "metadata": {"name": "a", "namespace": "b"}, "stringData": {"a": "\\ud83d"}}',
        "stringData.a: holds half a surrogate pair",
    ),
    "a key twice in YAML": (f"{SECRET}  password: other\n", "line 8: the key password is there twice"),
    "a key twice in JSON": (
        '{\n"kind": "Secret",\n"data": {"a": "YQ==",\n"a": "YQ=="}}',
        "line 4: the key a is there twice",
    ),
    "a field in the wrong case": (SECRET.replace("stringData", "stringdata"), "is stringData meant?"),
    "a version that does not exist": (SECRET.replace("v1", "v2"), "a Secret of apiVersion v2"),
    "an alias that is a mistake": (
        SECRET.replace("correct horse", "*correcthorse"),
        "put text that begins with * in quotes",
    ),
    "a tag that nobody knows": (SECRET.replace("correct horse", "!vault correct"), "tag that Kubernetes does not know"),
    "an infinity where text is not wanted": (
        SECRET.replace("  name:", "  finalizers: [.inf]\n  name:"),
        "line 4: a number that Kubernetes cannot hold",
    ),
    "no number in braces": (
        "{kind: Secret, metadata: {name: a, namespace: b, finalizers: [.nan]}, data: {a: YQ==}}",
        "line 1: a number that Kubernetes cannot hold",
    ),
    "an infinity behind an anchor": (
        SECRET.replace("  name:", "  labels: {a: &x .inf}\n  finalizers: [*x]\n  name:"),
        "line 4: a number that Kubernetes cannot hold",
    ),
    "a number beyond all bounds in JSON": (
        '{"kind": "Secret", "metadata": {"name": "a", "namespace": "b", "finalizers": [1e999]}, "data": {"a": ""}}',
        "line 1: a number that Kubernetes cannot hold",
    ),
    "half a surrogate pair in a list": (
        '{"kind": "Secret", "metadata": {"name": "a", "namespace": "b", "finalizers": ["\\ud83d"]}, "data": {"a": ""}}',
        "holds half a surrogate pair, which is not a character",
    ),
    "JSON cut in the middle": ('{"kind": "Secret", "metad', "found unexpected end of stream"),
    "JSON followed by garbage": ('{"kind": "Secret"}\n}{ garbage', "line 2: expected a value"),
    "a broken second document": (f"{SECRET}---\nkind: [oops\n---\n{SECRET}", "line 10"),
    "a scope that contradicts the annotation": (
        SECRET.replace("  name: db", '  name: db\n  annotations: {sealedsecrets.bitnami.com/cluster-wide: "true"}'),
        "the annotation sets cluster-wide scope, --scope strict",
    ),
    "another namespace than --namespace": (SECRET.replace("team-a", "team-b"), "is team-b, --namespace is team-a"),
}
OPTIONS = {
    "a scope that contradicts the annotation": ["--scope", "strict"],
    "another namespace than --namespace": ["--namespace", "team-a"],
}


def check_failed(run: Run, status: ExitStatus, words: str) -> None:
    assert run.status == status, run.stderr
    assert run.stdout == b""
    assert words in run.stderr
    assert "Traceback" not in run.stderr
    lines = run.stderr.splitlines()
    assert run.stderr.startswith("error: ")
    errors = [number for number, line in enumerate(lines) if line.startswith("error: ")]
    assert [lines[number + 1][:6] for number in errors] == ["hint: "] * len(errors), "an error without a way out"
    assert not any(line.endswith(".") for line in lines)


@pytest.mark.parametrize("case", BAD_SECRETS)
def test_input_that_cannot_be_sealed(case: str, tmp_path: Path) -> None:
    text, words = BAD_SECRETS[case]
    path = tmp_path / "secret.yaml"
    path.write_text(text, newline="")
    run = seal(path, *OPTIONS.get(case, []))
    check_failed(run, ExitStatus.INPUT, words)
    assert str(path) in run.stderr
    assert "horse" not in run.stderr, "a message showed the plaintext"


def test_bytes_that_are_no_text_are_refused() -> None:
    run = seal(stdin=b"kind: Secret\nstringData: {a: \xff\xfe}\n")
    check_failed(run, ExitStatus.INPUT, "standard input: not UTF-8 text (byte 30)")


def test_aliases_that_expand_without_end_are_refused_at_once(tmp_path: Path) -> None:
    levels = [f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]" for n in range(1, 30)]
    bomb = tmp_path / "bomb.yaml"
    bomb.write_text("\n".join(["kind: Secret", "l0: &l0 [x]", *levels]))
    check_failed(seal(bomb), ExitStatus.INPUT, "more than 200,000 values once its aliases are expanded")


@pytest.mark.parametrize(
    "text", ["[" * 100_000, '{"a":' * 100_000, "- " * 5000 + "a"], ids=["yaml or json", "json", "block"]
)
def test_nesting_without_end_is_refused(text: str) -> None:
    check_failed(seal(stdin=text), ExitStatus.INPUT, "nested more than 100 levels deep")


def test_a_file_that_fits_no_memory_is_refused_before_it_is_read(tmp_path: Path) -> None:
    huge = tmp_path / "huge.yaml"
    with huge.open("wb") as stream:
        stream.truncate(2**40)  # it takes no room
    check_failed(seal(huge), ExitStatus.INPUT, f"{huge}: larger than 32 MiB, the limit")


def test_an_endless_stream_is_read_up_to_the_limit_only() -> None:
    check_failed(seal("/dev/zero"), ExitStatus.INPUT, "larger than 32 MiB")


def test_every_bad_secret_of_a_file_is_named_and_nothing_is_printed() -> None:
    nameless = SECRET.replace("  name: db\n", "")
    run = seal(stdin=f"{nameless}---\n{SECRET}---\n{nameless}")
    check_failed(run, ExitStatus.INPUT, "document 1: the Secret has no metadata.name")
    assert "document 3: the Secret has no metadata.name" in run.stderr
    assert "2 errors, nothing written" in run.stderr


def test_a_missing_file_is_named() -> None:
    check_failed(seal("gone.yaml"), ExitStatus.INPUT, "gone.yaml: no such file or directory")


def test_a_folder_without_manifests_is_named(tmp_path: Path) -> None:
    check_failed(seal(tmp_path), ExitStatus.INPUT, f"{tmp_path}: no file in this folder ends in .yaml")


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("certificates")
    old = generate_sealing_key(now=datetime(2020, 1, 1, tzinfo=UTC), lifetime=timedelta(days=1), bits=2048)
    (folder / "expired.pem").write_text(old.certificate.pem)
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(days=1))
    pem = made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    (folder / "elliptic.pem").write_bytes(pem)
    (folder / "garbage.pem").write_text("just some words\n")
    (folder / "broken.pem").write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    (folder / "huge.pem").write_bytes(b"x" * 2_000_000)
    return folder


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("expired.pem", "the certificate expired on 2020-01-02"),
        ("elliptic.pem", "the certificate's key is not RSA"),
        ("garbage.pem", "no PEM CERTIFICATE block"),
        ("broken.pem", "the CERTIFICATE block is damaged"),
        ("huge.pem", "larger than 1,048,576 bytes"),
        ("", "is a folder"),
        ("gone.pem", "no such file or directory"),
        (str(PRIVATE_KEY), "no PEM CERTIFICATE block (found: "),
    ],
)
def test_a_certificate_that_cannot_seal(certificates: Path, name: str, words: str) -> None:
    run = sealwright("seal", "--cert", certificates / name, stdin=SECRET)
    check_failed(run, ExitStatus.CERTIFICATE, words)
    assert str(certificates / name) in run.stderr
    assert "hint: " in run.stderr


def test_no_certificate_at_all_says_how_to_name_one() -> None:
    run = sealwright("seal", stdin=SECRET)
    check_failed(
        run,
        ExitStatus.CERTIFICATE,
        "error: no certificate: give --cert FILE, or a kubeconfig so that it can be fetched",
    )


@pytest.mark.parametrize("place", ["below-a-file/out.yaml", "no/such/folder/out.yaml"])
def test_an_output_file_whose_folder_cannot_hold_it(tmp_path: Path, place: str) -> None:
    (tmp_path / "below-a-file").write_text("a regular file")
    before = files_below(tmp_path)
    run = seal("--output", tmp_path / place, stdin=SECRET)
    check_failed(run, ExitStatus.OUTPUT, f"{tmp_path / place}: cannot be written: ")
    assert files_below(tmp_path) == before


def test_an_output_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "secret.yaml").write_text(SECRET)
    (tmp_path / "file").write_text("a regular file")
    before = files_below(tmp_path)
    run = seal(tmp_path / "secret.yaml", "--output-dir", tmp_path / "file" / "out")
    check_failed(run, ExitStatus.OUTPUT, f"{tmp_path / 'file' / 'out'}")
    assert files_below(tmp_path) == before


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
class TestAFullDisk:
    def test_as_output_file(self) -> None:
        run = seal("--output", "/dev/full", stdin=SECRET)
        check_failed(run, ExitStatus.OUTPUT, "/dev/full: cannot be written: no space left on device")

    def test_as_standard_output(self) -> None:
        with Path("/dev/full").open("wb") as full:
            done = subprocess.run(
                [*COMMAND, "seal", "--cert", str(CERTIFICATE)],
                input=SECRET.encode(),
                stdout=full,
                stderr=subprocess.PIPE,
                env=environment(),
                check=False,
            )
        assert done.returncode == ExitStatus.OUTPUT
        assert b"error: standard output: no space left on device\n" in done.stderr
        assert b"Exception ignored" not in done.stderr


def test_usage_errors_have_their_own_status(tmp_path: Path) -> None:
    for arguments in [
        ["--scope", "planet-wide"],
        ["--scope", "Strict"],
        ["--format", "yml"],
        ["--unknown"],
        ["--in-place", "--output", "x"],
        ["--in-place", "--output-dir", "x"],
        ["--output", "x", "--output-dir", "y"],
        ["--in-place"],
        ["--output-dir", "x"],
        ["-", "-"],
    ]:
        run = seal(*arguments, stdin=SECRET, cwd=tmp_path)
        assert run.status == ExitStatus.USAGE, (arguments, run.stderr)
        assert "Traceback" not in run.stderr
    assert files_below(tmp_path) == {}


def test_json_without_namespace_names_the_object() -> None:
    run = seal(stdin=json.dumps({"kind": "Secret", "metadata": {"name": "db"}, "data": {"a": "YQ=="}}))
    check_failed(run, ExitStatus.INPUT, "Secret db: no namespace")
    assert "hint: add metadata.namespace, or give --namespace" in run.stderr


@pytest.mark.parametrize("named", [True, False])
def test_a_link_to_a_missing_file_is_called_so(tmp_path: Path, named: bool) -> None:
    (tmp_path / "db.yaml").symlink_to("gone.yaml")
    run = sealwright("verify", tmp_path / "db.yaml" if named else tmp_path)
    assert run.status == ExitStatus.INPUT
    assert f"error: {tmp_path}/db.yaml: a link to a missing file\n" in run.stderr


def test_bytes_that_only_look_like_utf16_are_binary(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"\0\1\2\3\4\5\6\xd8\0\1\2")
    run = sealwright("verify", tmp_path / "a.yaml")
    assert f"error: {tmp_path}/a.yaml: binary, not text\n" in run.stderr
