"""Versions by semver.org, parsed leniently and compared strictly, as Masterminds/semver 3.4 does it for Sprig."""

import re
from dataclasses import dataclass, replace
from typing import ClassVar

from sealwright_templating.errors import FunctionError
from sealwright_templating.values.objects import Struct, Value, uint64
from sealwright_templating.values.types import STRING, UINT64, GoType, Kind, define_type

IDENTIFIERS = rb"[0-9A-Za-z-](?:[0-9A-Za-z-]|\.[0-9A-Za-z-])*+"
"""The regular expression of a pre-release or of build metadata: identifiers with dots between them."""
_VERSION = re.compile(
    rb"v?+([0-9]++)(?:\.([0-9]++))?(?:\.([0-9]++))?(?:-(%b))?(?:\+(%b))?" % (IDENTIFIERS, IDENTIFIERS)
)
_IDENTIFIER = re.compile(rb"[0-9A-Za-z-]++")
_MOST_DIGITS = 20
_LARGEST = (1 << 64) - 1

VERSION = define_type(
    "semver.Version",
    Kind.STRUCT,
    fields=(
        ("major", UINT64),
        ("minor", UINT64),
        ("patch", UINT64),
        ("pre", STRING),
        ("metadata", STRING),
        ("original", STRING),
    ),
)


@dataclass(slots=True, repr=False)
class Version(Struct):
    """A version; `original` is the text that it was parsed from, or an equivalent one."""

    go_type: ClassVar[GoType] = VERSION
    major: int = 0
    minor: int = 0
    patch: int = 0
    prerelease: bytes = b""
    metadata: bytes = b""
    original: bytes = b""

    def field_values(self) -> tuple[Value, ...]:
        """Return the values of the fields that the type names."""
        numbers = uint64(self.major), uint64(self.minor), uint64(self.patch)
        return (*numbers, self.prerelease, self.metadata, self.original)

    def deep_copy(self) -> "Version":
        """Return an empty version: all fields are private in Go."""
        return Version()

    @property
    def text(self) -> bytes:
        """The version in full, without the `v` that it may have been read with."""
        text = b"%d.%d.%d" % (self.major, self.minor, self.patch)
        if self.prerelease:
            text += b"-" + self.prerelease
        return text + b"+" + self.metadata if self.metadata else text

    def changed(self, **fields: int | bytes) -> "Version":
        """Return a version with other values in some fields."""
        changed = replace(self, **fields)  # type: ignore[arg-type]  # mypy checks each against every field
        changed.original = b"v" * self.original.startswith(b"v") + changed.text
        return changed


def parse_version(text: bytes) -> Version:
    """Return the version of a text such as `v1.2`, with 0 for missing parts. Raises FunctionError for other texts."""
    found = _VERSION.fullmatch(text)
    if not found:
        raise FunctionError("invalid semantic version")
    major, minor, patch, prerelease, metadata = found.groups(default=b"")
    numbers = _number(major), _number(minor), _number(patch)
    if prerelease:
        check_prerelease(prerelease)
    return Version(*numbers, prerelease, metadata, text)


def _number(digits: bytes) -> int:
    digits = digits.lstrip(b"0")
    number = int(digits[: _MOST_DIGITS + 1] or b"0")
    if number > _LARGEST:
        raise FunctionError("a number in the version is too large")
    return number


def check_prerelease(text: bytes) -> None:
    """Raise FunctionError for a text that cannot be a pre-release: numbers in it may not begin with a zero."""
    for identifier in text.split(b"."):
        if not _IDENTIFIER.fullmatch(identifier):
            raise FunctionError("invalid prerelease string")
        if identifier.isdigit() and identifier.startswith(b"0") and identifier != b"0":
            raise FunctionError("version segment starts with 0")


def check_metadata(text: bytes) -> None:
    """Raise FunctionError for a text that cannot be build metadata."""
    if not all(map(_IDENTIFIER.fullmatch, text.split(b"."))):
        raise FunctionError("invalid metadata string")


def compare(one: Version, other: Version) -> int:
    """Return -1, 0 or 1: the order of two versions. Build metadata is ignored."""
    numbers, others = (one.major, one.minor, one.patch), (other.major, other.minor, other.patch)
    if numbers != others:
        return 1 if numbers > others else -1
    if not (one.prerelease and other.prerelease):
        return bool(other.prerelease) - bool(one.prerelease)
    return compare_prereleases(one.prerelease, other.prerelease)


def compare_prereleases(one: bytes, other: bytes) -> int:
    """Return -1, 0 or 1: the order of two pre-releases; an empty one comes first."""
    ones, others = one.split(b"."), other.split(b".")
    for identifier, counterpart in zip(ones, others, strict=False):
        if identifier != counterpart:
            return 1 if _rank(identifier) > _rank(counterpart) else -1
    return (len(ones) > len(others)) - (len(ones) < len(others))


def _rank(identifier: bytes) -> tuple[int, int, bytes]:
    """Return the sort key of identifiers: empty, then numbers, then texts."""
    if not identifier:
        return 0, 0, b""
    if identifier.isdigit() and len(identifier) <= _MOST_DIGITS and int(identifier) <= _LARGEST:
        return 1, int(identifier), b""
    return 2, 0, identifier
