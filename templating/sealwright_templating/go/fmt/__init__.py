"""Go's fmt: prints values by format, for `print`, `println`, `printf`, and whatever makes texts of values."""

from sealwright_templating.go.fmt.floats import format_float
from sealwright_templating.go.fmt.printf import sprint, sprintf, sprintln
from sealwright_templating.go.fmt.quoting import quote

__all__ = ["format_float", "quote", "sprint", "sprintf", "sprintln"]
