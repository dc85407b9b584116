"""Globs as in .gitignore, for paths below one folder: the one dialect of --exclude, .gitignore and project files.

`*` and `?` stop at a slash, `**` does not; a glob without a slash is the name of a file or folder at any depth; one
that fits a folder fits all that is in it (git's documentation, gitignore(5)). Touches no files.
"""

import re
from collections.abc import Iterator
from functools import cached_property

from sealwright_conventions.patterns import pattern
from sealwright_conventions.records import record

_CLASS = pattern(r"\[(?P<negated>[!^]?)(?P<first>\]?)(?P<rest>(?:\\.|\[:\w+:\]|[^\]\\])*)\]", re.DOTALL)
_NAMED = {
    "[:alnum:]": "0-9A-Za-z",
    "[:alpha:]": "A-Za-z",
    "[:digit:]": "0-9",
    "[:lower:]": "a-z",
    "[:space:]": r"\s",
    "[:upper:]": "A-Z",
    "[:xdigit:]": "0-9A-Fa-f",
}
_PARTS_OF_CLASS = pattern(r"\\.|\[:\w+:\]|.", re.DOTALL)
_NOTHING = r"(?!)"
_STAR = r"[^/]*?"
_FOLDERS = r"(?:[^/]+/)*?"
WILD = pattern(r"[*?\[]")
"""A character that makes a text a glob."""


@record
class Glob:
    """One glob. `is_negated` takes back what an earlier one said; `of_folders` fits folders only."""

    written: str
    body: str
    is_negated: bool = False
    of_folders: bool = False

    def fits_entry(self, path: str, *, is_folder: bool) -> bool:
        """Tell whether it fits this file or folder itself; `path` is relative, with slashes."""
        return (is_folder or not self.of_folders) and self._pattern.fullmatch(path) is not None

    def fits(self, path: str) -> bool:
        """Tell whether it fits a file or a folder that it is in."""
        if self.fits_entry(path, is_folder=False):
            return True
        return any(self.fits_entry(path[:at], is_folder=True) for at, char in enumerate(path) if char == "/")

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile(_regex(self.body), re.DOTALL)


def glob(written: str) -> Glob:
    """Return the glob of a text in which `!` and `#` mean themselves."""
    return _glob(written, written, is_negated=False)


def globs_of(text: str) -> list[Glob]:
    """Return the globs of a .gitignore file's text."""
    lines = text.removeprefix("\ufeff").split("\n")
    return [found for line in lines if (found := _of_line(line.removesuffix("\r"))) is not None]


def decide(globs: list[Glob], path: str, *, is_folder: bool) -> bool | None:
    """Tell whether the globs of one .gitignore leave an entry out: the last that fits decides, None if none does."""
    for one in reversed(globs):
        if one.fits_entry(path, is_folder=is_folder):
            return not one.is_negated
    return None


def _of_line(line: str) -> Glob | None:
    kept = line.rstrip(" ")
    if (len(kept) - len(kept.rstrip("\\"))) % 2 and len(kept) < len(line):
        kept += " "  # an escaped blank
    if not kept or kept.startswith("#"):
        return None
    is_negated = kept.startswith("!")
    return _glob(line, kept[is_negated:], is_negated=is_negated)


def _glob(written: str, body: str, *, is_negated: bool) -> Glob:
    of_folders = body.endswith("/")
    body = body[:-1] if of_folders else body
    body = body.removeprefix("/") if "/" in body else f"**/{body}"
    return Glob(written, body, is_negated, of_folders)


def _regex(body: str) -> str:
    """Return the regular expression of a glob that counts from the folder's root.

    What stands between two wildcards is taken at the first place where it fits, and that is never taken back (`(?>…)`):
    a later place would leave less room for the rest. Otherwise a few stars would take for ever.
    """
    first, *others = _split(list(_pieces(body)), _FOLDERS)
    out = _part(first, is_last=not others)
    for number, part in enumerate(others, start=1):
        is_last = number == len(others)
        found = f"{_FOLDERS}{_part(part, is_last=is_last)}"
        out += found if is_last else f"(?>{found})"
    return out


def _part(pieces: list[str], *, is_last: bool) -> str:
    """Return the expression for the pieces between two `**`, which end with a slash unless they are the last."""
    first, *others = ("".join(chunk) for chunk in _split(pieces, _STAR))
    *inner, end = others or [""]
    out = "".join([first, *(f"(?>{_STAR}{chunk})" for chunk in inner)])
    if not others:
        return out
    return f"{out}{_STAR}{end}" if is_last else f"{out}(?>{_STAR}{end})"


def _split(pieces: list[str], mark: str) -> list[list[str]]:
    parts: list[list[str]] = [[]]
    for piece in pieces:
        if piece == mark:
            parts.append([])
        else:
            parts[-1].append(piece)
    return parts


def _pieces(body: str) -> Iterator[str]:
    """Yield the expressions of characters and wildcards."""
    at = 0
    while at < len(body):
        is_start = at == 0 or body[at - 1] == "/"
        if is_start and body.startswith("**/", at):
            yield _FOLDERS
            while body.startswith("**/", at):  # more of the same would only take time
                at += 3
        elif is_start and body[at:] == "**":
            yield ".+"
            at = len(body)
        else:
            piece, at = _piece(body, at)
            yield piece


def _piece(body: str, at: int) -> tuple[str, int]:
    """Return the expression for the next character or wildcard, and where the rest begins."""
    char = body[at]
    if char == "*":
        while body[at : at + 1] == "*":
            at += 1
        return _STAR, at
    if char == "?":
        return r"[^/]", at + 1
    if char == "[":
        found = _CLASS.match(body, at)
        return (_class(found), found.end()) if found else (_NOTHING, len(body))
    if char == "\\":
        return (re.escape(body[at + 1]), at + 2) if at + 1 < len(body) else (_NOTHING, len(body))
    return re.escape(char), at + 1


def _class(found: re.Match[str]) -> str:
    """Return the expression for a set of characters; none of them is a slash."""
    parts = [_NAMED.get(part, part[-1:]) for part in _PARTS_OF_CLASS.findall(found["first"] + found["rest"])]
    ranges, at = "", 0
    while at < len(parts):
        if len(parts[at]) > 1:
            ranges, at = ranges + parts[at], at + 1
        elif parts[at + 1 : at + 2] == ["-"] and len("".join(parts[at + 2 : at + 3])) == 1:
            low, high = parts[at], parts[at + 2]
            ranges += f"{re.escape(low)}-{re.escape(high)}" if low <= high else ""
            at += 3
        else:
            ranges, at = ranges + re.escape(parts[at]), at + 1
    if not ranges:
        return r"[^/]" if found["negated"] else _NOTHING
    return rf"(?!/)[{'^' if found['negated'] else ''}{ranges}]"
