"""Directory mode's Secrets, in both layouts, and its sealing keys: what is written, and what people may do to it."""

import base64
import contextlib
import json
import os
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from tests.support.builders import sealing_key
from tests.support.directories import (
    DB,
    LINKS,
    Make,
    mode,
    owned,
    problems,
    put,
    secret,
)
from tests.support.worlds import key_secret

from sealwright_controller.directory.gateway import Layout
from sealwright_controller.gateway import (
    KEY_LABEL,
    AlreadyExistsError,
    ConflictError,
    ObjectKey,
    RefusedError,
    Resource,
    UnavailableError,
)
from sealwright_controller.keys.keysecrets import key_manifest, read_key
from sealwright_controller.settings import KeySettings


class TestSecretManifests:
    def test_it_is_a_manifest_that_every_reader_of_yaml_reads_alike(self, root: Path, make: Make) -> None:
        annotations = {"yes": "no", "n": "1_000", "time": "12:30:45", "colon": "a: b", "lines": "a\nb", "null": "~"}
        made = make().create_secret(secret(annotations=annotations))
        text = (root / "secrets" / "default" / "db.yaml").read_text()
        for version in ("1.1", "1.2"):
            reader = YAML(typ="safe", pure=True)
            reader.version = version
            read = reader.load(text)
            assert read["metadata"]["annotations"] == annotations
            assert read["data"] == made["data"]
            assert (read["apiVersion"], read["kind"], read["type"]) == ("v1", "Secret", "Opaque")

    @pytest.mark.parametrize(
        ("content", "told"),
        [
            pytest.param("a: [", "line 1", id="not YAML"),
            pytest.param("", "not one document", id="empty"),
            pytest.param("kind: Pod", "not a v1 Secret", id="another kind"),
            pytest.param(secret("other"), "of another name", id="a Secret of another name"),
            pytest.param(secret() | {"data": {"a": "no base64"}}, "data[a]: is not base64", id="not base64"),
        ],
    )
    def test_a_spoilt_one_is_nobodys_until_a_person_removes_it(
        self, root: Path, make: Make, content: str | dict[str, Any], told: str
    ) -> None:
        gateway = make()
        put(root, "sealed/db.yaml")
        gateway.create_secret(secret(**owned(gateway)))
        path = put(root, "secrets/default/db.yaml", content)
        found = gateway.get_secret(DB) or {}
        assert found["metadata"]["name"] == "db"
        assert "ownerReferences" not in found["metadata"]
        assert "data" not in found
        [listed] = gateway.list_page(Resource.SECRETS).items
        assert listed["metadata"] == found["metadata"]
        assert told in problems(root)["Secret default/db"]
        with pytest.raises(AlreadyExistsError):
            gateway.create_secret(secret())
        path.unlink()
        gateway.create_secret(secret())
        gateway.list_page(Resource.SECRETS)
        assert problems(root) == {}

    def test_a_hand_written_one_may_use_string_data_and_leave_out_its_name(self, root: Path, make: Make) -> None:
        put(root, "secrets/default/db.yaml", {"apiVersion": "v1", "kind": "Secret", "stringData": {"a": "text"}})
        found = make().get_secret(DB) or {}
        assert found["data"] == {"a": base64.b64encode(b"text").decode()}
        assert (found["type"], found["metadata"]["name"]) == ("Opaque", "db")

    @pytest.mark.parametrize("layout", ["manifests", pytest.param("files", marks=LINKS)])
    def test_an_edit_that_leaves_the_files_time_as_it_was_is_seen(self, root: Path, make: Make, layout: Layout) -> None:
        gateway = make(layout=layout)
        made = gateway.create_secret(secret())
        name, old, new = ("db/user", b"admin", b"ADMIN") if layout == "files" else ("db.yaml", b"YWRtaW4=", b"QURNSU4=")
        path = root / "secrets" / "default" / name
        time = path.stat().st_mtime_ns
        path.write_bytes(path.read_bytes().replace(old, new))
        os.utime(path, ns=(time, time))
        [listed] = gateway.list_page(Resource.SECRETS).items
        assert listed["metadata"]["resourceVersion"] != made["metadata"]["resourceVersion"]
        assert (gateway.get_secret(DB) or {})["data"]["user"] == "QURNSU4="

    @pytest.mark.parametrize("layout", ["manifests", pytest.param("files", marks=LINKS)])
    def test_an_edit_while_it_is_written_does_not_pass_for_what_was_written(
        self, root: Path, make: Make, layout: Layout, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        gateway = make(layout=layout)
        name, old, new = ("db/user", b"admin", b"ADMIN") if layout == "files" else ("db.yaml", b"YWRtaW4=", b"QURNSU4=")
        path, written = root / "secrets" / "default" / name, gateway._secrets._layout.write

        def write(*arguments: Any) -> None:
            written(*arguments)
            path.write_bytes(path.read_bytes().replace(old, new))

        monkeypatch.setattr(gateway._secrets._layout, "write", write)
        with pytest.raises(ConflictError, match="changed while it was written"):
            gateway.create_secret(secret())
        assert (gateway.get_secret(DB) or {})["data"]["user"] == "QURNSU4="

    @LINKS
    def test_one_that_cannot_be_read_stops_no_other(self, root: Path, make: Make) -> None:
        gateway = make()
        gateway.create_secret(secret("other"))
        loop = root / "secrets" / "default" / "db.yaml"
        loop.symlink_to(loop)
        assert [item["metadata"]["name"] for item in gateway.list_page(Resource.SECRETS).items] == ["other"]
        assert "db.yaml" in problems(root)["Secret default/db"]
        with pytest.raises(UnavailableError, match=r"db\.yaml"):
            gateway.get_secret(DB)
        loop.unlink()
        gateway.list_page(Resource.SECRETS)
        assert problems(root) == {}

    @pytest.mark.parametrize("name", ["../db", "a/b", "..", "", ".hidden", "UPPER", "a\x00b", "C:\\db"])
    def test_a_name_never_becomes_a_path_elsewhere(self, root: Path, make: Make, name: str) -> None:
        gateway = make()
        for key in (ObjectKey("default", name), ObjectKey(name, "db")):
            with pytest.raises(RefusedError):
                gateway.create_secret({**secret(), "metadata": {"name": key.name, "namespace": key.namespace}})
            with pytest.raises(RefusedError):
                gateway.get_secret(key)
        assert list((root / "secrets").rglob("*")) == []

    def test_a_name_that_the_file_system_cannot_hold_is_refused(self, make: Make) -> None:
        name = ".".join(["x" * 62] * 4)  # 251 characters, and a suffix
        with pytest.raises(RefusedError, match="too long"):
            make().create_secret(secret(name))


@LINKS
class TestSecretVolumes:
    def test_they_look_like_a_mounted_volume(self, root: Path, make: Make) -> None:
        make(layout="files").create_secret(secret())
        folder = root / "secrets" / "default" / "db"
        assert sorted(path.name for path in folder.iterdir() if not path.name.startswith("..")) == ["password", "user"]
        assert (folder / "password").read_bytes() == b"plaintext"
        assert str((folder / "password").readlink()) == "..data/password"
        assert (mode(folder), mode(folder / "..data"), mode(folder / "password")) == (0o700, 0o700, 0o600)

    def test_an_update_leaves_nothing_of_the_old_values(self, root: Path, make: Make) -> None:
        gateway = make(layout="files")
        made = gateway.create_secret(secret())
        gateway.replace_secret({**made, "data": {"user": "cm9vdA=="}})
        everything = [path for path in (root / "secrets").rglob("*") if path.is_file()]
        assert {path.read_bytes() for path in everything if path.name != "..secret.yaml"} == {b"root"}
        assert len(list((root / "secrets" / "default" / "db").iterdir())) == 3

    def test_values_that_belong_together_are_seen_together(self, root: Path, make: Make) -> None:
        gateway = make(layout="files")
        made = gateway.create_secret(secret())
        folder = root / "secrets" / "default" / "db"
        torn, stopping = [], threading.Event()

        def read() -> None:
            while not stopping.is_set():
                with contextlib.suppress(FileNotFoundError):  # the version that was looked into is gone: look again
                    version = folder / (folder / "..data").readlink()
                    values = {(version / name).read_bytes() for name in ("password", "user")}
                    torn.append(values) if len(values) > 1 else None

        reader = threading.Thread(target=read)
        values = base64.b64encode(b"0").decode()
        made = gateway.replace_secret({**made, "data": {"password": values, "user": values}})
        reader.start()
        for number in range(1, 50):
            values = base64.b64encode(str(number).encode()).decode()
            made = gateway.replace_secret({**made, "data": {"password": values, "user": values}})
        stopping.set()
        reader.join()
        assert torn == []

    def test_a_file_put_over_a_link_by_hand_is_an_edit_and_can_be_undone(self, root: Path, make: Make) -> None:
        gateway = make(layout="files")
        made = gateway.create_secret(secret())
        link = root / "secrets" / "default" / "db" / "password"
        link.unlink()
        link.write_text("edited")
        edited = gateway.get_secret(DB) or {}
        assert base64.b64decode(edited["data"]["password"]) == b"edited"
        gateway.replace_secret({**edited, "data": made["data"]})
        assert link.read_bytes() == b"plaintext"
        assert link.is_symlink()

    @pytest.mark.parametrize(("before", "after"), [("manifests", "files"), ("files", "manifests")])
    def test_changing_the_layout_leaves_no_value_behind(
        self, root: Path, make: Make, before: Layout, after: Layout
    ) -> None:
        first = make(layout=before)
        put(root, "sealed/db.yaml")
        first.create_secret(secret(**owned(first)))
        first.close()
        gateway = make(layout=after)
        assert gateway.list_page(Resource.SECRETS).items == []
        assert [path for path in (root / "secrets").rglob("*") if not path.is_dir()] == []


class TestKeys:
    def test_a_backup_of_many_keys_can_be_put_there_as_it_is(self, root: Path, make: Make) -> None:
        gateway = make()
        keys = [
            key_secret(
                sealing_key(), name=name, namespace="kube-system", uid=f"uid-{name}", labels={KEY_LABEL: "active"}
            )
            for name in ("one", "two")
        ]
        put(root, "keys/backup.json", {"apiVersion": "v1", "kind": "List", "items": keys})
        found = gateway.list_page(Resource.SEALING_KEYS).items
        assert [str(ObjectKey.of(key)) for key in found] == ["kube-system/one", "kube-system/two"]
        assert [key["metadata"]["uid"] for key in found] == ["uid-one", "uid-two"]

    def test_a_bad_key_file_is_told_and_stops_no_other(self, root: Path, make: Make) -> None:
        gateway = make()
        labels = {KEY_LABEL: "active"}
        put(root, "keys/good.json", key_secret(sealing_key(), name="good", labels=labels))
        put(root, "keys/bad.yaml", "a: [")
        put(root, "keys/half.json", key_secret(sealing_key(), name="half", labels=labels) | {"data": {}})
        assert [key["metadata"]["name"] for key in gateway.list_page(Resource.SEALING_KEYS).items] == ["good"]
        assert set(problems(root)) == {"keys/bad.yaml", "keys/half.json"}

    @pytest.mark.parametrize("uid", [None, "", 5, ["x"], {"a": "b"}])
    def test_a_key_without_a_uid_that_is_text_gets_one(self, root: Path, make: Make, uid: Any) -> None:
        put(root, "keys/key.json", key_secret(sealing_key(), name="key", labels={KEY_LABEL: "active"}, uid=uid))
        (found,) = make().list_page(Resource.SEALING_KEYS).items
        assert isinstance(found["metadata"]["uid"], str)
        assert found["metadata"]["uid"]

    @pytest.mark.parametrize("quote", ["", '"'])
    def test_a_file_may_say_when_its_secret_was_created(self, root: Path, make: Make, quote: str) -> None:
        text = json.dumps(key_secret(sealing_key(), name="key", labels={KEY_LABEL: "active"}, creationTimestamp="WHEN"))
        put(root, "keys/key.yaml", text.replace('"WHEN"', f"{quote}2027-01-02T03:04:05Z{quote}"))
        (found,) = make().list_page(Resource.SEALING_KEYS).items
        assert read_key(found).created == datetime(2027, 1, 2, 3, 4, 5, tzinfo=UTC)

    def test_a_key_made_here_says_it_in_its_file(self, root: Path, make: Make) -> None:
        made = make().create_sealing_key(key_manifest(sealing_key(), KeySettings()))
        (path,) = (root / "keys").glob("*.yaml")
        read = YAML(typ="safe", pure=True).load(path.read_text())
        assert read["metadata"]["creationTimestamp"] == made["metadata"]["creationTimestamp"]
        assert read_key(made).created > sealing_key().certificate.not_before
