"""Comments that switch rules off: `# sealwright: ignore[SW101]`, and `ignore-file[…]` for a whole file.

Behind something, a comment is about its line; on a line of its own, about the next line that is not a comment. At the
head of a document it is about the document, at the head of the file about the file. Several rules are separated by
commas; a beginning of ids (`SW1`) or a rule's name will do; without brackets, all rules are meant.
"""

import re
from bisect import bisect_left, bisect_right
from itertools import accumulate

from sealwright_cli.lint.places import Lines
from sealwright_cli.lint.rules import RULES, named_by, nearest
from sealwright_conventions.records import changing_record, field, record

_MARK = "sealwright:"
_COMMENT = re.compile(r"#[ \t]*sealwright:[ \t]*ignore(?P<file>-file)?(?![\w-])[ \t]*(?:\[(?P<rules>[^\]\n]*)\])?")
_NO_CONTENT = re.compile(r"[ \t]*(?:#.*|%.*|---[ \t]*(?:#.*)?)?\r?")
_MARKER = re.compile(r"(?:---|\.\.\.)(?:[ \t\r]|\Z)")
_ALL = frozenset(RULES)


@record
class UnknownRule:
    """A word in a comment that names no rule, and the rule that is most like it."""

    line: int
    column: int
    word: str
    meant: str


@changing_record
class Ignored:
    """Which rules are switched off where: in the whole file, and in ranges of lines, both ends included."""

    everywhere: frozenset[str] = frozenset()
    within: list[tuple[int, int, frozenset[str]]] = field(default_factory=list)
    unknown: list[UnknownRule] = field(default_factory=list)
    _reaches: dict[str, tuple[list[int], list[int]]] = field(default_factory=dict)

    def covers(self, rule: str, line: int) -> bool:
        """Tell whether a rule is switched off on a line; `within` has to be complete."""
        if rule in self.everywhere:
            return True
        if rule not in self._reaches:
            self._reaches[rule] = self._reach(rule)
        firsts, lasts = self._reaches[rule]
        begun = bisect_right(firsts, line)
        return begun > 0 and line <= lasts[begun - 1]

    def _reach(self, rule: str) -> tuple[list[int], list[int]]:
        """Return the first lines of a rule's ranges in order, and how far the ranges up to each of them reach."""
        ranges = sorted((first, last) for first, last, rules in self.within if rule in rules)
        return [first for first, _ in ranges], list(accumulate((last for _, last in ranges), max))


def read_comments(text: str) -> Ignored:
    """Return what the comments of a file switch off."""
    ignored = Ignored()
    if _MARK not in text:
        return ignored
    lines = Lines(text)
    parts = _Parts(lines.all)
    for comment in _COMMENT.finditer(text):
        above, column = lines.place(comment.start())
        rules = _rules(comment, (above + 1, column), ignored)
        first, last = (1, len(lines.all)) if comment["file"] else parts.range_of(above + 1)
        if (first, last) == (1, len(lines.all)):
            ignored.everywhere |= rules
        else:
            ignored.within.append((first, last, rules))
    return ignored


def _rules(comment: re.Match[str], at: tuple[int, int], ignored: Ignored) -> frozenset[str]:
    if comment["rules"] is None:
        return _ALL
    found: frozenset[str] = frozenset()
    for word in filter(None, (one.strip() for one in comment["rules"].split(","))):
        named = named_by(word)
        found |= named
        if not named:
            ignored.unknown.append(UnknownRule(*at, word, nearest(word)))
    return found


class _Parts:
    """The numbers of the lines with content, and of the markers between documents, in order."""

    def __init__(self, lines: list[str]) -> None:
        self._lines = lines
        self._contents = [at for at, line in enumerate(lines, start=1) if not _NO_CONTENT.fullmatch(line)]
        self._markers = [at for at, line in enumerate(lines, start=1) if _MARKER.match(line)]

    def range_of(self, line: int) -> tuple[int, int]:
        """Return the first and the last line that a comment on this line is about."""
        own = self._lines[line - 1]
        if own[: own.index("#")].strip() not in ("", "---"):
            return line, line
        before = bisect_right(self._markers, line)
        start = self._markers[before - 1] if before else 1
        content = bisect_right(self._contents, line)  # how many lines with content are above
        if content > bisect_left(self._contents, start):
            return line, self._contents[content] if content < len(self._contents) else line
        if not content:
            return 1, len(self._lines)
        return start, self._markers[before] - 1 if before < len(self._markers) else len(self._lines)
