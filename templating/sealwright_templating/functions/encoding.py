"""Base64 and base32."""

import base64

from sealwright_templating.context import Context
from sealwright_templating.registry import function


@function("b64enc", signature="func(string) string")
def b64enc(context: Context, text: bytes) -> bytes:
    """Return the text in standard base64."""
    context.budget.memory(4 * (len(text) // 3 + 1))
    return base64.b64encode(text)
