"""The parts of directory mode by themselves: reading and writing YAML, an API server's rules, history, the event log."""

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
from sealwright_controller.directory.documents import dump_document, load_documents, objects_in
from sealwright_controller.directory.eventlog import EventLog
from sealwright_controller.directory.history import History
from sealwright_controller.directory.statusfiles import Record, StatusFiles
from sealwright_controller.directory.treebuilder import UnusableFileError
from sealwright_controller.directory.validation import as_stored, generated_name, merge_patch
from sealwright_controller.gateway import Event, ExpiredError, ObjectKey, RefusedError, Resource, UnavailableError

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


def read(text: str) -> Any:
    """Return the one document of a YAML text."""
    [document] = load_documents(text.encode(), is_json=False)
    return document


class TestDocuments:
    @pytest.mark.parametrize(
        ("text", "value"),
        [
            pytest.param("a: true\nb: null\nc: ~\nd:", {"a": True, "b": None, "c": None, "d": None}, id="words of YAML 1.2"),
            pytest.param("[yes, no, on, off]", ["yes", "no", "on", "off"], id="words of YAML 1.1 are texts"),
            pytest.param("[1, -2, +3, 0.5, 1e3]", [1, -2, 3, 0.5, 1000.0], id="numbers"),
            pytest.param("[1e999, .inf, .nan, 1_000]", ["1e999", ".inf", ".nan", "1_000"], id="numbers that JSON has not"),
            pytest.param("[2026-01-01, 12:30:45]", ["2026-01-01", "12:30:45"], id="dates and times are texts"),
            pytest.param("['1', \"true\", !!str null]", ["1", "true", "null"], id="quoted and tagged texts"),
            pytest.param("{1: a, true: b, null: c}", {"1": "a", "true": "b", "null": "c"}, id="keys are texts"),
            pytest.param("a: |\n  x\n  y\n", {"a": "x\ny\n"}, id="a block"),
            pytest.param("a: &x [1]\nb: *x", {"a": [1], "b": [1]}, id="an alias"),
            pytest.param("&k a: 1\nb: *k", {"a": 1, "b": "a"}, id="an alias of a key"),
            pytest.param("a: &x {p: 1, q: 2}\nb: {<<: *x, q: 3}", {"a": {"p": 1, "q": 2}, "b": {"p": 1, "q": 3}}, id="a merge"),
            pytest.param("a: {<<: [{p: 1}, {p: 2, q: 2}]}", {"a": {"p": 1, "q": 2}}, id="a merge of several"),
            pytest.param("'<<': 1", {"<<": 1}, id="a quoted merge key is a key"),
        ],
    )  # fmt: skip
    def test_what_yaml_means_in_jsons_terms(self, text: str, value: object) -> None:
        assert read(text) == value

    @pytest.mark.parametrize(
        "text",
        [
            pytest.param("<<: 1", id="a merge of a number"),
            pytest.param("<<: [1]", id="a merge of a list of numbers"),
            pytest.param("{<<: {a: 1}, <<: {b: 1}}", id="two merge keys, as other keys that are there twice"),
            pytest.param("{<<: [], <<: []}", id="two merge keys of nothing"),
            pytest.param("*a : 1", id="an alias of nothing as key"),
            pytest.param("a: &a [1]\n? *a\n: 1", id="an alias of a list as key"),
            pytest.param("--- &a 1\n--- *a", id="an alias of another document's"),
            pytest.param("a: !!set {x}", id="a set"),
            pytest.param("a: !!binary aGk=", id="bytes"),
        ],
    )
    def test_what_json_has_no_word_for_is_refused(self, text: str) -> None:
        with pytest.raises(UnusableFileError):
            load_documents(text.encode(), is_json=False)

    @pytest.mark.parametrize("text", ["{", '{"a": 1, "a": 2}', "[" * 100_000, '{"a": 1} x', "'a'"])
    def test_what_is_not_json_is_refused(self, text: str) -> None:
        with pytest.raises(UnusableFileError):
            load_documents(text.encode(), is_json=True)

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            pytest.param("1" * 5000, "a number of more than 400 digits", id="a whole number without end"),
            pytest.param("-1e999", "a number that is too large", id="a number beyond all bounds"),
            pytest.param("[NaN]", "NaN, which JSON has no word for", id="no number"),
            pytest.param("-Infinity", "-Infinity, which JSON has no word for", id="infinity"),
        ],
    )
    def test_numbers_that_could_not_be_written_again_are_refused(self, text: str, message: str) -> None:
        with pytest.raises(UnusableFileError, match=f"^{message}$"):
            load_documents(text.encode(), is_json=True)

    @pytest.mark.parametrize("is_json", [True, False], ids=["JSON", "YAML"])
    @pytest.mark.parametrize(
        ("text", "too_much", "message"),
        [
            pytest.param("[" * 100 + "1" + "]" * 100, "[{}]", "nested more than 100 deep", id="depth"),
            pytest.param("[" + "[]," * 49_998 + "1]", "[{}, 1]", "more than 50000 values", id="number"),
        ],
    )
    def test_json_and_yaml_have_the_same_limits(self, text: str, too_much: str, message: str, is_json: bool) -> None:
        assert load_documents(text.encode(), is_json=is_json)
        with pytest.raises(UnusableFileError, match=message):
            load_documents(too_much.format(text).encode(), is_json=is_json)

    @given(JSON)
    def test_what_is_written_is_what_is_read(self, value: object) -> None:
        assert load_documents(dump_document(value), is_json=False) == [value]

    @given(st.dictionaries(st.text(), st.text()))
    def test_texts_are_texts_for_readers_of_yaml_1_1_too(self, value: dict[str, str]) -> None:
        reader = YAML(typ="safe", pure=True)
        reader.version = "1.1"  # type: ignore[assignment] # ruamel declares None alone
        assert reader.load(dump_document(value)) == value

    @given(st.text() | st.text(alphabet="[]{}&*!|>'\"%#-:?, \n\tax<"))
    def test_no_text_does_any_harm(self, text: str) -> None:
        for is_json in (True, False):
            try:
                load_documents(text.encode(errors="surrogatepass"), is_json=is_json)
            except UnusableFileError:
                continue

    @given(st.binary())
    def test_no_bytes_do_any_harm(self, content: bytes) -> None:
        for is_json in (True, False):
            try:
                load_documents(content, is_json=is_json)
            except UnusableFileError:
                continue

    @pytest.mark.parametrize(
        ("document", "objects"),
        [
            ({"kind": "Secret"}, [{"kind": "Secret"}]),
            ({"kind": "List", "items": [1, 2]}, [1, 2]),
            ({"kind": "SecretList", "items": []}, []),
            ({"kind": "List", "items": None}, []),
            ({"kind": "PriceList"}, [{"kind": "PriceList"}]),
            (None, []),
        ],
    )
    def test_objects_of_a_document(self, document: object, objects: list[object]) -> None:
        assert list(objects_in(document)) == objects


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
        assert load_documents(dump_document(stored), is_json=False) == [stored]

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
