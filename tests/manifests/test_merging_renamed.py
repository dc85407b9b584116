"""Merging objects whose name, namespace or scope a side changed: what does not open in the merged object is a conflict."""

import pytest

from sealwright_manifests.merging.streams import MergedText, merge_texts
from sealwright_manifests.merging.words import About
from sealwright_manifests.text.documents import read_documents
from sealwright_manifests.text.tree import native

HEAD = "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\n"
WIDE = "  annotations:\n    sealedsecrets.bitnami.com/{}-wide: 'true'\n"
NAMESPACE, CLUSTER = WIDE.format("namespace"), WIDE.format("cluster")


def sealed(items: str, name: str = "db", namespace: str = "shop", more: str = "") -> str:
    """A SealedSecret; items are `a1 b2`: the item's name and what stands for its ciphertext."""
    lines = "".join(f"    {item[0]}: {item.upper()}\n" for item in items.split())
    return f"{HEAD}metadata:\n  name: {name}\n  namespace: {namespace}\n{more}spec:\n  encryptedData:\n{lines}"


def merged(base: str, ours: str, theirs: str) -> MergedText:
    found = merge_texts(base, ours, theirs)
    assert found is not None
    return found


def words(found: MergedText) -> list[str]:
    return [one.words for one in found.conflicts]


