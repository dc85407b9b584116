"""Limits on what is read of a text, and counters: a small text cannot become a large object."""

from sealwright_conventions.records import record
from sealwright_manifests.errors import Problem, SyntaxProblemError

MAX_DEPTH = 100
"""How deep lists and maps may be nested in any text: libyaml's scanner takes quadratic time for nesting."""


@record
class Bounds:
    """Limits on what is read of a text.

    `documents` includes empty ones. `values` counts scalars, keys, lists and maps, with aliases expanded: for each
    document, or for the whole text if `is_for_all`. A text `by_strangers` is read by libyaml or not at all: other
    parsers take seconds where it takes milliseconds.
    """

    documents: int = 100_000
    values: int = 200_000
    is_for_all: bool = False
    by_strangers: bool = False


USUAL = Bounds()
"""For files of the command's user."""


class Tally:
    """Counts what is read of one text. Each method raises SyntaxProblemError when its limit is exceeded.

    `values` may be reset when a document is read again in another way.
    """

    def __init__(self, bounds: Bounds) -> None:
        self.bounds = bounds
        self.values = 0
        self._documents = 0

    def begin_document(self, offset: int) -> None:
        """Count a document that begins at `offset`."""
        self._documents += 1
        if self._documents > self.bounds.documents:
            raise self.too_many_documents(offset)
        if not self.bounds.is_for_all:
            self.values = 0

    def add(self, values: int, offset: int) -> None:
        """Count values that begin at `offset`."""
        self.values += values
        if self.values > self.bounds.values:
            reason = f"holds more than {self.bounds.values:,} values once its aliases are expanded"
            raise SyntaxProblemError(Problem.TOO_MUCH, reason, offset, bounded=True)

    def too_many_documents(self, offset: int) -> SyntaxProblemError:
        """Return the error for a text with too many documents."""
        reason = f"holds more than {self.bounds.documents:,} documents"
        return SyntaxProblemError(Problem.TOO_MUCH, reason, offset, bounded=True)
