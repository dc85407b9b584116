"""Objects in which an author puts very much, in the form in which API servers write them (seen with v1.36)."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.costs import costs_at_most

from sealwright_controller.kube.boundedjson import MAX_VALUES, read_object
from sealwright_manifests.text.bounds import MAX_DEPTH

TOO_MANY = "holds more than 50000 values"
MANY_LISTS = b",".join([b"[]"] * MAX_VALUES)
CHAIN = b"[" * (MAX_DEPTH + 20) + b"]" * (MAX_DEPTH + 20)
METADATA = {
    "annotations": {"last": '},"spec":{"a":1},"managedFields":[]'},
    "labels": {"a": "1"},
    "name": "x",
    "namespace": "n",
    "ownerReferences": [{"apiVersion": "v1", "name": "o", "uid": "u"}],
    "uid": "8a3c",
}
MANAGED = [{"fieldsV1": {"f:spec": {}}, "manager": '}]},"spec":{ }],"name":"y"', "operation": "Update"}]


def packed(value: Any) -> bytes:
    """Return JSON as API servers write it."""
    return json.dumps(value, separators=(",", ":")).encode()


def as_sealed_secret(managed: bytes = packed(MANAGED), spec: bytes = b"{}", status: bytes = b"") -> bytes:
    """Return a custom resource as an API server writes it: names in the order of the alphabet."""
    metadata = packed(METADATA).replace(b'"name":"x"', b'"managedFields":' + managed + b',"name":"x"')
    start = b'{"apiVersion":"bitnami.com/v1alpha1","kind":"SealedSecret","metadata":' + metadata + b',"spec":' + spec
    return start + (b',"status":' + status if status else b"") + b"}\n"


def as_secret(managed: bytes, behind: bytes = b',"data":{"k":"dg=="},"type":"Opaque"') -> bytes:
    """Return a Secret as an API server writes it: `managedFields` last in its metadata."""
    metadata = packed(METADATA)[:-1] + b',"managedFields":' + managed + b"}"
    return b'{"kind":"Secret","apiVersion":"v1","metadata":' + metadata + behind + b"}\n"


FIELDS = b",".join(b'"f:%d":{}' % number for number in range(MAX_VALUES))
MANAGED_DEEP = b'{"f:a":' * (MAX_DEPTH + 20) + b"{}" + b"}" * (MAX_DEPTH + 20)
MUCH_MANAGED = {
    "many": packed(MANAGED)[:-1] + b',{"fieldsV1":{' + FIELDS + b"}}]",
    "many and deep": packed(MANAGED)[:-1] + b',{"fieldsV1":{"f:deep":' + MANAGED_DEEP + b"," + FIELDS + b"}}]",
}
TEXTS = st.text(max_size=8) | st.sampled_from(
    ['"', "\\", '"},"spec":{', '},"spec":{', '},"status":{', '"managedFields":[', '}],"name":"', '}]},"spec":', '"']
)
STATUS = {"conditions": [{"message": 'a },"status":{ b', "type": "Synced"}], "observedGeneration": 3}


class TestWhatAnAuthorCanFill:
    """Of what API servers write, `managedFields` and `spec` are not looked into if there is too much in an object."""

    @pytest.mark.parametrize("managed", MUCH_MANAGED.values(), ids=MUCH_MANAGED)
    @pytest.mark.parametrize(
        "behind", [b',"data":{"k":"dg=="},"type":"Opaque"', b',"type":"Opaque"', b',"immutable":true', b""]
    )
    def test_of_a_secret_all_but_the_managed_fields_is_kept(self, managed: bytes, behind: bytes) -> None:
        read, excess = read_object(as_secret(managed, behind))
        assert excess == TOO_MANY
        assert read == json.loads(as_secret(b"[]", behind))

    @pytest.mark.parametrize("managed", MUCH_MANAGED.values(), ids=MUCH_MANAGED)
    @pytest.mark.parametrize("spec", [b"{}", b'{"x":[' + CHAIN + b",[]" * MAX_VALUES + b'],"status":{}}'])
    @pytest.mark.parametrize("status", [b"", packed(STATUS), packed({"a": {}, "status": {}})])
    def test_of_a_sealed_secret_metadata_and_status_are_kept(self, managed: bytes, spec: bytes, status: bytes) -> None:
        read, excess = read_object(as_sealed_secret(managed, spec, status))
        assert excess == TOO_MANY
        whole = json.loads(as_sealed_secret(b"[]", b"{}", status))
        del whole["spec"]
        assert read == whole

    @pytest.mark.parametrize(
        "last",
        [b'"x":{},"status":{}', b'"x":{},"status":{"a":{}}', b'"x":{"y":{},"status":{"observedGeneration":9}}'],
    )
    def test_what_looks_like_a_status_in_the_spec_is_none(self, last: bytes) -> None:
        spec = b'{"many":[' + MANY_LISTS + b"]," + last + b"}"
        read, _ = read_object(as_sealed_secret(b"[]", spec))
        assert (read["metadata"], "status" in read) == (METADATA | {"managedFields": []}, False)
        read, _ = read_object(as_sealed_secret(b"[]", spec, packed(STATUS)))
        assert read["status"] == STATUS

    def test_a_status_that_is_large_is_left_out(self) -> None:
        spec = b'{"many":[' + MANY_LISTS + b"]}"
        read, _ = read_object(as_sealed_secret(b"[]", spec, packed({"x": "x" * 70_000})))
        assert (read["metadata"]["name"], "status" in read) == ("x", False)

    @given(st.dictionaries(TEXTS, TEXTS, max_size=4), st.sampled_from([*MUCH_MANAGED.values(), b"[]"]))
    def test_no_text_is_taken_for_an_end(self, labels: dict[str, str], managed: bytes) -> None:
        spec = b'{"many":[' + MANY_LISTS + b"]}"
        text = as_sealed_secret(managed, spec, packed({"text": labels}))
        text = text.replace(b'"labels":{"a":"1"}', b'"labels":' + packed(labels))
        read, _ = read_object(text)
        assert (read["metadata"]["labels"], read["metadata"]["uid"]) == (labels, "8a3c")
        assert read["status"] == {"text": labels}


def test_an_object_in_another_order_is_read_too() -> None:
    spec = b'{"template":{"metadata":{},"spec":{"many":[' + MANY_LISTS + b"]}}}"
    read, excess = read_object(b'{"kind":"SealedSecret","spec":' + spec + b',"metadata":{"name":"x"}}')
    assert (read["metadata"], excess) == ({"name": "x"}, TOO_MANY)


@pytest.mark.parametrize(
    "part",
    [
        b'{"managedFields":[]}',
        b'{"managedFields":[{}]}',
        b'{"a":{},"status":{}}',
        b'{"a":{},"spec":{}}',
        b'{"metadata":{}}',
    ],
)
@pytest.mark.parametrize("where", ["spec", "labels"])
def test_thousands_of_beginnings_cost_no_more_than_one(part: bytes, where: str) -> None:
    parts = b",".join([part] * (1_400_000 // len(part)))
    if where == "spec":
        text = as_sealed_secret(b"[]", b'{"x":[' + parts + b"]}").replace(b'"managedFields":[],', b"")
    else:  # as texts, and not in the form of an API server, so that only the general way remains
        text = b'{ "metadata":{"name":"x","labels":{"a":' + json.dumps(parts.decode()).encode() + b"}}}"
    assert costs_at_most(1, lambda: read_object(text))
