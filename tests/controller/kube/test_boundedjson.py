"""Reading an API server's JSON: as Python does where that is well, and never failing for what one object holds."""

import gc
import json
import sys
import tracemalloc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ClassVar

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sealwright_controller.kube.boundedjson import (
    MAX_EMPTIED,
    MAX_VALUES,
    MAX_VALUES_KEPT,
    read_event,
    read_json,
    read_list,
    read_object,
)
from sealwright_manifests.text.bounds import MAX_DEPTH

CUT_OFF_DEEP = "Expecting" if sys.version_info >= (3, 14) else "cut off"  # 3.14 reads on to the end of so deep a text
SIZE_OF_A_LIST = sys.getsizeof([]) + 8
NASTY_TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8) | st.sampled_from(
    ['"', "\\", '\\"', "[", "]", "{", "}", '"items":[', "\x00\x1f", "é", "\U0001f511", "null"]
)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64)
    | st.floats(allow_nan=False, allow_infinity=False)
    | NASTY_TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NASTY_TEXTS, inner, max_size=4),
    max_leaves=25,
)
OBJECTS = st.dictionaries(NASTY_TEXTS, VALUES, max_size=4)


def dumped(value: Any, *, ascii_only: bool = False, spaced: bool = False) -> bytes:
    return json.dumps(value, ensure_ascii=ascii_only, indent=1 if spaced else None).encode()


def nested(depth: int, opening: str, closing: str, inner: str = "") -> bytes:
    return (opening * depth + inner + closing * depth).encode()


def depth_of(value: Any) -> int:
    children = list(value.values()) if isinstance(value, dict) else value
    return 1 + max(map(depth_of, children), default=0) if isinstance(value, dict | list) else 0


def most_memory(do: Callable[[], object]) -> int:
    """Return how many bytes were taken at most at one moment."""
    tracemalloc.start()
    try:
        do()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


