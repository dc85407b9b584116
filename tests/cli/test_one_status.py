"""One cause, one exit status, and one meaning of --quiet, whatever the verb: see docs/reference/exit-codes.md."""

import json
from pathlib import Path

import pytest
from tests.support.builders import other_sealing_key, sealed_secret
from tests.support.cli import CERTIFICATE, SECRET, sealwright

from sealwright_cli.messages.exitcodes import ExitStatus

ASK_A_CLUSTER = {
    "verify": ["verify", "db.json"],
    "reencrypt": ["reencrypt", "db.json"],
    "cert fetch": ["cert", "fetch"],
    "inspect": ["inspect", "--fetch", "db.json", "other.json"],
    "explain": ["explain", "--cluster", "db.json"],
}
NEED_A_CERTIFICATE = {
    "seal": ["seal", "secret.yaml"],
    "set": ["set", "db.json", "password", "--value", "x"],
    "merge": ["merge", "db.json", "secret.yaml"],
    "create": ["create", "db", "-n", "team-a", "--generate", "password"],
    "raw": ["raw", "-n", "team-a", "--name", "db", "--from-file", "secret.yaml"],
    "reencrypt to check": ["reencrypt", "--check", "db.json"],
    "cert show": ["cert", "show"],
}
REPORTS = {
    "inspect": ["inspect", "db.json"],
    "explain": ["explain", "db.json"],
    "lint": ["lint", "other.json"],
    "diff": ["diff", "db.json", "other.json"],
    "cert check": ["cert", "check", str(CERTIFICATE)],
    "cert show": ["cert", "show", str(CERTIFICATE)],
    "config show": ["config", "show", "db.json"],
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "db.json").write_text(json.dumps(sealed_secret()))
    (tmp_path / "other.json").write_text(json.dumps(sealed_secret(items={"other": b"x"}) | {"unknown": 1}))
    (tmp_path / "secret.yaml").write_text(SECRET)
    return tmp_path


@pytest.mark.parametrize("words", ASK_A_CLUSTER.values(), ids=ASK_A_CLUSTER)
def test_no_kubeconfig_for_what_has_to_ask_a_cluster(words: list[str], folder: Path) -> None:
    run = sealwright(*words, cwd=folder)
    assert run.status == ExitStatus.INPUT, run.stderr
    assert run.stderr.count("error: ") == 1
    assert "there is no kubeconfig" in run.stderr


@pytest.mark.parametrize("words", NEED_A_CERTIFICATE.values(), ids=NEED_A_CERTIFICATE)
def test_no_certificate_and_no_kubeconfig_to_get_it_by(words: list[str], folder: Path) -> None:
    run = sealwright(*words, cwd=folder)
    assert (run.status, "error: no certificate: give" in run.stderr) == (ExitStatus.CERTIFICATE, True), run.stderr


@pytest.mark.parametrize("words", [*ASK_A_CLUSTER.values(), *NEED_A_CERTIFICATE.values()], ids=" ".join)
def test_a_kubeconfig_that_is_named_and_missing(words: list[str], folder: Path) -> None:
    run = sealwright(*words, "--kubeconfig", "nowhere", cwd=folder)
    assert (run.status, "--kubeconfig names: no such file" in run.stderr) == (ExitStatus.INPUT, True), run.stderr


@pytest.mark.parametrize("names", [("stale.json", "broken.yaml"), ("broken.yaml", "stale.json")], ids=" ".join)
def test_a_check_that_finds_something_says_so_beside_a_broken_file(names: tuple[str, ...], folder: Path) -> None:
    (folder / "stale.json").write_text(json.dumps(sealed_secret(certificate=other_sealing_key().certificate)))
    (folder / "broken.yaml").write_text("kind: SealedSecret\na: [\n")
    run = sealwright("reencrypt", "--check", *names, "--cert", CERTIFICATE, cwd=folder)
    assert run.status == ExitStatus.PARTLY_DONE, run.stderr
    assert "error: broken.yaml" in run.stderr
    run = sealwright("reencrypt", "--check", "db.json", "broken.yaml", "--cert", CERTIFICATE, cwd=folder)
    assert run.status == ExitStatus.INPUT, "nothing is stale, as far as it is known"


@pytest.mark.parametrize("words", REPORTS.values(), ids=REPORTS)
def test_quiet_leaves_the_report_and_the_status(words: list[str], folder: Path) -> None:
    loud, quiet = sealwright(*words, cwd=folder), sealwright(*words, "--quiet", cwd=folder)
    assert (quiet.status, quiet.stdout, quiet.stderr) == (loud.status, loud.stdout, "")
    assert loud.stdout
