"""The limits on what a template may use, and the account of one rendering.

Go's templates are a programming language without limits: a text of thirty characters can produce a terabyte. Code that
works for a template charges the work here before it is done. Each function decides what to charge (see
`functions/__init__.py`); the evaluator reports a refused charge, because it knows the place.
"""

from collections.abc import Callable
from dataclasses import dataclass

from sealwright_templating.errors import LimitExceeded

OUTPUT_LIMIT_BYTES = 1024 * 1024
"""The most bytes that a template may produce: Kubernetes' limit for all items of a Secret together."""

TEXT_LIMIT_CHARACTERS = 3 * OUTPUT_LIMIT_BYTES // 2
"""The longest template: Kubernetes stores no larger object."""

TOKEN_LIMIT = 60_000
"""Words, signs, constants and texts between actions of a template; each takes some microseconds to parse, and up to
0.3 KiB. A text like those that people write has this many in 400 kB."""

STEP_LIMIT = 500_000
"""Steps of a rendering. A step is the cost of a constant, a field, or a jump: about a microsecond of a slow machine."""

VALUE_LIMIT_BYTES = 4 * OUTPUT_LIMIT_BYTES
"""The most memory that one function may use at once: four times what could be printed of it."""

MEMORY_LIMIT_BYTES = 16 * OUTPUT_LIMIT_BYTES
"""The most memory for values: one half for what the template keeps, the other for temporary values."""

CALL_DEPTH_LIMIT = 100_000
"""How many calls of `{{ template }}` may be nested; Go's own limit."""

VALUE_DEPTH_LIMIT = 100
"""How deeply lists and dicts may be nested for a function that has to look into all of them."""

WALL_LIMIT_SECONDS = 5.0
"""The last resort, in case steps are slower than assumed."""

ITEM_BYTES = 40
"""The memory of an element of a list or dict: its share of the container, and the smallest object."""

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
    """For the second run of a template with slow work in it; `wall_seconds` limits the first, as for any template."""


DEFAULT_LIMITS = Limits()


class Deadline:
    """The time left for parsing a text; it starts when this is made."""

    def __init__(self, seconds: float, timer: Callable[[], float]) -> None:
        self._seconds = seconds
        self._timer = timer
        self._end = timer() + seconds

    def look(self) -> None:
        """Raise LimitExceeded if no time is left."""
        if self._timer() > self._end:
            raise LimitExceeded(f"it takes more than {self._seconds:g} seconds")


def steps_of_a_few(times: int) -> int:
    """Return the charge for work that a template may request at most `times` times, with little other work."""
    return STEP_LIMIT // (times + 1) + 1


class Budget:
    """The remaining budget of one rendering. Every method raises LimitExceeded if the budget is exceeded.

    `left` is the number of steps, `next_look` the one at which `look` is due. `live` returns how many bytes the values
    that the template keeps take, and how many values they are; it is called when all values ever made exceed the limit.
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
        """Check that steps and time are left; called by the evaluator's loop, which counts `left` down itself."""
        if self.left < 0:
            raise LimitExceeded(f"it takes more than {self.limits.steps} steps")
        self.next_look = max(self.left - _STEPS_PER_LOOK_AT_THE_CLOCK, 0)
        if self._timer() > self._deadline:
            raise LimitExceeded(f"it takes more than {self.limits.wall_seconds:g} seconds")

    def size(self, count: int) -> None:
        """Check that one value may take `count` bytes, without a charge: for what was charged piece by piece."""
        if count > self.limits.value_bytes:
            raise LimitExceeded(f"one value would take more than {self.limits.value_bytes} bytes")

    def memory(self, count: int) -> None:
        """Charge `count` bytes that a function is about to make, and the work of making them."""
        self.size(count)
        self.made(count)
        self.steps(count // _BYTES_PER_STEP)

    def made(self, count: int) -> None:
        """Charge `count` bytes that a function has made, without work: for a result no larger than its arguments."""
        self._made += count
        if self._made > self.limits.memory_bytes:
            self._weigh(count)

    def items(self, count: int) -> None:
        """Charge a list or dict of `count` elements, without the bytes of their strings, and a step for 8 elements."""
        self.memory(count * ITEM_BYTES)
        self.steps(count // 8)

    def depth(self, level: int) -> None:
        """Check that a walk through nested values, now `level` deep, may continue."""
        if level > self.limits.value_depth:
            raise LimitExceeded(f"a value is nested more than {self.limits.value_depth} levels deep")

    def _weigh(self, new: int) -> None:
        """Determine how much of what was made is still kept; only that counts, plus what is made from now on."""
        kept = self._made
        if self.live is not None:
            kept, count = self.live()
            self._made = kept + new
            self.steps(count // _OBJECTS_WEIGHED_PER_STEP)
        if kept > self.limits.memory_bytes // 2:
            raise LimitExceeded(f"its values take more than {self.limits.memory_bytes // 2} bytes")
