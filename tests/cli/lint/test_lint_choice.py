"""Which rules run: ids, beginnings of ids and names, and a clear error for what is none."""

import pytest

from sealwright_cli.lint.rules import RULES, chosen, nearest
from sealwright_cli.messages.errors import UsageError

ALL = set(RULES)
SW3 = {rule for rule in RULES if rule.startswith("SW3")}


@pytest.mark.parametrize(
    ("select", "ignore", "expected"),
    [
        ((), (), ALL),
        (("SW",), (), ALL),
        (("SW3",), (), SW3),
        (("sw301", "bad-name"), (), {"SW301", "SW104"}),
        ((), ("SW3",), ALL - SW3),
        (("SW301",), ("SW3",), {"SW301"}),
        (("SW3",), ("SW301",), SW3 - {"SW301"}),
        (("SW301",), ("SW301",), set()),
        (("SW3",), ("broken-template",), SW3 - {"SW301"}),
    ],
)
def test_these_run(select: tuple[str, ...], ignore: tuple[str, ...], expected: set[str]) -> None:
    assert chosen(select, ignore) == expected


@pytest.mark.parametrize(
    ("word", "meant"),
    [("SW110x", "SW110"), ("SW9", "SW"), ("bad-lable", "bad-label"), ("BROKEN_TEMPLATE", "SW"), ("1", "SW")],
)
def test_an_unknown_word_is_an_error_with_the_nearest_rule(word: str, meant: str) -> None:
    with pytest.raises(UsageError) as raised:
        chosen((), (word,))
    assert "--ignore" in raised.value.message
    assert meant in raised.value.hint
    assert nearest(word).startswith("SW")


def test_what_may_be_a_value_is_not_repeated() -> None:
    with pytest.raises(UsageError) as raised:
        chosen(("a long text that somebody pasted here by mistake",), ())
    assert "pasted" not in raised.value.message


def test_ids_fit_their_groups_and_names_are_unique() -> None:
    assert len({rule.name for rule in RULES.values()}) == len(RULES)
    assert all(rule.id == key and rule.summary.endswith(".") for key, rule in RULES.items())
