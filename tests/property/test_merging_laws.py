"""Laws of the merge by items: it has no preferred side, loses nothing, and what one side did is what comes out."""

import json
from collections import Counter
from dataclasses import replace

from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from tests.support.merge_versions import KEYS, NAMES, Version, edited, styles, versions

from sealwright_crypto import read_hints
from sealwright_manifests.merging.cutting import cut
from sealwright_manifests.merging.laying import Layout, lay_out
from sealwright_manifests.merging.streams import merge_texts
from sealwright_manifests.merging.threeway import merge_pages
from sealwright_manifests.text.documents import read_documents
from sealwright_manifests.text.tree import native

some = settings(max_examples=40, phases=[Phase.generate])
HALVES = (("user", "password", "z-1"), ("token", "a.pem", "on"))


@some
@given(st.data(), versions)
def test_what_one_side_did_is_what_comes_out(data: st.DataObject, base: Version) -> None:
    base = replace(base, style=replace(base.style, line_break="\n", ended=True))
    other = data.draw(edited(base))
    before, after = (cut(read_documents(one.text(), "")[0]) for one in (base, other))

    assert lay_out(merge_pages(before, after, before), Layout()) == other.text()
    assert lay_out(merge_pages(before, before, after), Layout()) == other.text()
    for given_texts in ((base, other, base), (base, base, other), (base, other, other)):
        assert merge_texts(*(one.text() for one in given_texts)).text == other.text()


@some
@given(st.data(), versions)
def test_different_items_never_conflict(data: st.DataObject, base: Version) -> None:
    ours, theirs = (data.draw(edited(base, names)) for names in HALVES)
    merged = merge_texts(base.text(), ours.text(), theirs.text())

    wanted = {}
    for names, side in zip(HALVES, (ours, theirs), strict=True):
        wanted |= {name: entry for name, entry in side.items if name in names}
    if not wanted:  # each removed what the other left
        return
    assert merged is not None
    assert not merged.conflicts
    found = native(read_documents(merged.text, "")[0].root)
    assert found["spec"]["encryptedData"] == {name: entry.value for name, entry in wanted.items()}
    if base.hinted:
        hints = read_hints(found["metadata"]["annotations"])
        assert {name: hints.of(name) for name in wanted} == {name: entry.key for name, entry in wanted.items()}
    if not base.style.json:
        assert _comments(merged.text) == Counter(
            words for entry in wanted.values() for words in (*entry.above, entry.behind) if words
        )


@some
@given(st.data(), versions)
def test_nothing_of_either_side_is_lost(data: st.DataObject, base: Version) -> None:
    ours, theirs = data.draw(edited(base)), data.draw(edited(base))
    merged = merge_texts(base.text(), ours.text(), theirs.text())

    before, own, other = (dict(one.items) for one in (base, ours, theirs))
    clashing = {
        name
        for name in {**own, **other, **before}
        if len({_value(items, name) for items in (before, own, other)}) == 3
        or (
            (name in own) != (name in other) and name in before and before[name] not in (own.get(name), other.get(name))
        )
    }
    if merged is None:
        return
    if base.style.json:  # has no comments, so an entry with other comments is the same there
        clashing = {name for name in clashing if len({_value(items, name) for items in (before, own, other)}) == 3}
    assert {one.words.split()[1] for one in merged.conflicts} == clashing
    for mine, yours in ((own, other), (other, own)):
        for name, entry in mine.items():
            if name not in before or before[name].value != entry.value or name in yours:
                assert entry.value in merged.text or yours[name].value in merged.text
            if name in clashing:
                assert entry.value in merged.text


@some
@given(st.data(), versions)
def test_neither_side_is_preferred(data: st.DataObject, base: Version) -> None:
    ours, theirs = data.draw(edited(base)), data.draw(edited(base))
    one = merge_texts(base.text(), ours.text(), theirs.text())
    other = merge_texts(base.text(), theirs.text(), ours.text())

    assert (one is None) == (other is None)
    if one is None or other is None:
        return
    assert len(one.conflicts) == len(other.conflicts)
    if not one.conflicts:
        assert _data(one.text) == _data(other.text)
    assert Counter(_bare(one.text)) == Counter(_bare(other.text))