class TestOneValue:
    @given(VALUES, st.booleans(), st.booleans())
    def test_it_is_what_any_reader_reads(self, value: Any, ascii_only: bool, spaced: bool) -> None:
        assert read_json(dumped(value, ascii_only=ascii_only, spaced=spaced)) == value

    @pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}"), ('{"]\\"":[', "]}")])
    def test_what_lies_too_deep_is_emptied_and_the_rest_is_there(self, opening: str, closing: str) -> None:
        deep = nested(9_000, opening, closing, "1")
        read = read_json(b'{"before":[1],"deep":[' + deep + b",2," + deep + b'],"after":{"a":"]"}}')
        assert (read["before"], read["deep"][1], read["after"]) == ([1], 2, {"a": "]"})
        assert depth_of(read) == MAX_DEPTH + 1  # the last one is empty

    def test_what_lies_as_deep_as_allowed_is_not_touched(self) -> None:
        text = nested(MAX_DEPTH, "[", "]", ",".join(['"x"'] * 200))
        assert json.dumps(read_json(text), separators=(",", ":")).encode() == text

    @given(VALUES, VALUES)
    def test_what_lies_beside_something_too_deep_is_as_it_was(self, before: Any, after: Any) -> None:
        read = read_json(b"[" + dumped(before) + b"," + nested(300, "[", "]") + b"," + dumped(after) + b"]")
        assert (read[0], read[2]) == (before, after)

    @pytest.mark.parametrize("junk", [b"\xff\xfe", b"\xe2", b"\xed\xa0\x80"])
    def test_what_is_no_utf8_becomes_the_sign_for_it(self, junk: bytes) -> None:
        assert set(read_json(b'["' + junk + b'"]')[0]) == {"\ufffd"}

    def test_control_characters_in_a_text_are_read(self) -> None:
        assert read_json(b'"a\x01\x7f"') == "a\x01\x7f"

    @given(st.binary(max_size=40))
    @example(b"")
    @example(b'"' * 101)
    @example(b"[" * 5_000)
    @example(b"]" * 200 + b"[" * 200)
    @example(b'{"a":' * 5_000)
    def test_of_what_is_no_json_nothing_comes_but_a_value_error(self, text: bytes) -> None:
        for read in (read_json, read_list):
            try:
                read(text)
            except ValueError:
                continue


def list_of(objects: list[Any], *, spaced: bool = False, **metadata: Any) -> bytes:
    return dumped({"apiVersion": "v1", "items": objects, "kind": "List", "metadata": metadata}, spaced=spaced)


class TestLists:
    @given(st.lists(OBJECTS, max_size=5), st.booleans())
    def test_its_objects_are_what_any_reader_reads(self, objects: list[Any], spaced: bool) -> None:
        read = read_list(list_of(objects, spaced=spaced, resourceVersion="7"))
        assert list(read.objects) == objects
        assert len(read.objects) == len(objects)
        assert read.objects[:2] == objects[:2]
        assert read.metadata == {"resourceVersion": "7"}

    @pytest.mark.parametrize("text", [b'{"items":null}', b'{"items":[],"metadata":null}', b"{}"])
    def test_an_empty_one_has_many_spellings(self, text: bytes) -> None:
        read = read_list(text)
        assert (list(read.objects), read.metadata) == ([], {})

    @pytest.mark.parametrize("junk", [nested(9_000, "[", "]"), nested(9_000, '{"a":', "}", "1"), b'"\xff"'])
    def test_a_bad_object_does_not_lose_its_neighbours(self, junk: bytes) -> None:
        bad = b'{"metadata":{"name":"bad"},"spec":' + junk + b',"status":{"a":1}}'
        good = [{"metadata": {"name": name}} for name in ("a", "z")]
        text = list_of(good, resourceVersion="7").replace(b'}, {"metadata"', b"}, " + bad + b', {"metadata"')
        read = read_list(text)
        assert [read.objects[0], read.objects[2]] == good
        assert read.objects[1]["metadata"] == {"name": "bad"}
        assert read.objects[1]["status"] == {"a": 1}
        assert read.metadata == {"resourceVersion": "7"}

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            pytest.param(b"[]", "no list", id="no map"),
            pytest.param(b'"items"', "no list", id="a text"),
            pytest.param(b'{"items":[1]}', "no list", id="items that are no objects"),
            pytest.param(b'{"items":[{},1]}', "Expecting", id="an item that is no object"),
            pytest.param(b'{"items":[],"metadata":[1]}', "no list", id="metadata that is no map"),
            pytest.param(b'{"items":[{},{"a":', "Expecting", id="cut off"),
            pytest.param(b'{"items":[{"a":' + nested(9_000, "[", ""), CUT_OFF_DEEP, id="cut off where it is deep"),
        ],
    )
    def test_what_is_no_list_of_objects_is_refused(self, text: bytes, said: str) -> None:
        with pytest.raises(ValueError, match=said):
            read_list(text)

    def test_one_object_at_a_time_is_in_memory(self) -> None:
        count, values = 8, MAX_VALUES // 2 - 10
        wide = b'{"spec":[' + b"[]," * values + b"1]}"
        text = b'{"items":[' + b",".join([wide] * count) + b"]}"
        most = most_memory(lambda: [None for _ in read_list(text).objects])
        assert most < count * values * SIZE_OF_A_LIST / 2


@pytest.mark.parametrize("read", [read_json, read_object, read_event])
def test_a_large_object_cut_off_where_it_is_deep_is_refused(read: Callable[[bytes], object]) -> None:
    many = b"1," * (MAX_VALUES + 1)
    with pytest.raises(ValueError, match=CUT_OFF_DEEP):
        read(b'{"a":[' + many + b'1],"name":' + nested(9_000, "[", ""))


def object_of(count: int, where: str) -> bytes:
    """Return an object with so many short values in one of its parts."""
    many = b"[" + b",".join([b"[]"] * count) + b"]"
    parts = {
        "metadata": b'{"name":"x","labels":{"a":"1"}}',
        "spec": b'{"a":["[,{"]}',
        "status": b'{"observedGeneration":3}',
    }
    parts[where] = parts[where][:-1] + b',"many":' + many + b"}"
    return b"{" + b",".join(b'"%b":%b' % (name.encode(), part) for name, part in parts.items()) + b"}"


def deep_object(inner: bytes, where: str = "spec") -> bytes:
    """Return an object of a SealedSecret's shape with something deep or wide where its CustomResourceDefinition allows it."""
    parts = {
        "metadata": b'"labels":{"a":"]"},"name":"x","ownerReferences":[{"uid":"u"}]',
        "spec": b'"encryptedData":{"k":"\\\\\\"["},"template":{"metadata":{"labels":{"b":"1"}}}',
    }
    parts[where] += b',"x":' + inner
    return (
        b'{"apiVersion":"v1","kind":"A",'
        + b",".join(b'"%b":{%b}' % (name.encode(), part) for name, part in parts.items())
        + b"}"
    )


