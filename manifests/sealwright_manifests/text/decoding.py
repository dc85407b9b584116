"""Bytes into text: UTF-8, or the UTF-16 that Windows' programs write, with or without a byte order mark; and back."""

import codecs
from dataclasses import dataclass

from sealwright_manifests.errors import BadManifestError, Problem

_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}


@dataclass(frozen=True)
class Coding:
    """How a text is written as bytes: an encoding, and the byte order mark in front."""

    encoding: str = "utf-8"
    mark: bytes = b""

    @classmethod
    def of(cls, content: bytes) -> "Coding":
        """Tell how a file is written, by its first bytes.

        UTF-16 without a mark is told by the zero byte beside its first character: every manifest begins with an ASCII
        character.
        """
        for mark, encoding in _MARKS.items():
            if content.startswith(mark):
                return cls(encoding, mark)
        if len(content) > 1 and 0 in content[:2]:
            return cls("utf-16-le" if content[0] else "utf-16-be")
        return cls()

    def encode(self, text: str) -> bytes:
        """Return a text as it belongs into the file."""
        return self.mark + text.encode(self.encoding)


def decoded(content: bytes, name: str) -> str:
    """Return the text, without its mark. `name` is what messages call the file. Raises BadManifestError."""
    coding = Coding.of(content)
    try:
        return content[len(coding.mark) :].decode(coding.encoding)
    except UnicodeDecodeError as error:
        at = len(coding.mark) + error.start + 1
        encoding = coding.encoding.upper().removesuffix("-LE").removesuffix("-BE")
        raise BadManifestError(name, f"not {encoding} text (byte {at:,})", Problem.ENCODING) from None
