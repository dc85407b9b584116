"""Random values: what they are made of, that nothing is favoured, and that all chance comes from the caller."""

import base64
import random
import re
from collections import Counter
from collections.abc import Callable
from itertools import count

import pytest

from sealwright_templating import TemplateExecutionError, TemplateLimitError, render

SHAPES = [
    ("randAlpha 300", r"[A-Za-z]{300}"),
    ("randAlphaNum 300", r"[A-Za-z0-9]{300}"),
    ("randNumeric 300", r"[0-9]{300}"),
    ("randAscii 300", r"[ -~]{300}"),
    ("randAlpha 0", ""),
    ("randAscii -5", ""),
    ("randBytes 0", ""),
    ("randBytes 30", r"[A-Za-z0-9+/]{40}"),
    ("randInt 5 6", "5"),
    ("randInt -7 -6", "-7"),
    ("randInt -9223372036854775808 -9223372036854775807", "-9223372036854775808"),
    ('shuffle ""', ""),
    ('shuffle "aaa"', "aaa"),
    ("uuidv4", r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"),
]


@pytest.mark.parametrize(("call", "shape"), SHAPES)
def test_what_random_values_look_like(call: str, shape: str) -> None:
    assert re.fullmatch(shape, render(f"{{{{ {call} }}}}", {}).decode())


def seeded(seed: int) -> Callable[[int], bytes]:
    return random.Random(seed).randbytes


@pytest.mark.parametrize(("call", "_"), SHAPES)
def test_the_same_chance_gives_the_same_value(call: str, _: str) -> None:
    once, again = (render(f"{{{{ {call} }}}}", {}, randomness=seeded(7)) for _ in range(2))
    assert once == again


@pytest.mark.parametrize(
    ("call", "characters"), [("randAlpha", 52), ("randAlphaNum", 62), ("randNumeric", 10), ("randAscii", 95)]
)
def test_no_character_is_favoured(call: str, characters: int) -> None:
    numbers = count()
    every_byte_equally = lambda length: bytes(next(numbers) % 256 for _ in range(length))  # noqa: E731 - read in place
    drawn = Counter(render(f"{{{{ {call} {characters * 256} }}}}", {}, randomness=every_byte_equally))
    assert len(drawn) == characters
    assert max(drawn.values()) - min(drawn.values()) <= 256 // characters + 1


def test_random_bytes_are_those_of_the_caller() -> None:
    assert base64.b64decode(render("{{ randBytes 5 }}", {}, randomness=bytes)) == bytes(5)


def test_a_number_that_would_favour_some_is_drawn_again() -> None:
    blocks = iter([b"\xff" * 8, (2**64 - 2).to_bytes(8, "big")])
    assert render("{{ randInt 0 3 }}", {}, randomness=lambda _: next(blocks)) == b"2"


def test_numbers_reach_both_ends_of_their_range() -> None:
    drawn = render("{{ range 200 }}{{ randInt -1 2 }},{{ end }}", {}, randomness=seeded(1)).decode()
    assert set(drawn.strip(",").split(",")) == {"-1", "0", "1"}


def test_a_shuffled_text_has_the_same_characters() -> None:
    text = "äbcdefghijklmnopqrstüvwxyz日本"
    shuffled = render("{{ shuffle .t }}", {"t": text}, randomness=seeded(3)).decode()
    assert sorted(shuffled) == sorted(text)
    assert shuffled != text


def test_a_shuffled_stray_byte_is_replaced() -> None:
    assert render("{{ shuffle .t }}", {"t": b"\xff"}) == "\ufffd".encode()


def test_every_order_is_as_likely() -> None:
    chance = seeded(5)
    drawn = Counter(render('{{ shuffle "abc" }}', {}, randomness=chance) for _ in range(600))
    assert len(drawn) == 6
    assert min(drawn.values()) > 60


@pytest.mark.parametrize("call", ["randInt 5 5", "randInt 6 5", "randInt -9223372036854775808 9223372036854775807"])
def test_a_range_without_numbers_is_an_error(call: str) -> None:
    with pytest.raises(TemplateExecutionError, match="the range is empty"):
        render(f"{{{{ {call} }}}}", {})


def test_fewer_than_no_bytes_are_an_error() -> None:
    with pytest.raises(TemplateExecutionError, match="the length is negative"):
        render("{{ randBytes -1 }}", {})


@pytest.mark.parametrize("call", ["randAlpha 999999999", "randBytes 999999999"])
def test_too_long_random_texts_are_refused(call: str) -> None:
    with pytest.raises(TemplateLimitError, match="one value would take more than"):
        render(f"{{{{ {call} }}}}", {})


@pytest.mark.parametrize("call", ["randAscii 1000000", "randBytes 1000000", "shuffle $.t"])
def test_chance_costs_steps(call: str) -> None:
    with pytest.raises(TemplateLimitError, match="it takes more than"):
        render(f"{{{{ range 1000 }}}}{{{{ $_ := {call} }}}}{{{{ end }}}}", {"t": "t" * 1000}, randomness=bytes)
