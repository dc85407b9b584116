"""Go's errors as values: results of methods that return only an error. Errors that end a rendering are not values."""

from dataclasses import dataclass
from typing import ClassVar

from sealwright_templating.values.objects import Pointer, Struct, Value, pointer_to
from sealwright_templating.values.registry import method
from sealwright_templating.values.types import STRING, GoType, Kind, define_type, go_type

ERROR_STRING = define_type("errors.errorString", Kind.STRUCT, fields=(("s", STRING),))
_ERROR_POINTER = go_type("*errors.errorString")


@dataclass(eq=False, slots=True, repr=False)
class ErrorString(Struct):
    """An error that consists of its text only."""

    go_type: ClassVar[GoType] = ERROR_STRING
    text: bytes

    def field_values(self) -> tuple[Value, ...]:
        """Return the text."""
        return (self.text,)


def error_value(text: bytes) -> Pointer:
    """Return an error with that text as a value."""
    return pointer_to(ErrorString(text))


def no_error() -> Pointer:
    """Return the value for success; it is printed as `<nil>`."""
    return Pointer(_ERROR_POINTER)


@method(ERROR_STRING, "Error", signature="func() string")
def text_of_error(error: ErrorString) -> bytes:
    """Return the error's text, which is also what is printed."""
    return error.text
