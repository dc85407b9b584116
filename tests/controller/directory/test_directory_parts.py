"""The parts of directory mode by themselves: reading and writing YAML, an API server's rules, history, the event log."""

import contextlib
import random
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML
from tests.support.spoiling import spoiled
from tests.support.wait import eventually

from sealwright_controller.directory import history as history_module
from sealwright_controller.directory.documents import (
    BOUNDS,
    OtherObject,
    UnusableFileError,
    dump_document,
    load_document,
    load_objects,
)
from sealwright_controller.directory.eventlog import EventLog
from sealwright_controller.directory.history import History
from sealwright_controller.directory.statusfiles import Record, StatusFiles
from sealwright_controller.directory.validation import as_stored, generated_name, merge_patch
from sealwright_controller.gateway import Event, ExpiredError, ObjectKey, RefusedError, Resource, UnavailableError
from sealwright_crypto import API_VERSION, KIND

SECRET = {
    "type": "kubernetes.io/tls",
    "immutable": True,
    "metadata": {
        "name": "db",
        "namespace": "default",
        "labels": {"a": "b"},
        "annotations": {"a": "b"},
        "ownerReferences": [{"apiVersion": "v1", "kind": "x", "name": "x", "uid": "x", "controller": True}],
    },
    "data": {"tls.crt": "AAAA"},
    "stringData": {"tls.key": "x"},
}
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
JSON = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20)


