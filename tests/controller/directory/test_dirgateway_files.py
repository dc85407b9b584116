"""Directory mode and the files of people: of all kinds, in all states, and what is remembered of what was in them."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs
from tests.support.builders import sealing_key
from tests.support.directories import (
    DB,
    LINKS,
    TEXT,
    Make,
    Time,
    load,
    manifest,
    owned,
    problems,
    put,
    sealed_names,
    secret,
)
from tests.support.following import Following
from tests.support.wait import eventually, stays_true
from tests.support.worlds import key_secret

from sealwright_controller.directory.files import MAX_FILE_BYTES
from sealwright_controller.directory.manifests import IN_PLAIN_TEXT
from sealwright_controller.gateway import (
    KEY_LABEL,
    Resource,
)

NAMED = "name: db"
PLAIN_TEXT = "{apiVersion: v1, kind: Secret, metadata: {name: db}, stringData: {a: hunter2}}\n"
FOUND: dict[str, tuple[dict[str, str | bytes | dict[str, Any]], list[str]]] = {
    "YAML without a namespace": ({"db.yaml": TEXT}, ["default/db"]),
    "yml": ({"db.yml": manifest(namespace="team-a")}, ["team-a/db"]),
    "JSON": ({"db.json": manifest()}, ["default/db"]),
    "a suffix in capitals": ({"db.JSON": manifest()}, ["default/db"]),
    "folders in folders": ({"a/b/db.yaml": TEXT}, ["default/db"]),
    "many documents": ({"all.yaml": f"---\n{TEXT}---\n{TEXT.replace('db', 'x')}---\n"}, ["default/db", "default/x"]),
    "a List": ({"list.json": {"kind": "List", "items": [manifest("a"), manifest("b")]}}, ["default/a", "default/b"]),
    "a typed List": ({"list.yaml": {"kind": "SealedSecretList", "items": [manifest("a")]}}, ["default/a"]),
    "other kinds beside it": ({"db.yaml": TEXT, "pod.yaml": {"kind": "Pod"}, "x.yaml": "- a list"}, ["default/db"]),
    "a Secret of another API": ({"x.yaml": {"apiVersion": "example.com/v1", "kind": "Secret"}}, []),
    "other and hidden files": ({"db.txt": TEXT, "db.yaml~": TEXT, ".db.yaml": TEXT, ".git/db.yaml": TEXT}, []),
    "UTF-16": ({"db.yaml": TEXT.encode("utf-16")}, ["default/db"]),
    "BOM and CRLF": ({"db.yaml": b"\xef\xbb\xbf" + TEXT.replace("\n", "\r\n").encode()}, ["default/db"]),
    "a Secret that Helm has to fill in": (
        {"x.yaml": PLAIN_TEXT.replace("hunter2", "'{{ .Values.password }}'")},
        [],
    ),
    "empty files": ({"empty.yaml": "", "comment.yaml": "# nothing"}, []),
}
BOMB = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 9))
BAD: dict[str, tuple[str | bytes, str]] = {
    "not YAML": ("a: [", "line 1: expected the node content"),
    "a version that no YAML has": ("%YAML 1.11\n---\na: b\n", "line 1: found incompatible YAML document"),
    "a key twice": (f"{TEXT}kind: x", "a key is there twice"),
    "an alias of itself": ("a: &a [*a]", "line 1: an alias (*) names an anchor (&) that is not defined"),
    "a tag": (f"{TEXT}x: !!python/object:os.system x", "a tag that Kubernetes does not know"),
    "a tag without end": ("!" * 1_000_000, "line 1: a tag of more than 1,000 characters"),
    "a list as key": (f"{TEXT}? [a]\n: b", "a list or a map cannot be a key"),
    "a control character": ("a: \x00", "a character that YAML does not allow"),
    "not UTF-8": (b"a: \xff\xfe", "not UTF-8"),
    "nested without end": ("[" * 1_000_000, "line 1: nested more than 100 levels deep"),
    "more values than a person has": ("[" + "x," * 50_001, "more than 50,000 values"),
    "text": ("<<<<<<< HEAD", "text, not a manifest"),
    "a bomb of aliases": (BOMB, "aliases are expanded"),
    "too large": ("x" * (MAX_FILE_BYTES + 1), "larger than 2 MiB"),
    "a path as name": (TEXT.replace("db", "../../keys/x"), "metadata.name is not a DNS name"),
    "a path as namespace": (TEXT.replace(NAMED, "name: db, namespace: .."), "metadata.namespace is not"),
    "our own file's name": (
        TEXT.replace(NAMED, "name: db, namespace: _files"),
        "metadata.namespace is not",
    ),
    "an endless name": (TEXT.replace("db", "x" * 254), "metadata.name is not"),
    "no name": (TEXT.replace(NAMED, "generateName: db"), "metadata.name is not"),
    "a number as name": (TEXT.replace(NAMED, "name: 7"), "metadata.name is not"),
    "another apiVersion": (TEXT.replace("v1alpha1", "v1alpha2"), "not read as a SealedSecret"),
    "no apiVersion": (TEXT.replace("apiVersion: bitnami.com/v1alpha1\n", ""), "write apiVersion: bitnami.com/v1alpha1"),
    "a kind in other capitals": (TEXT.replace("kind: SealedSecret", "kind: Sealedsecret"), "and kind: SealedSecret"),
    "metadata that is no map": (TEXT.replace("{name: db}", "db"), "metadata: is not a map"),
}
PLAIN: dict[str, tuple[str, list[int]]] = {
    "YAML": (PLAIN_TEXT, [1]),
    "a template for another tool": (PLAIN_TEXT.replace("hunter2", "!vault hunter2"), [1]),
    "one value that Helm has to fill in": (PLAIN_TEXT.replace("{a:", "{b: '{{ .Values.b }}', a:"), [1]),
    "a value within a placeholder": (PLAIN_TEXT.replace("hunter2", "'{{ \"hunter2\" }}'"), [1]),
    "two in a file": (f"kind: Pod\n---\n{PLAIN_TEXT}---\n{PLAIN_TEXT}", [2, 3]),
    "in a List": (f"kind: List\nitems:\n- {PLAIN_TEXT}", [1]),
    "in a SecretList": ("kind: SecretList\nitems:\n- {metadata: {name: db}, stringData: {a: hunter2}}\n", [1]),
    "without apiVersion": (PLAIN_TEXT.replace("apiVersion: v1, ", ""), [1]),
    "a kind in other capitals": (PLAIN_TEXT.replace("Secret", "secret"), [1]),
    "of a version that does not exist": (PLAIN_TEXT.replace("v1", "v2"), [1]),
}


class TestSealedFiles:
    @pytest.mark.parametrize(("files", "names"), FOUND.values(), ids=FOUND)
    def test_what_is_found(
        self, root: Path, make: Make, files: dict[str, str | bytes | dict[str, Any]], names: list[str]
    ) -> None:
        gateway = make()
        for name, content in files.items():
            put(root, f"sealed/{name}", content)
        assert sealed_names(gateway) == names
        assert problems(root) == {}

    @pytest.mark.parametrize(("content", "told"), BAD.values(), ids=BAD)
    def test_a_bad_file_is_told_once_and_stops_no_other(
        self, root: Path, make: Make, content: str | bytes, told: str
    ) -> None:
        gateway = make()
        put(root, "sealed/bad.yaml", content)
        put(root, "sealed/good.yaml")
        with capture_logs() as logs:
            for _ in range(3):
                assert sealed_names(gateway) == ["default/db"]
        assert [entry["file"] for entry in logs] == ["sealed/bad.yaml"]
        assert told in problems(root)["sealed/bad.yaml"]
        put(root, "sealed/bad.yaml", TEXT.replace("db", "db2"))
        assert sealed_names(gateway) == ["default/db", "default/db2"]
        assert problems(root) == {}

    def test_a_bad_object_stops_no_other_in_its_file(self, root: Path, make: Make) -> None:
        gateway = make()
        put(root, "sealed/all.yaml", f"{TEXT.replace('db', 'NO')}---\n{TEXT}---\n{TEXT.replace('db', 'fine')}")
        assert sealed_names(gateway) == ["default/db", "default/fine"]
        assert problems(root)["sealed/all.yaml"].startswith("object 1: metadata.name")

    @pytest.mark.parametrize(("content", "told"), PLAIN.values(), ids=PLAIN)
    def test_a_secret_in_plain_text_is_told_once_for_each_version_of_its_file(
        self, root: Path, make: Make, content: str, told: list[int]
    ) -> None:
        gateway = make()
        put(root, "sealed/secret.yaml", content)
        put(root, "sealed/good.yaml")
        with capture_logs() as logs:
            for _ in range(3):
                assert sealed_names(gateway) == ["default/db"]
        assert [(entry["log_level"], entry["file"]) for entry in logs] == [("warning", "sealed/secret.yaml")]
        assert problems(root) == {
            "sealed/secret.yaml": "; ".join(f"object {number}: {IN_PLAIN_TEXT}" for number in told)
        }
        put(root, "sealed/secret.yaml", content.replace("hunter2", "hunter23"))
        with capture_logs() as again:
            assert sealed_names(gateway) == ["default/db"]
        assert [entry["file"] for entry in again] == ["sealed/secret.yaml"]
        assert "hunter2" not in f"{logs}{again}{problems(root)}"
        (root / "sealed" / "secret.yaml").unlink()
        assert sealed_names(gateway) == ["default/db"]
        assert problems(root) == {}

    def test_a_sealed_secret_beside_a_secret_in_plain_text_is_found(self, root: Path, make: Make) -> None:
        gateway = make()
        put(root, "sealed/both.yaml", f"{TEXT}---\n{PLAIN_TEXT}")
        assert sealed_names(gateway) == ["default/db"]
        assert problems(root) == {"sealed/both.yaml": f"object 2: {IN_PLAIN_TEXT}"}

    def test_a_wrong_shape_within_is_the_reconcilers_business(self, root: Path, make: Make) -> None:
        gateway = make()
        put(root, "sealed/db.yaml", manifest() | {"spec": 7})
        assert (gateway.get_sealed_secret(DB) or {})["spec"] == 7

    def test_what_only_a_server_can_say_is_not_believed(self, root: Path, make: Make) -> None:
        gateway = make()
        exported = manifest()
        exported["metadata"] |= {
            "uid": "theirs",
            "generation": 9,
            "resourceVersion": "9",
            "deletionTimestamp": "2026-01-01T00:00:00Z",
            "creationTimestamp": "2020-01-01T00:00:00Z",
            "managedFields": [],
        }
        put(root, "sealed/db.json", exported | {"status": {"observedGeneration": 9}})
        found = gateway.get_sealed_secret(DB) or {}
        assert found["metadata"]["uid"] != "theirs"
        assert found["metadata"]["generation"] == 1
        assert not {"deletionTimestamp", "managedFields"} & set(found["metadata"])
        assert "status" not in found

    @LINKS
    def test_links_are_followed_but_not_in_circles(self, root: Path, make: Make) -> None:
        gateway = make()
        put(root, "sealed/.worktrees/1a2b/db.yaml")
        put(root, "sealed/..2026/single.yaml", TEXT.replace("db", "single"))
        (root / "sealed" / "current").symlink_to(".worktrees/1a2b")  # as git-sync has it
        (root / "sealed" / "..data").symlink_to("..2026")
        (root / "sealed" / "single.yaml").symlink_to("..data/single.yaml")  # as Kubernetes mounts volumes
        (root / "sealed" / "again").symlink_to(root / "sealed")
        (root / "sealed" / "broken.yaml").symlink_to("nowhere")
        (root / "sealed" / "round.yaml").symlink_to("round.yaml")
        assert sealed_names(gateway) == ["default/db", "default/single"]
        told = problems(root)
        assert told.pop("sealed/round.yaml").startswith("cannot look at")
        assert told == {"sealed/broken.yaml": "a link that leads nowhere"}

    @LINKS
    def test_the_folder_itself_may_be_a_link(self, root: Path, make: Make, tmp_path: Path) -> None:
        put(tmp_path, "git/.worktrees/1a2b/team-a/db.yaml")
        (tmp_path / "git" / "current").symlink_to(".worktrees/1a2b")
        root.mkdir()
        (root / "sealed").symlink_to(tmp_path / "git" / "current")
        assert sealed_names(make()) == ["default/db"]
        assert problems(root) == {}

    @LINKS
    def test_a_link_to_a_secret_tells_nothing_of_it(self, root: Path, make: Make, tmp_path: Path) -> None:
        gateway = make()
        put(tmp_path, "shadow", "root: 'hunter2\n*hunter2: [hunter2")
        (root / "sealed" / "db.yaml").symlink_to(tmp_path / "shadow")
        with capture_logs() as logs:
            assert sealed_names(gateway) == []
        assert "sealed/db.yaml" in problems(root)
        assert "hunter2" not in f"{logs}{problems(root)}"

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes in folders here")
    def test_a_pipe_blocks_nobody(self, root: Path, make: Make) -> None:
        gateway = make()
        os.mkfifo(root / "sealed" / "pipe.yaml")
        put(root, "sealed/db.yaml")
        assert sealed_names(gateway) == ["default/db"]
        assert problems(root) == {"sealed/pipe.yaml": "not a regular file"}


class TestFilesInMotion:
    """Git and editors empty, half-write and take away files for a moment."""

    @pytest.mark.parametrize(
        "disturb",
        [
            pytest.param(lambda path: path.write_text(""), id="emptied"),
            pytest.param(lambda path: path.write_text("apiVersion: bitnami.com/v1al"), id="half-written"),
            pytest.param(lambda path: path.write_text("a: ["), id="not YAML for a moment"),
            pytest.param(lambda path: path.unlink(), id="away"),
        ],
    )
    def test_a_disturbed_file_still_counts_for_a_while(self, root: Path, make: Make, disturb: Any) -> None:
        gateway = make(leaving_seconds=2.0, monotonic=Time())
        path = put(root, "sealed/db.yaml")
        before = gateway.get_sealed_secret(DB)
        disturb(path)
        assert gateway.get_sealed_secret(DB) == before
        put(root, "sealed/db.yaml")
        assert gateway.get_sealed_secret(DB) == before

    def test_what_stays_away_is_gone_after_a_while(self, root: Path, make: Make) -> None:
        time = Time()
        gateway = make(leaving_seconds=2.0, monotonic=time)
        path = put(root, "sealed/db.yaml")
        assert sealed_names(gateway) == ["default/db"]
        path.unlink()
        assert sealed_names(gateway) == ["default/db"]
        time.now = 1.9
        assert sealed_names(gateway) == ["default/db"]
        time.now = 2.1
        assert sealed_names(gateway) == []
        assert not (root / "status" / "default").exists()

    def test_an_object_that_moves_to_another_file_is_the_same(self, root: Path, make: Make) -> None:
        gateway = make()
        path = put(root, "sealed/db.yaml")
        before = gateway.get_sealed_secret(DB) or {}
        path.rename(root / "sealed" / "database.yaml")
        after = gateway.get_sealed_secret(DB) or {}
        assert after == before
        assert load(root / "status" / "default" / "db.yaml")["sealedSecret"]["file"] == "sealed/database.yaml"

    def test_a_secret_is_kept_while_it_is_not_known_what_its_file_holds(self, root: Path, make: Make) -> None:
        first = make(poll_seconds=0.02)
        put(root, "sealed/db.yaml")
        first.create_secret(secret(**owned(first)))
        uid = owned(first)["ownerReferences"][0]["uid"]
        first.close()
        put(root, "sealed/db.yaml", "<<<<<<< HEAD\n")
        gateway = make(poll_seconds=0.02)
        with Following(gateway, Resource.SECRETS, gateway.list_page(Resource.SECRETS).resource_version) as changes:
            assert sealed_names(gateway) == []
            stays_true(lambda: gateway.get_secret(DB), seconds=0.3, what="the Secret is left alone")
            put(root, "sealed/db.yaml")
            eventually(lambda: sealed_names(gateway) == ["default/db"], what="the file is mended")
            assert owned(gateway)["ownerReferences"][0]["uid"] == uid
            put(root, "sealed/db.yaml", "# nothing any more\n")
            changes.wait_for("DELETED", "db")

    def test_what_is_in_a_folder_that_cannot_be_read_still_counts(
        self, root: Path, make: Make, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        gateway = make()
        put(root, "sealed/team/db.yaml")
        put(root, "sealed/other.yaml", TEXT.replace("db", "other"))
        assert sealed_names(gateway) == ["default/db", "default/other"]
        with monkeypatch.context() as rights:
            rights.setattr(os, "scandir", _refusing(root / "sealed" / "team"))
            assert sealed_names(gateway) == ["default/db", "default/other"]
            assert problems(root) == {"sealed/team": "cannot be read: Permission denied"}
        assert sealed_names(gateway) == ["default/db", "default/other"]
        assert problems(root) == {}

    def test_a_key_that_is_away_for_a_moment_stays_in_use(self, root: Path, make: Make) -> None:
        time = Time()
        gateway = make(leaving_seconds=2.0, monotonic=time)
        labels = {KEY_LABEL: "active"}
        put(root, "keys/a.json", key_secret(sealing_key(), name="a", namespace="kube-system", labels=labels))
        assert len(gateway.list_page(Resource.SEALING_KEYS).items) == 1
        (root / "keys" / "a.json").unlink()
        assert len(gateway.list_page(Resource.SEALING_KEYS).items) == 1
        time.now = 2.1
        assert gateway.list_page(Resource.SEALING_KEYS).items == []


class TestRecords:
    def test_the_condition_comes_first_for_a_person_to_read(self, root: Path, make: Make) -> None:
        gateway = make()
        put(root, "sealed/app/db.yaml")
        uid = owned(gateway)["ownerReferences"][0]["uid"]
        condition = {"type": "Synced", "status": "False", "message": "no key: yes\nno"}
        gateway.write_status(DB, uid, {"conditions": [condition], "observedGeneration": 1})
        path = root / "status" / "default" / "db.yaml"
        assert path.read_text().splitlines()[:6] == [
            "# Written by sealwright-controller; changes made here are overwritten.",
            "status:",
            "  conditions:",
            "  - type: Synced",
            '    status: "False"',
            '    message: "no key: yes\\nno"',
        ]
        assert load(path)["status"]["conditions"] == [condition]
        assert load(path)["sealedSecret"]["file"] == "sealed/app/db.yaml"

    def test_a_lost_record_is_made_up_from_the_secret(self, root: Path, make: Make) -> None:
        first = make(poll_seconds=0.02)
        put(root, "sealed/db.yaml")
        before = owned(first)
        first.create_secret(secret(**before))
        first.close()
        for path in (root / "status").rglob("*.yaml"):
            path.unlink()
        gateway = make(poll_seconds=0.02)
        with Following(gateway, Resource.SECRETS, gateway.list_page(Resource.SECRETS).resource_version):
            assert owned(gateway) == before
            stays_true(lambda: gateway.get_secret(DB), seconds=0.2, what="the Secret stays")

    @pytest.mark.parametrize("content", ["", "a: [", "status: 1", "sealedSecret: {uid: 1}\nstatus: {}", "- 1"])
    def test_a_damaged_record_is_made_anew(self, root: Path, make: Make, content: str) -> None:
        gateway = make()
        put(root, "sealed/db.yaml")
        assert sealed_names(gateway) == ["default/db"]
        gateway.close()
        put(root, "status/default/db.yaml", content)
        assert sealed_names(make()) == ["default/db"]
        assert load(root / "status" / "default" / "db.yaml")["sealedSecret"]["generation"] == 1

    def test_the_record_of_an_object_that_went_meanwhile_goes_too(self, root: Path, make: Make) -> None:
        first = make()
        path = put(root, "sealed/db.yaml")
        assert sealed_names(first) == ["default/db"]
        first.close()
        path.unlink()
        assert sealed_names(make()) == []
        assert list((root / "status").iterdir()) == []


def _refusing(folder: Path) -> Callable[[Any], Any]:
    """Return a `scandir` that one folder refuses (tests may run as root, whom nothing refuses)."""
    scandir = os.scandir

    def refusing(path: Any) -> Any:
        if Path(path) == folder:
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    return refusing
