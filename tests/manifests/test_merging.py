"""Merging three versions of a file: each shape with what comes out, to the byte."""

import pytest
from hypothesis import Phase, given, settings
from tests.support.sealed_layouts import SealedFile, sealed_files

from sealwright_manifests.errors import BadManifestError
from sealwright_manifests.merging.cutting import cut
from sealwright_manifests.merging.laying import Layout, lay_out
from sealwright_manifests.merging.pieces import UnmergeableError
from sealwright_manifests.merging.streams import merge_texts
from sealwright_manifests.text.decoding import decoded
from sealwright_manifests.text.documents import read_documents

HEAD = "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata:\n  name: db\n"
ONE, TWO, THREE = "1" * 64, "2" * 64, "3" * 64


def sealed(spec: str, metadata: str = "") -> str:
    return f"{HEAD}{metadata}spec:\n  encryptedData:\n{spec}"


def merged(base: str, ours: str, theirs: str) -> str:
    found = merge_texts(base, ours, theirs)
    assert found is not None
    assert found.conflicts == ()
    return found.text


MERGES = {
    "other items": ("    a: A1\n    b: B1\n", "    a: A2\n    b: B1\n", "    a: A1\n    b: B2\n", "    a: A2\n    b: B2\n"),
    "both add at the same place": ("    a: A1\n", "    a: A1\n    b: B1\n", "    a: A1\n    c: C1\n", "    a: A1\n    b: B1\n    c: C1\n"),
    "one removes, one adds": ("    a: A1\n    b: B1\n", "    a: A1\n", "    a: A1\n    b: B1\n    c: C1\n", "    a: A1\n    c: C1\n"),
    "the same on both sides": ("    a: A1\n    b: B1\n", "    a: A2\n    b: B1\n", "    a: A2\n    b: B2\n", "    a: A2\n    b: B2\n"),
    "one quotes, one seals": ("    a: A1\n", '    a: "A1"\n', "    a: A2\n", "    a: A2\n"),
    "one folds, one seals": ("    a: A1\n", "    a: >-\n      A1\n", "    a: A2 # new\n", "    a: A2 # new\n"),
    "a comment behind, a new value": ("    a: A1\n", "    a: A1 # ours\n", "    a: A2\n", "    a: A2 # ours\n"),
    "two comments behind": ("    a: A1\n", "    a: A1 # ours\n", "    a: A1 # theirs\n", "    a: A1 # ours # theirs\n"),
    "a block's head": ("    a: |-\n      A1\n", "    a: |- # ours\n      A1\n", "    a: |-\n      A2\n", "    a: |- # ours\n      A2\n"),
    "comments above": ("    a: A1\n", "    # ours\n    a: A1\n", "    # theirs\n    a: A2\n", "    # ours\n    # theirs\n    a: A2\n"),
    "comments below": ("    a: A1\n", "    a: A1\n    # ours\n", "    a: A2\n", "    a: A2\n    # ours\n"),
    "one sorts, one seals": ("    b: B1\n    a: A1\n", "    a: A1\n    b: B1\n", "    b: B2\n    a: A1\n", "    a: A1\n    b: B2\n"),
    "one indents, one adds": ("    a: A1\n", "      a: A1\n", "    a: A1\n    b: B1\n", "      a: A1\n      b: B1\n"),
    "long keys": ("    ? kkk\n    : A1\n    b: B1\n", "    ? kkk\n    : A2\n    b: B1\n", "    ? kkk\n    : A1\n    b: B2\n", "    ? kkk\n    : A2\n    b: B2\n"),
    "both remove all": ("    a: A1\n    b: B1\n", "    a: A1\n", "    b: B1\n", None),
}  # fmt: skip


@pytest.mark.parametrize("texts", [pytest.param(texts, id=name) for name, texts in MERGES.items()])
def test_a_merge_without_conflict(texts: tuple[str, str, str, str | None]) -> None:
    base, ours, theirs = (sealed(text) for text in texts[:3])
    wanted = f"{HEAD}spec:\n  encryptedData: {{}}\n" if texts[3] is None else sealed(texts[3])
    assert merged(base, ours, theirs) == wanted


