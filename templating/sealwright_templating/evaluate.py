"""Applies a parsed template to data: nodes and values in, bytes out, never more than OUTPUT_LIMIT_BYTES."""

from collections.abc import Mapping

from sealwright_templating.errors import TemplateExecutionError, TemplateLimitError, TemplateParseError, quoted
from sealwright_templating.nodes import Field, Node
from sealwright_templating.parser import parse
from sealwright_templating.source import Source

OUTPUT_LIMIT_BYTES = 1024 * 1024
"""The most that a template may make: Kubernetes allows a Secret no more than this, all its items together."""

NO_VALUE = b"<no value>"
"""What a field that the data does not have renders as, in Go's text/template as here."""


def render(text: str, data: Mapping[str, str | bytes], *, name: str = "template") -> bytes:
    """Render a Go template; `name` is what errors call it.

    Supported are plain text, comments, trim markers and fields (`{{ .password }}`). Text becomes UTF-8; values that
    are bytes are copied as they are. A missing field renders as `<no value>`, and so does any field of it. Raises
    TemplateParseError for any other template, TemplateExecutionError for a field of a value (values are texts and
    have none), TemplateLimitError for a result over OUTPUT_LIMIT_BYTES.
    """
    source = Source(name, text)
    rendered = bytearray()
    for node in parse(source):
        rendered += _value(source, node, data)
        if len(rendered) > OUTPUT_LIMIT_BYTES:
            reason = f"the result is larger than {OUTPUT_LIMIT_BYTES} bytes, the most that a Secret can hold"
            raise source.error(TemplateLimitError, node.offset, reason)
    return bytes(rendered)


def _value(source: Source, node: Node, data: Mapping[str, str | bytes]) -> bytes:
    if isinstance(node, Field):
        return _field(source, node, data)
    try:
        return node.text.encode()
    except UnicodeEncodeError as error:
        raise source.error(TemplateParseError, node.offset + error.start, "half a surrogate pair is no text") from None


def _field(source: Source, node: Field, data: Mapping[str, str | bytes]) -> bytes:
    first, *others = node.path
    if first not in data:
        return NO_VALUE
    if others:
        reason = f"field {quoted(first)} is a text, it has no field {quoted(others[0])}"
        raise source.error(TemplateExecutionError, node.offset + len("." + first), reason)
    value = data[first]
    if isinstance(value, bytes):
        return value
    try:
        return value.encode()
    except UnicodeEncodeError:  # its text would quote the value
        reason = f"the value of field {quoted(first)} is no text that UTF-8 can hold"
        raise source.error(TemplateExecutionError, node.offset, reason) from None
