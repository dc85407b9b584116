"""Whoever writes a file decides how many findings and comments it has: lint takes a time that grows with its size."""

from collections.abc import Callable

import pytest
from tests.support.costs import costs_at_most
from tests.support.linting import findings

HEAD = "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: db, namespace: team-a}\n"
MANY = 10_000
MOST_SECONDS = 30
"""Before, a tenth of this took 5 to 11 s, and each doubling four times as long."""


def items(behind: str = "") -> str:
    return f"{HEAD}spec:\n  encryptedData:\n" + "".join(f"    k{at}: AAA{behind}\n" for at in range(MANY))


TEXTS: list[tuple[str, Callable[[], str], int]] = [
    ("an item on each line, each with a finding", items, MANY),
    ("a comment behind each item", lambda: items("  # sealwright: ignore"), 0),
    ("an unknown rule behind each item", lambda: items("  # sealwright: ignore[SW999]"), 2 * MANY),
    (
        "comments above one item",
        lambda: items().replace("    k0:", "    # sealwright: ignore[SW1]\n" * MANY + "    k0:"),
        MANY,
    ),
    ("comments at the head", lambda: "# sealwright: ignore[SW5]\n" * MANY + items(), MANY),
    (
        "a template of items that are not there",
        lambda: (
            f"{items()}  template:\n    data:\n      a: '" + "".join(f"{{{{.n{at}}}}}" for at in range(MANY)) + "'\n"
        ),
        MANY,
    ),
    ("an unknown field on each line", lambda: f"{HEAD}spec:\n" + "".join(f"  k{at}: 1\n" for at in range(MANY)), 1),
]


@pytest.mark.parametrize(("what", "text", "count"), TEXTS, ids=[what for what, _, _ in TEXTS])
def test_many_findings(what: str, text: Callable[[], str], count: int) -> None:
    written, found = text(), []
    assert costs_at_most(MOST_SECONDS, lambda: found.append(len(findings(written))), tries=1), what
    assert found[0] >= count
