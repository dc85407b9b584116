"""Certificates that are not fit to seal with: who refuses them, who only says so."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.crypto.test_certificatechecks import GOOD, certificate_of
from tests.support.cli import CERTIFICATE, PRIVATE_KEY, SECRET, Run, kubeseal, seal, sealwright
from tests.support.testkeys import key

from sealwright_cli.messages.exitcodes import ExitStatus
from sealwright_crypto import generate_sealing_key
from sealwright_manifests.text.plaindata import read_plain

FLAG = "--allow-weak-certificate"
FUTURE = datetime.now(UTC) + timedelta(days=400)
WEAK = {
    "a short key": (lambda: key("small-1024").certificate.pem, "its key has 1024 bits, fewer than 2048"),
    "a large exponent": (lambda: certificate_of(GOOD, 2**62 + 1).pem, "exponent is of 63 bits"),
    "not valid yet": (
        lambda: generate_sealing_key(now=FUTURE, bits=2048).certificate.pem,
        f"it is not valid before {FUTURE:%Y-%m-%d}",
    ),
}


@pytest.fixture(params=WEAK)
def weak(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, str]:
    """A file with a weak certificate, and words of what is wrong with it."""
    make, words = WEAK[request.param]
    path = tmp_path / "weak.pem"
    path.write_text(make())
    return path, words


def test_every_command_that_seals_refuses_it_and_takes_it_when_told_to(weak: tuple[Path, str], tmp_path: Path) -> None:
    certificate, words = weak
    sealed = tmp_path / "sealed.yaml"
    assert seal("-w", sealed, stdin=SECRET).status == ExitStatus.OK
    before = sealed.read_bytes()
    commands: list[tuple[str | Path, ...]] = [
        ("seal", "--cert", certificate),
        ("raw", "--scope", "cluster-wide", "--cert", certificate),
        ("merge", sealed, "--cert", certificate, "-w", tmp_path / "merged.yaml"),
        ("reencrypt", sealed, "--key", PRIVATE_KEY, "--cert", certificate, "-w", tmp_path / "again.yaml"),
    ]
    for command in commands:
        refused = sealwright(*command, stdin=SECRET)
        assert (refused.status, refused.stdout) == (ExitStatus.CERTIFICATE, b""), command
        assert f"error: {certificate}: the certificate must not be used to seal: " in refused.stderr
        assert words in refused.stderr
        assert FLAG in refused.stderr
        taken = sealwright(*command, FLAG, stdin=SECRET)
        assert taken.status == ExitStatus.OK, taken.stderr
        assert_warned(taken, words)
    assert sealed.read_bytes() == before


def assert_warned(run: Run, words: str) -> None:
    assert "warning: " in run.stderr
    assert words in run.stderr


def test_looking_at_it_is_no_crime(weak: tuple[Path, str]) -> None:
    certificate, words = weak
    run = sealwright("cert", "show", certificate)
    assert (run.status, b"fingerprint" in run.stdout) == (ExitStatus.OK, True)
    assert_warned(run, words)


def test_kubeseal_seals_to_it_with_a_warning(weak: tuple[Path, str]) -> None:
    certificate, words = weak
    run = kubeseal("--cert", certificate, stdin=SECRET)
    assert (run.status, run.json["kind"]) == (ExitStatus.OK, "SealedSecret")
    assert_warned(run, words)


def test_an_expired_one_is_refused_whatever_is_allowed(tmp_path: Path) -> None:
    past = datetime.now(UTC) - timedelta(days=30)
    path = tmp_path / "old.pem"
    path.write_text(generate_sealing_key(now=past, lifetime=timedelta(days=1), bits=2048).certificate.pem)
    assert "expired on" in sealwright("seal", "--cert", path, FLAG, stdin=SECRET).stderr
    run = kubeseal("--cert", path, stdin=SECRET)
    assert (run.status, run.stdout) == (ExitStatus.CERTIFICATE, b"")


@pytest.mark.parametrize("is_first", [True, False])
def test_a_private_key_in_the_same_file_is_said_and_not_shown(tmp_path: Path, is_first: bool) -> None:
    parts = [PRIVATE_KEY.read_bytes(), CERTIFICATE.read_bytes()]
    both = tmp_path / "both.pem"
    both.write_bytes(b"".join(parts if is_first else reversed(parts)))
    secret_line = PRIVATE_KEY.read_text().splitlines()[1]
    for run in (
        sealwright("seal", "--cert", both, stdin=SECRET),
        sealwright("cert", "show", both),
        kubeseal("--cert", both, stdin=SECRET),
        kubeseal("--cert", both, "--fetch-cert"),
    ):
        assert run.status == ExitStatus.OK
        assert f"warning: {both}: holds a private key besides the certificate" in run.stderr
        assert secret_line not in run.stderr + run.stdout.decode()
    assert "private key" not in sealwright("seal", "--cert", CERTIFICATE, stdin=SECRET).stderr


def test_kustomize_is_told_of_no_option(weak: tuple[Path, str]) -> None:
    certificate, words = weak
    config = {"spec": {"cert": str(certificate)}}
    items = read_plain(SECRET.encode())
    run = sealwright("kustomize", stdin=json.dumps({"kind": "ResourceList", "items": items, "functionConfig": config}))
    assert run.status == 4
    assert words in run.stderr
    assert "hint: ask the people who run the controller for another one\n" in run.stderr
