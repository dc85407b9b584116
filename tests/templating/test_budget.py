"""The account of what a template costs."""

import sys

import pytest

from sealwright_templating import Limits, TemplateLimitError, parse, render
from sealwright_templating.errors import LimitExceeded
from sealwright_templating.limits import ITEM_BYTES, Budget

LIMITS = Limits(steps=10_000, value_bytes=1000, memory_bytes=4000, value_depth=3, wall_seconds=1)


def budget(limits: Limits = LIMITS) -> Budget:
    return Budget(limits, lambda: 0.0)


def test_steps_are_counted_down_to_the_limit() -> None:
    account = budget()
    account.steps(10_000)
    with pytest.raises(LimitExceeded, match="it takes more than 10000 steps"):
        account.steps(1)


def test_one_value_may_not_take_too_much() -> None:
    account = budget()
    account.memory(1000)
    with pytest.raises(LimitExceeded, match="one value would take more than 1000 bytes"):
        account.memory(1001)
    with pytest.raises(LimitExceeded, match="one value"):
        account.items(1000 // ITEM_BYTES + 1)


def test_a_refused_charge_costs_nothing() -> None:
    account = budget()
    with pytest.raises(LimitExceeded):
        account.memory(10**12)
    assert account.left == 10_000


def test_all_values_together_may_not_take_too_much() -> None:
    account = budget()
    for _ in range(4):
        account.memory(1000)
    with pytest.raises(LimitExceeded, match="its values take more than 2000 bytes"):
        account.memory(1)


def test_only_what_is_kept_counts() -> None:
    account = budget()
    account.live = lambda: (100, 8)
    for _ in range(100):
        account.memory(1000)
    assert account.left < 10_000  # weighing costs steps


def test_depth_is_bounded() -> None:
    account = budget()
    account.depth(3)
    with pytest.raises(LimitExceeded, match="a value is nested more than 3 levels deep"):
        account.depth(4)


def test_the_clock_is_the_last_resort() -> None:
    now = [0.0]
    account = Budget(Limits(wall_seconds=2), lambda: now[0])
    account.steps(100_000)
    now[0] = 2.5
    with pytest.raises(LimitExceeded, match="it takes more than 2 seconds"):
        account.steps(100_000)


TABLE = [
    ("text", Limits(text_characters=5), "aaaaaa", "the text is longer than 5 characters"),
    ("output", Limits(output_bytes=5), "{{ range 6 }}x{{ end }}", "the result is larger than 5 bytes, the most that a Secret can hold"),
    ("steps", Limits(steps=10_000), "{{ range 10000 }}{{ end }}", "it takes more than 10000 steps"),
    ("one value", Limits(value_bytes=10), '{{ printf "%11d" 1 }}', "one value would take more than 10 bytes"),
    ("all values", Limits(memory_bytes=400), '{{ range 9 }}{{ $x = printf "%150d" 1 }}{{ $y = list $x $y }}{{ end }}', "its values take more than 200 bytes"),
    ("variables", Limits(value_bytes=100), "{{ $a := 1 }}" * 100, "one value would take more than 100 bytes"),
    ("templates", Limits(call_depth=2), '{{ define "t" }}{{ template "t" }}{{ end }}{{ template "t" }}', "templates call each other more than 2 levels deep"),
    ("values", Limits(value_depth=2), "{{ list (list (list (list 1))) }}", "a value is nested more than 2 levels deep"),
]  # fmt: skip


@pytest.mark.parametrize(("limits", "template", "reason"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_every_limit_ends_a_rendering(limits: Limits, template: str, reason: str) -> None:
    declared = "{{ $x := 1 }}{{ $y := 2 }}" if "$" in template else ""
    with pytest.raises(TemplateLimitError) as caught:
        render(declared + template, {}, limits=limits)
    assert caught.value.reason == reason


def test_the_wall_clock_ends_a_rendering() -> None:
    ticks = iter(range(1000))
    with pytest.raises(TemplateLimitError, match="it takes more than 5 seconds"):
        render("{{ range 100000 }}{{ end }}", {}, timer=lambda: float(next(ticks)))


def test_the_wall_clock_ends_parsing() -> None:
    ticks = iter(range(1000))
    with pytest.raises(TemplateLimitError, match="it takes more than 5 seconds"):
        parse("{{1}}" * 2000, timer=lambda: float(next(ticks)))


def test_a_caller_who_has_used_up_pythons_stack_gets_our_error() -> None:
    template = parse("{{ list" + " (list" * 60 + ")" * 60 + " }}")
    assert template.render({}).startswith(b"[[[")

    def deeper(levels: int) -> bytes:
        return deeper(levels - 1) if levels else template.render({})

    outcomes = set()
    for levels in range(500, sys.getrecursionlimit(), 20):
        try:
            outcomes.add(type(deeper(levels)).__name__)
        except (TemplateLimitError, RecursionError) as error:
            outcomes.add(type(error).__name__)
    assert "bytes" in outcomes
    assert "TemplateLimitError" in outcomes
