"""Doubts about values: a table of values that raise one and of values that raise none; no value is ever quoted."""

import base64
import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from tests.support.builders import other_sealing_key, sealing_key
from tests.support.cli import CERTIFICATE, sealwright

from sealwright_cli.sealed.doubts import doubts_of

OPENSSH = b"-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjE\n-----END OPENSSH PRIVATE KEY-----\n"
SSH, TLS = "kubernetes.io/ssh-auth", "kubernetes.io/tls"
DOCKER = "kubernetes.io/dockerconfigjson"
AUTH = base64.b64encode(b"user:pa55").decode()


def docker(**entry: object) -> bytes:
    return json.dumps({"auths": {"registry.example": entry}}).encode()


CONFLICT = b"level=info\n<<<<<<< HEAD\nhost=a\n=======\nhost=b\n>>>>>>> theirs\n"
DOUBTFUL = [
    ("a file that Git could not merge", "app.conf", CONFLICT, None, "conflict markers of Git"),
    ("the same in a YAML text in quotes", "motto", CONFLICT.replace(b"\n", b" "), None, "conflict markers of Git"),
    ("a password from echo", "password", b"hunter2\n", None, "line break"),
    ("a password from a Windows program", "db-password", b"hunter2\r\n", None, "line break"),
    ("a token by the part of its name", "githubToken", b"abc\n", None, "line break"),
    ("an environment variable", "API_KEY", b"abc\n", None, "line break"),
    ("a name that tells nothing, a value that looks like a token", "value", b"ghp_4f8a1c77e01b\n", None, "line break"),
    ("two line breaks at the end", "password", b"hunter2\n\n", None, "line break"),
    ("base64 under stringData", "password", base64.b64encode(b"correct horse battery"), None, "base64"),
    (
        "base64 with the line break of the base64 command",
        "url",
        base64.b64encode(b"https://db/x") + b"\n",
        None,
        "base64",
    ),
    ("base64 of a text with umlauts", "motto", base64.b64encode("Grüße aus Köln".encode()), None, "base64"),
    ("an OpenSSH key from Windows", "key", OPENSSH.replace(b"\n", b"\r\n"), None, "CRLF"),
    ("an OpenSSH key cut at its end", "ssh-privatekey", OPENSSH.rstrip(), SSH, "without a line break"),
    ("no JSON", ".dockerconfigjson", b"user: pw", DOCKER, "not JSON"),
    (
        "the JSON of the old form",
        ".dockerconfigjson",
        json.dumps({"r.example": {"auth": AUTH}}).encode(),
        DOCKER,
        "auths",
    ),
    ("a list", ".dockerconfigjson", b"[]", DOCKER, "not an object"),
    ("a registry without auth", ".dockerconfigjson", docker(email="x@example.com"), DOCKER, "no auth"),
    ("auth that is not encoded", ".dockerconfigjson", docker(auth="user:pa55"), DOCKER, "base64 of user:password"),
    ("the whole file encoded twice", ".dockerconfigjson", base64.b64encode(docker(auth=AUTH)), DOCKER, "not JSON"),
]
FINE = [
    ("a title with a line below, and shell code", "notes", b"Title\n=======\ncat <<<<<<< x >>>>>>> y\n", None),
    ("a password", "password", b"hunter2", None),
    ("a file of several lines", "password", b"a\nb\n", None),
    ("a config file with its last line break", "app.conf", b"level=info\n", None),
    ("a sentence with a line break", "motto", b"to be or not\n", None),
    ("nothing but a line break", "password", b"\n", None),
    ("nothing", "password", b"", None),
    ("a random key in base64", "key", base64.b64encode(bytes(range(120, 152))), None),
    ("a short word that could be base64", "user", b"root", None),
    ("a number", "pin", b"12345678", None),
    ("hexadecimal digits", "key", b"0123456789abcdef0123456789abcdef", None),
    ("an OpenSSH key", "ssh-privatekey", OPENSSH, SSH),
    ("PEM that ends as PEM does", "ca.pem", CERTIFICATE.read_bytes(), None),
    ("a PEM key with CRLF that is no SSH key", "tls.key", b"-----BEGIN PRIVATE KEY-----\r\nx\r\n", None),
    ("docker's JSON", ".dockerconfigjson", docker(auth=AUTH), DOCKER),
    ("docker's JSON with user and password", ".dockerconfigjson", docker(username="u", password="p"), DOCKER),
    ("the old form under its own name", ".dockercfg", json.dumps({"r.example": {"auth": AUTH}}).encode(), "kubernetes.io/dockercfg"),
    ("binary", "keystore.jks", b"\xfe\xed\xfe\xed\0\0\0\x02\n", None),
]  # fmt: skip


