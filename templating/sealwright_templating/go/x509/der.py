"""The part of ASN.1's DER that a certificate's outer structure needs; `cryptography` writes the rest."""

BIT_STRING = 0x03
OCTET_STRING = 0x04
UTF8_STRING = 0x0C
PRINTABLE_STRING = 0x13
UTC_TIME = 0x17
GENERALIZED_TIME = 0x18
NULL = b"\x05\x00"
TRUE = b"\x01\x01\xff"

_INTEGER, _OBJECT_IDENTIFIER, _SEQUENCE, _SET = 0x02, 0x06, 0x30, 0x31
_EXPLICIT = 0xA0


def tagged(tag: int, *parts: bytes) -> bytes:
    """Return a value: its tag, its length, and its parts one after another."""
    content = b"".join(parts)
    if len(content) < 0x80:
        return bytes([tag, len(content)]) + content
    length = len(content).to_bytes((len(content).bit_length() + 7) // 8)
    return bytes([tag, 0x80 | len(length)]) + length + content


def sequence(*parts: bytes) -> bytes:
    """Return a SEQUENCE of values."""
    return tagged(_SEQUENCE, *parts)


def set_of_one(value: bytes) -> bytes:
    """Return a SET of a single value."""
    return tagged(_SET, value)


def explicit(number: int, value: bytes) -> bytes:
    """Return a value wrapped in a context-specific tag."""
    return tagged(_EXPLICIT | number, value)


def integer(number: int) -> bytes:
    """Return a non-negative INTEGER."""
    return tagged(_INTEGER, number.to_bytes(number.bit_length() // 8 + 1))


def bits(content: bytes) -> bytes:
    """Return a BIT STRING of whole bytes."""
    return tagged(BIT_STRING, b"\0", content)


def object_identifier(dotted: str) -> bytes:
    """Return an OBJECT IDENTIFIER, written as numbers with dots."""
    first, second, *others = map(int, dotted.split("."))
    return tagged(_OBJECT_IDENTIFIER, *map(_base_128, [40 * first + second, *others]))


def _base_128(number: int) -> bytes:
    groups = [number >> shift & 0x7F for shift in range(0, max(number.bit_length(), 1), 7)]
    return bytes(group | 0x80 * (index > 0) for index, group in reversed(list(enumerate(groups))))


def values(sequence: bytes) -> list[bytes]:
    """Return the values in a SEQUENCE, with their tags. Raises ValueError unless the text is exactly one SEQUENCE."""
    tag, start, end = _value_at(sequence, 0)
    if tag != _SEQUENCE or end != len(sequence):
        raise ValueError("this is not DER")
    found = []
    while start < end:
        _, _, next_start = _value_at(sequence, start)
        found.append(sequence[start:next_start])
        start = next_start
    return found


def _value_at(text: bytes, position: int) -> tuple[int, int, int]:
    """Return a value's tag, and the start and end of its content."""
    head = text[position : position + 2]
    if len(head) < 2:
        raise ValueError("this is not DER")
    start = position + 2 + (head[1] & 0x7F if head[1] >= 0x80 else 0)
    length = int.from_bytes(text[position + 2 : start]) if head[1] >= 0x80 else head[1]
    if start + length > len(text):
        raise ValueError("this is not DER")
    return head[0], start, start + length
