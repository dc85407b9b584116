"""`sealwright inspect`: what is in sealed files, without opening anything."""

import json
from pathlib import Path

from tests.support.builders import other_sealing_key, sealed_secret, sealing_key
from tests.support.cli import CERTIFICATE, sealwright
from tests.support.gitrepo import GitRepo
from tests.support.testkeys import key

from sealwright_cli.messages.exitcodes import ExitStatus
from sealwright_crypto import Secret, seal

HERE = sealing_key().certificate.fingerprint


def test_a_table_for_people(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps(sealed_secret(items={"password": b"hunter2", "a": b""})))
    run = sealwright("inspect", path, "--cert", CERTIFICATE)
    assert run.status == ExitStatus.OK
    assert run.stdout.decode() == (
        f"{path}: team-a/db (strict), 2 items\n"
        f"  ITEM      SIZE  KEY{' ' * 31}STATE    AGE\n"
        f"  a         0 B   {HERE[:32]}  current  -\n"
        f"  password  7 B   {HERE[:32]}  current  -\n"
        f"\ncompared with {CERTIFICATE}: key {HERE[:32]}\n"
    )


def states(manifest: dict[str, object], *options: str | Path) -> list[tuple[str, int | None]]:
    run = sealwright("inspect", *options, "-o", "json", stdin=json.dumps(manifest))
    assert run.status == ExitStatus.OK
    return [(item["state"], item["keyBits"]) for item in run.json["objects"][0]["items"]]


def test_a_key_is_current_older_or_unknown() -> None:
    other = sealed_secret(certificate=other_sealing_key().certificate)
    unnamed = sealed_secret(hints=False)
    large = sealed_secret(certificate=key("large-4096").certificate, hints=False)
    given = ("--cert", CERTIFICATE)
    assert states(sealed_secret(), *given) == [("current", 2048)]
    assert states(other, *given) == [("older", 2048)]
    assert states(unnamed, *given) == [("unknown", 2048)]
    assert states(large, *given) == [("older", 4096)]
    assert states(sealed_secret()) == [("unknown", 2048)]


def test_a_damaged_ciphertext_is_told_and_is_no_error() -> None:
    manifest = sealed_secret()
    manifest["spec"]["encryptedData"]["token"] = "Q0hBTkdFTUU="
    run = sealwright("inspect", stdin=json.dumps(manifest))
    assert run.status == ExitStatus.OK
    assert b"damaged: is no ciphertext, but base64 of a text" in run.stdout
    assert b"Q0hB" not in run.stdout


def test_files_folders_lists_and_the_deprecated_form(tmp_path: Path) -> None:
    legacy = sealed_secret(items={}, hints=False)
    legacy["spec"] = {"data": seal(Secret("db", "team-a", {"x": b"{}"}), sealing_key().certificate).items["x"]}
    listed = {"apiVersion": "v1", "kind": "List", "items": [sealed_secret(), sealed_secret(name="other")]}
    (tmp_path / "a.json").write_text(json.dumps(listed))
    (tmp_path / "b.json").write_text(json.dumps(legacy))
    (tmp_path / "c.yaml").write_text("apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nspec: {encryptedData: 1}\n")
    run = sealwright("inspect", tmp_path, "-o", "json")
    assert run.status == ExitStatus.INPUT
    assert [(one["name"], one["form"], len(one["items"])) for one in run.json["objects"]] == [
        ("db", "encryptedData", 1),
        ("other", "encryptedData", 1),
        ("db", "data", 1),
    ]
    assert len(run.json["errors"]) == 1
    assert "warning: " in run.stderr
    assert "the form spec.data is deprecated" in run.stderr
    assert "c.yaml" in run.stderr


def test_nothing_is_printed_where_nothing_could_be_read(tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text("apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nspec: {encryptedData: 1}\n")
    run = sealwright("inspect", tmp_path / "c.yaml", "--cert", CERTIFICATE)
    assert (run.status, run.stdout) == (ExitStatus.INPUT, b"")


def test_a_file_without_a_namespace_is_inspected() -> None:
    manifest = sealed_secret()
    del manifest["metadata"]["namespace"]
    run = sealwright("inspect", stdin=json.dumps(manifest))
    assert b"standard input: db (strict), 1 item\n" in run.stdout
    run = sealwright("inspect", "-n", "team-b", stdin=json.dumps(manifest))
    assert b"standard input: team-b/db (strict), 1 item\n" in run.stdout


def test_ages_come_from_the_history(tmp_path: Path) -> None:
    repo, path = GitRepo(tmp_path), tmp_path / "a.json"
    manifest = sealed_secret()
    path.write_text(json.dumps(manifest))
    repo.commit()
    manifest["spec"]["encryptedData"]["token"] = sealed_secret()["spec"]["encryptedData"]["password"]
    path.write_text(json.dumps(manifest))
    repo.commit(4)
    manifest["spec"]["encryptedData"]["new"] = sealed_secret()["spec"]["encryptedData"]["password"]
    path.write_text(json.dumps(manifest))
    run = sealwright("inspect", path, "-o", "json")
    assert {item["name"]: item["sealed"] for item in run.json["objects"][0]["items"]} == {
        "password": "2026-03-01T12:00:00Z",
        "token": "2026-03-05T12:00:00Z",
        "new": None,
    }
