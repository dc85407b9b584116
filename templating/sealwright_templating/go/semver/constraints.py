"""The language of version constraints (`>=1.2, <2 || ~3.1`), as in Masterminds/semver 3.4.

A version in a constraint may have `x` or `*` for a part, or leave parts out; such a part is called open here.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from sealwright_templating.errors import FunctionError
from sealwright_templating.go.semver.versions import IDENTIFIERS, Version, compare, compare_prereleases, parse_version

_SPACE = rb"[\t\n\f\r ]"
_PART = rb"[0-9xX*|]++"
_PATTERN = rb"(v?+(%b)(\.%b)?(\.%b)?(-%b)?(?:\+%b)?)" % (_PART, _PART, _PART, IDENTIFIERS, IDENTIFIERS)
_RANGE = re.compile(rb"%b*+%b%b++-%b++%b%b*+" % (_SPACE, _PATTERN, _SPACE, _SPACE, _PATTERN, _SPACE))
_RANGE_END_GROUP = 6
_TERM = re.compile(rb"%b*+(>=|=>|<=|=<|~>|!=|[=<>~^]?+)%b*+%b(?P<spaces>%b*+)" % (_SPACE, _SPACE, _PATTERN, _SPACE))
_ANYTHING = {b"x", b"X", b"*"}


@dataclass(frozen=True, slots=True)
class Term:
    """One condition. `opened` means that a part of the version is open; the next two fields say which."""

    operator: bytes
    version: Version
    opened: bool
    open_minor: bool
    open_patch: bool

    def check(self, version: Version) -> bool:
        """Tell whether a version fulfils the condition; pre-releases are excluded by the caller."""
        return _CHECKS[self.operator](self, version)


def satisfies(version: Version, constraint: bytes) -> bool:
    """Tell whether a version fulfils all terms of one of the alternatives. Raises FunctionError for a bad constraint.

    A pre-release fulfils only alternatives that name a pre-release themselves.
    """
    alternatives = [_terms(text) for text in _without_ranges(constraint).split(b"||")]
    return any(_satisfies_all(version, terms) for terms in alternatives)


def _satisfies_all(version: Version, terms: list[Term]) -> bool:
    if version.prerelease and not any(term.version.prerelease for term in terms):
        return False
    return all(term.check(version) for term in terms)


def _without_ranges(text: bytes) -> bytes:
    """Return a constraint with `1.2 - 1.4` written as `>= 1.2, <= 1.4`."""
    rewritten = text
    for found in _RANGE.finditer(text):
        rewritten = rewritten.replace(found[0], b">= %b, <= %b " % (found[1], found[_RANGE_END_GROUP]), 1)
    return rewritten


def _terms(text: bytes) -> list[Term]:
    """Return the terms of one alternative, which are separated by spaces or a comma."""
    terms = []
    position = 0
    while found := _TERM.match(text, position):
        terms.append(_term(found.groups(default=b"")))
        position = found.end("spaces")
        if position == len(text):
            return terms
        if text.startswith(b",", position):
            position += 1
        elif position == found.start("spaces"):
            break
    raise FunctionError("improper constraint", text.decode(errors="replace"))


def _term(groups: tuple[bytes, ...]) -> Term:
    operator, version, major, minor, patch, prerelease, _ = groups
    opened = open_minor = open_patch = False
    if major in _ANYTHING:
        version, opened = b"0.0.0" + prerelease, True
    elif minor[1:] in _ANYTHING or not minor:
        version, opened, open_minor = major + b".0.0" + prerelease, True, True
    elif patch[1:] in _ANYTHING or not patch:
        version, opened, open_patch = major + minor + b".0" + prerelease, True, True
    return Term(operator, parse_version(version), opened, open_minor, open_patch)


def _equal(term: Term, version: Version) -> bool:
    return _about(term, version) if term.opened else compare(version, term.version) == 0


def _not_equal(term: Term, version: Version) -> bool:
    asked = term.version
    if not term.opened or version.major != asked.major:
        return compare(version, asked) != 0
    if term.open_minor:
        return False
    if term.open_patch and version.minor == asked.minor:
        return compare_prereleases(version.prerelease, asked.prerelease) != 0
    return compare(version, asked) != 0


def _greater(term: Term, version: Version) -> bool:
    asked = term.version
    if version.major == asked.major and term.open_minor:
        return False
    if version.major == asked.major and term.open_patch:
        return version.minor > asked.minor
    return compare(version, asked) > 0


def _less(term: Term, version: Version) -> bool:
    return compare(version, term.version) < 0


def _at_least(term: Term, version: Version) -> bool:
    return compare(version, term.version) >= 0


def _at_most(term: Term, version: Version) -> bool:
    asked = term.version
    if not term.opened:
        return compare(version, asked) <= 0
    if version.major != asked.major:
        return version.major < asked.major
    return version.minor <= asked.minor or term.open_minor


def _about(term: Term, version: Version) -> bool:
    """`~1.2.3`: at least that, with the same minor version; `~1`: with the same major version."""
    asked = term.version
    if compare(version, asked) < 0:
        return False
    if not (asked.major or asked.minor or asked.patch or term.open_minor or term.open_patch):
        return True
    return version.major == asked.major and (version.minor == asked.minor or term.open_minor)


def _compatible(term: Term, version: Version) -> bool:
    """`^1.2.3`: at least that, and equal up to the first part that is not 0."""
    asked = term.version
    if compare(version, asked) < 0:
        return False
    if asked.major or term.open_minor:
        return version.major == asked.major
    if version.major:
        return False
    if asked.minor or term.open_patch:
        return version.minor == asked.minor
    return not version.minor and version.patch == asked.patch


_CHECKS: dict[bytes, Callable[[Term, Version], bool]] = {
    b"": _equal,
    b"=": _equal,
    b"!=": _not_equal,
    b">": _greater,
    b"<": _less,
    b">=": _at_least,
    b"=>": _at_least,
    b"<=": _at_most,
    b"=<": _at_most,
    b"~": _about,
    b"~>": _about,
    b"^": _compatible,
}
