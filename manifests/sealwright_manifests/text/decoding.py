"""Bytes into text and back: UTF-8, or the UTF-16 of Windows programs, with or without a byte order mark."""

import codecs

from sealwright_conventions.records import record
from sealwright_manifests.errors import BadManifestError, Problem

_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}


@record
class Coding:
    """How a text is written as bytes: an encoding, and the byte order mark at the beginning."""

    encoding: str = "utf-8"
    mark: bytes = b""

    @classmethod
    def of(cls, content: bytes) -> "Coding":
        """Detect a file's coding from its first bytes.

        UTF-16 without a mark is recognised by the zero byte beside the first character: every manifest begins with an
        ASCII character.
        """
        for mark, encoding in _MARKS.items():
            if content.startswith(mark):
                return cls(encoding, mark)
        if len(content) > 1 and 0 in content[:2]:
            return cls("utf-16-le" if content[0] else "utf-16-be")
        return cls()

    def encode(self, text: str) -> bytes:
        """Return a text as the bytes of the file."""
        return self.mark + text.encode(self.encoding)


def decoded(content: bytes, name: str) -> str:
    """Return the text, without its mark. `name` is what messages call the file. Raises BadManifestError."""
    coding = Coding.of(content)
    try:
        return content[len(coding.mark) :].decode(coding.encoding)
    except UnicodeDecodeError as error:
        at = len(coding.mark) + error.start + 1
        encoding = coding.encoding.upper().removesuffix("-LE").removesuffix("-BE")
        is_guess = not coding.mark and encoding != "UTF-8"
        reason = "binary, not text" if is_guess else f"not {encoding} text (byte {at:,})"
        raise BadManifestError(name, reason, Problem.ENCODING) from None
