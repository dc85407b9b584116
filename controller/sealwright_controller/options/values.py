"""What flags take: functions that read a text, or return such functions. ValueError says what is allowed.

The error's text follows the name of the flag or variable. It does not repeat the value, which may be a misplaced
secret.
"""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple, TypeVar

from sealwright_controller.options.durations import format_duration, parse_duration
from sealwright_crypto import Fingerprint
from sealwright_manifests.names import is_label_value, is_namespace, is_object_name, is_qualified_name

T = TypeVar("T")

_KIND = r"[A-Za-z0-9._/-]{1,253}"
_APPENDED = "00000"  # the API server adds this many letters and digits to a name's prefix
_MAX_COMMON_NAME_BYTES = 64  # RFC 5280, ub-common-name


def optional(parse: Callable[[str], T]) -> Callable[[str], T | None]:
    """Take the empty text as None."""
    return lambda text: parse(text) if text else None


def number(least: int, most: int) -> Callable[[str], int]:
    """Take a whole number within bounds."""

    def parse(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", text) or not least <= int(text) <= most:
            raise ValueError(f"is not a whole number from {least} to {most}")
        return int(text)

    return parse


class Span(NamedTuple):
    """Whole numbers from the least to the most, both included."""

    least: int
    most: int

    def __contains__(self, value: object) -> bool:
        return isinstance(value, int) and self.least <= value <= self.most

    def __str__(self) -> str:
        return f"{self.least}-{self.most}"


def span(least: int, most: int) -> Callable[[str], Span]:
    """Take two whole numbers within bounds, the smaller one first."""
    parse_number = number(least, most)

    def parse(text: str) -> Span:
        first, dash, second = text.partition("-")
        if not dash:
            raise ValueError(f"is not of the form {least}-{most}")
        found = Span(parse_number(first), parse_number(second))
        if found.least > found.most:
            raise ValueError("begins with the larger number")
        return found

    return parse


def rate(text: str) -> float:
    """Take a rate per second: zero or more, with or without a fraction."""
    if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", text):
        raise ValueError("is not a number such as 20 or 0.5")
    return float(text)


def duration(least: timedelta, *, or_off: bool = False) -> Callable[[str], timedelta]:
    """Take a duration of at least `least`; with `or_off`, zero as well."""

    def parse(text: str) -> timedelta:
        value = parse_duration(text)
        if value < least and not (or_off and not value):
            off = ", or 0 for never" if or_off else ""
            raise ValueError(f"is too short: at least {format_duration(least)}{off}")
        return value

    return parse


def one_of(**values: str) -> Callable[[str], str]:
    """Take a key, in upper or lower case, and return its value."""

    def parse(text: str) -> str:
        if text.lower() not in values:
            raise ValueError(f"is not one of {', '.join(dict.fromkeys(values.values()))}")
        return values[text.lower()]

    return parse


def namespace(text: str) -> str:
    """Take the name of a namespace."""
    if not is_namespace(text):
        raise ValueError("is not the name of a namespace: lower-case letters, digits and - (RFC 1123)")
    return text


def namespaces(text: str) -> tuple[str, ...]:
    """Take names of namespaces separated by commas; duplicates are dropped."""
    return tuple(dict.fromkeys(namespace(name.strip()) for name in text.split(",") if name.strip()))


def fingerprints(text: str) -> tuple[Fingerprint, ...]:
    """Take full fingerprints of keys separated by commas; colons, spaces and case are ignored."""
    found = [re.sub(r"[:\s]", "", part).lower() for part in text.split(",") if part.strip()]
    for each in found:
        if not re.fullmatch(r"[0-9a-f]{64}", each):
            raise ValueError(f'"{each}" is not the fingerprint of a key: 64 hexadecimal digits (SHA-256)')
    return tuple(dict.fromkeys(map(Fingerprint, found)))


def secret_types(text: str) -> tuple[str, ...]:
    """Take types of Secrets, exactly as Secrets name them, separated by commas; duplicates are dropped."""
    found = tuple(dict.fromkeys(kind for part in text.split(",") if (kind := part.strip())))
    for kind in found:
        if not re.fullmatch(_KIND, kind):
            raise ValueError("is not a type of Secrets, such as kubernetes.io/service-account-token")
    return found


def labels(text: str) -> dict[str, str]:
    """Take labels as `name=value,name=value`."""
    found = _pairs(text, "a label")
    for number, value in enumerate(found.values(), start=1):
        if not is_label_value(value):
            raise ValueError(f"is not a value of a label (entry {number}): up to 63 letters, digits, -, _ and .")
    return found


def annotations(text: str) -> dict[str, str]:
    """Take annotations as `name=value,name=value`; a value may hold any character except a comma."""
    return _pairs(text, "an annotation")


def key_prefix(text: str) -> str:
    """Take a prefix of a Secret's name, to which the API server appends letters and digits."""
    if not text or not is_object_name(f"{text}{_APPENDED}"):
        raise ValueError("cannot begin the name of a Secret: lower-case letters, digits, - and . (RFC 1123)")
    return text


def common_name(text: str) -> str:
    """Take a certificate's common name, which may be empty."""
    if not text.isprintable() or len(text.encode()) > _MAX_COMMON_NAME_BYTES:
        raise ValueError(f"a common name has up to {_MAX_COMMON_NAME_BYTES} bytes, all printable (RFC 5280)")
    return text


def _pairs(text: str, what: str) -> dict[str, str]:
    found = {}
    for pair in filter(None, (part.strip() for part in text.split(","))):
        name, equals, value = (part.strip() for part in pair.partition("="))
        if not equals or not is_qualified_name(name):
            raise ValueError(f"is not {what} such as team=shop or example.org/team=shop")
        found[name] = value
    return found
