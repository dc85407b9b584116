"""How much of a text is read, and the count of what was read: a small text cannot turn into a large object."""

from dataclasses import dataclass

from sealwright_manifests.errors import Problem, SyntaxProblemError

MAX_DEPTH = 100
"""How deep lists and maps may be nested, in whatever text: libyaml's scanner takes quadratic time for nesting."""


@dataclass(frozen=True)
class Bounds:
    """How much is read of a text.

    `documents` counts empty ones too; `values` are scalars, keys, lists and maps, aliases expanded: of each document,
    or of the whole text where `is_for_all`. A text `by_strangers` is read by libyaml or not at all: other parsers take
    seconds where it takes milliseconds.
    """

    documents: int = 100_000
    values: int = 200_000
    is_for_all: bool = False
    by_strangers: bool = False


USUAL = Bounds()
"""For the files of whoever runs the command."""


class Tally:
    """Counts what is read of one text. Each method raises SyntaxProblemError for one too many.

    `values` may be put back to what it was, for a document that is read from its beginning in another way.
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
        """Return what is wrong with a text of more documents than are read."""
        reason = f"holds more than {self.bounds.documents:,} documents"
        return SyntaxProblemError(Problem.TOO_MUCH, reason, offset, bounded=True)
