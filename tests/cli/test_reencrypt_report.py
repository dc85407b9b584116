"""`sealwright reencrypt --check` and `--dry-run` with -o: a report for programs."""

import json
from pathlib import Path

import pytest
from tests.support.builders import other_sealing_key, sealed_secret
from tests.support.cli import PRIVATE_KEY, sealwright

from sealwright_cli.messages.exitcodes import ExitStatus

NEW = other_sealing_key()


@pytest.fixture
def new_certificate(tmp_path: Path) -> Path:
    (tmp_path / "keys").mkdir()
    path = tmp_path / "keys/new.pem"
    path.write_text(NEW.certificate.pem)
    return path


@pytest.mark.parametrize(
    ("option", "status"), [("--check", ExitStatus.PARTLY_DONE), ("--dry-run", ExitStatus.OK)], ids=["check", "dry"]
)
@pytest.mark.parametrize("form", ["json", "yaml"])
def test_a_check_can_be_reported_as_data(
    tmp_path: Path, new_certificate: Path, option: str, status: ExitStatus, form: str
) -> None:
    stale, current = sealed_secret(name="stale"), sealed_secret(name="current", certificate=NEW.certificate)
    for name, manifest in (("a", stale), ("b", current), ("c", sealed_secret(name="empty", items={}))):
        (tmp_path / f"{name}.json").write_text(json.dumps(manifest))
    (tmp_path / "d.json").write_text('{"kind": "SealedSecret"')
    run = sealwright("reencrypt", option, "-o", form, "--cert", new_certificate, tmp_path)
    assert run.status == (status or ExitStatus.INPUT), run.stderr
    (report,) = run.yaml
    first, second, third = report["objects"]
    assert first == {
        "place": f"{tmp_path}/a.json",
        "namespace": "team-a",
        "name": "stale",
        "scope": "strict",
        "items": ["password"],
        "result": "stale",
        "stale": ["password"],
        "isDeprecatedForm": False,
    }
    assert [(one["result"], one["stale"]) for one in (second, third)] == [("newest", []), ("empty", [])]
    (error,) = report["errors"]
    assert (error["status"], "d.json" in error["message"], report["notTried"]) == (3, True, 0)
    assert "unchanged team-a/current" not in run.stderr


def test_without_a_check_the_form_is_that_of_the_result(new_certificate: Path) -> None:
    run = sealwright(
        "reencrypt", "--key", PRIVATE_KEY, "--cert", new_certificate, "-o", "yaml", stdin=json.dumps(sealed_secret())
    )
    assert (run.status, run.yaml[0]["kind"]) == (0, "SealedSecret"), run.stderr
