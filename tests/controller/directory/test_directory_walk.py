"""Directory mode goes through its folders within bounds: no link leads out of them, and no crowd takes long."""

import os
from pathlib import Path

import pytest
from structlog.testing import capture_logs
from tests.support.directories import DB, LINKS, TEXT, Make, owned, problems, put, sealed_names, secret
from tests.support.following import Following
from tests.support.wait import eventually, stays_true

from sealwright_controller.directory import walking
from sealwright_controller.directory.walking import walk
from sealwright_controller.gateway import Resource

OUTSIDE = "a link that leads out of this folder: put what it leads to here, or make the whole folder a link"
FEW = 10


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a folder hold FEW entries."""
    monkeypatch.setattr(walking, "MAX_ENTRIES", FEW)


@LINKS
class TestLinksThatLeadOut:
    @pytest.mark.parametrize("target", ["/", "..", "../keys", "../../elsewhere"])
    def test_a_folder_that_one_leads_to_is_not_looked_at_and_that_is_told_once(
        self, root: Path, make: Make, tmp_path: Path, target: str
    ) -> None:
        gateway = make()
        put(tmp_path, "elsewhere/team-b.yaml", TEXT.replace("db", "theirs"))
        put(root, "keys/other.yaml", TEXT.replace("db", "other"))
        put(root, "sealed/db.yaml")
        (root / "sealed" / "all").symlink_to(target)
        with capture_logs() as logs:
            assert [sealed_names(gateway) for _ in range(3)] == [["default/db"]] * 3
        assert [entry for entry in logs if entry["log_level"] == "warning"] == [
            {"event": "folder not read", "log_level": "warning", "path": "sealed/all", "problem": OUTSIDE}
        ]
        assert problems(root) == {"sealed/all": OUTSIDE}

    @pytest.mark.parametrize("target", ["elsewhere/x.yaml", "nowhere.yaml"])
    def test_a_file_that_one_leads_to_is_not_read_nor_is_it_told_whether_it_is_there(
        self, root: Path, make: Make, tmp_path: Path, target: str
    ) -> None:
        gateway = make()
        put(tmp_path, "elsewhere/x.yaml")
        (root / "sealed" / "x.yaml").symlink_to(tmp_path / target)
        (root / "sealed" / "README").symlink_to(tmp_path / target)  # no manifest anyway
        assert sealed_names(gateway) == []
        assert problems(root) == {"sealed/x.yaml": OUTSIDE}

    def test_through_another_link_it_is_the_same(self, root: Path, make: Make, tmp_path: Path) -> None:
        gateway = make()
        put(tmp_path, "elsewhere/x.yaml")
        (root / "sealed" / ".out").symlink_to(tmp_path / "elsewhere")
        (root / "sealed" / "x.yaml").symlink_to(".out/x.yaml")
        (root / "sealed" / "all").symlink_to(".out")
        assert sealed_names(gateway) == []
        assert problems(root) == {"sealed/x.yaml": OUTSIDE, "sealed/all": OUTSIDE}

    @pytest.mark.parametrize("place", ["db.yaml", "team/db.yaml"])
    def test_what_was_there_before_the_link_is_kept(self, root: Path, make: Make, tmp_path: Path, place: str) -> None:
        gateway = make(leaving_seconds=0.0)
        put(root, f"sealed/{place}")
        assert sealed_names(gateway) == ["default/db"]
        moved = place.split("/", maxsplit=1)[0]
        (root / "sealed" / moved).rename(tmp_path / moved)
        (root / "sealed" / moved).symlink_to(tmp_path / moved)
        assert sealed_names(gateway) == ["default/db"]
        assert list(problems(root).values()) == [OUTSIDE]

    def test_no_secret_is_removed_for_it_after_a_restart_either(self, root: Path, make: Make, tmp_path: Path) -> None:
        first = make()
        put(root, "sealed/team/db.yaml")
        first.create_secret(secret(**owned(first)))
        first.close()
        (root / "sealed" / "team").rename(tmp_path / "team")
        (root / "sealed" / "team").symlink_to(tmp_path / "team")
        gateway = make(poll_seconds=0.02)
        with Following(gateway, Resource.SECRETS, gateway.list_page(Resource.SECRETS).resource_version):
            eventually(lambda: problems(root) == {"sealed/team": OUTSIDE}, what="it is told")
            stays_true(lambda: gateway.get_secret(DB), seconds=0.2, what="the Secret stays")

    def test_for_keys_it_is_the_same(self, root: Path, make: Make, tmp_path: Path) -> None:
        gateway = make()
        (root / "keys" / "all").symlink_to("/")
        assert gateway.list_page(Resource.SEALING_KEYS).items == []
        assert problems(root) == {"keys/all": OUTSIDE}


@pytest.mark.usefixtures("few")
class TestCrowds:
    def test_what_is_known_stays_and_the_crowd_is_told_once(self, root: Path, make: Make) -> None:
        gateway = make(leaving_seconds=0.0)
        put(root, "sealed/z/db.yaml")
        assert sealed_names(gateway) == ["default/db"]
        for number in range(FEW + 1):
            put(root, f"sealed/a/{number}.yaml", TEXT.replace("db", f"n{number}"))
        with capture_logs() as logs:
            for _ in range(3):
                assert "default/db" in sealed_names(gateway)
        assert gateway.get_sealed_secret(DB)
        told = f"more than {FEW} files and folders: those that come after are not looked at; put fewer here"
        assert problems(root) == {"sealed": told}
        assert [entry["problem"] for entry in logs if entry["log_level"] == "warning"] == [told]

    def test_after_a_restart_nothing_of_what_was_not_reached_is_taken_for_gone(self, root: Path, make: Make) -> None:
        first = make()
        put(root, "sealed/z/db.yaml")
        uid = (first.get_sealed_secret(DB) or {})["metadata"]["uid"]
        first.close()
        crowd = [put(root, f"sealed/a/{number}.txt") for number in range(FEW + 1)]
        second = make(leaving_seconds=0.0)
        sealed_names(second)
        for path in crowd:
            path.unlink()
        assert sealed_names(second) == ["default/db"]
        assert (second.get_sealed_secret(DB) or {})["metadata"]["uid"] == uid
        assert problems(root) == {}

    @pytest.mark.parametrize("crowd", [FEW + 1, 5 * FEW])
    def test_of_a_folder_that_holds_too_much_nothing_is_taken(self, tmp_path: Path, crowd: int) -> None:
        for number in range(crowd):
            put(tmp_path, f"{number}.yaml")
        assert [place.path for place in walk(tmp_path)] == [tmp_path]

    def test_as_much_as_may_be_there_is_taken(self, tmp_path: Path) -> None:
        for number in range(FEW):
            put(tmp_path, f"{number}.yaml")
        assert len([place for place in walk(tmp_path) if not place.trouble]) == FEW


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such folders")
def test_the_whole_disk_takes_no_time(root: Path, make: Make) -> None:
    gateway = make()
    (root / "sealed" / "all").symlink_to("/")
    put(root, "sealed/zz.yaml")
    places = list(walk(root / "sealed"))
    assert {place.path.name: bool(place.trouble) for place in places} == {"all": True, "zz.yaml": False}
    assert sealed_names(gateway) == ["default/db"]
