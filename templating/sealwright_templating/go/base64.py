"""Base64 as Go's decoder accepts it: in the standard alphabet, padded, with line breaks anywhere."""

import base64
import re

_LINE_BREAKS = b"\r\n"
_WHOLE = re.compile(rb"(?:[A-Za-z0-9+/]{4})*+(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")


def decode_base64(text: bytes) -> bytes | None:
    """Return the decoded bytes of a base64 text; None if it is not base64."""
    joined = text.translate(None, _LINE_BREAKS)
    return base64.b64decode(joined) if _WHOLE.fullmatch(joined) else None