CHAIN = nested(MAX_DEPTH + 20, "[", "]")
WIDE_WHERE_IT_IS_DEEP = nested(MAX_DEPTH - 2, "[", "]", ",".join(["[]"] * 2 * MAX_EMPTIED))
TOO_MANY = "holds more than 50000 values"
TOO_DEEP = "holds too much beside what is nested more than 100 levels deep"


class TestObjectsThatAreDeep:
    def test_a_few_places_are_emptied_and_the_object_is_whole(self) -> None:
        read, excess = read_object(deep_object(b"[" + b",".join([CHAIN] * 10) + b"]"))
        assert not excess
        assert read["spec"]["encryptedData"] == {"k": '\\"['}
        assert read["spec"]["template"] == {"metadata": {"labels": {"b": "1"}}}
        assert depth_of(read) == MAX_DEPTH + 1

    @pytest.mark.parametrize(
        ("inner", "said"),
        [
            pytest.param(b"[" + b",".join([CHAIN] * (MAX_EMPTIED + 1)) + b"]", TOO_MANY, id="many chains"),
            pytest.param(b"[" + CHAIN + b",[]" * MAX_VALUES + b"]", TOO_MANY, id="a chain beside many lists"),
            pytest.param(WIDE_WHERE_IT_IS_DEEP, TOO_DEEP, id="wide where it is deep"),
        ],
    )
    @pytest.mark.parametrize("where", ["metadata", "spec"])
    @pytest.mark.parametrize("spaced", [False, True])
    def test_of_many_places_the_object_keeps_its_identity_and_is_not_whole(
        self, inner: bytes, said: str, where: str, spaced: bool
    ) -> None:
        text = deep_object(inner, where)
        text = text.replace(b'":', b'": ') if spaced else text  # as no API server writes it
        read, excess = read_object(text)
        assert excess == said
        assert (read["metadata"]["name"], read["apiVersion"]) == ("x", "v1")
        assert read_event(b'{"type":"ADDED","object":' + text + b"}\n") == {"type": "ADDED", "object": read}
        assert list(read_list(b'{"items":[' + text + b"," + text + b"]}").objects) == [read, read]

    def test_labels_stay_if_what_is_flat_is_little(self) -> None:
        read, excess = read_object(deep_object(WIDE_WHERE_IT_IS_DEEP))
        assert excess == TOO_DEEP
        assert read["metadata"]["labels"] == {"a": "]"}

    def test_a_name_stays_whatever_is_beside_it(self) -> None:
        wide = b"{" + b",".join(b'"k%d":[]' % number for number in range(2 * MAX_EMPTIED)) + b',"z":' + CHAIN + b"}"
        wide = wide[:-1] + b',"y":[' + b",".join([CHAIN] * 2 * MAX_EMPTIED) + b"]}"
        read, excess = read_object(b'{"metadata":{"labels":{"a":"b"},"name":"x"}, "spec":' + wide + b"}")
        assert (read["metadata"], bool(excess)) == ({"labels": {}, "name": "x"}, True)

    @pytest.mark.parametrize(
        "inner",
        [b'"' + b"]" * 1_300_000 + b'",' + CHAIN, b",".join([CHAIN] * 5_000), CHAIN + b",[]" * 400_000],
        ids=["beside a long text", "many chains", "beside many lists"],
    )
    @pytest.mark.parametrize("colon", [b":", b": "])
    def test_no_byte_of_it_costs_a_step_of_the_interpreter(self, inner: bytes, colon: bytes) -> None:
        text = b'{"type":"ADDED","object":' + deep_object(b"[" + inner + b"]").replace(b'":', b'"' + colon) + b"}"
        assert calls_of(lambda: read_event(text)) < 20 * MAX_EMPTIED


def calls_of(work: Callable[[], object]) -> int:
    """Return how many functions, Python's own too, a piece of work calls."""
    count = 0

    def see(_frame: Any, event: str, _arg: Any) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    sys.setprofile(see)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


