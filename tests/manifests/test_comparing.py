"""What `git diff` shows of a SealedSecret, and what differs between two."""

import base64
from dataclasses import replace

import pytest
from tests.support.costs import costs_at_most

from sealwright_crypto import HINT_ANNOTATION, SealedSecret
from sealwright_manifests.comparing.changes import Found, compare_trees
from sealwright_manifests.comparing.view import digest, view_of

KEY, OTHER = "a" * 64, "b" * 64
ONE, TWO = (base64.b64encode(b"\1\0" + bytes([fill]) * 256 + bytes(24)).decode() for fill in (7, 8))
SHOWN = f"<sealed {digest(ONE)}, key {KEY[:32]}>"


def yaml(value: str = ONE) -> str:
    return (
        f"# mine\n---\napiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata:\n  name: db\n  namespace: prod\n"
        f'  annotations:\n    {HINT_ANNOTATION}: "{KEY}"\nspec:\n  encryptedData:\n    a: {value} # the a\n'
        f"  template:\n    data: {{x: '{{{{ .a }}}}'}}\n"
    )


def test_a_view_has_digests_and_keys_and_all_else_as_it_is() -> None:
    assert view_of(yaml()) == (
        "# mine\n---\n# sealed for prod/db, strict scope\n" + yaml().partition("---\n")[2].replace(ONE, SHOWN)
    )


@pytest.mark.parametrize("value", [f'"{ONE}"', f"'{ONE}'", f"|-\n      {ONE}\n", f"&x {ONE}"])
def test_however_it_is_written(value: str) -> None:
    shown = view_of(yaml(value))
    assert SHOWN in shown
    assert ONE not in shown


def test_what_is_no_ciphertext_is_shown_as_git_itself_shows_it() -> None:
    assert "a: hunter2 # the a\n" in view_of(yaml("hunter2"))


def test_digests_and_fingerprints_have_128_bits() -> None:
    assert len(digest(ONE)) == 32


def test_a_conflict_is_shown_as_its_sides_are() -> None:
    line = f"    a: {ONE} # the a\n"
    text = yaml().replace(line, f"<<<<<<< ours\n{line}=======\n{line.replace(ONE, TWO)}>>>>>>> theirs\n")
    shown = view_of(text)
    assert "<<<<<<< ours" in shown
    assert digest(ONE) in shown
    assert digest(TWO) in shown
    assert ONE not in shown
    assert TWO not in shown


def test_a_conflict_with_its_base_and_another_one_with_a_broken_side() -> None:
    line = f"    a: {ONE} # the a\n"
    base = yaml().replace(line, f"<<<<<<< ours\n{line}||||||| base\n    a: {TWO}\n=======\n    a: 1\n>>>>>>> theirs\n")
    shown = view_of(base)
    assert shown.count(digest(ONE)) == shown.count("# sealed for prod/db, strict scope\n") == 1
    assert f"||||||| base\n    a: {TWO}\n" in shown
    broken = view_of(base.replace("    a: 1\n", "    a: [\n"))
    assert digest(ONE) in broken
    assert "    a: [\n>>>>>>> theirs\n" in broken


@pytest.mark.parametrize("text", ["", "a: 1\n", "a: [\n", "\0", "kind: SealedSecret\n", "{{- if x }}\n" + yaml()])
def test_all_other_texts_are_shown_as_they_are(text: str) -> None:
    assert view_of(text) == text


def found(path: str = "db.yaml", **changes: object) -> Found:
    sealed = SealedSecret("db", "prod", {"a": ONE, "b": ONE}, annotations={HINT_ANNOTATION: KEY})
    sealed = replace(sealed, **changes)
    return Found(path, sealed, sealed.to_dict())


def said(before: list[Found], after: list[Found]) -> list[tuple[object, ...]]:
    return [
        (one.change.value, [(item.name, item.change.value) for item in one.items], list(one.target), list(one.fields))
        for one in compare_trees(before, after)
    ]


def test_nothing() -> None:
    assert said([found()], [found("elsewhere.yaml")]) == []


def test_as_many_objects_as_there_may_be_are_paired_in_time() -> None:
    sealed = [SealedSecret(f"n{number}", "prod", {"a": ONE}) for number in range(20_000)]
    before, after = ([Found(path, one, {}) for one in sealed] for path in ("old.yaml", "new.yaml"))
    assert costs_at_most(60, lambda: compare_trees(before, after[::-1]), tries=1)


@pytest.mark.parametrize(
    ("old", "new", "is_told"),
    [
        pytest.param(KEY, f"{KEY}; nothing of a key", True, id="words that nobody reads"),
        pytest.param(KEY, OTHER, True, id="another key of an item that is the same"),
        pytest.param(f"{KEY}: a, b", f"{KEY}: a, b, c", True, id="an item that is not there"),
        pytest.param(f"{KEY}: a, b", f"{OTHER}; {KEY}: a, b", True, id="a key of no item"),
        pytest.param(KEY, f"{KEY}; {OTHER}", True, id="a second key for all"),
        pytest.param(KEY, f"{OTHER}: a; {KEY}: a, b", True, id="two keys of one item"),
        pytest.param(KEY, f"{KEY}: b, a", False, id="the same in other words"),
    ],
)
def test_what_the_annotation_says_besides_changed_items(old: str, new: str, *, is_told: bool) -> None:
    before, after = (found(annotations={HINT_ANNOTATION: text}) for text in (old, new))
    fields = [f"metadata.annotations.{HINT_ANNOTATION}"]
    assert said([before], [after]) == ([("changed", [], [], fields)] if is_told else [])


def test_blanks_that_spoil_a_ciphertext_are_a_change_and_line_breaks_are_none() -> None:
    assert said([found()], [found(items={"a": f" {ONE}", "b": ONE})]) == [("changed", [("a", "sealed anew")], [], [])]
    assert said([found()], [found(items={"a": f"{ONE}\n", "b": ONE})]) == []


def test_items() -> None:
    new = found(items={"a": TWO, "c": ONE})
    assert said([found()], [new]) == [("changed", [("a", "sealed anew"), ("b", "removed"), ("c", "added")], [], [])]
    other = found(items={"a": TWO, "b": ONE}, annotations={HINT_ANNOTATION: f"{KEY}; {OTHER}: a"})
    assert said([found()], [other]) == [("changed", [("a", "re-encrypted")], [], [])]


def test_a_new_name_with_old_ciphertexts() -> None:
    ((_, items, target, _),) = said([found()], [found(name="new")])
    assert items == [("a", "kept"), ("b", "kept")]
    assert target == [("name", "db", "new")]


def test_a_new_scope() -> None:
    annotations = {HINT_ANNOTATION: KEY, "sealedsecrets.bitnami.com/cluster-wide": "true"}
    ((_, _, target, fields),) = said([found()], [found(annotations=annotations)])
    assert target == [("scope", "strict", "cluster-wide")]
    assert fields == ["metadata.annotations.sealedsecrets.bitnami.com/cluster-wide"]


def test_objects_that_came_went_and_moved() -> None:
    one, two, three = (found(f"{name}.yaml", name=name) for name in ("one", "two", "three"))
    moved = Found("moved.yaml", two.sealed, two.manifest)
    assert [change for change, *_ in said([one, two], [moved, three])] == ["removed", "added"]
