"""JSON texts → values, as Go's json.Unmarshal makes them for an `interface {}`: every number is a float64."""

import json
import math
import re
from typing import Any, NoReturn

from sealwright_templating.context import Context
from sealwright_templating.errors import FunctionError
from sealwright_templating.go.runes import REPLACEMENT, decode, repair
from sealwright_templating.limits import Budget
from sealwright_templating.values.objects import Map, Value, any_dict, any_list

_ITEMS_PER_CONTAINER = 8
"""The memory of a list or dict, even an empty one, counted in elements."""

_STRINGS_AND_BRACKETS = re.compile(rb'"(?:[^"\\]|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)
_SURROGATE = re.compile("[\ud800-\udfff]")


def decode_json(context: Context, text: bytes) -> tuple[Value, bool]:
    """Return the value of a JSON text, and whether it is complete: a number too large for a float64 becomes nil.

    Raises FunctionError for a text that is not JSON, and LimitExceeded for one that is nested too deeply.
    """
    openings = text.count(b"[") + text.count(b"{")
    context.budget.memory(2 * len(text))
    context.budget.items(text.count(b",") + _ITEMS_PER_CONTAINER * openings)
    context.budget.steps(text.count(b",") + 2 * openings)
    if openings > context.budget.limits.value_depth:
        _check_depth(context.budget, text)
    reader = _Reader()
    try:
        return reader.read(repair(decode(text))), reader.complete
    except ValueError as error:
        raise FunctionError("the text is not JSON", str(error)) from None


def _check_depth(budget: Budget, text: bytes) -> None:
    level = 0
    for found in _STRINGS_AND_BRACKETS.finditer(text):
        if found[0] in b"[{":
            level += 1
            budget.depth(level)
        elif found[0] in b"]}":
            level -= 1


class _Reader:
    """One reading; `complete` is False if a number did not fit."""

    def __init__(self) -> None:
        self.complete = True
        self._decoder = json.JSONDecoder(
            object_pairs_hook=self._dict, parse_float=self._number, parse_int=self._number, parse_constant=_no_json
        )

    def read(self, text: str) -> Value:
        return self._value(self._decoder.decode(text))

    def _number(self, digits: str) -> float | None:
        number = float(digits)
        if math.isfinite(number):
            return number
        self.complete = False
        return None

    def _dict(self, pairs: list[tuple[str, Any]]) -> Map:
        return any_dict({_text(key): self._value(item) for key, item in pairs})

    def _value(self, item: Any) -> Value:
        """Return the result of Python's decoder as a value; dicts already are values."""
        if isinstance(item, str):
            return _text(item)
        if isinstance(item, list):
            return any_list(map(self._value, item))
        return item


def _text(characters: str) -> bytes:
    try:
        return characters.encode()
    except UnicodeEncodeError:  # half a surrogate pair, written as \ud800
        return _SURROGATE.sub(REPLACEMENT, characters).encode()


def _no_json(constant: str) -> NoReturn:
    """Refuse NaN and Infinity, which Python accepts as numbers."""
    raise ValueError(constant)
