"""Renders the templates of SealedSecrets: Go's text/template over the Secret's values.

Holds a small, exact subset so far (see `render`); whatever is outside it is an error, never a wrong result. No files,
network, environment or clock; errors stem from TemplateError and never hold a value.
"""

from sealwright_templating.errors import (
    TemplateError,
    TemplateExecutionError,
    TemplateLimitError,
    TemplateParseError,
)
from sealwright_templating.evaluate import OUTPUT_LIMIT_BYTES, render

__all__ = [
    "OUTPUT_LIMIT_BYTES",
    "TemplateError",
    "TemplateExecutionError",
    "TemplateLimitError",
    "TemplateParseError",
    "render",
]
