"""f08: key files as PowerShell, Windows and backups write them are read as other inputs are."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.x509 import load_pem_x509_certificate
from tests.cli.test_unseal_command import key_secret
from tests.support.builders import other_sealing_key, sealed_secret, sealing_key
from tests.support.cli import CERTIFICATE, PRIVATE_KEY, SECRET, kubeseal, sealwright

from sealwright_cli.messages.exitcodes import ExitStatus

PEM = PRIVATE_KEY.read_text()
KEY = sealing_key().private_key.raw
PLAIN = serialization.NoEncryption()


def indented(text: str, margin: str = "    ") -> str:
    return "".join(margin + line for line in text.splitlines(keepends=True))


def der(form: serialization.PrivateFormat) -> bytes:
    return KEY.private_bytes(serialization.Encoding.DER, form, PLAIN)


def without_type(secret: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in secret.items() if key not in ("apiVersion", "kind")}


OTHER = key_secret("old", other_sealing_key().private_key.pem(), other_sealing_key().certificate.pem.encode())
FITTING = key_secret("new", PEM.encode(), CERTIFICATE.read_bytes())
UTF16_INSIDE = key_secret("new", PEM.encode("utf-16"), CERTIFICATE.read_bytes())
BARE = [without_type(OTHER), without_type(FITTING)]

READ: dict[str, bytes] = {
    "PEM with a byte order mark": PEM.encode("utf-8-sig"),
    "PEM in UTF-16": PEM.encode("utf-16"),
    "PEM in UTF-16, big-endian": b"\xfe\xff" + PEM.encode("utf-16-be"),
    "PEM in UTF-16 without a mark": PEM.encode("utf-16-le"),
    "PEM with Windows' line ends": PEM.replace("\n", "\r\n").encode(),
    "indented PEM": indented(PEM).encode(),
    "PEM indented with tabs, behind a blank line": ("\n" + indented(PEM, "\t")).encode(),
    "indented PEM behind words": ("the key of the old cluster\n\n" + indented(PEM)).encode(),
    "PKCS#8 in DER": der(serialization.PrivateFormat.PKCS8),
    "PKCS#1 in DER": der(serialization.PrivateFormat.TraditionalOpenSSL),
    "a JSON array of key Secrets": json.dumps([OTHER, FITTING]).encode(),
    "a YAML list of key Secrets": ("- " + json.dumps(OTHER) + "\n- " + json.dumps(FITTING) + "\n").encode(),
    "an array with a List in it": json.dumps([{"apiVersion": "v1", "kind": "List", "items": [FITTING]}]).encode(),
    "a list as Go programs write it": json.dumps({"metadata": {}, "items": BARE}).encode(),
    "a Secret as Go programs write it": json.dumps(BARE[1]).encode(),
    "such a list with a byte order mark": json.dumps({"metadata": {}, "items": BARE}).encode("utf-8-sig"),
    "a key Secret in UTF-16": json.dumps(FITTING).encode("utf-16"),
    "a key Secret that holds UTF-16": json.dumps(UTF16_INSIDE).encode(),
}


@pytest.mark.parametrize("case", READ)
def test_a_private_key_is_read(tmp_path: Path, case: str) -> None:
    (tmp_path / "key").write_bytes(READ[case])
    run = sealwright("unseal", "--key", tmp_path / "key", stdin=json.dumps(sealed_secret()))
    assert run.status == ExitStatus.OK, run.stderr
    assert run.json["data"] == {"password": base64.b64encode(b"hunter2").decode()}


@pytest.mark.parametrize("case", ["a list as Go programs write it", "PEM with a byte order mark"])
def test_kubeseals_flag_reads_them_too(tmp_path: Path, case: str) -> None:
    (tmp_path / "key").write_bytes(READ[case])
    run = kubeseal("--recovery-unseal", "--recovery-private-key", tmp_path / "key", stdin=json.dumps(sealed_secret()))
    assert run.status == ExitStatus.OK, run.stderr


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (KEY.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, PLAIN)[:-9], "DER"),
        (b"\x30\x82\x01\x00" + bytes(256), "DER"),
        (load_pem_x509_certificate(CERTIFICATE.read_bytes()).public_bytes(serialization.Encoding.DER), "DER"),
        (json.dumps({**FITTING, "data": {"tls.crt": ""}}).encode(), "Secret new: no tls.key in it"),
        (json.dumps([{**FITTING, "data": {}}]).encode(), "Secret new: no tls.key in it"),
        (json.dumps({"metadata": {}, "items": []}).encode(), "no private key in it"),
        (b"\xff\xfe\x00", "not UTF-16 text"),
    ],
    ids=["cut DER", "other DER", "certificate in DER", "no tls.key", "no data", "empty list", "half a character"],
)
def test_what_holds_no_key_is_told(tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "key").write_bytes(content)
    run = sealwright("unseal", "--key", tmp_path / "key", stdin=json.dumps(sealed_secret()))
    assert (run.status, run.stdout) == (ExitStatus.CERTIFICATE, b"")
    assert f"error: {tmp_path / 'key'}: " in run.stderr
    assert words in run.stderr
    assert "belong under data" not in run.stderr


CERTIFICATES = {
    "with a byte order mark": CERTIFICATE.read_text().encode("utf-8-sig"),
    "in UTF-16": CERTIFICATE.read_text().encode("utf-16"),
    "indented": indented(CERTIFICATE.read_text()).encode(),
}


@pytest.mark.parametrize("case", CERTIFICATES)
def test_a_certificate_is_read(tmp_path: Path, case: str) -> None:
    (tmp_path / "cert.pem").write_bytes(CERTIFICATES[case])
    run = sealwright("seal", "--cert", tmp_path / "cert.pem", stdin=SECRET)
    assert run.status == ExitStatus.OK, run.stderr


def test_a_private_key_beside_a_certificate_in_utf16_is_warned_of(tmp_path: Path) -> None:
    (tmp_path / "both.pem").write_bytes((CERTIFICATE.read_text() + PEM).encode("utf-16"))
    run = sealwright("seal", "--cert", tmp_path / "both.pem", stdin=SECRET)
    assert run.status == ExitStatus.OK
    assert "holds a private key" in run.stderr
    shown = sealwright("cert", "show", tmp_path / "both.pem", "-o", "json")
    assert "PRIVATE" not in shown.stdout.decode()


def test_a_certificate_in_der_is_called_so(tmp_path: Path) -> None:
    parsed = load_pem_x509_certificate(CERTIFICATE.read_bytes())
    (tmp_path / "cert.der").write_bytes(parsed.public_bytes(serialization.Encoding.DER))
    run = sealwright("seal", "--cert", tmp_path / "cert.der", stdin=SECRET)
    assert run.status == ExitStatus.CERTIFICATE
    assert "DER" in run.stderr
    assert "openssl x509 -inform der" in run.stderr