@pytest.mark.parametrize(("what", "name", "value", "kind", "words"), DOUBTFUL, ids=[row[0] for row in DOUBTFUL])
def test_this_is_doubtful(what: str, name: str, value: bytes, kind: str | None, words: str) -> None:
    found = doubts_of({name: value}, kind)
    assert len(found) == 1, what
    assert words in found[0]
    assert name in found[0]
    assert value.strip().decode(errors="replace") not in found[0]


@pytest.mark.parametrize(("what", "name", "value", "kind"), FINE, ids=[row[0] for row in FINE])
def test_this_is_fine(what: str, name: str, value: bytes, kind: str | None) -> None:
    assert doubts_of({name: value}, kind) == [], what


def pair(key: bytes, certificate: bytes | None = None) -> dict[str, bytes]:
    return {"tls.crt": certificate or sealing_key().certificate.pem.encode(), "tls.key": key}


def test_a_certificate_and_its_own_key_are_fine() -> None:
    assert doubts_of(pair(sealing_key().private_key.pem()), TLS) == []


@pytest.mark.parametrize("kind", [TLS, None])
def test_a_key_of_another_certificate_is_doubtful(kind: str | None) -> None:
    (found,) = doubts_of(pair(other_sealing_key().private_key.pem()), kind)
    assert "do not belong together" in found


def test_a_key_of_another_kind_is_doubtful() -> None:
    key = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (found,) = doubts_of(pair(key), TLS)
    assert "do not belong together" in found


def test_both_in_each_other_s_place_is_doubtful() -> None:
    key, certificate = sealing_key().private_key.pem(), sealing_key().certificate.pem.encode()
    (found,) = doubts_of({"tls.crt": key, "tls.key": certificate}, TLS)
    assert "tls.crt is no certificate" in found


def test_a_key_with_a_passphrase_is_left_alone() -> None:
    key = other_sealing_key().private_key.raw.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(b"x")
    )
    assert doubts_of(pair(key), TLS) == []


def test_items_that_only_have_the_names_are_left_alone() -> None:
    assert doubts_of({"tls.crt": b"x", "tls.key": b"y"}, None) == []


SECRET = """\
apiVersion: v1
kind: Secret
metadata: {name: db, namespace: team-a}
stringData:
  password: |
    hunter2
  user: admin
"""


def test_seal_warns_and_strict_refuses(tmp_path: Path) -> None:
    warned = sealwright("seal", "--cert", CERTIFICATE, stdin=SECRET, cwd=tmp_path)
    assert (warned.status, warned.stderr.count("ends with a line break")) == (0, 1)
    assert "item password" in warned.stderr
    refused = sealwright("seal", "--strict", "--cert", CERTIFICATE, stdin=SECRET, cwd=tmp_path)
    assert (refused.status, refused.stdout) == (3, b"")
    assert "--strict" in refused.stderr
    assert "hunter2" not in warned.stderr + refused.stderr


def test_merge_warns_and_strict_refuses(tmp_path: Path) -> None:
    good = SECRET.replace("|\n    hunter2", "hunter2")
    sealwright("seal", "--cert", CERTIFICATE, "-w", "db.yaml", stdin=good, cwd=tmp_path)
    before = (tmp_path / "db.yaml").read_bytes()
    refused = sealwright("merge", "--strict", "--cert", CERTIFICATE, "db.yaml", stdin=SECRET, cwd=tmp_path)
    assert (refused.status, (tmp_path / "db.yaml").read_bytes()) == (3, before)
    warned = sealwright("merge", "--cert", CERTIFICATE, "db.yaml", stdin=SECRET, cwd=tmp_path)
    assert (warned.status, warned.stderr.count("ends with a line break")) == (0, 1)


def test_raw_warns_and_strict_refuses(tmp_path: Path) -> None:
    options = ("raw", "--cert", CERTIFICATE, "-n", "team-a", "--name", "db")
    value = base64.b64encode(b"correct horse battery")
    warned = sealwright(*options, stdin=value, cwd=tmp_path)
    assert (warned.status, warned.stderr.count("looks like base64")) == (0, 1)
    refused = sealwright(*options, "--strict", stdin=value, cwd=tmp_path)
    assert (refused.status, refused.stdout) == (3, b"")
