"""Every exception of this package.

    TemplateError                     root of what leaves the package: catch this to catch all
    ├── TemplateParseError            the text is no template: it has to be corrected
    └── TemplateExecutionError        the template and the data do not fit each other
        └── TemplateLimitError        …what they ask for is too much

    FunctionError, ArgumentError, LimitExceeded     never leave: who raises them does not know the place in the text

A message names the template (its key in `spec.template.data`), the line, the column, the kind of failure and the
function. It may quote names out of the template, never a value out of the data: messages end up in events and
statuses, for all to read. What is for the eyes of a person who holds the data anyway stands in `detail`.
"""

_LONGEST_QUOTE = 60


class TemplateError(Exception):
    """Root of everything that leaves this package.

    `name` is the template's name, `line` and `column` where the fault is (both from 1, columns in characters) and
    `reason` what it is. `detail` may quote values, and is in neither the message nor the repr; it may be empty.
    """

    def __init__(self, name: str, line: int, column: int, reason: str, detail: str = "") -> None:
        super().__init__(f"template {quoted(name)}, line {line}, column {column}: {reason}")
        self.name = name
        self.line = line
        self.column = column
        self.reason = reason
        self.detail = detail


class TemplateParseError(TemplateError):
    """The text is no template; the data was not looked at."""


class TemplateExecutionError(TemplateError):
    """The template cannot be applied to this data."""


class TemplateLimitError(TemplateExecutionError):
    """The template asks for more work, memory or output than the limits allow."""


class FunctionError(Exception):
    """A function of the template language failed, as Go's returns an error or panics.

    `reason` is shown to all, so it is a fixed text of the function's own; whatever is made of arguments goes to
    `detail`. The evaluator adds the function's name and the place.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail


class ArgumentError(FunctionError):
    """A value does not fit the parameter it is for: the function was not called."""


class LimitExceeded(Exception):  # noqa: N818 - the public error for it is TemplateLimitError
    """A budget is used up; `reason` names the limit and its size."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def quoted(name: str) -> str:
    """Return a name from a template fit for a message: in quotation marks, printable, and short."""
    shown = name if len(name) <= _LONGEST_QUOTE else name[:_LONGEST_QUOTE] + "…"
    return f'"{shown}"' if shown.isprintable() else f'"{ascii(shown)[1:-1]}"'
