"""Records: what the commands need of dataclasses, and the same as those do."""

import dataclasses
from functools import cached_property
from typing import Any, ClassVar

import pytest

from sealwright_conventions.records import changing_record, field, fields, record, replace


@record
class Point:
    kind: ClassVar[str] = "point"
    x: int
    y: int = 2
    tags: list[str] = field(default_factory=list)
    secret: str = field(default="hidden", repr=False)
    note: str = field(default="", compare=False)

    @cached_property
    def total(self) -> int:
        return self.x + self.y


@record
class Named(Point):
    name: str = "?"
    y: int = 3


@changing_record
class Count:
    number: int = 0


def test_fields_are_given_by_position_or_by_name() -> None:
    point = Point(1, tags=["a"])
    assert (point.x, point.y, point.tags, point.secret, point.total) == (1, 2, ["a"], "hidden", 3)
    assert Point(1).tags is not Point(1).tags


def test_fields_of_a_base_come_first_and_keep_their_places() -> None:
    assert [one.name for one in fields(Named)] == ["x", "y", "tags", "secret", "note", "name"]
    assert (Named(1).y, Named(1, name="a").name) == (3, "a")


@pytest.mark.parametrize("given", [((), {}), ((1, 2, [], "", "", 6), {}), ((1,), {"x": 1}), ((1,), {"z": 1})])
def test_too_little_and_too_much_are_refused(given: tuple[tuple[Any, ...], dict[str, Any]]) -> None:
    with pytest.raises(TypeError):
        Point(*given[0], **given[1])


def test_records_do_not_change() -> None:
    point = Point(1)
    with pytest.raises(AttributeError):
        point.x = 2  # type: ignore[misc]
    with pytest.raises(AttributeError):
        del point.x
    assert replace(point, x=5) == Point(5)
    with pytest.raises(TypeError):
        replace(point, z=5)


def test_records_are_equal_by_class_and_compared_fields() -> None:
    assert Point(1, note="a") == Point(1, note="b")
    assert Point(1) != Point(2)
    assert Point(1) != Named(1, 2)
    assert hash(Point(1, tags=())) == hash(Point(1, tags=(), note="x"))  # type: ignore[arg-type]


def test_hidden_fields_are_not_shown() -> None:
    assert repr(Point(1, secret="s3cret")) == "Point(x=1, y=2, tags=[], note='')"


def test_objects_that_change_have_no_hash() -> None:
    count = Count()
    count.number += 1
    assert count == Count(1)
    with pytest.raises(TypeError):
        hash(count)


def test_methods_of_the_class_itself_stay() -> None:
    @record
    class Quiet:
        value: str

        def __repr__(self) -> str:
            return "quiet"

        def __post_init__(self) -> None:
            if not self.value:
                raise ValueError

    assert repr(Quiet("x")) == "quiet"
    with pytest.raises(ValueError):  # noqa: PT011 - raised here
        Quiet("")


def test_a_default_that_all_objects_would_share_is_refused() -> None:
    with pytest.raises(TypeError, match="default_factory"):

        @record
        class Shared:
            names: list[str] = []  # noqa: RUF012 - what is refused


def test_for_dataclasses_records_are_dataclasses() -> None:
    assert dataclasses.is_dataclass(Point)
    assert dataclasses.replace(Point(1), x=4) == Point(4)
    assert dataclasses.asdict(Count(3)) == {"number": 3}
    assert [one.name for one in dataclasses.fields(Named)] == ["x", "y", "tags", "secret", "note", "name"]
    assert [one.name for one in dataclasses.fields(Point) if not one.repr] == ["secret"]
    with pytest.raises(dataclasses.FrozenInstanceError):
        Point(1).x = 2  # type: ignore[misc]
