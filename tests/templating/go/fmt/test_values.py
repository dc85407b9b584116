"""How values print that no constant stands for: structs, pointers, nils, typed numbers, values with methods."""

from dataclasses import dataclass
from typing import Any, ClassVar

import pytest

from sealwright_templating.context import Context
from sealwright_templating.errors import LimitExceeded
from sealwright_templating.go import fmt
from sealwright_templating.limits import Budget, Limits
from sealwright_templating.values.objects import (
    Map,
    Pointer,
    Slice,
    Struct,
    TypedInt,
    any_dict,
    any_list,
    int64,
    ints,
    pointer_to,
    string_dict,
    strings,
    typed_int,
    uint8,
    uint64,
)
from sealwright_templating.values.registry import method
from sealwright_templating.values.types import (
    ANY_DICT,
    ANY_LIST,
    BYTES,
    FLOAT64,
    INT,
    STRING,
    STRING_DICT,
    STRINGS,
    UINT64,
    GoType,
    Kind,
    define_type,
    go_type,
)

POINT = define_type("tests.Point", Kind.STRUCT, fields=(("X", INT), ("Name", STRING), ("hidden", FLOAT64)))
NAMED = define_type("tests.Named", Kind.STRUCT, fields=(("X", INT),))
DAY = define_type("tests.Day", Kind.INT)


@dataclass(eq=False)
class Point(Struct):
    go_type: ClassVar[GoType] = POINT

    def field_values(self) -> tuple[Any, ...]:
        return (1, b"a", 2.5)


@dataclass(eq=False)
class Named(Struct):
    go_type: ClassVar[GoType] = NAMED

    def field_values(self) -> tuple[Any, ...]:
        return (1,)


@method(NAMED, "String", signature="func() string")
def string_of(_: Named) -> bytes:
    return b"<named>"


@method(NAMED, "GoString", signature="func() string")
def go_string_of(_: Named) -> bytes:
    return b"tests.Make()"


@method(DAY, "String", signature="func() string")
def name_of(day: TypedInt) -> bytes:
    return [b"Sunday", b"Monday"][day.value]


