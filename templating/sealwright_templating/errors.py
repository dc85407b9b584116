"""Every exception that leaves this package.

    TemplateError                     root: catch this to catch all
    ├── TemplateParseError            the template has to be corrected, or uses what is not supported yet
    └── TemplateExecutionError        the template and the data do not fit each other
        └── TemplateLimitError        …what they make is too large

A message names the template (its key in `spec.template.data`), the line, the column and the fault. It may quote names
out of the template, never a value out of the data: messages end up in events and statuses, for all to read.
"""

_LONGEST_QUOTE = 60


class TemplateError(Exception):
    """Root of everything that this package raises.

    `name` is the template's name, `line` and `column` where the fault is (both from 1, columns in characters) and
    `reason` what it is.
    """

    def __init__(self, name: str, line: int, column: int, reason: str) -> None:
        super().__init__(f"template {quoted(name)}, line {line}, column {column}: {reason}")
        self.name = name
        self.line = line
        self.column = column
        self.reason = reason


class TemplateParseError(TemplateError):
    """The text is no template, or no template of the subset that is supported; the data was not looked at."""


class TemplateExecutionError(TemplateError):
    """The template cannot be applied to this data."""


class TemplateLimitError(TemplateExecutionError):
    """The result would be larger than OUTPUT_LIMIT_BYTES."""


def quoted(name: str) -> str:
    """Return a name from a template fit for a message: in quotation marks, printable, and short."""
    shown = name if len(name) <= _LONGEST_QUOTE else name[:_LONGEST_QUOTE] + "…"
    return f'"{shown}"' if shown.isprintable() else f'"{ascii(shown)[1:-1]}"'
