"""What values are taken to weigh."""

import tracemalloc

from sealwright_templating.limits import ITEM_BYTES
from sealwright_templating.values.memoryuse import weigh
from sealwright_templating.values.objects import any_dict, any_list


def test_values_are_weighed_with_all_that_hangs_on_them() -> None:
    inner = any_list([b"x" * 100])
    weight, count = weigh([any_dict({b"key": inner, b"same": inner}), b"y" * 50, 7, None])
    assert weight == 50 + 100 + ITEM_BYTES * ((1 + 2) + (1 + 1)) + len("keysame")
    assert count == 6


def test_a_value_in_itself_is_weighed_once() -> None:
    endless = any_list([])
    endless.items.append(endless)
    assert weigh([endless]) == (2 * ITEM_BYTES, 1)


def test_a_long_text_is_weighed_once_and_a_short_one_wherever_it_is() -> None:
    long, short = b"x" * 1000, b"y" * 10
    weight, _ = weigh([any_list([long] * 50), any_list([short] * 50)])
    assert weight == 1000 + 50 * 10 + ITEM_BYTES * 2 * 51


def test_weighing_takes_next_to_no_memory() -> None:
    numbers = [any_list(list(range(1_000_000, 1_100_000))) for _ in range(4)]
    tracemalloc.start()
    try:
        assert weigh(numbers) == (4 * ITEM_BYTES * 100_001, 400_004)
        assert tracemalloc.get_traced_memory()[1] < 100_000
    finally:
        tracemalloc.stop()


def test_weighing_stops_where_there_is_too_much() -> None:
    weight, count = weigh([any_list([b"x" * 1000 + bytes([n]) for n in range(250)])], most=20_000)
    assert 20_000 < weight < 22_000
    assert count < 20
