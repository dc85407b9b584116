"""Bytes into text: UTF-8, or the UTF-16 that Windows' programs write, with or without a byte order mark."""

import codecs

from sealwright_manifests.errors import BadManifestError, Problem


def encoding_of(content: bytes) -> str:
    """Return the name of the encoding: `utf-8`, or one that begins with `utf-16`.

    UTF-16 without a mark is told by the zero byte beside its first character: every manifest begins with an ASCII
    character.
    """
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if len(content) > 1 and 0 in content[:2]:
        return "utf-16-le" if content[0] else "utf-16-be"
    return "utf-8"


def decoded(content: bytes, name: str) -> str:
    """Return the text, without its mark. `name` is what messages call the file. Raises BadManifestError."""
    encoding = encoding_of(content)
    try:
        return content.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        reason = f"not {encoding.upper()} text (byte {error.start + 1:,})"
        raise BadManifestError(name, reason, Problem.ENCODING) from None
