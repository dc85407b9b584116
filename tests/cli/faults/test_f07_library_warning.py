"""f07: what a library warns developers of does not reach people."""

import base64
import json
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_pem_x509_certificate
from tests.support.builders import sealed_secret
from tests.support.cli import CERTIFICATE, KUBESEAL, PRIVATE_KEY, SECRET, run_command

VERSION_3 = bytes.fromhex("a003020102")
SEALWRIGHT = str(Path(sys.executable).with_name("sealwright"))


def pem(der: bytes) -> str:
    return f"-----BEGIN CERTIFICATE-----\n{base64.encodebytes(der).decode()}-----END CERTIFICATE-----\n"


@pytest.fixture
def negative(tmp_path: Path) -> Path:
    """A certificate with a negative serial number, of which the library warns; nobody checks its signature."""
    der = bytearray(load_pem_x509_certificate(CERTIFICATE.read_bytes()).public_bytes(Encoding.DER))
    serial = der.index(VERSION_3) + len(VERSION_3) + 2
    der[serial] |= 0x80
    path = tmp_path / "negative.pem"
    path.write_text(pem(bytes(der)))
    return path


@pytest.mark.parametrize(
    "command",
    [(SEALWRIGHT, "seal"), (sys.executable, "-m", "sealwright_cli", "seal"), (KUBESEAL,)],
    ids=["sealwright", "module", "kubeseal"],
)
def test_sealing_says_nothing_of_it(negative: Path, command: tuple[str, ...]) -> None:
    run = run_command([*command, "--cert", str(negative)], SECRET)
    assert run.status == 0
    assert "Warning" not in run.stderr
    assert ".py" not in run.stderr
    assert len(run.stderr.splitlines()) <= 1


def test_nor_does_a_backup_of_keys_with_one(negative: Path, tmp_path: Path) -> None:
    pair = {"tls.crt": negative.read_bytes(), "tls.key": PRIVATE_KEY.read_bytes()}
    data = {name: base64.b64encode(content).decode() for name, content in pair.items()}
    backup = tmp_path / "backup.json"
    backup.write_text(json.dumps({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "k"}, "data": data}))
    run = run_command([SEALWRIGHT, "unseal", "-q", "--key", str(backup)], json.dumps(sealed_secret()))
    assert (run.status, run.stderr) == (0, "")
