"""Go's fmt: formats values, for `print`, `println`, `printf`, and wherever values become text."""

from sealwright_templating.go.fmt.floats import format_float
from sealwright_templating.go.fmt.printf import sprint, sprintf, sprintln
from sealwright_templating.go.fmt.quoting import quote

__all__ = ["format_float", "quote", "sprint", "sprintf", "sprintln"]
