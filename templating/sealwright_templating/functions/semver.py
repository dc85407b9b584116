"""Semantic versions: reading, comparing, and the methods of the values that `semver` returns.

As in Go, a `*semver.Version` has all methods, a `semver.Version` (what `IncMajor` gives) only those of values.
"""

import json

from sealwright_templating.context import Context
from sealwright_templating.errors import FunctionError
from sealwright_templating.go.errorvalues import error_value, no_error
from sealwright_templating.go.semver.constraints import satisfies
from sealwright_templating.go.semver.versions import (
    VERSION,
    Version,
    check_metadata,
    check_prerelease,
    compare,
    parse_version,
)
from sealwright_templating.values.objects import Pointer, Slice, Value, byte_string, pointer_to
from sealwright_templating.values.registry import function, method
from sealwright_templating.values.types import go_type

VERSION_POINTER = go_type("*semver.Version")

_STEPS_TO_COMPARE = 10
_COMPARISONS_PER_STEP = 200
"""How many characters of a constraint are looked at in a microsecond; each is, in the worst case, once for each."""


@function("semver", signature="func(string) (*semver.Version, error)")
def semver(context: Context, text: bytes) -> Pointer:
    """Return the version of a text such as `v1.2`."""
    return pointer_to(_version(context, text))


@function("semverCompare", signature="func(string, string) (bool, error)")
def semver_compare(context: Context, constraint: bytes, text: bytes) -> bool:
    """Tell whether a version satisfies a constraint such as `^1.2 || >=3`; a pre-release needs one that names one."""
    context.budget.steps(_STEPS_TO_COMPARE + len(constraint) * len(constraint) // _COMPARISONS_PER_STEP)
    return satisfies(_version(context, text), constraint)


def _version(context: Context, text: bytes) -> Version:
    context.budget.items(text.count(b"."))
    context.budget.memory(len(text))
    return parse_version(text)


@method(VERSION, "Major", signature="func() uint64")
def major(version: Version) -> int:
    """Return the first number."""
    return version.major


@method(VERSION, "Minor", signature="func() uint64")
def minor(version: Version) -> int:
    """Return the second number."""
    return version.minor


@method(VERSION, "Patch", signature="func() uint64")
def patch(version: Version) -> int:
    """Return the third number."""
    return version.patch


@method(VERSION, "Prerelease", signature="func() string")
def prerelease(version: Version) -> bytes:
    """Return the pre-release, or an empty text."""
    return version.prerelease


@method(VERSION, "Metadata", signature="func() string")
def metadata(version: Version) -> bytes:
    """Return the build metadata, or an empty text."""
    return version.metadata


@method(VERSION_POINTER, "Original", signature="func() string")
def original(version: Version) -> bytes:
    """Return the text that the version was read from."""
    return version.original


@method(VERSION, "String", signature="func() string")
def string(context: Context, version: Version) -> bytes:
    """Return the version in full, without a `v`."""
    context.budget.memory(len(version.prerelease) + len(version.metadata))
    return version.text


@method(VERSION, "MarshalText", signature="func() ([]uint8, error)")
def marshal_text(context: Context, version: Version) -> bytes:
    """Return the version in full, as bytes."""
    text = string(context, version)
    context.budget.items(len(text))
    return text


@method(VERSION, "MarshalJSON", signature="func() ([]uint8, error)")
def marshal_json(context: Context, version: Version) -> bytes:
    """Return the version in full, as a JSON string; versions have no characters that JSON escapes."""
    return b'"' + marshal_text(context, version) + b'"'


@method(VERSION, "Value", signature="func() (interface {}, error)")
def value(context: Context, version: Version) -> Value:
    """Return the version in full, for a database."""
    return string(context, version)


@method(VERSION, "IncMajor", signature="func() semver.Version")
def next_major(version: Version) -> Version:
    """Return the next major version."""
    return version.changed(major=_next(version.major), minor=0, patch=0, prerelease=b"", metadata=b"")


@method(VERSION, "IncMinor", signature="func() semver.Version")
def next_minor(version: Version) -> Version:
    """Return the next minor version."""
    return version.changed(minor=_next(version.minor), patch=0, prerelease=b"", metadata=b"")


@method(VERSION, "IncPatch", signature="func() semver.Version")
def next_patch(version: Version) -> Version:
    """Return the next patch version; for a pre-release, its release."""
    number = version.patch if version.prerelease else _next(version.patch)
    return version.changed(patch=number, prerelease=b"", metadata=b"")


def _next(number: int) -> int:
    return (number + 1) % (1 << 64)


@method(VERSION, "SetPrerelease", signature="func(string) (semver.Version, error)")
def with_prerelease(context: Context, version: Version, text: bytes) -> Version:
    """Return the version with another pre-release, or none."""
    context.budget.items(text.count(b"."))
    if text:
        check_prerelease(text)
    return version.changed(prerelease=text)


@method(VERSION, "SetMetadata", signature="func(string) (semver.Version, error)")
def with_metadata(context: Context, version: Version, text: bytes) -> Version:
    """Return the version with other build metadata, or none."""
    context.budget.items(text.count(b"."))
    if text:
        check_metadata(text)
    return version.changed(metadata=text)


@method(VERSION_POINTER, "Compare", signature="func(*semver.Version) int")
def compare_to(context: Context, version: Version, other: Pointer) -> int:
    """Return -1, 0 or 1: this version is lower than, equal to or higher than the other."""
    if not isinstance(other.target, Version):
        raise FunctionError("there is no version to compare with")
    context.budget.items(version.prerelease.count(b".") + other.target.prerelease.count(b"."))
    return compare(version, other.target)


@method(VERSION_POINTER, "Equal", signature="func(*semver.Version) bool")
def equal(context: Context, version: Version, other: Pointer) -> bool:
    """Tell whether the versions are equal in order."""
    return other.target is not None and compare_to(context, version, other) == 0


@method(VERSION_POINTER, "LessThan", signature="func(*semver.Version) bool")
def less_than(context: Context, version: Version, other: Pointer) -> bool:
    """Tell whether this version is lower than the other."""
    return compare_to(context, version, other) < 0


@method(VERSION_POINTER, "LessThanEqual", signature="func(*semver.Version) bool")
def less_than_equal(context: Context, version: Version, other: Pointer) -> bool:
    """Tell whether this version is lower than or equal to the other."""
    return compare_to(context, version, other) <= 0


@method(VERSION_POINTER, "GreaterThan", signature="func(*semver.Version) bool")
def greater_than(context: Context, version: Version, other: Pointer) -> bool:
    """Tell whether this version is higher than the other."""
    return compare_to(context, version, other) > 0


@method(VERSION_POINTER, "GreaterThanEqual", signature="func(*semver.Version) bool")
def greater_than_equal(context: Context, version: Version, other: Pointer) -> bool:
    """Tell whether this version is higher than or equal to the other."""
    return compare_to(context, version, other) >= 0


@method(VERSION_POINTER, "Scan", signature="func(interface {}) error")
def scan(context: Context, version: Version, text: Value) -> Value:
    """Set this version from a text; return the error as a value if the text is invalid."""
    return _read(context, version, text if isinstance(text, bytes) else b"")


@method(VERSION_POINTER, "UnmarshalText", signature="func([]uint8) error")
def unmarshal_text(context: Context, version: Version, text: Slice) -> Value:
    """Set this version from a text; return the error as a value if the text is invalid."""
    return _read(context, version, byte_string(text))


@method(VERSION_POINTER, "UnmarshalJSON", signature="func([]uint8) error")
def unmarshal_json(context: Context, version: Version, text: Slice) -> Value:
    """Set this version from a JSON string; return the error as a value if it is invalid."""
    try:
        decoded = json.loads(byte_string(text))
    except (ValueError, RecursionError):
        return error_value(b"invalid JSON")
    if decoded is not None and not isinstance(decoded, str):
        return error_value(b"json: cannot unmarshal into Go value of type string")
    return _read(context, version, (decoded or "").encode(errors="replace"))


def _read(context: Context, version: Version, text: bytes) -> Value:
    try:
        read = _version(context, text)
    except FunctionError as error:
        return error_value(error.reason.encode())
    for name in Version.__slots__:
        setattr(version, name, getattr(read, name))
    return no_error()
