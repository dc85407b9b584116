"""Go's errors as values: what a method gives whose only result is an error. No error that ends a rendering is one."""

from dataclasses import dataclass
from typing import ClassVar

from sealwright_templating.values.objects import Pointer, Struct, Value, pointer_to
from sealwright_templating.values.registry import method
from sealwright_templating.values.types import STRING, GoType, Kind, define_type, go_type

ERROR_STRING = define_type("errors.errorString", Kind.STRUCT, fields=(("s", STRING),))
_ERROR_POINTER = go_type("*errors.errorString")


@dataclass(eq=False, slots=True, repr=False)
class ErrorString(Struct):
    """An error that is nothing but its text."""

    go_type: ClassVar[GoType] = ERROR_STRING
    text: bytes

    def field_values(self) -> tuple[Value, ...]:
        """Return the text."""
        return (self.text,)


def error_value(text: bytes) -> Pointer:
    """Return an error of that text as a value."""
    return pointer_to(ErrorString(text))


def no_error() -> Pointer:
    """Return what says that all went well; it is printed as `<nil>`."""
    return Pointer(_ERROR_POINTER)


@method(ERROR_STRING, "Error", signature="func() string")
def text_of_error(error: ErrorString) -> bytes:
    """Return the error's text, by which it is printed too."""
    return error.text
