"""Directory mode as a whole: its folders, its troubles, how it notices changes, and that it tells no secrets.

What every gateway does is in test_gateways.py, files of people in test_dirgateway_files.py, Secrets and keys in
test_dirgateway_secrets.py, the parts by themselves in test_directory_parts.py.
"""

import base64
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from structlog.testing import capture_logs
from tests.support.builders import sealing_key
from tests.support.directories import (
    DB,
    LINKS,
    Make,
    load,
    mode,
    owned,
    problems,
    put,
    sealed_names,
    secret,
)
from tests.support.following import Following
from tests.support.wait import eventually, stays_true
from tests.support.worlds import key_secret

from sealwright_controller.directory.gateway import DirGateway, Layout
from sealwright_controller.gateway import (
    KEY_LABEL,
    Event,
    ExpiredError,
    Resource,
    UnavailableError,
)

PRIVATE_ON_POSIX = pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")


class TestFolders:
    def test_a_new_directory_gets_what_it_needs(self, root: Path, make: Make) -> None:
        make()
        assert sorted(path.name for path in root.iterdir()) == [
            ".controller.lock",
            "keys",
            "sealed",
            "secrets",
            "status",
        ]

    @PRIVATE_ON_POSIX
    def test_keys_and_secrets_are_their_owners_alone(self, root: Path, make: Make) -> None:
        (root / "keys").mkdir(parents=True)
        (root / "keys").chmod(0o755)  # a person's own `mkdir`
        gateway = make()
        key = gateway.create_sealing_key(key_secret(sealing_key(), generateName="key-", labels={KEY_LABEL: "active"}))
        gateway.create_secret(secret())
        private = [root / "keys", root / "secrets", root / "secrets" / "default"]
        assert [mode(path) for path in private] == [0o700] * 3
        files = [root / "keys" / f"{key['metadata']['name']}.yaml", root / "secrets" / "default" / "db.yaml"]
        assert [mode(path) for path in files] == [0o600] * 2

    def test_without_its_sealed_secrets_a_known_directory_waits(self, root: Path, make: Make) -> None:
        gateway = make()
        put(root, "sealed/db.yaml")
        gateway.create_secret(secret(**owned(gateway)))
        gateway.close()
        (root / "sealed").rename(root / "unmounted")
        with Following(make(poll_seconds=0.02), Resource.SECRETS, "0") as changes:
            eventually(lambda: changes.has_ended, what="a watch of an old version")
        gateway = make(poll_seconds=0.02)
        with Following(gateway, Resource.SECRETS, gateway.list_page(Resource.SECRETS).resource_version):
            with pytest.raises(UnavailableError, match="sealed"):
                gateway.list_page(Resource.SEALED_SECRETS)
            stays_true(lambda: gateway.get_secret(DB), seconds=0.3, what="the Secret is left alone")
            (root / "unmounted").rename(root / "sealed")
            assert sealed_names(gateway) == ["default/db"]

    def test_what_a_killed_controller_left_half_written_is_removed(self, root: Path, make: Make) -> None:
        left = [put(root, f"{name}/.0123456789abcdef.tmp", "half") for name in ("keys", "secrets/default", "status/x")]
        make()
        assert not any(path.exists() for path in left)


