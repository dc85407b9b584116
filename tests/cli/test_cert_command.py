"""`sealwright cert show` as a process."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.support.cli import CERTIFICATE, sealwright

from sealwright_cli.messages.exitcodes import ExitStatus
from sealwright_crypto import generate_sealing_key


@pytest.fixture
def expired(tmp_path: Path) -> Path:
    key = generate_sealing_key(
        now=datetime.now(UTC) - timedelta(days=40, minutes=1),
        lifetime=timedelta(days=30),
        bits=2048,
        common_name="old one",
    )
    path = tmp_path / "old.pem"
    path.write_text(f"words before\n{key.certificate.pem}")
    return path


def test_a_certificate_is_described_for_people(expired: Path) -> None:
    run = sealwright("cert", "show", expired)
    assert run.status == ExitStatus.OK, run.stderr
    lines = dict(line.split(":", 1) for line in run.stdout.decode().splitlines())
    assert {
        key: value.strip() for key, value in lines.items() if key not in ("fingerprint", "not before", "not after")
    } == {
        "source": str(expired),
        "subject": "CN=old one",
        "bits": "2048",
        "age": "40 days",
        "expired": "yes",
    }


def test_yaml_says_the_same_as_json() -> None:
    (facts,) = sealwright("cert", "show", CERTIFICATE, "-o", "yaml").yaml
    assert facts == sealwright("cert", "show", CERTIFICATE, "-o", "json").json | {"ageDays": facts["ageDays"]}


def test_and_for_programs() -> None:
    run = sealwright("cert", "show", CERTIFICATE, "-o", "json")
    assert run.json == {
        "source": str(CERTIFICATE),
        "subject": "",
        "fingerprint": "574d6985e08313787163b8e32718770d5b3f876f05f783e4db3f3ca5b8caac26",
        "bits": 2048,
        "notBefore": "2026-01-01T00:00:00Z",
        "notAfter": "2099-01-01T00:00:00Z",
        "ageDays": run.json["ageDays"],
        "expired": False,
    }


def test_the_environment_names_the_usual_one() -> None:
    run = sealwright("cert", "show", env={"SEALWRIGHT_CERT": str(CERTIFICATE)})
    assert b"574d6985e0831378" in run.stdout


def test_without_any_the_way_out_is_told() -> None:
    run = sealwright("cert", "show")
    assert (run.status, run.stdout) == (ExitStatus.CERTIFICATE, b"")
    assert re.fullmatch(
        "error: no certificate: give its file or URL, or a kubeconfig .*\nhint: there is no kubeconfig.*\n", run.stderr
    )


@pytest.mark.parametrize("arguments", [["fetch"], ["show"], ["show", "gone.pem"], ["show", "http://127.0.0.1:9/x.pem"]])
def test_no_message_proposes_an_option_that_is_not_there(arguments: list[str]) -> None:
    run = sealwright("cert", *arguments)
    assert run.status == (ExitStatus.INPUT if arguments == ["fetch"] else ExitStatus.CERTIFICATE)
    assert not re.search(r"--cert\b(?!-)", run.stderr), run.stderr


def test_an_empty_subject_has_no_line(tmp_path: Path) -> None:
    key = generate_sealing_key(now=datetime.now(UTC), bits=2048)
    (tmp_path / "c.pem").write_text(key.certificate.pem)
    assert b"subject:" not in sealwright("cert", "show", tmp_path / "c.pem").stdout