@some
@given(st.data(), versions, styles)
def test_a_side_may_write_the_file_otherwise(data: st.DataObject, base: Version, style: object) -> None:
    ours = data.draw(edited(replace(base, style=replace(style, json=base.style.json)), HALVES[0]))
    theirs = data.draw(edited(base, HALVES[1]))
    merged = merge_texts(base.text(), ours.text(), theirs.text())
    if merged is None:
        return
    assert not merged.conflicts
    breaks = ours.style.line_break if ours.style.line_break != base.style.line_break else theirs.style.line_break
    assert merged.text.count(breaks) == merged.text.count("\n")


places = st.tuples(st.sampled_from(["", "namespace", "cluster"]), st.sampled_from("nm"), st.sampled_from("xy"))


def label(place: tuple[str, str, str]) -> str:
    scope, namespace, name = place
    return {"": f"{namespace}/{name}", "namespace": namespace, "cluster": "all"}[scope]


def placed(place: tuple[str, str, str], items: dict[str, str]) -> str:
    scope, namespace, name = place
    metadata = {"name": name, "namespace": namespace}
    if scope:
        metadata["annotations"] = {f"sealedsecrets.bitnami.com/{scope}-wide": "true"}
    data = {"apiVersion": "bitnami.com/v1alpha1", "kind": "SealedSecret", "metadata": metadata}
    return json.dumps(data | {"spec": {"encryptedData": items}}, indent=2)


@st.composite
def moved(draw: st.DrawFn, before: tuple[str, str, str], items: dict[str, str], side: str) -> tuple:
    """A side: another place or the same one, and items that were kept, removed, added or sealed for that place."""
    place = draw(st.one_of(st.just(before), places))
    made = dict(items)
    for name in draw(st.lists(st.sampled_from("abc"), unique=True)):
        if name in made and draw(st.booleans()):
            del made[name]
        else:
            made[name] = f"{side} {label(place)}"
    return place, made


@settings(max_examples=200, phases=[Phase.generate])
@given(st.data(), places, st.sampled_from(["a", "ab"]))
def test_what_only_one_side_sealed_opens_in_an_object_without_conflict(
    data: st.DataObject, place: tuple, names: str
) -> None:
    base = {name: f"base {label(place)}" for name in names}
    (our_place, ours), (their_place, theirs) = (data.draw(moved(place, base, side)) for side in ("ours", "theirs"))
    merged = merge_texts(placed(place, base), placed(our_place, ours), placed(their_place, theirs))
    if merged is None:
        return
    swapped = merge_texts(placed(place, base), placed(their_place, theirs), placed(our_place, ours))
    assert len(merged.conflicts) == len(swapped.conflicts)
    for found in (native(one.root) for one in ([] if merged.conflicts else read_documents(merged.text, ""))):
        metadata = found["metadata"]
        scope = next((name.split("/")[1].split("-")[0] for name in metadata.get("annotations") or ()), "")
        here = label((scope, metadata["namespace"], metadata["name"]))
        for name, value in found["spec"]["encryptedData"].items():
            in_place = {side.get(name) for at, side in ((our_place, ours), (their_place, theirs)) if label(at) == here}
            assert value in in_place or ours.get(name) == theirs.get(name) == value


@some
@given(st.lists(st.text(st.sampled_from("ab:- #\n{}[],\"'|&*?<\t"), max_size=40), min_size=3, max_size=3))
def test_no_text_breaks_it(texts: list[str]) -> None:
    sealed = "kind: SealedSecret\napiVersion: bitnami.com/v1alpha1\nspec:\n"
    merge_texts(*(sealed + text for text in texts))


def _value(items: dict, name: str) -> str | None:
    return items[name].value if name in items else None


def _data(text: str) -> str:
    return json.dumps([native(one.root) for one in read_documents(text, "")], sort_keys=True)


def _bare(text: str) -> list[str]:
    # Two comments behind one value stand in the order of the sides.
    lines = (" ".join(sorted(line.rstrip(",").split())) for line in text.splitlines())
    return [line for line in lines if "fingerprints" not in line and line[:7] not in ("<<<<<<<", ">>>>>>>")]


def _comments(text: str) -> Counter:
    found = Counter()
    for line in text.splitlines():
        if "# " in line:
            found[line.split("# ", 1)[1]] += 1
    return found


assert set(NAMES) == {name for half in HALVES for name in half}
assert KEYS