class TestTroubles:
    """The disk is not always what one wants; afterwards all is as if nothing had been."""

    def test_a_folder_that_cannot_be_written_is_named(self, root: Path, make: Make) -> None:
        gateway = make()
        in_the_way = put(root, "secrets/default", "a file, where a folder should be")
        with pytest.raises(UnavailableError, match="secrets/default" if os.sep == "/" else "secrets"):
            gateway.create_secret(secret())
        in_the_way.unlink()
        gateway.create_secret(secret())

    @pytest.mark.parametrize("layout", ["manifests", pytest.param("files", marks=LINKS)])
    def test_a_full_disk_leaves_the_old_secret_and_nothing_half_written(
        self, root: Path, make: Make, layout: Layout, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        gateway = make(layout=layout)
        made = gateway.create_secret(secret())
        before = sorted((root / "secrets").rglob("*"))
        with monkeypatch.context() as disk:
            disk.setattr(os, "fsync", _no_space)
            with pytest.raises(UnavailableError, match="No space left"):
                gateway.replace_secret({**made, "data": {"password": "bmV3"}})
        assert sorted((root / "secrets").rglob("*")) == before
        assert gateway.get_secret(DB) == made
        replaced = gateway.replace_secret({**made, "data": {"password": "bmV3"}})
        assert replaced["data"] == {"password": "bmV3"}

    def test_a_status_that_cannot_be_written_is_trouble_and_an_identity_is_not(self, root: Path, make: Make) -> None:
        gateway = make()
        in_the_way = put(root, "status/default", "a file, where a folder should be")
        put(root, "sealed/db.yaml")
        uid = owned(gateway)["ownerReferences"][0]["uid"]
        with pytest.raises(UnavailableError, match="status"):
            gateway.write_status(DB, uid, {"observedGeneration": 1})
        in_the_way.unlink()
        gateway.write_status(DB, uid, {"observedGeneration": 1})
        assert load(root / "status" / "default" / "db.yaml")["sealedSecret"]["uid"] == uid

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
    def test_an_event_that_cannot_be_written_is_logged(self, root: Path, make: Make) -> None:
        gateway = make()
        (root / "events.log").symlink_to("/dev/full")
        with capture_logs() as logs:
            gateway.record_event(Event(DB, "uid", "Normal", "Unsealed", "well"))
        assert [(entry["event"], entry["object"]) for entry in logs] == [("event not written", "default/db")]

    def test_a_directory_that_cannot_be_made_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(UnavailableError, match="missing"):
            DirGateway(tmp_path / "missing" / "root", clock=lambda: datetime.now(UTC))


class TestWatching:
    def test_without_notifications_folders_are_looked_at_from_time_to_time(self, root: Path, make: Make) -> None:
        gateway = make(notifications=False, poll_seconds=0.02)
        version = gateway.list_page(Resource.SEALED_SECRETS).resource_version
        with Following(gateway, Resource.SEALED_SECRETS, version) as changes:
            put(root, "sealed/db.yaml")
            changes.wait_for("ADDED", "db")

    def test_without_the_package_for_notifications_too(
        self, root: Path, make: Make, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(sys.modules, "watchdog.observers", None)
        gateway = make(poll_seconds=0.02)
        version = gateway.list_page(Resource.SEALED_SECRETS).resource_version
        with Following(gateway, Resource.SEALED_SECRETS, version) as changes:
            put(root, "sealed/db.yaml")
            changes.wait_for("ADDED", "db")

    @pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux is known to notify at once")
    def test_with_notifications_nobody_has_to_wait_for_the_next_look(self, root: Path, make: Make) -> None:
        gateway = make(poll_seconds=3600)
        version = gateway.list_page(Resource.SEALED_SECRETS).resource_version
        with Following(gateway, Resource.SEALED_SECRETS, version) as changes:
            put(root, "sealed/a/b/db.yaml")
            changes.wait_for("ADDED", "db")
            (root / "sealed" / "a").rename(root / "elsewhere")
            changes.wait_for("DELETED", "db")

    def test_a_page_token_is_nobodys(self, make: Make) -> None:
        with pytest.raises(ExpiredError):
            make().list_page(Resource.SECRETS, "1")

    def test_versions_of_secrets_have_an_order(self, make: Make) -> None:
        gateway = make()
        made = gateway.create_secret(secret())
        versions = [int(made["metadata"]["resourceVersion"])]
        for number in range(20):
            data = {"password": base64.b64encode(str(number).encode()).decode()}
            made = gateway.replace_secret({**made, "data": data})
            versions.append(int(made["metadata"]["resourceVersion"]))
        assert versions == sorted(set(versions))

    def test_a_secret_from_the_future_holds_up_nobody(self, root: Path, make: Make) -> None:
        gateway = make(poll_seconds=0.02)
        path = put(root, "secrets/default/db.yaml", secret())
        os.utime(path, (4_000_000_000, 4_000_000_000))
        page = gateway.list_page(Resource.SECRETS)
        with Following(gateway, Resource.SECRETS, page.items[0]["metadata"]["resourceVersion"]) as changes:
            gateway.create_secret(secret("other"))
            changes.wait_for("ADDED", "other")


def test_nothing_secret_is_in_log_status_or_events(root: Path, make: Make) -> None:
    gateway = make(poll_seconds=0.02)
    put(root, "sealed/db.yaml")
    with (
        capture_logs() as logs,
        Following(gateway, Resource.SECRETS, gateway.list_page(Resource.SECRETS).resource_version) as changes,
    ):
        made = gateway.create_secret(secret(**owned(gateway)))
        uid = owned(gateway)["ownerReferences"][0]["uid"]
        record = {name: made["metadata"][name] for name in ("uid", "resourceVersion")}
        gateway.write_status(DB, uid, {"secret": record})
        put(root, "secrets/default/db.yaml", "data: {password: 'plaintext', password: plaintext")
        put(root, "sealed/bad.yaml", "stringData: {password: 'plaintext', password: plaintext")
        changes.wait_for("MODIFIED", "db")
        eventually(lambda: len(problems(root)) == 2, what="both files are told")
        (root / "secrets" / "default" / "db.yaml").unlink()
        gateway.create_secret(secret(**owned(gateway)))
        (root / "sealed" / "db.yaml").unlink()
        eventually(lambda: not (root / "secrets" / "default" / "db.yaml").exists(), what="the Secret was collected")
    told = [path for path in root.rglob("*") if path.is_file() and "sealed" not in path.parts]
    texts = [str(logs), *(path.read_text() for path in told)]
    for value in ("plaintext", "cGxhaW50ZXh0"):
        assert not any(value in text for text in texts)


def _no_space(_: int) -> None:
    raise OSError(28, "No space left on device")
