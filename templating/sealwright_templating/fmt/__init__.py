"""Go's fmt: prints values by format, as `print`, `println` and `printf` do, and everything that Sprig makes texts with."""

from sealwright_templating.fmt.floats import format_float
from sealwright_templating.fmt.printf import sprint, sprintf, sprintln
from sealwright_templating.fmt.quoting import quote

__all__ = ["format_float", "quote", "sprint", "sprintf", "sprintln"]
