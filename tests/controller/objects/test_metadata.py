"""Looking at metadata that anybody may have written."""

from typing import Any

import pytest
from hypothesis import given
from tests.support.spoiling import ANY_JSON, spoiled

from sealwright_controller.objects.decide import MAX_UID_CHARACTERS, controller_uid
from sealwright_controller.objects.metadata import annotations_of, labels_of, metadata_of, owners_of, unknown_fields

OWNER = {"kind": "SealedSecret", "uid": "u"}
MANIFEST = {"metadata": {"name": "db", "labels": {"a": "b"}, "annotations": {"c": "d"}, "ownerReferences": [OWNER]}}


def test_what_is_there_is_given() -> None:
    assert metadata_of(MANIFEST) == MANIFEST["metadata"]
    assert labels_of(MANIFEST) == {"a": "b"}
    assert annotations_of(MANIFEST) == {"c": "d"}
    assert owners_of(MANIFEST) == [OWNER]


@pytest.mark.parametrize(
    "metadata", [{}, None, [], "x", 5, {"labels": "x", "annotations": ["a"], "ownerReferences": {}}]
)
def test_what_has_another_shape_is_not_there(metadata: Any) -> None:
    manifest = {"metadata": metadata}
    assert (labels_of(manifest), annotations_of(manifest), owners_of(manifest)) == ({}, {}, [])


def test_of_a_map_or_list_what_fits_is_given() -> None:
    metadata = {"labels": {"a": "b", "c": 5, "d": None}, "ownerReferences": ["x", OWNER, None]}
    assert labels_of({"metadata": metadata}) == {"a": "b"}
    assert owners_of({"metadata": metadata}) == [OWNER]


def test_a_uid_that_is_none_is_not_kept_in_mind() -> None:
    def secret(uid: Any) -> dict[str, Any]:
        return {"metadata": {"ownerReferences": [{"kind": "SealedSecret", "controller": True, "uid": uid}]}}

    longest = "x" * MAX_UID_CHARACTERS
    assert controller_uid(secret(longest)) == longest
    assert [controller_uid(secret(uid)) for uid in (longest + "x", 5, None, ["x"])] == [None] * 4


@given(ANY_JSON.map(lambda value: {"metadata": value}) | spoiled(MANIFEST))
def test_whatever_is_there_the_shapes_are_right(manifest: dict[str, Any]) -> None:
    texts = labels_of(manifest) | annotations_of(manifest)
    assert all(isinstance(text, str) for text in [*texts, *texts.values()])
    assert all(isinstance(owner, dict) for owner in owners_of(manifest))


@pytest.mark.parametrize(
    ("template", "unknown"),
    [
        pytest.param(
            {"metadata": {"lables": {}, "labels": {}, "Annotations": {}}}, ("Annotations", "lables"), id="two"
        ),
        pytest.param(
            {"metadata": {"creationTimestamp": None, "name": "db", "ownerReferences": []}}, (), id="Kubernetes'"
        ),
        pytest.param({"metadata": "x"}, (), id="metadata that is no map"),
        pytest.param(None, (), id="no template"),
    ],
)
def test_fields_that_no_object_has_are_found_in_a_template(template: object, unknown: tuple[str, ...]) -> None:
    assert unknown_fields({"spec": {"template": template}}) == unknown
