"""What is tried: inputs as bytes, and a check that raises for an input that breaks a promise."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random

from hypothesis import strategies as st

from tools.fuzz.mutating import mutated


@dataclass(frozen=True)
class Target:
    """One reader of what others wrote.

    `check` handles every error that is the reader's own; `examples` are valid inputs, `words` the pieces of their
    language; `make` writes further inputs by a grammar; `drawn` draws them by a strategy of Hypothesis.
    """

    name: str
    check: Callable[[bytes], None]
    examples: Sequence[bytes] = field(repr=False)
    words: Sequence[bytes] = field(default=(), repr=False)
    make: Callable[[Random], bytes] | None = None
    drawn: st.SearchStrategy[bytes] | None = field(default=None, repr=False)

    def input(self, random: Random) -> bytes:
        """Return a random input: an example or one by the grammar, mostly with changes."""
        if self.make is not None and random.random() < 0.6:
            made = self.make(random)
            return made if random.random() < 0.5 else self.mutated(random, made)
        return self.mutated(random, random.choice(self.examples))

    def mutated(self, random: Random, data: bytes) -> bytes:
        """Return an input with changes."""
        return mutated(random, data, self.words)


def text_of(data: bytes) -> str:
    """Return any bytes as text; half surrogate pairs stay."""
    try:
        return data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return data.decode("latin-1")
