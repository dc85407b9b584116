"""Whoever writes a file decides how many comments and items it has: a merge takes a time that grows with its size."""

from collections.abc import Callable

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from tests.support.costs import costs_at_most

from sealwright_manifests.merging.comments import MOST_COMPARED, merge_lines
from sealwright_manifests.merging.ordering import merged_order
from sealwright_manifests.merging.pieces import Line, Lines
from sealwright_manifests.merging.streams import merge_texts

HEAD = "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata:\n  name: db\n"
MANY = 20_000
MOST_SECONDS = 60
"""Before, a tenth of these comments took a minute, and half of these items 7 s; each doubling 4 to 10 times as long."""


def repeated_comments() -> tuple[str, str, str]:
    """Comments of two kinds in three orders, each version's longer than what is compared line by line."""

    def text(pattern: str, value: str) -> str:
        lines = "".join(f"  # {letter}\n" for letter in pattern * (MANY // 2))
        return f"{HEAD}{lines}spec:\n  encryptedData:\n    x: {value}\n"

    return text("ab", "A1"), text("ba", "A1"), text("aab", "A2")


def many_short_comments() -> tuple[str, str, str]:
    """Comments as long as is compared line by line, above each of many items."""

    def text(pattern: str, value: str) -> str:
        lines = "".join(f"    # {letter}\n" for letter in (pattern * MOST_COMPARED)[:MOST_COMPARED])
        items = "".join(f"{lines}    k{at}: {value}\n" for at in range(MANY // MOST_COMPARED))
        return f"{HEAD}spec:\n  encryptedData:\n{items}"

    return text("ab", "A1"), text("ba", "A1"), text("aab", "A2")


def items_of_each_side() -> tuple[str, str, str]:
    base = f"{HEAD}spec:\n  encryptedData:\n    z: AAAA\n"
    return base, *(base + "".join(f"    {side}{at}: AAAA\n" for at in range(MANY // 2)) for side in "ab")


def renamed_documents() -> tuple[str, str, str]:
    """Many documents, each with another name on each side."""

    def text(side: str) -> str:
        head = HEAD.replace("name: db", "name: {}-{}")
        return "---\n".join(f"{head.format(side, at)}spec:\n  encryptedData:\n    x: A\n" for at in range(MANY // 20))

    return text("a"), text("b"), text("c")


@pytest.mark.parametrize("made", [repeated_comments, many_short_comments, items_of_each_side, renamed_documents])
def test_the_time_grows_with_the_file(made: Callable[[], tuple[str, str, str]]) -> None:
    texts = made()
    assert costs_at_most(MOST_SECONDS, lambda: merge_texts(*texts), tries=1)


class Counted(str):
    """A key that counts how often it is compared with another one."""

    comparisons = 0
    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        Counted.comparisons += 1
        return str.__eq__(self, other)  # type: ignore[arg-type] # keys are compared with keys alone

    __hash__ = str.__hash__


def test_the_order_of_many_added_entries_takes_a_few_looks_at_each() -> None:
    count = 3_000
    ours, theirs = ([Counted("z"), *(Counted(f"{side}{at}") for at in range(count))] for side in "ab")
    Counted.comparisons = 0
    order = merged_order([Counted("z")], ours, theirs, kept={*ours, *theirs})
    assert Counted.comparisons < 40 * count
    assert order == [*ours, *theirs[1:]]


def lines(text: str) -> Lines:
    return tuple(Line(0, f"# {letter}") for letter in text)


@pytest.mark.parametrize("size", [MOST_COMPARED, MOST_COMPARED * 10])
def test_comments_of_any_number_keep_what_either_side_wrote(size: int) -> None:
    base = lines("ab" * size)
    ours, theirs = (*lines("x"), *base), (*base, *lines("y"))
    assert merge_lines(base, ours, theirs) == (*lines("x"), *base, *lines("y"))
    ours, theirs = lines("x" + "ba" * size), lines("aab" * size + "y")
    assert {*lines("abxy")} == {*merge_lines(base, ours, theirs)}


def plain_order(base: list[str], ours: list[str], theirs: list[str], kept: set[str]) -> list[str]:
    """The order as it is meant, found in the simple way, which takes long; `ours` moved nothing, or both did."""
    order = [key for key in ours if key in kept]
    before: str | None = None
    for key in theirs:
        if key in kept and key not in order:
            at = order.index(before) + 1 if before is not None else 0
            while at < len(order) and order[at] not in {*base, *theirs}:
                at += 1
            order.insert(at, key)
        if key in order:
            before = key
    return order


keys = st.lists(st.sampled_from("abcdefgh"), unique=True)


@settings(max_examples=200, phases=[Phase.generate])
@given(keys, keys, st.data())
def test_the_order_is_that_of_one_insertion_after_the_other(
    ours: list[str], theirs: list[str], data: st.DataObject
) -> None:
    base = [key for key in ours if data.draw(st.booleans())]  # ours moved nothing, so it leads unless theirs moved some
    theirs = [key for key in theirs if key not in base]
    theirs = [*(key for key in base if data.draw(st.booleans())), *theirs]
    kept = {key for key in {*ours, *theirs} if data.draw(st.booleans())}
    assert merged_order(base, ours, theirs, kept=kept) == plain_order(base, ours, theirs, kept)
