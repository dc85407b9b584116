"""As much of the WebSocket protocol (RFC 6455) as a stand-in for an API server needs, shared with no client."""

import base64
import hashlib
import struct
from typing import BinaryIO

BINARY, CLOSE, PING = 2, 8, 9
_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def accept_key(key: str) -> str:
    """Return what proves to the client that its upgrade was understood (section 4.2.2)."""
    return base64.b64encode(hashlib.sha1(f"{key}{_GUID}".encode()).digest()).decode()


def frame(payload: bytes, opcode: int = BINARY) -> bytes:
    """Return a whole message from a server."""
    length = bytes([len(payload)]) if len(payload) < 126 else b"\x7e" + struct.pack(">H", len(payload))
    return bytes([0x80 | opcode]) + length + payload


def read_payload(stream: BinaryIO) -> bytes:
    """Return the payload of a client's message, its mask undone; of at most 64 KiB."""
    _, length = stream.read(2)
    length &= 0x7F
    if length == 126:
        (length,) = struct.unpack(">H", stream.read(2))
    mask = stream.read(4)
    return bytes(byte ^ mask[at % 4] for at, byte in enumerate(stream.read(length)))