HERE = "and the object is shop/db2 here"
STRAYS = {
    "added by theirs": (sealed("a1"), sealed("a2", "db2"), sealed("a1 b1"), [f"item b: it was sealed for shop/db, {HERE}"]),
    "added by ours": (sealed("a1"), sealed("a1 b1"), sealed("a2", "db2"), [f"item b: it was sealed for shop/db, {HERE}"]),
    "changed by theirs": (sealed("a1 b1"), sealed("a1 b1", "db2"), sealed("a2 b1"), [f"item a: it was sealed for shop/db, {HERE}"]),
    "changed by both": (
        sealed("a1"), sealed("a2", "db2"), sealed("a3"),
        [f"item a was changed differently by both sides; theirs was sealed for shop/db, {HERE}"],
    ),
    "removed by who renamed": (
        sealed("a1 b1"), sealed("a2", "db2"), sealed("a1 b2"),
        [f"item b was removed by ours and changed by theirs; theirs was sealed for shop/db, {HERE}"],
    ),
    "another namespace": (
        sealed("a1"), sealed("a2", namespace="prod"), sealed("a1 b1"),
        ["item b: it was sealed for shop/db, and the object is prod/db here"],
    ),
    "another scope": (
        sealed("a1"), sealed("a2", more=CLUSTER), sealed("a1 b1"),
        ["item b: it was sealed for shop/db (strict), and the object is shop/db (cluster-wide) here"],
    ),
    "each another part": (
        sealed("a1"), sealed("a1 b1", "db2"), sealed("a1 c1", namespace="prod"),
        [
            "item b: it was sealed for shop/db2, and the object is prod/db2 here",
            "item c: it was sealed for prod/db, and the object is prod/db2 here",
        ],
    ),
    "each another name": (
        sealed("a1"), sealed("a1 b1", "db2"), sealed("a1", "db3"),
        [
            "metadata.name was changed differently by both sides",
            "item b: it was sealed for shop/db2, and the object is shop/db2 or shop/db3 here",
        ],
    ),
    "added by both": (
        "", sealed("a1", more=CLUSTER), sealed("b1"),
        ["item b: it was sealed for shop/db (strict), and the object is shop/db (cluster-wide) here"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", [pytest.param(case, id=name) for name, case in STRAYS.items()])
def test_what_was_sealed_for_another_object_is_a_conflict(case: tuple[str, str, str, list[str]]) -> None:
    *texts, wanted = case
    found = merged(*texts)
    assert words(found) == wanted
    assert found.text.count("<<<<<<< ours\n") == len(wanted)
    assert all(one.about is About.PLACE for one in found.conflicts if one.words.startswith("item"))


FITTING = {
    "sealed by who renamed": (sealed("a1 b1"), sealed("a2 b2 c1", "db2"), sealed("a1 b1", more="  labels: {x: y}\n"), "a2 b2 c1"),
    "sealed by both alike": (sealed("a1"), sealed("a2", "db2"), sealed("a2"), "a2"),
    "left as it was": (sealed("a1"), sealed("a1", "db2"), sealed("a1", more="  labels: {x: y}\n"), "a1"),
    "removed by the other": (sealed("a1 b1"), sealed("a1 b1", "db2"), sealed("a1"), "a1"),
    "another name, namespace-wide": (sealed("a1", more=NAMESPACE), sealed("a1 b1", "db2", more=NAMESPACE), sealed("a1 c1", more=NAMESPACE), "a1 b1 c1"),
    "all else, cluster-wide": (sealed("a1", more=CLUSTER), sealed("a1 b1", "db2", "prod", CLUSTER), sealed("a1 c1", more=CLUSTER), "a1 b1 c1"),
    "an annotation that says no more": (sealed("a1", more=CLUSTER), sealed("a2", more=CLUSTER + NAMESPACE.split("\n", 1)[1]), sealed("a1 b1", more=CLUSTER), "a2 b1"),
    "renamed alike": (sealed("a1"), sealed("a1 b1", "db2"), sealed("a1 c1", "db2"), "a1 b1 c1"),
}  # fmt: skip


@pytest.mark.parametrize("case", [pytest.param(case, id=name) for name, case in FITTING.items()])
def test_what_opens_in_the_merged_object_is_none(case: tuple[str, str, str, str]) -> None:
    *texts, items = case
    for found in (merged(*texts), merged(texts[0], texts[2], texts[1])):
        assert words(found) == []
        (document,) = read_documents(found.text, "")
        assert sorted(native(document.root)["spec"]["encryptedData"].values()) == items.upper().split()


def test_the_markers_are_around_the_item_alone() -> None:
    found = merged(sealed("a1"), sealed("a2", "db2"), sealed("a1 b1"))
    assert found.text == sealed("a2", "db2") + "<<<<<<< ours\n=======\n    b: B1\n>>>>>>> theirs\n"


@pytest.mark.parametrize("space", [" ", "\n"])
def test_items_on_one_line_clash_together(space: str) -> None:
    def text(name: str, items: str) -> str:
        return f"{HEAD}metadata: {{name: {name}}}\nspec:{space}  {{encryptedData: {{{items}}}}}\n"

    found = merged(text("db", "a: A1"), text("db2", "a: A1"), text("db", "a: A2, b: B1"))
    here = "it was sealed for db, and the object is db2 here"
    assert words(found) == [f"item a: {here}", f"item b: {here}"]
    assert found.text.count("<<<<<<< ours\n") == 1


def test_json_gets_a_conflict_too() -> None:
    def text(name: str, items: str) -> str:
        return (
            f'{{\n  "apiVersion": "bitnami.com/v1alpha1",\n  "kind": "SealedSecret",\n  "metadata": {{\n    "name": "{name}"\n  }},\n'
            f'  "spec": {{\n    "encryptedData": {{\n{items}\n    }}\n  }}\n}}\n'
        )

    a, b = '      "a": "A1"', '      "b": "B1"'
    found = merged(text("db", a), text("db2", a), text("db", f"{a},\n{b}"))
    assert words(found) == ["item b: it was sealed for db, and the object is db2 here"]


def test_the_deprecated_form_is_bound_too() -> None:
    def text(name: str, value: str) -> str:
        return f"{HEAD}metadata:\n  name: {name}\nspec:\n  data: {value}\n"

    found = merged(text("db", "A1"), text("db2", "A1"), text("db", "A2"))
    assert words(found) == ["spec.data: it was sealed for db, and the object is db2 here"]


def test_an_object_that_is_no_sealedsecret_may_be_renamed() -> None:
    def text(name: str, value: str) -> str:
        return (
            f"kind: ConfigMap\nmetadata:\n  name: {name}\nspec:\n  encryptedData:\n    a: {value}\n---\n{sealed('a1')}"
        )

    assert words(merged(text("x", "1"), text("y", "1"), text("x", "2"))) == []


CACHE, MAIL = sealed("c1", "cache"), sealed("m1", "mail")
RENAMED = {
    "by both": ([sealed("a1")], [sealed("a1", "x")], [sealed("a1", "y")], "name"),
    "by both, sealed anew": ([sealed("a1")], [sealed("a2", "x")], [sealed("a3", "y")], "name"),
    "by both, to namespaces": ([sealed("a1")], [sealed("a1", "db", "x")], [sealed("a1", "db", "y")], "namespace"),
    "among others": ([CACHE, sealed("a1")], [CACHE, sealed("a1", "x")], [CACHE, sealed("a1", "y")], "name"),
    "with one removed": ([CACHE, sealed("a1")], [sealed("a1", "x")], [CACHE, sealed("a1", "y")], "name"),
}  # fmt: skip


@pytest.mark.parametrize("case", [pytest.param(case, id=name) for name, case in RENAMED.items()])
def test_an_object_that_both_renamed_differently_is_a_conflict(case: tuple[list[str], ...]) -> None:
    *versions, what = case
    texts = ["---\n".join(version) for version in versions]
    for found in (merge_texts(*texts), merge_texts(texts[0], texts[2], texts[1])):
        assert found is not None
        assert f"metadata.{what} was changed differently by both sides" in words(found)[0]
        assert found.text.count("kind:") == 1 + all(version[0] == CACHE for version in versions)


def test_two_documents_are_not_made_of_one_that_both_renamed() -> None:
    found = merged(sealed("a1"), sealed("a1", "x"), sealed("a1", "y"))
    assert found.text == sealed("a1").replace(
        "  name: db\n", "<<<<<<< ours\n  name: x\n=======\n  name: y\n>>>>>>> theirs\n"
    )


def test_what_one_renames_and_the_other_edits_is_one_object_also_where_documents_came() -> None:
    labelled = sealed("a1", more="  labels:\n    x: y\n")
    found = merged(f"{sealed('a1')}", f"{sealed('a2', 'x')}", f"{labelled}---\n{CACHE}")
    assert found.text == f"{sealed('a2', 'x', more='  labels:' + chr(10) + '    x: y' + chr(10))}---\n{CACHE}"
    assert not found.conflicts


def test_others_are_not_taken_for_a_renamed_one() -> None:
    assert merged(CACHE, sealed("a1"), MAIL).text == f"{sealed('a1')}---\n{MAIL}"
    # Theirs added an object of the name that ours gave to another one.
    found = merge_texts(sealed("a1"), sealed("a1", "x"), f"{sealed('a1')}---\n{sealed('a2', 'x')}")
    assert found is None or found.conflicts


def test_documents_that_one_sorted_are_still_those_that_the_other_changed() -> None:
    base, ours = f"{CACHE}---\n{sealed('a1')}", f"{sealed('a1')}---\n{CACHE}"
    assert merged(base, ours, f"{CACHE}---\n{sealed('a2')}").text == f"{sealed('a2')}---\n{CACHE}"
