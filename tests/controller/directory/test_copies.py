"""Directory mode and an object that is in two files: the first one counts, and all that is wrong with the other is told."""

import json
from pathlib import Path

import pytest
from tests.support.directories import DB, TEXT, Make, manifest, problems, put, sealed_names

COPY = "default/db is in sealed/a.yaml already; this copy is not used"


def test_the_first_by_path_counts_and_the_other_is_told(root: Path, make: Make) -> None:
    gateway = make()
    put(root, "sealed/a.yaml", manifest() | {"spec": {"encryptedData": {"from": "a"}}})
    put(root, "sealed/b/db.yaml", manifest() | {"spec": {"encryptedData": {"from": "b"}}})
    assert sealed_names(gateway) == ["default/db"]
    assert (gateway.get_sealed_secret(DB) or {})["spec"] == {"encryptedData": {"from": "a"}}
    assert problems(root) == {"sealed/b/db.yaml": COPY}


@pytest.mark.parametrize(
    ("spec", "mistake"),
    [
        (7, "spec: expected a map, found a number"),
        ({"encryptedData": {"a": ["hunter2"]}}, "spec.encryptedData.a: expected text, found a list"),
        (
            {"encrypteddata": {"a": "hunter2"}},
            "spec.encrypteddata: not a field of a SealedSecret; is encryptedData meant?",
        ),
    ],
)
def test_what_is_wrong_with_the_other_is_told_beside_it(root: Path, make: Make, spec: object, mistake: str) -> None:
    gateway = make()
    put(root, "sealed/a.yaml")
    put(root, "sealed/b.yaml", f"{TEXT.replace('db', 'NO')}---\n{json.dumps(manifest() | {'spec': spec})}")
    for _ in range(2):
        assert sealed_names(gateway) == ["default/db"]
        told = problems(root)["sealed/b.yaml"]
        assert told.startswith("object 1: metadata.name")
        assert told.endswith(f"; {COPY}, and has a mistake of its own: {mistake}")
    put(root, "sealed/b.yaml", manifest() | {"spec": {"encryptedData": {}}})
    assert sealed_names(gateway) == ["default/db"]
    assert problems(root) == {"sealed/b.yaml": COPY}


def test_it_is_told_of_each_copy(root: Path, make: Make) -> None:
    gateway = make()
    put(root, "sealed/a.yaml", f"{TEXT}---\n{json.dumps(manifest() | {'spec': 7})}")
    put(root, "sealed/b.yaml", manifest() | {"spec": []})
    assert sealed_names(gateway) == ["default/db"]
    assert problems(root) == {
        "sealed/a.yaml": COPY.replace("sealed/a.yaml", "this file")
        + ", and has a mistake of its own: spec: expected a map, found a number",
        "sealed/b.yaml": f"{COPY}, and has a mistake of its own: spec: expected a map, found a list",
    }
