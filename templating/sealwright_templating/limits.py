"""How much a template may ask for, and the account that is kept while one is rendered.

Go's templates are a programming language without bounds: a text of thirty characters can ask for a terabyte. Whoever
does work on behalf of a template charges it here, before the work is done. What to charge is the business of each
function (see `functions/__init__.py`); that a charge was refused is reported by the evaluator, which knows the place.
"""

from collections.abc import Callable
from dataclasses import dataclass

from sealwright_templating.errors import LimitExceeded

OUTPUT_LIMIT_BYTES = 1024 * 1024
"""The most that a template may make: Kubernetes allows a Secret no more than this, all its items together."""

TEXT_LIMIT_CHARACTERS = 3 * OUTPUT_LIMIT_BYTES // 2
"""The longest template: Kubernetes stores no object that is larger, as it comes."""

TOKEN_LIMIT = 60_000
"""Words, signs, constants and texts between actions of a template; each takes some microseconds to parse, and up to
0.3 KiB. A text like those that people write has so many in 400 kB."""

STEP_LIMIT = 500_000
"""Steps of a rendering. A step is what a constant, a field, or a jump costs: about a microsecond of a slow machine."""

VALUE_LIMIT_BYTES = 4 * OUTPUT_LIMIT_BYTES
"""The most memory that one function may ask for at once: four times what could be printed of it."""

MEMORY_LIMIT_BYTES = 16 * OUTPUT_LIMIT_BYTES
"""The most memory for values: one half for what the template keeps, the other for what it makes in passing."""

CALL_DEPTH_LIMIT = 100_000
"""How many templates may be in the middle of `{{ template }}` at once; Go's own limit."""

VALUE_DEPTH_LIMIT = 100
"""How many lists and dicts may lie in each other for a function that has to look into all of them."""

WALL_LIMIT_SECONDS = 5.0
"""The last resort, should steps be slower than they are thought to be."""

ITEM_BYTES = 40
"""What an element of a list or a dict takes: its share of the container, and the smallest object."""

_BYTES_PER_STEP = 1024
_OBJECTS_WEIGHED_PER_STEP = 4
_STEPS_PER_LOOK_AT_THE_CLOCK = 4096


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one rendering; the constants above say what each is for."""

    text_characters: int = TEXT_LIMIT_CHARACTERS
    tokens: int = TOKEN_LIMIT
    output_bytes: int = OUTPUT_LIMIT_BYTES
    steps: int = STEP_LIMIT
    value_bytes: int = VALUE_LIMIT_BYTES
    memory_bytes: int = MEMORY_LIMIT_BYTES
    call_depth: int = CALL_DEPTH_LIMIT
    value_depth: int = VALUE_DEPTH_LIMIT
    wall_seconds: float = WALL_LIMIT_SECONDS
    slow_wall_seconds: float = WALL_LIMIT_SECONDS
    """Of the second run of a template with slow work in it; the first is held to `wall_seconds` as any other."""


DEFAULT_LIMITS = Limits()


class Deadline:
    """The time that is left for parsing a text, which begins when this is made."""

    def __init__(self, seconds: float, timer: Callable[[], float]) -> None:
        self._seconds = seconds
        self._timer = timer
        self._end = timer() + seconds

    def look(self) -> None:
        """Raise LimitExceeded if no time is left."""
        if self._timer() > self._end:
            raise LimitExceeded(f"it takes more than {self._seconds:g} seconds")


def steps_of_a_few(times: int) -> int:
    """Return what to charge for work so slow that a template may ask for it only so many times, and little else."""
    return STEP_LIMIT // (times + 1) + 1


class Budget:
    """What is left for one rendering. Every method raises LimitExceeded when there is not enough.

    `left` is the number of steps, `next_look` the one at which `look` is due; `live` gives how many bytes
    the values take that the template keeps, and how many values they are; it is asked when all that was ever made would
    be too much to be kept.
    """

    __slots__ = ("_deadline", "_made", "_timer", "left", "limits", "live", "next_look")

    def __init__(self, limits: Limits, timer: Callable[[], float]) -> None:
        self.limits = limits
        self.left = limits.steps
        self._made = 0
        self.live: Callable[[], tuple[int, int]] | None = None
        self._timer = timer
        self._deadline = timer() + limits.wall_seconds
        self.next_look = max(limits.steps - _STEPS_PER_LOOK_AT_THE_CLOCK, 0)

    def steps(self, count: int) -> None:
        """Charge `count` steps of about a microsecond each."""
        self.left -= count
        if self.left < self.next_look:
            self.look()

    def look(self) -> None:
        """Check that steps and time are left; the evaluator's loop, which counts `left` down itself, calls this."""
        if self.left < 0:
            raise LimitExceeded(f"it takes more than {self.limits.steps} steps")
        self.next_look = max(self.left - _STEPS_PER_LOOK_AT_THE_CLOCK, 0)
        if self._timer() > self._deadline:
            raise LimitExceeded(f"it takes more than {self.limits.wall_seconds:g} seconds")

    def size(self, count: int) -> None:
        """Check that one value may take `count` bytes, and charge nothing: for what was charged piece by piece."""
        if count > self.limits.value_bytes:
            raise LimitExceeded(f"one value would take more than {self.limits.value_bytes} bytes")

    def memory(self, count: int) -> None:
        """Charge `count` bytes that a function is about to make, and the work of making them."""
        self.size(count)
        self.made(count)
        self.steps(count // _BYTES_PER_STEP)

    def made(self, count: int) -> None:
        """Charge `count` bytes that a function has made, and no work: for what is no larger than its arguments."""
        self._made += count
        if self._made > self.limits.memory_bytes:
            self._weigh(count)

    def items(self, count: int) -> None:
        """Charge a list or dict of `count` elements, without the bytes of strings made for it, and a step for 8."""
        self.memory(count * ITEM_BYTES)
        self.steps(count // 8)

    def depth(self, level: int) -> None:
        """Check that a walk through nested values, `level` deep by now, may go on."""
        if level > self.limits.value_depth:
            raise LimitExceeded(f"a value is nested more than {self.limits.value_depth} levels deep")

    def _weigh(self, new: int) -> None:
        """Find out what of all that was made is still kept; only that counts, and what is new beside it."""
        kept = self._made
        if self.live is not None:
            kept, count = self.live()
            self._made = kept + new
            self.steps(count // _OBJECTS_WEIGHED_PER_STEP)
        if kept > self.limits.memory_bytes // 2:
            raise LimitExceeded(f"its values take more than {self.limits.memory_bytes // 2} bytes")
