"""Renders the templates of SealedSecrets: Go's text/template with Sprig's functions, over the Secret's values.

The whole language, within limits: `limits.py` says what a template may use. No files, network or environment; clock,
randomness and time zones are parameters. All errors are TemplateErrors, and their messages never hold a value.
"""

from sealwright_templating.errors import (
    TemplateError,
    TemplateExecutionError,
    TemplateLimitError,
    TemplateParseError,
)
from sealwright_templating.limits import OUTPUT_LIMIT_BYTES, Limits
from sealwright_templating.rendering import Template, parse, render

__all__ = [
    "OUTPUT_LIMIT_BYTES",
    "Limits",
    "Template",
    "TemplateError",
    "TemplateExecutionError",
    "TemplateLimitError",
    "TemplateParseError",
    "parse",
    "render",
]
