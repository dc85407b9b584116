"""The body of a chunked request, read strictly by RFC 9112 §7.1.

waitress accepts a lone LF as part of a length, an extension or a trailer, and accepts empty lines between chunks. Other
readers treat these as line breaks, and so see another end of the request.
"""

import re
from typing import Any

from waitress.receiver import ChunkedReceiver
from waitress.rfc7230 import CHUNK_EXT_RE, HEADER_FIELD_RE
from waitress.utilities import BadRequest

from sealwright_controller.web.fields import trimmed

# waitress' stubs declare these as patterns of str.
_EXTENSIONS: Any = CHUNK_EXT_RE
_FIELD: Any = HEADER_FIELD_RE
_SIZE = re.compile(rb"[0-9A-Fa-f]{1,16}")
_LINE_END = b"\r\n"


class Chunks(ChunkedReceiver):
    """Takes the bytes of a body; after a refusal, which is in `error`, it takes no more.

    `control_line` is the received part of a line, `trailer` the lines after the last chunk.
    """

    _is_behind_chunk = False

    def received(self, data: bytes) -> int:
        """Take bytes, and return how many of them belong to the body."""
        rest = data
        while rest and not self.completed and self.error is None:
            rest = self._content(rest) if self.chunk_remainder else self._framing(rest)
        return len(data) - len(rest)

    def _content(self, data: bytes) -> bytes:
        part = data[: self.chunk_remainder]
        self.buf.append(part)
        self.chunk_remainder -= len(part)
        self._is_behind_chunk = not self.chunk_remainder
        return data[len(part) :]

    def _framing(self, data: bytes) -> bytes:
        """Take one line, or the received part of it; return the bytes after it."""
        line, found, rest = (self.control_line + data).partition(_LINE_END)
        self.control_line = b"" if found else line
        if self._is_behind_chunk:
            if line != (b"" if found else b"\r"):
                self.error = BadRequest("Chunk not properly terminated")
            self._is_behind_chunk = not found
        elif found and self.all_chunks_received:
            self._trailer(line)
        elif found:
            self._size(line)
        return rest

    def _size(self, line: bytes) -> None:
        size, semicolon, extensions = line.partition(b";")
        if not _SIZE.fullmatch(size):
            self.error = BadRequest("Invalid chunk size")
        elif semicolon and not _EXTENSIONS.fullmatch(semicolon + extensions):
            self.error = BadRequest("Invalid chunk extension")
        else:
            self.chunk_remainder = int(size, 16)
            self.all_chunks_received = not self.chunk_remainder

    def _trailer(self, line: bytes) -> None:
        if not line:
            self.completed = True
        elif _FIELD.fullmatch(trimmed(line)):
            self.trailer += line + _LINE_END
        else:
            self.error = BadRequest("Invalid trailer")
