"""Classes of values that are quick to make: the part of `dataclasses` that the commands need.

A dataclass writes the text of its methods when its module is imported, and has Python compile it: with sixty classes
that took as long as importing `cryptography`, at every run of a command. Here, all classes share the same methods.
Everything that takes dataclasses takes records as well. (docs/adr/0026-records.md)
"""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, TypeVar, dataclass_transform

T = TypeVar("T")
_MISSING: Any = object()


class Field:
    """What is said of one field; `field` makes it."""

    __slots__ = ("compare", "default", "default_factory", "metadata", "name", "repr")

    def __init__(
        self, default: Any, default_factory: Any, metadata: Mapping[str, Any] | None, *, is_shown: bool, compare: bool
    ) -> None:
        """Record what the class says; `record` adds the name."""
        self.name = ""
        self.default = default
        self.default_factory = default_factory
        self.metadata = metadata or {}
        self.repr = is_shown
        self.compare = compare


def field(
    *,
    default: Any = _MISSING,
    default_factory: Callable[[], Any] = _MISSING,
    repr: bool = True,  # noqa: A002 - the name that dataclasses have for it
    compare: bool = True,
    metadata: Mapping[str, Any] | None = None,
) -> Any:
    """Say more of a field than its default: a function that makes the default, or that it is not shown or compared."""
    return Field(default, default_factory, metadata, is_shown=repr, compare=compare)


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def record(kind: type[T]) -> type[T]:
    """Make a class one of values: its annotations are fields, in their order, after those of its bases.

    Objects are made by position or by name, never change, are equal if they are of the same class and their fields are,
    and show their class and their fields. `__post_init__`, if there is one, is called at the end. Methods that the
    class has itself stay. Raises TypeError when an object is made of too much or too little.
    """
    return _make(kind, is_frozen=True)


@dataclass_transform(frozen_default=False, field_specifiers=(field,))
def changing_record(kind: type[T]) -> type[T]:
    """Do the same for objects that change; they have no hash."""
    return _make(kind, is_frozen=False)


def fields(kind: Any) -> tuple[Field, ...]:
    """Return the fields of a record, or of its class, in their order."""
    found: Mapping[str, Field] = kind.__fields__
    return tuple(found.values())


def replace(old: T, **changes: Any) -> T:
    """Return another record of the class of `old`, with some fields changed. Raises TypeError for what is no field."""
    return type(old)(**{**{name: getattr(old, name) for name in _fields_of(old)}, **changes})


def _make(kind: type[T], *, is_frozen: bool) -> type[T]:
    found = {name: one for base in kind.__mro__[:0:-1] for name, one in vars(base).get("__fields__", {}).items()}
    own = vars(kind)
    for name, annotation in kind.__annotations__.items():  # its own, also where Python 3.14 makes them when asked
        if getattr(annotation, "__origin__", annotation) is not ClassVar:
            found[name] = _field(kind, name)
    methods: dict[str, Any] = {"__init__": _init, "__repr__": _repr, "__eq__": _eq, "__hash__": _hash}
    methods |= {"__setattr__": _refuse, "__delattr__": _refuse} if is_frozen else {"__hash__": None}
    # A class that says how it is compared has no hash unless it says how that is made, as everywhere in Python.
    for name, method in methods.items():
        if name not in own or (name == "__hash__" and own[name] is None and "__eq__" not in own):
            setattr(kind, name, method)
    said = {"__fields__": found, "__match_args__": tuple(found), "__is_frozen__": is_frozen}
    said |= {name: _OfDataclass(name) for name in ("__dataclass_fields__", "__dataclass_params__")}
    for name, value in said.items():
        setattr(kind, name, value)
    return kind


class _OfDataclass:
    """An attribute by which `dataclasses`, and whoever knows them, tell classes; made when it is asked for."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, _: object, kind: Any) -> Any:
        import dataclasses  # noqa: PLC0415 - slow, and no command asks for it

        def said(one: Field) -> Any:
            missing: Any = dataclasses.MISSING
            default, factory = (missing if it is _MISSING else it for it in (one.default, one.default_factory))
            return dataclasses.field(
                default=default, default_factory=factory, repr=one.repr, compare=one.compare, metadata=one.metadata
            )

        found = [(one.name, Any, said(one)) for one in fields(kind)]
        twin = dataclasses.make_dataclass(kind.__name__, found, frozen=kind.__is_frozen__, kw_only=True)
        return getattr(twin, self._name)


def _field(kind: type, name: str) -> Field:
    said = vars(kind).get(name, _MISSING)
    if isinstance(said, list | dict | set):
        raise TypeError(f"{kind.__name__}: all objects would share the default of {name!r}; use default_factory")
    one = said if isinstance(said, Field) else Field(said, _MISSING, None, is_shown=True, compare=True)
    if isinstance(said, Field):
        delattr(kind, name)
    one.name = name
    return one


def _fields_of(record: Any) -> Mapping[str, Field]:
    found: Mapping[str, Field] = record.__fields__
    return found


def _init(self: Any, *given: Any, **named: Any) -> None:
    found = self.__fields__
    values = self.__dict__
    if len(given) > len(found):
        raise TypeError(f"{type(self).__name__}: {len(given)} values for {len(found)} fields")
    values.update(zip(found, given, strict=False))
    for name, value in named.items():
        if name in values or name not in found:
            raise TypeError(f"{type(self).__name__}: {name!r} is {'given twice' if name in found else 'no field'}")
        values[name] = value
    if len(values) < len(found):
        _add_defaults(self, found, values)
    if hasattr(self, "__post_init__"):
        self.__post_init__()


def _add_defaults(self: Any, found: Mapping[str, Field], values: dict[str, Any]) -> None:
    for name, one in found.items():
        if name in values:
            continue
        if one.default_factory is not _MISSING:
            values[name] = one.default_factory()
        elif one.default is not _MISSING:
            values[name] = one.default
        else:
            raise TypeError(f"{type(self).__name__}: {name!r} is missing")


def _repr(self: Any) -> str:
    shown = ", ".join(f"{name}={getattr(self, name)!r}" for name, one in self.__fields__.items() if one.repr)
    return f"{type(self).__qualname__}({shown})"


def _eq(self: Any, other: object) -> bool:
    return _compared(self) == _compared(other) if type(other) is type(self) else NotImplemented


def _hash(self: Any) -> int:
    return hash(_compared(self))


def _compared(self: Any) -> tuple[Any, ...]:
    return tuple(getattr(self, name) for name, one in self.__fields__.items() if one.compare)


def _refuse(self: Any, name: str, *_: Any) -> None:
    from dataclasses import FrozenInstanceError  # noqa: PLC0415 - slow, and only a defect comes here

    raise FrozenInstanceError(f"{type(self).__name__}: {name!r} cannot change")
