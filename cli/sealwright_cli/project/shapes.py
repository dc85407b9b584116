"""Forms of values in a project file: each reads a node, and says itself as a JSON schema (draft 2020-12).

Knows no field of the project file: `table` does.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from sealwright_cli.messages.advice import did_you_mean, nearest
from sealwright_conventions.records import changing_record, field, record
from sealwright_manifests.text.tree import Map, Node, Scalar, Seq, behind, entries_of, native_scalar


class WrongValueError(Exception):
    """A value is not what is expected at this place: `offset` in the text, and a hint."""

    def __init__(self, reason: str, offset: int, hint: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.offset = offset
        self.hint = hint


class Word(str):
    """A text, and where it stands."""

    __slots__ = ("offset",)
    offset: int

    @classmethod
    def at(cls, text: str, offset: int) -> "Word":
        """Return a text that stands at an offset."""
        word = cls(text)
        word.offset = offset
        return word


@changing_record
class Fields:
    """The fields of an object, where it begins, and where each field's key stands."""

    values: dict[str, Any]
    offset: int
    keys: dict[str, int] = field(default_factory=dict)

    def get(self, key: str, default: Any = None) -> Any:
        """Return a field's value."""
        return self.values.get(key, default)


class Shape(Protocol):
    """The form of a value."""

    def read(self, node: Node) -> Any:
        """Return the value at a node. Raises WrongValueError, and SyntaxProblemError of the tree."""
        ...

    def schema(self) -> dict[str, Any]:
        """Return its JSON schema."""
        ...


@record
class Text:
    """A text. `check` returns what is wrong with it, if anything; `hint` is for that; `rest` goes into the schema."""

    what: str
    check: Callable[[str], str] = lambda _: ""
    hint: str = ""
    rest: Mapping[str, Any] = field(default_factory=dict)

    def read(self, node: Node) -> Word:
        """Return the text. Raises WrongValueError."""
        found = behind(node)
        value = native_scalar(found) if isinstance(found, Scalar) else None
        if not isinstance(value, str):
            is_bare = isinstance(found, Scalar) and value is not None
            hint = "put it in quotes" if is_bare else self.hint or f"write {self.what}"
            raise WrongValueError(f"{self.what} is expected here", node.start, hint)
        if problem := self.check(value) if value else f"{self.what} is expected here, not an empty text":
            raise WrongValueError(problem, node.start, self.hint or f"write {self.what}")
        if "\0" in value:  # no file, context or name has one, and calls of the system raise for it
            raise WrongValueError("it holds a zero byte", node.start, "write it without")
        return Word.at(value, node.start)

    def schema(self) -> dict[str, Any]:
        """Return its JSON schema."""
        return {"type": "string", "minLength": 1, **self.rest}


def one_of(words: Sequence[str], what: str) -> Text:
    """Return the form of a text that is one of these words."""

    def check(given: str) -> str:
        return "" if given in words else f"{what} is expected here"

    return Text(what, check, f"write one of {', '.join(words)}", {"enum": list(words)})


@record
class Texts:
    """One text, or a list of them; returns a list."""

    each: Text

    def read(self, node: Node) -> list[Word]:
        """Return the texts. Raises WrongValueError."""
        found = behind(node)
        if not isinstance(found, Seq):
            return [self.each.read(node)]
        if not found.items:
            raise WrongValueError("the list is empty", node.start, f"write {self.each.what}, or leave the field out")
        return [self.each.read(item) for item in found.items]

    def schema(self) -> dict[str, Any]:
        """Return its JSON schema."""
        each = self.each.schema()
        return {"anyOf": [each, {"type": "array", "items": each, "minItems": 1}]}


@record
class Field:
    """A field of an object: the form of its value, and what it means."""

    shape: Shape
    meaning: str
    is_required: bool = False


@record
class Object:
    """An object with known fields; `what` is how messages call it."""

    what: str
    fields: Mapping[str, Field]

    def read(self, node: Node) -> Fields:
        """Return its fields. Raises WrongValueError."""
        found = behind(node)
        if not isinstance(found, Map):
            raise WrongValueError(f"{self.what} is expected here", node.start, f"its fields: {self._listed}")
        result = Fields({}, node.start)
        for key, entry in entries_of(found):
            if key not in self.fields:
                raise WrongValueError(f"{self.what} has no field {key}", entry.key.start, self._meant(key))
            result.keys[key] = entry.key.start
            result.values[key] = self.fields[key].shape.read(entry.value)
        for key, one in self.fields.items():
            if one.is_required and key not in result.values:
                raise WrongValueError(f"{self.what} needs {key}", node.start, f"add {key}: {one.meaning}")
        return result

    def schema(self) -> dict[str, Any]:
        """Return its JSON schema."""
        fields = {key: one.shape.schema() | {"description": one.meaning} for key, one in self.fields.items()}
        required = [key for key, one in self.fields.items() if one.is_required]
        made: dict[str, Any] = {"type": "object", "additionalProperties": False, "properties": fields}
        return made | {"required": required} if required else made

    @property
    def _listed(self) -> str:
        return ", ".join(self.fields)

    def _meant(self, key: str) -> str:
        return did_you_mean(nearest(key, self.fields)) or f"its fields: {self._listed}"


@record
class ListOf:
    """A list of values of one form; null, which is nothing behind the key, is an empty one."""

    each: Shape
    what: str

    def read(self, node: Node) -> list[Any]:
        """Return the values. Raises WrongValueError."""
        found = behind(node)
        if isinstance(found, Scalar) and native_scalar(found) is None:
            return []
        if not isinstance(found, Seq):
            raise WrongValueError(f"{self.what} is expected here", node.start, "begin each item with -")
        return [self.each.read(item) for item in found.items]

    def schema(self) -> dict[str, Any]:
        """Return its JSON schema."""
        return {"type": ["array", "null"], "items": self.each.schema()}


@record
class MapOf:
    """A map from names to values of one form. `check` returns what is wrong with a name, `pattern` is a regex of it."""

    each: Shape
    what: str
    check: Callable[[str], str]
    hint: str
    pattern: str

    def read(self, node: Node) -> dict[Word, Any]:
        """Return the values by name. Raises WrongValueError."""
        found = behind(node)
        if not isinstance(found, Map):
            raise WrongValueError(f"{self.what} is expected here", node.start, self.hint)
        result: dict[Word, Any] = {}
        for key, entry in entries_of(found):
            if problem := self.check(key):
                raise WrongValueError(problem, entry.key.start, self.hint)
            result[Word.at(key, entry.key.start)] = self.each.read(entry.value)
        return result

    def schema(self) -> dict[str, Any]:
        """Return its JSON schema."""
        return {
            "type": "object",
            "propertyNames": {"pattern": self.pattern},
            "additionalProperties": self.each.schema(),
        }
