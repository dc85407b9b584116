"""Every exception of this package.

    TemplateError                     root of what leaves the package: catch this to catch all
    ├── TemplateParseError            the text is not a template: it has to be corrected
    └── TemplateExecutionError        the template cannot be applied to the data
        └── TemplateLimitError        …within the limits

    FunctionError, ArgumentError, LimitExceeded     never leave: where they are raised, the place in the text is unknown

A message names the template (its key in `spec.template.data`), the line, the column, the kind of failure and the
function. It may quote names from the template, never a value from the data: messages end up in events and statuses
that many can read. Text for a person who holds the data anyway is in `detail`.
"""

_LONGEST_QUOTE = 60


class TemplateError(Exception):
    """Root of everything that leaves this package.

    `name` is the template's name, `line` and `column` the place of the fault (both from 1, columns in characters) and
    `reason` the fault. `detail` may quote values, and is in neither the message nor the repr; it may be empty.
    """

    def __init__(self, name: str, line: int, column: int, reason: str, detail: str = "") -> None:
        super().__init__(f"template {quoted(name)}, line {line}, column {column}: {reason}")
        self.name = name
        self.line = line
        self.column = column
        self.reason = reason
        self.detail = detail


class TemplateParseError(TemplateError):
    """The text is not a template; the data was not examined."""


class TemplateExecutionError(TemplateError):
    """The template cannot be applied to this data."""


class TemplateLimitError(TemplateExecutionError):
    """The template needs more work, memory or output than the limits allow."""


class FunctionError(Exception):
    """A function of the template language failed; its counterpart in Go returns an error or panics.

    `reason` is public, so it is a fixed text of the function's own; text made from arguments goes to `detail`. The
    evaluator adds the function's name and the place.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail


class ArgumentError(FunctionError):
    """A value does not fit its parameter: the function was not called."""


class LimitExceeded(Exception):  # noqa: N818 - the public error for it is TemplateLimitError
    """A budget is used up; `reason` names the limit and its size."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def quoted(name: str) -> str:
    """Return a name from a template in a form for messages: in quotation marks, printable, and short."""
    shown = name if len(name) <= _LONGEST_QUOTE else name[:_LONGEST_QUOTE] + "…"
    return f'"{shown}"' if shown.isprintable() else f'"{ascii(shown)[1:-1]}"'