class TestDocuments:
    @given(JSON)
    def test_what_is_written_is_what_is_read(self, value: object) -> None:
        assert load_document(dump_document(value)) == value

    @given(st.dictionaries(st.text(), st.text()))
    def test_texts_are_texts_for_readers_of_yaml_1_1_too(self, value: dict[str, str]) -> None:
        reader = YAML(typ="safe", pure=True)
        reader.version = "1.1"  # type: ignore[assignment] # ruamel declares None alone
        assert reader.load(dump_document(value)) == value

    @given(st.text() | st.text(alphabet="[]{}&*!|>'\"%#-:?, \n\tax<"))
    def test_no_text_does_any_harm(self, text: str) -> None:
        harmless(text.encode(errors="surrogatepass"))

    @given(st.binary())
    def test_no_bytes_do_any_harm(self, content: bytes) -> None:
        harmless(content)

    @pytest.mark.parametrize(
        "text",
        [
            "hunter22: 1\nhunter22: 2", "a: *hunter22", "a: !hunter22 x", '{"hunter22": 1, "hunter22": 2}', "a: {b}hunter22",
            'a: "\\hunter22', "hunter22: a: b", "hunter22", "? [hunter22]", "!!int hunter22", "!!binary hunter22*",
        ],
    )  # fmt: skip
    def test_what_is_said_of_a_file_quotes_nothing_of_it(self, text: str) -> None:
        content = f"apiVersion: {API_VERSION}\nkind: {KIND}\n{text}".encode()
        for read in (load_document, lambda found: load_objects(found, API_VERSION, KIND)):
            with pytest.raises(UnusableFileError) as caught:
                read(content)
            assert "unter" not in str(caught.value)

    @pytest.mark.parametrize("text", ["apiV", "'a'", "- a\n---\nb", "3"])
    def test_a_bare_value_is_no_manifest(self, text: str) -> None:
        with pytest.raises(UnusableFileError, match=r"^text, not a manifest$"):
            load_objects(text.encode(), API_VERSION, KIND)

    def test_objects_of_other_kinds_are_counted_whatever_they_hold(self) -> None:
        wanted = f"apiVersion: {API_VERSION}\nkind: {KIND}\n"
        text = f"kind: Other\nfield: !vault x\n---\n{wanted}---\n---\nkind: List\nitems: [{{kind: A}}, {{kind: B}}]\n"
        found = load_objects(text.encode(), API_VERSION, KIND)
        other = OtherObject(is_secret=False)
        assert found == [other, {"apiVersion": API_VERSION, "kind": KIND}, other, other]

    @pytest.mark.parametrize(
        ("api_version", "kind"), [("bitnami.com/v1alpha2", KIND), ("v1", KIND), (API_VERSION, "Sealedsecret")]
    )
    def test_what_is_almost_a_sealed_secret_is_told_apart(self, api_version: str, kind: str) -> None:
        found = load_objects(f"apiVersion: {api_version}\nkind: {kind}\n".encode(), API_VERSION, KIND)
        assert found == [OtherObject(is_secret=False, is_almost_sealed=True)]

    def test_the_number_of_values_and_documents_is_bounded(self) -> None:
        for text in ("[" + "a, " * BOUNDS.values + "]", "--- [a]\n" * (BOUNDS.values // 2 + 1), "---\n" * 6_000):
            with pytest.raises(UnusableFileError, match=r"more than (50,000 values|5,000 documents)"):
                load_objects(text.encode(), API_VERSION, KIND)


def harmless(content: bytes) -> None:
    for read in (load_document, lambda found: load_objects(found, API_VERSION, KIND)):
        with contextlib.suppress(UnusableFileError):
            read(content)


class TestRecords:
    @pytest.mark.parametrize(
        "file", ["sealed/db.yaml", b"sealed/\xff.yaml".decode(errors="surrogateescape"), "sealed/é.yaml"]
    )
    def test_what_is_written_is_what_is_read_whatever_the_file_is_called(self, tmp_path: Path, file: str) -> None:
        record = Record("uid", 3, "digest", "2026-01-02T03:04:05Z", file, {"conditions": [{"message": "é😀"}]})
        StatusFiles(tmp_path).save(ObjectKey("default", "db"), record)
        assert list(StatusFiles(tmp_path).load_all()) == [(ObjectKey("default", "db"), record)]


class TestRules:
    @settings(max_examples=300)
    @given(spoiled(SECRET))
    def test_whatever_a_secret_holds_it_is_stored_or_refused(self, manifest: dict[str, Any]) -> None:
        try:
            stored = as_stored(manifest)
        except RefusedError:
            return
        assert load_document(dump_document(stored)) == stored

    @pytest.mark.parametrize(
        ("target", "patch", "result"),
        [
            ({"a": "b"}, {"a": "c"}, {"a": "c"}),
            ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
            ({"a": "b"}, {"a": None}, {}),
            ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
            ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
            ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
            ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
            (["a", "b"], ["c", "d"], ["c", "d"]),
            ({"a": "b"}, ["c"], ["c"]),
            ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
            ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
            ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
        ],
    )
    def test_a_merge_patch_does_what_rfc_7386_shows(self, target: object, patch: object, result: object) -> None:
        assert merge_patch(target, patch) == result

    def test_a_generated_name_begins_as_asked_and_fits(self) -> None:
        choose = random.Random(4).choice
        assert generated_name("key-", choose).startswith("key-")
        assert len(generated_name("x" * 300, choose)) == 63
        assert len({generated_name("key-", choose) for _ in range(100)}) == 100


class TestHistory:
    def test_versions_grow_though_the_clock_stands_still_or_goes_back(self) -> None:
        times = iter([100, 100, 100, 50, 200])
        history = History(lambda: next(times))
        assert [history.next_version() for _ in range(4)] == [101, 102, 103, 200]

    def test_a_version_found_in_a_file_is_passed_by(self) -> None:
        history = History(lambda: 100)
        history.pass_by(10**6)
        assert history.next_version() == 10**6 + 1

    def test_what_is_forgotten_is_expired(self) -> None:
        history = History(lambda: 100, max_changes=2)
        versions = [history.next_version() for _ in range(3)]
        for version in versions:
            history.record(Resource.SECRETS, "ADDED", {"metadata": {"name": str(version)}}, version)
        with pytest.raises(ExpiredError):
            history.follow(Resource.SECRETS, "100")
        remembered = history.follow(Resource.SECRETS, str(versions[0]))
        assert [next(remembered).object["metadata"]["name"] for _ in range(2)] == ["102", "103"]

    def test_who_falls_behind_is_told(self) -> None:
        history = History(lambda: 100, max_changes=1)
        changes = history.follow(Resource.SECRETS, "100")
        for _ in range(2):
            history.record(Resource.SECRETS, "ADDED", {}, history.next_version())
        with pytest.raises(ExpiredError):
            next(changes)

    @pytest.mark.parametrize("version", ["", "0", "99", "101", "-1", "abc", "1e3"])
    def test_versions_of_other_runs_are_expired(self, version: str) -> None:
        with pytest.raises(ExpiredError):
            History(lambda: 100).follow(Resource.SECRETS, version)

    def test_who_waits_in_vain_is_told_how_far_it_is(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(history_module, "BOOKMARK_SECONDS", 0.01)
        history = History(lambda: 100)
        changes = history.follow(Resource.SECRETS, "100")
        history.record(Resource.SEALING_KEYS, "ADDED", {}, history.next_version())
        bookmark = next(changes)
        assert (bookmark.type, bookmark.object) == ("BOOKMARK", {"metadata": {"resourceVersion": "101"}})
        history.record(Resource.SECRETS, "ADDED", {"a": 1}, history.next_version())
        assert next(changes).object == {"a": 1}

    def test_closing_wakes_those_who_wait(self) -> None:
        history = History(lambda: 100)
        ended: list[bool] = []
        changes = history.follow(Resource.SECRETS, "100")
        waiting = threading.Thread(target=lambda: ended.append(list(changes) == []))
        waiting.start()
        history.close()
        waiting.join(10)
        assert ended == [True]
        with pytest.raises(UnavailableError):
            history.follow(Resource.SECRETS, "100")


class TestEventLog:
    def log(self, folder: Path, **options: Any) -> EventLog:
        return EventLog(folder / "events.log", lambda: datetime(2026, 3, 1, 12, tzinfo=UTC), **options)

    def event(self, message: str = "no key", name: str = "db", reason: str = "ErrUnsealFailed") -> Event:
        return Event(ObjectKey("team-a", name), "uid", "Warning", reason, message)

    def test_a_line_says_when_what_why_and_of_whom(self, tmp_path: Path) -> None:
        self.log(tmp_path).record(self.event())
        assert (tmp_path / "events.log").read_text() == (
            "2026-03-01T12:00:00Z Warning ErrUnsealFailed team-a/db no key\n"
        )

    def test_repetitions_are_told_less_and_less(self, tmp_path: Path) -> None:
        log = self.log(tmp_path)
        for _ in range(9):
            log.record(self.event())
        endings = [
            line.removeprefix("2026-03-01T12:00:00Z Warning ErrUnsealFailed team-a/db ") for line in lines(tmp_path)
        ]
        assert endings == ["no key", "no key (x2)", "no key (x4)", "no key (x8)"]

    def test_many_similar_messages_become_one_and_an_object_has_its_share_of_lines(self, tmp_path: Path) -> None:
        log = self.log(tmp_path)
        for number in range(300):
            log.record(self.event(f"no {number}"))
        said = [line.split("team-a/db ")[1] for line in lines(tmp_path)]
        assert said[9:14] == [
            "no 9",
            *(f"(combined from similar events): no {n}" for n in ("10", "11 (x2)", "13 (x4)", "17 (x8)")),
        ]
        for turn in range(100):
            log.record(self.event("one", reason=f"r{turn}"))
        assert len(lines(tmp_path)) == 25

    def test_what_was_said_of_another_object_or_before_something_else_is_no_repetition(self, tmp_path: Path) -> None:
        log = self.log(tmp_path)
        for event in (self.event(), self.event(name="other"), self.event("other"), self.event()):
            log.record(event)
        assert len(lines(tmp_path)) == 4

    def test_a_message_stays_on_its_line(self, tmp_path: Path) -> None:
        self.log(tmp_path).record(self.event("a\nb\r\n\x1b[2Jc\u2028d\udcff" + "x" * 10_000))
        [line] = lines(tmp_path)
        assert " a b [2Jc d?xxx" in line
        assert len(line) < 1124

    def test_it_does_not_grow_without_end(self, tmp_path: Path) -> None:
        log = self.log(tmp_path, max_bytes=1000)
        for number in range(100):
            log.record(self.event(f"message {number}", name=f"n{number}"))
        files = sorted(path.name for path in tmp_path.iterdir())
        assert files == ["events.log", "events.log.1"]
        assert all((tmp_path / name).stat().st_size <= 1000 for name in files)
        assert "message 99" in (tmp_path / "events.log").read_text()

    def test_threads_do_not_mix_their_lines(self, tmp_path: Path) -> None:
        log = self.log(tmp_path)
        threads = [
            threading.Thread(
                target=lambda n=number: [log.record(self.event(f"{n}-{i}", f"{n}-{i}")) for i in range(50)]
            )
            for number in range(4)
        ]
        for thread in threads:
            thread.start()
        eventually(lambda: not any(thread.is_alive() for thread in threads), what="all have written")
        assert len(set(lines(tmp_path))) == 200


def lines(folder: Path) -> list[str]:
    """Return the lines of the event log."""
    return (folder / "events.log").read_text(encoding="utf-8").splitlines()


def test_mappings_of_any_kind_can_be_patched() -> None:
    frozen: Mapping[str, Any] = {"a": {"b": 1}}
    assert merge_patch(frozen, {"a": {"c": 2}}) == {"a": {"b": 1, "c": 2}}
    assert frozen == {"a": {"b": 1}}
