"""Git's conflict markers as the reason why a text cannot be read. A text that reads well has none, whatever it holds.

Git writes them at the beginning of a line. There, no block of text can hold one: the line ends the block.
"""

import re

from sealwright_conventions.patterns import pattern
from sealwright_manifests.errors import Problem, SyntaxProblemError

# A line of = alone also underlines titles, so it says nothing; ||||||| is there with merge.conflictStyle=diff3.
_MARKER = pattern(r"^(?:<{7,}|>{7,}|\|{7,})(?=[ \r\n]|\Z)", re.MULTILINE)
_UNREADABLE = frozenset((Problem.SYNTAX, Problem.JSON, Problem.JSON_TEXT, Problem.SECOND_DOCUMENT))


def conflict_behind(problem: SyntaxProblemError, text: str) -> SyntaxProblemError | None:
    """Return the error about the first conflict marker of a text that has this problem; None if there is none."""
    found = _MARKER.search(text) if problem.problem in _UNREADABLE else None
    if found is None:
        return None
    reason = "a conflict marker of Git: two versions of the file are not merged yet"
    return SyntaxProblemError(Problem.CONFLICT, reason, found.start())