CONFLICTS = {
    "sealed on both sides": ("    a: A1\n", "    a: A2\n", "    a: A3\n", "item a was changed differently by both sides"),
    "added on both sides": ("    b: B1\n", "    a: A2\n    b: B1\n", "    a: A3\n    b: B1\n", "item a was changed differently by both sides"),
    "removed by us": ("    a: A1\n    b: B1\n", "    b: B1\n", "    a: A3\n    b: B1\n", "item a was removed by ours and changed by theirs"),
    "removed by them": ("    a: A1\n    b: B1\n", "    a: A3\n    b: B1\n", "    b: B1\n", "item a was removed by theirs and changed by ours"),
}  # fmt: skip


@pytest.mark.parametrize("texts", [pytest.param(texts, id=name) for name, texts in CONFLICTS.items()])
def test_a_conflict_is_around_the_lines_of_the_item_alone(texts: tuple[str, str, str, str]) -> None:
    *versions, words = texts
    found = merge_texts(*(sealed(text + "    z: Z1\n") for text in versions))
    assert found is not None
    assert [one.words for one in found.conflicts] == [words]
    before, after = found.text.split("<<<<<<< ours\n")
    inside, after = after.split(">>>>>>> theirs\n")
    own, other = inside.split("=======\n")
    assert "a: " not in before + after
    assert before + own + after == sealed(versions[1] + "    z: Z1\n")
    assert sorted((before + other + after).split()) == sorted(sealed(versions[2] + "    z: Z1\n").split())


def test_markers_are_as_long_as_git_wants_them() -> None:
    found = merge_texts(sealed("    a: 1\n"), sealed("    a: 2\n"), sealed("    a: 3\n"), 12)
    assert found is not None
    assert "<" * 12 + " ours\n" in found.text
    assert "\n" + "=" * 12 + "\n" in found.text


@pytest.mark.parametrize("line_break", ["\n", "\r\n"])
def test_json_keeps_its_commas(line_break: str) -> None:
    def text(items: str) -> str:
        head = '{\n  "kind": "SealedSecret",\n  "apiVersion": "bitnami.com/v1alpha1",\n  "spec": {\n    "encryptedData": {\n'
        return (head + items + "\n    }\n  }\n}\n\n").replace("\n", line_break)

    base, ours = text('      "a": "A1"'), text('      "a": "A2",\n      "b": "B1"')
    theirs = text('      "a": "A1",\n      "c": "C1"')
    assert merged(base, ours, theirs) == text('      "a": "A2",\n      "b": "B1",\n      "c": "C1"')


def hinted(hint: str, items: str) -> str:
    return sealed(items, f'  annotations:\n    sealwright.dev/key-fingerprints: "{hint}"\n')


@pytest.mark.parametrize(
    ("ours", "theirs", "wanted"),
    [
        ((ONE, "    a: A1\n    b: B1\n    c: C1\n"), (TWO, "    a: A2\n    b: B2\n"), f"{TWO}; {ONE}: c"),
        ((f"{ONE}; {TWO}: a", "    a: A2\n    b: B1\n"), (f"{ONE}; {TWO}: b", "    a: A1\n    b: B2\n"), TWO),
        ((ONE, "    a: A2\n    b: B1\n"), (f"{ONE}; {TWO}: b", "    a: A1\n    b: B2\n"), f"{ONE}; {TWO}: b"),
    ],
    ids=["new under the old key", "each sealed one anew", "only one side's key is new"],
)
def test_the_keys_of_items_are_merged(ours: tuple[str, str], theirs: tuple[str, str], wanted: str) -> None:
    text = merged(hinted(ONE, "    a: A1\n    b: B1\n"), hinted(*ours), hinted(*theirs))
    assert f'sealwright.dev/key-fingerprints: "{wanted}"\n' in text


