"""Which values are the same: by reflect.DeepEqual, and by `eq`, `lt` and their like."""

from typing import Any

import pytest

from sealwright_templating.errors import FunctionError, LimitExceeded
from sealwright_templating.limits import Budget, Limits
from sealwright_templating.values import comparison
from sealwright_templating.values.deepequality import deep_equal
from sealwright_templating.values.objects import (
    NO_VALUE,
    Pointer,
    Slice,
    Struct,
    any_dict,
    any_list,
    int64,
    ints,
    pointer_to,
    string_dict,
    strings,
    uint64,
)
from sealwright_templating.values.types import ANY_LIST, Kind, define_type, go_type

BOX = define_type("tests.Box", Kind.STRUCT, fields=(("Content", ANY_LIST),))
OTHER = define_type("tests.Other", Kind.STRUCT)


class Box(Struct):
    go_type = BOX

    def __init__(self, content: Any) -> None:
        self.content = content

    def field_values(self) -> tuple[Any, ...]:
        return (self.content,)


class Other(Struct):
    go_type = OTHER

    def field_values(self) -> tuple[Any, ...]:
        return ()


NAN = float("nan")
NIL_LIST = Slice(ANY_LIST, [], nil=True)
LIST = any_list([NAN])
BOX_POINTER = pointer_to(Box(1))

DEEP = [
    ("numbers", 1, 1, True),
    ("an int and an int64", 1, int64(1), False),
    ("an int and a float", 1, 1.0, False),
    ("an int and a bool", 1, True, False),
    ("strings", b"a", b"a", True),
    ("not a number", NAN, NAN, False),
    ("nil", None, None, True),
    ("nil and something", None, 0, False),
    ("lists", any_list([1, b"a"]), any_list([1, b"a"]), True),
    ("lists of other elements", any_list([1, 2]), any_list([2, 1]), False),
    ("lists of other lengths", any_list([1]), any_list([1, 1]), False),
    ("lists of other types", any_list([b"a"]), strings([b"a"]), False),
    ("a nil list and an empty one", NIL_LIST, any_list([]), False),
    ("a list and itself, whatever is in it", LIST, LIST, True),
    ("dicts", any_dict({b"a": ints([1])}), any_dict({b"a": ints([1])}), True),
    ("dicts of other keys", any_dict({b"a": 1}), any_dict({b"b": 1}), False),
    ("dicts of other types", any_dict({b"a": b""}), string_dict({b"a": b""}), False),
    ("structs", Box(any_list([1])), Box(any_list([1])), True),
    ("structs of other content", Box(1), Box(2), False),
    ("pointers to such", pointer_to(Box(1)), pointer_to(Box(1)), True),
    ("a pointer and itself", BOX_POINTER, BOX_POINTER, True),
    ("a nil pointer", pointer_to(Box(1)), Pointer(go_type("*tests.Box")), False),
]

EQ = [
    ("integers of any type", 1, uint64(1), True),
    ("a negative number and a large one", int64(-1), uint64(2**64 - 1), False),
    ("nil and no value", None, NO_VALUE, True),
    ("nil and something", None, 1, False),
    ("nil and a nil list", None, NIL_LIST, True),
    ("a nil list and another", NIL_LIST, any_list([]), False),
    ("structs", Box(1), Box(1), True),
    ("structs of other types", Box(1), Other(), False),
    ("a pointer and itself", BOX_POINTER, BOX_POINTER, True),
    ("pointers to the same", pointer_to(Box(1)), pointer_to(Box(1)), False),
    ("complex numbers", 1j, 1j, True),
]

NEVER_EQ = [
    ("an int and a float", 1, 1.0),
    ("a string and an int", b"1", 1),
    ("lists", any_list([]), any_list([])),
    ("a list and a dict", any_list([]), any_dict({})),
    ("a list and a number", any_list([]), 1),
    ("a struct and a pointer", Box(1), pointer_to(Box(1))),
]


def budget() -> Budget:
    return Budget(Limits(), lambda: 0.0)


@pytest.mark.parametrize(("one", "other", "same"), [row[1:] for row in DEEP], ids=[row[0] for row in DEEP])
def test_deep_equality(one: Any, other: Any, same: bool) -> None:
    assert deep_equal(budget(), one, other) is same
    assert deep_equal(budget(), other, one) is same


def test_values_that_lie_in_themselves_are_compared() -> None:
    one, other = any_dict({}), any_dict({})
    one.items[b"self"], other.items[b"self"] = one, other
    assert deep_equal(budget(), one, other)
    other.items[b"more"] = 1
    assert not deep_equal(budget(), one, other)


def test_values_that_are_nested_too_deep_are_not() -> None:
    one, other = any_list([]), any_list([])
    for _ in range(200):
        one, other = any_list([one]), any_list([other])
    with pytest.raises(LimitExceeded):
        deep_equal(budget(), one, other)


@pytest.mark.parametrize(("one", "other", "same"), [row[1:] for row in EQ], ids=[row[0] for row in EQ])
def test_eq(one: Any, other: Any, same: bool) -> None:
    assert comparison.equal(one, other) is same
    assert comparison.equal(other, one) is same


@pytest.mark.parametrize(("one", "other"), [row[1:] for row in NEVER_EQ], ids=[row[0] for row in NEVER_EQ])
def test_what_cannot_be_compared(one: Any, other: Any) -> None:
    with pytest.raises(FunctionError):
        comparison.equal(one, other)


@pytest.mark.parametrize("value", [True, 1j, None, NO_VALUE, NIL_LIST, Box(1)])
def test_what_has_no_order(value: Any) -> None:
    with pytest.raises(FunctionError):
        comparison.less(value, value)


def test_order() -> None:
    assert comparison.less(1, uint64(2**64 - 1))
    assert comparison.less(int64(-1), uint64(0))
    assert comparison.less(b"z", "é".encode())
    assert not comparison.less(NAN, 1.0)
    with pytest.raises(FunctionError, match="values of types int and string cannot be compared"):
        comparison.less(1, b"1")