class TestObjectsOfManyValues:
    @pytest.mark.parametrize("where", ["metadata", "spec", "status"])
    def test_the_part_that_is_too_much_is_cut_down_and_the_others_are_there(self, where: str) -> None:
        whole = {
            "metadata": {"name": "x", "labels": {"a": "1"}},
            "spec": {"a": ["[,{"]},
            "status": {"observedGeneration": 3},
        }
        expected = whole
        text = object_of(MAX_VALUES, where)
        assert read_object(text) == (expected, TOO_MANY)
        assert read_list(b'{"items":[' + text + b"]}").objects[0] == expected
        assert read_event(b'{"type":"ADDED","object":' + text + b"}") == {"type": "ADDED", "object": expected}

    def test_a_name_is_kept_before_larger_things_and_no_more_than_has_room(self) -> None:
        labels = {f"l{number:03}": "" for number in range(MAX_VALUES_KEPT - 2)}
        many = {f"k{number}": {} for number in range(MAX_VALUES + 1)}
        metadata = {"annotations": labels, "labels": labels, "name": "x", "managedFields": [many], "uid": "u"}
        read, _ = read_object(dumped({"metadata": metadata}))
        assert read == {"metadata": {"name": "x", "uid": "u"}}
        read, _ = read_object(dumped({"metadata": metadata | {"labels": {"a": "b"}}}))
        assert read == {"metadata": {"name": "x", "uid": "u", "labels": {"a": "b"}}}

    def test_a_part_that_is_no_map_is_cut_down_to_nothing(self) -> None:
        many = b"[" + b",".join([b"1"] * (MAX_VALUES + 1)) + b"]"
        assert read_object(b'{"metadata":{"name":"x"},"spec":' + many + b"}") == (
            {"metadata": {"name": "x"}, "spec": {}},
            TOO_MANY,
        )

    @pytest.mark.parametrize("text", [b"[]", b"1", b"[" + b",".join([b"[]"] * MAX_VALUES) + b"]"])
    def test_what_is_no_object_is_refused(self, text: bytes) -> None:
        with pytest.raises(ValueError, match="no object"):
            read_object(text)

    def test_however_many_threads_read_them_one_is_in_memory(self) -> None:
        threads, values = 6, 2 * MAX_VALUES
        text = object_of(values, "spec")

        def read_in_threads() -> None:
            with ThreadPoolExecutor(threads) as pool:
                list(pool.map(lambda _: read_object(text), range(threads)))

        before = sys.getswitchinterval()
        sys.setswitchinterval(1e-6)
        try:
            most = most_memory(read_in_threads)
        finally:
            sys.setswitchinterval(before)
        assert most < 2 * values * SIZE_OF_A_LIST + threads * 4 * len(text)

    def test_one_within_the_bounds_is_whole_whatever_its_texts_hold(self) -> None:
        text = b'{"spec":{"a":"' + b"[,{" * MAX_VALUES + rb"\"\\" + b'"}}'
        assert read_object(text) == (json.loads(text), "")

    def test_what_lies_too_deep_is_emptied_there_too(self) -> None:
        read, excess = read_object(b'{"spec":' + nested(9_000, "[", "]") + b"}")
        assert (depth_of(read), excess) == (MAX_DEPTH + 1, "")


class TestTheCollector:
    """It would look through all of a large text's values again and again, and let no other thread run meanwhile."""

    TEXT = b'{"metadata":{},"spec":[%b]}' % b",".join([b"[]"] * (MAX_VALUES + 1))
    LARGE: ClassVar = {
        "object": lambda: read_object(TestTheCollector.TEXT),
        "event": lambda: read_event(b'{"type":"ADDED","object":%b}' % TestTheCollector.TEXT),
        "list": lambda: list(read_list(b'{"metadata":{},"items":[%b]}' % TestTheCollector.TEXT).objects),
    }

    @pytest.mark.parametrize("what", LARGE)
    def test_it_does_not_run_while_a_large_text_is_read(self, what):
        runs = []

        def note(phase, info):
            runs.append(info["generation"])

        gc.collect()
        gc.callbacks.append(note)
        try:
            self.LARGE[what]()
        finally:
            gc.callbacks.remove(note)
        assert len(runs) < 10  # without this, more than fifty
        assert gc.isenabled()

    def test_it_stays_off_where_it_was_off(self):
        gc.disable()
        try:
            read_object(self.TEXT)
            assert not gc.isenabled()
        finally:
            gc.enable()


def test_an_event_is_read_whatever_the_order_and_spaces_in_it():
    spec = b",".join([b"[]"] * (MAX_VALUES + 1))
    made = b'{"metadata":{"name":"a","uid":"u"},"spec":{"x":[%b]}}' % spec
    ways = [b'{"type":"ADDED","object":%b}\n', b'{ "object": %b, "type": "ADDED" }', b' {"type":"ADDED", "object":%b }']
    read = [read_event(way % made) for way in ways]
    assert read == [read[0]] * 3
    assert (read[0]["type"], read[0]["object"]["metadata"]["uid"]) == ("ADDED", "u")