def test_a_comment_that_a_side_has_more_often_stays_so_often_whichever_side_is_ours() -> None:
    base, once, twice = (sealed(f"{above}    a: A1\n") for above in ("", "    # x\n", "    # x\n    # x\n"))
    assert merged(base, once, twice) == merged(base, twice, once) == twice


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ((f"{ONE}; {TWO}: z", "    z: Z1\n    a: A1\n"), (f"{ONE}; {THREE}: b", "    a: A1\n    b: B1\n")),
        ((f"{TWO}; {ONE}: a", "    a: A1\n    b: B1\n"), (ONE, "    a: A1\n    b: B1\n")),
        ((f"{TWO}: b; {ONE}", "    a: A1\n    b: B1\n"), (f"{ONE}; {TWO}: b", "    a: A1\n    b: B1\n")),
    ],
    ids=["three keys with an item each", "one ciphertext and two keys", "two texts that say the same"],
)
def test_the_order_of_keys_does_not_depend_on_the_side(ours: tuple[str, str], theirs: tuple[str, str]) -> None:
    base, sides = hinted(ONE, "    a: A1\n"), (hinted(*ours), hinted(*theirs))
    one, other = merged(base, *sides).splitlines(), merged(base, *reversed(sides)).splitlines()
    assert sorted(one) == sorted(other)


def test_a_key_that_nobody_knows_is_not_claimed() -> None:
    ours = sealed("    a: A1\n    b: B1\n")
    text = merged(sealed("    a: A1\n"), ours, hinted(TWO, "    a: A2\n"))
    assert f'sealwright.dev/key-fingerprints: "{TWO}: a"\n' in text


def test_documents_are_merged_one_by_one_and_added_ones_follow() -> None:
    one, two = sealed("    a: A1\n"), sealed("    b: B1\n").replace("name: db", "name: two")
    new = two.replace("name: two", "name: three")
    text = merged(
        f"{one}---\n{two}", f"{one.replace('A1', 'A2')}---\n{two}", f"{one}---\n{two.replace('B1', 'B2')}---\n{new}"
    )
    assert text == f"{one.replace('A1', 'A2')}---\n{two.replace('B1', 'B2')}---\n{new}"
    assert merged(one, f"{new}---\n{one}", one.replace("A1", "A2")) == f"{new}---\n{one.replace('A1', 'A2')}"


LEFT_TO_GIT = {
    "no SealedSecret": ("a: 1\n", "a: 2\n", "a: 1\nb: 1\n"),
    "a template": (sealed("    a: {{ x }}\n"), sealed("    a: 2\n"), sealed("    a: 3\n")),
    "a document that one removed": (sealed("    a: 1\n") + "---\nb: 1\n", sealed("    a: 1\n"), sealed("    a: 1\n") + "---\nb: 2\n"),
    "a map on one line": (sealed("    a: 1\n"), "{spec: {a: 1}}\n", sealed("    a: 2\n")),
    "a merge key": (sealed("    <<: {a: 1}\n"), sealed("    <<: {a: 2}\n"), sealed("    <<: {a: 3}\n    b: 1\n")),
    "line ends of several kinds": (sealed("    a: 1\n"), sealed("    a: 2\r\n"), sealed("    a: 3\n")),
}  # fmt: skip


@pytest.mark.parametrize("texts", [pytest.param(texts, id=name) for name, texts in LEFT_TO_GIT.items()])
def test_what_is_left_to_git(texts: tuple[str, str, str]) -> None:
    found = merge_texts(*texts)
    assert found is None or found.conflicts


def test_empty_lines_that_a_text_keeps_are_cut_with_it() -> None:
    (document,) = read_documents(sealed("    b: |+\n      AAAA\n\n    c: AAAA\n"), "")
    assert lay_out(cut(document), Layout()) == document.text


@settings(max_examples=60, phases=[Phase.generate])
@given(sealed_files())
def test_what_is_cut_is_laid_out_as_it_was(file: SealedFile) -> None:
    text = decoded(file.content, "").replace("\r\n", "\n")
    text = text if text.endswith("\n") else f"{text}\n"
    try:
        documents = read_documents(text, "")
    except BadManifestError:
        return
    for document in documents:
        try:
            assert lay_out(cut(document), Layout()) == document.text
        except UnmergeableError:
            continue