TABLE = [
    ("a struct", b"%v", Point(), b"{1 a 2.5}"),
    ("with the names of its fields", b"%+v", Point(), b"{X:1 Name:a hidden:2.5}"),
    ("in Go's syntax", b"%#v", Point(), b'tests.Point{X:1, Name:"a", hidden:2.5}'),
    ("with a verb for some of its fields", b"%d", Point(), b"{1 %!d(string=a) %!d(float64=2.5)}"),
    ("a pointer to it", b"%v", pointer_to(Point()), b"&{1 a 2.5}"),
    ("a pointer in a list is an address", b"%v", any_list([pointer_to(Point())]), b"[0xc000012000]"),
    ("an address in Go's syntax", b"%#v", any_list([pointer_to(Point())]), b"[]interface {}{(*tests.Point)(0xc000012000)}"),
    ("an address by verb", b"%d", any_list([pointer_to(Point())]), b"[824633794560]"),
    ("an address by a verb that has none", b"%t", any_list([pointer_to(Point())]), b"[%!t(*tests.Point=&{1 a 2.5})]"),
    ("the address of a list", b"%p %#p", ints([1]), b"0xc000012000 c000012000"),
    ("of nothing", b"%p", Slice(STRINGS, [], nil=True), b"0x0"),
    ("what has no address", b"%p", Point(), b"%!p(tests.Point={1 a 2.5})"),
    ("a nil pointer", b"%v", Pointer(go_type("*tests.Named")), b"<nil>"),
    ("a wide one", b"%8v", Pointer(go_type("*tests.Point")), b"   <nil>"),
    ("a nil pointer in Go's syntax", b"%#v", Pointer(go_type("*tests.Point")), b"(*tests.Point)(nil)"),
    ("a value with a method", b"%v", Named(), b"<named>"),
    ("as text", b"%q", Named(), b'"<named>"'),
    ("in hexadecimal", b"%x", Named(), b"3c6e616d65643e"),
    ("by a pointer to it", b"%s", pointer_to(Named()), b"<named>"),
    ("in a list", b"%v", any_list([Named(), pointer_to(Named())]), b"[<named> <named>]"),
    ("as a number it has no method", b"%d", Named(), b"{1}"),
    ("its own Go syntax", b"%#v", Named(), b"tests.Make()"),
    ("with a wrong verb the method does not count", b"%t", any_list([Named()]), b"[{%!t(int=1)}]"),
    ("a number with a method", b"%v", typed_int(DAY, 1), b"Monday"),
    ("by number", b"%d", typed_int(DAY, 1), b"1"),
    ("by name", b"%-8s|", typed_int(DAY, 1), b"Monday  |"),
    ("its type", b"%T", typed_int(DAY, 1), b"tests.Day"),
    ("its type where the verb is wrong", b"%f", typed_int(DAY, 1), b"%!f(tests.Day=1)"),
    ("an int64", b"%v %T", int64(-7), b"-7 int64"),
    ("a uint64 in Go's syntax", b"%#v", uint64(255), b"0xff"),
    ("the largest uint64", b"%d", TypedInt(UINT64, 2**64 - 1), b"18446744073709551615"),
    ("bytes", b"%v", Slice(BYTES, [uint8(1), uint8(255)]), b"[1 255]"),
    ("bytes as text", b"%s", Slice(BYTES, [uint8(104), uint8(105)]), b"hi"),
    ("bytes in Go's syntax", b"%#v", Slice(BYTES, [uint8(104)]), b"[]byte{0x68}"),
    ("no bytes in Go's syntax", b"%#v", Slice(BYTES, [], nil=True), b"[]byte(nil)"),
    ("a nil list", b"%v", Slice(ANY_LIST, [], nil=True), b"[]"),
    ("a nil list in Go's syntax", b"%#v", Slice(ANY_LIST, [], nil=True), b"[]interface {}(nil)"),
    ("a nil dict in Go's syntax", b"%#v", Map(ANY_DICT, {}, nil=True), b"map[string]interface {}(nil)"),
    ("nil in a list in Go's syntax", b"%#v", any_list([None]), b"[]interface {}{interface {}(nil)}"),
    ("typed lists", b"%#v", strings([b"a", b"b"]), b'[]string{"a", "b"}'),
    ("typed dicts", b"%#v", string_dict({b"b": b"1", b"a": b"2"}), b'map[string]string{"a":"2", "b":"1"}'),
    ("dicts by key", b"%v", any_dict({b"b": 1, b"a": any_list([]), b"\xff": None}), b"map[a:[] b:1 \xff:<nil>]"),
    ("a bool in a wrong place", b"%d", any_list([True]), b"[%!d(bool=true)]"),
]  # fmt: skip


def context(limits: Limits = Limits()) -> Context:  # noqa: B008 - it is frozen
    return Context(Budget(limits, lambda: 0.0), lambda: 0, bytes, lambda _: None, 0)


@pytest.mark.parametrize(("directive", "value", "expected"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_values(directive: bytes, value: Any, expected: bytes) -> None:
    count = directive.count(b"%")
    assert fmt.sprintf(context(), directive, *[value] * count) == expected


def test_spaces_stand_between_what_is_no_string() -> None:
    assert fmt.sprint(context(), 1, 2, b"a", b"b", 3, None, True) == b"1 2a b3 <nil> true".replace(b"a b", b"ab")
    assert fmt.sprintln(context(), 1, b"a", b"b", None) == b"1 a b <nil>\n"


def test_a_value_in_itself_is_not_printed_for_ever() -> None:
    endless = any_dict({})
    endless.items[b"self"] = endless
    with pytest.raises(LimitExceeded, match="a value is nested more than 100 levels deep"):
        fmt.sprint(context(), endless)


def test_the_same_value_many_times_over_ends_at_a_limit() -> None:
    doubled = any_list([1])
    for _ in range(60):
        doubled = any_list([doubled, doubled])
    with pytest.raises(LimitExceeded):
        fmt.sprint(context(), doubled)


def test_a_dict_prints_alike_whatever_its_type() -> None:
    assert fmt.sprint(context(), Map(STRING_DICT, {b"a": b""})) == b"map[a:]"
