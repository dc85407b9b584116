"""Whatever one file holds, in whichever folder, the others are seen, and what may be wrong with it is told."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.support.builders import NOW, sealed_secret, sealing_key
from tests.support.directories import DB, manifest, problems, put, secret
from tests.support.spoiling import spoiled
from tests.support.worlds import key_secret

from sealwright_controller.directory.gateway import DirGateway, Layout
from sealwright_controller.directory.history import History
from sealwright_controller.directory.manifests import ManifestFolder
from sealwright_controller.directory.secretfiles import SecretManifests
from sealwright_controller.directory.secretstore import SecretStore
from sealwright_controller.gateway import KEY_LABEL, GatewayError, Manifest, ObjectKey, Resource
from sealwright_crypto import API_VERSION, KIND

EVIL = ObjectKey("default", "evil")
PLACES = [
    "sealed/evil.yaml",
    "sealed/evil.json",
    "keys/evil.yaml",
    "keys/evil.json",
    "secrets/default/evil.yaml",
    "secrets/default/evil/..data/..secret.yaml",
    "status/default/evil.yaml",
    "status/default/db.yaml",
]
YAML_WORDS = ["%YAML 1.11", "%YAML 1.2", "%TAG ! x", "---", "...", "\n", "  ", "a: b", "- ", "? ", "&a", "*a", "!!str"]
YAML_WORDS += [
    "!",
    "|",
    ">2",
    '"',
    "'",
    "{",
    "}",
    "[",
    "]",
    ",",
    "#",
    "<<: ",
    "\x85",
    "\ufeff",
    "\x00",
    '"\\ud800"',
    "9" * 5000,
]
CONTENTS = (
    st.binary(max_size=60)
    | st.lists(st.sampled_from(YAML_WORDS), max_size=10).map(lambda words: "".join(words).encode())
    | st.lists(st.sampled_from(YAML_WORDS), max_size=10).map(lambda words: "\n".join(words).encode())
)
KEY = key_secret(sealing_key(), name="good", namespace="default", labels={KEY_LABEL: "active"})
MANIFESTS: list[dict[str, Any]] = [
    sealed_secret("evil", "default", template={"metadata": {"labels": {"a": "b"}}}, labels={"a": "b"}),
    secret("evil", labels={KEY_LABEL: "active"}, annotations={"a": "b"}, ownerReferences=[{"kind": "x"}]) | {"stringData": {"a": "b"}},
    {"status": {"conditions": [{"type": "Synced"}]}, "sealedSecret": {"uid": "u", "generation": 1, "specDigest": "d", "created": "c", "file": "f"}},
    {"kind": "List", "items": [manifest("evil"), secret("evil")]},
]  # fmt: skip
DEFECT = "cannot be used ("  # what is said of what nobody foresaw
thorough = settings(max_examples=40, deadline=None)


def look(content: bytes, place: str, layout: Layout) -> dict[str, str]:
    """Put the content among good files, see that those are seen, and return what is told of files."""
    with TemporaryDirectory() as folder:
        root = Path(folder)
        put(root, "sealed/db.yaml", manifest())
        put(root, "keys/good.json", KEY)
        put(root, "secrets/default/other.yaml", secret("other"))
        put(root, "secrets/default/another/..data/..secret.yaml", secret("another"))
        put(root, place, content)
        gateway = DirGateway(root, clock=lambda: NOW, layout=layout, leaving_seconds=0.0)
        try:
            seen = {resource: gateway.list_page(resource).items for resource in Resource}
            names = {resource: {item["metadata"]["name"] for item in items} for resource, items in seen.items()}
            assert "db" in names[Resource.SEALED_SECRETS]
            assert "good" in names[Resource.SEALING_KEYS]
            assert ("other" if layout == "manifests" else "another") in names[Resource.SECRETS]
            assert gateway.get_sealed_secret(DB)
            ask_for_the_evil_one(gateway)
        finally:
            gateway.close()
        told = problems(root)
        assert not any(DEFECT in problem for problem in told.values())
        return told


def ask_for_the_evil_one(gateway: DirGateway) -> None:
    try:
        gateway.get_secret(EVIL)
        gateway.get_sealed_secret(EVIL)
    except GatewayError:
        return


@pytest.mark.parametrize("layout", ["manifests", "files"])
@pytest.mark.parametrize("place", PLACES)
class TestOneFile:
    @thorough
    @given(CONTENTS)
    @example(b"%YAML 1.11\n---\na: b\n")
    @example(b"[" * 5_000)
    @example(b"{" * 5_000)
    @example(b"1" * 5_000)
    def test_whatever_its_bytes_are_the_others_are_seen(self, place: str, layout: Layout, content: bytes) -> None:
        look(content, place, layout)

    @thorough
    @given(st.sampled_from(MANIFESTS).flatmap(spoiled))
    @example(MANIFESTS[1] | {"metadata": MANIFESTS[1]["metadata"] | {"annotations": {"a": "\ud800"}}})
    @example(MANIFESTS[1] | {"stringData": {"a": "\ud800"}})
    def test_whatever_stands_in_its_fields_the_others_are_seen(
        self, place: str, layout: Layout, content: dict[str, Any]
    ) -> None:
        look(json.dumps(content).encode(), place, layout)


@pytest.mark.parametrize(
    ("place", "content", "told"),
    [
        ("sealed/evil.yaml", b"%YAML 1.11\n---\na: b\n", "line 1: found incompatible YAML document"),
        ("keys/evil.yaml", b"%YAML 1.11\n---\na: b\n", "line 1: found incompatible YAML document"),
        (
            "keys/evil.json",
            json.dumps(KEY | {"stringData": {"a": "\ud800"}}).encode(),
            "object 1: stringData[a]: is not text",
        ),
    ],
)
def test_what_is_wrong_with_it_is_told(place: str, content: bytes, told: str) -> None:
    assert told in look(content, place, "manifests")[place]


def test_a_file_name_that_is_no_text_is_told() -> None:
    place = b"sealed/\xff.yaml".decode(errors="surrogateescape")
    try:
        told = look(b"a: [", place, "manifests")
    except OSError:
        pytest.skip("this file system has no such names")
    assert [place] == list(told)


class TestDefects:
    """What nobody foresaw is told like what is wrong with a file, and stops no other."""

    def test_of_one_object(self, tmp_path: Path) -> None:
        def take(found: Manifest) -> tuple[ObjectKey, Manifest]:
            if found["metadata"]["name"] == "evil":
                raise ZeroDivisionError("hunter2")
            return ObjectKey.of(found), found

        put(tmp_path, "sealed/a.yaml", {"kind": "List", "items": [manifest("evil"), manifest()]})
        kind = (API_VERSION, KIND)
        folder = ManifestFolder(
            tmp_path, "sealed", take, kind=kind, now_ns=lambda: 0, monotonic=lambda: 0.0, leaving_seconds=0.0
        )
        snapshot = folder.scan()
        assert list(snapshot.objects) == [DB]
        assert snapshot.problems == {"sealed/a.yaml": "object 1: cannot be used (ZeroDivisionError)"}

    def test_of_one_secret(self, tmp_path: Path) -> None:
        class Defective(SecretManifests):
            def read(self, key: ObjectKey) -> Manifest | None:
                if key == EVIL:
                    raise ZeroDivisionError("hunter2")
                return super().read(key)

        for name in ("evil", "other"):
            put(tmp_path, f"default/{name}.yaml", secret(name))
        store = SecretStore(Defective(tmp_path), History(lambda: 0), lambda: NOW)
        store.scan()
        assert [found["metadata"]["name"] for found in store.objects] == ["other"]
        assert store.problems == {"Secret default/evil": "cannot be used (ZeroDivisionError)"}
