"""Random texts and numbers, made from random bytes of the caller."""

import base64
import uuid
from functools import cache

from sealwright_templating.context import Context
from sealwright_templating.errors import FunctionError
from sealwright_templating.go.runes import decode, repair
from sealwright_templating.values.objects import wrap
from sealwright_templating.values.registry import function

_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_DIGITS = b"0123456789"
_PRINTABLE = bytes(range(0x20, 0x7F))

_BLOCK_BYTES = 4096
_BYTES_PER_STEP = 64
_BYTES_OF_A_CHOICE = 8


@function("randAlpha", signature="func(int) string")
def rand_alpha(context: Context, length: int) -> bytes:
    """Return a number of random letters."""
    return _text(context, length, _LETTERS)


@function("randAlphaNum", signature="func(int) string")
def rand_alpha_num(context: Context, length: int) -> bytes:
    """Return a number of random letters and digits."""
    return _text(context, length, _LETTERS + _DIGITS)


@function("randNumeric", signature="func(int) string")
def rand_numeric(context: Context, length: int) -> bytes:
    """Return a number of random digits."""
    return _text(context, length, _DIGITS)


@function("randAscii", signature="func(int) string")
def rand_ascii(context: Context, length: int) -> bytes:
    """Return a number of random printable ASCII characters, including the space."""
    return _text(context, length, _PRINTABLE)


def _text(context: Context, length: int, characters: bytes) -> bytes:
    """Return uniformly random characters; bytes that would favour some characters are discarded."""
    if length <= 0:
        return b""
    context.budget.memory(length)
    context.budget.steps(length // _BYTES_PER_STEP)
    useless, table = _choices(characters)
    made = bytearray()
    while len(made) < length:
        block = context.randomness(min(2 * (length - len(made)), _BLOCK_BYTES))
        made += block.translate(table, useless)
    return bytes(made[:length])


@cache
def _choices(characters: bytes) -> tuple[bytes, bytes]:
    """Return the bytes that would favour some of the characters, and which character each byte stands for."""
    count = len(characters)
    return bytes(range(256 - 256 % count, 256)), bytes(characters[byte % count] for byte in range(256))


@function("randBytes", signature="func(int) (string, error)")
def rand_bytes(context: Context, length: int) -> bytes:
    """Return a number of random bytes in base64."""
    if length < 0:
        raise FunctionError("the length is negative")
    context.budget.memory(2 * length)
    context.budget.steps(length // _BYTES_PER_STEP)
    return base64.b64encode(context.randomness(length))


@function("randInt", signature="func(int, int) int")
def rand_int(context: Context, least: int, end: int) -> int:
    """Return a random number from the first up to the second, exclusive."""
    span = wrap(end - least)
    if span <= 0:
        raise FunctionError("the range is empty")
    return least + _below(context, span)


@function("shuffle", signature="func(string) string")
def shuffle(context: Context, text: bytes) -> bytes:
    """Return the characters of a text in a random order."""
    context.budget.memory(4 * len(text))
    characters = list(repair(decode(text)))
    context.budget.steps(len(characters))
    for index in range(len(characters) - 1, 0, -1):
        other = _below(context, index + 1)
        characters[index], characters[other] = characters[other], characters[index]
    return "".join(characters).encode()


def _below(context: Context, end: int) -> int:
    """Return a uniformly random number from 0 up to `end`, exclusive."""
    usable = 256**_BYTES_OF_A_CHOICE // end * end
    while (number := int.from_bytes(context.randomness(_BYTES_OF_A_CHOICE))) >= usable:
        pass
    return number % end


@function("uuidv4", signature="func() string")
def uuidv4(context: Context) -> bytes:
    """Return a random UUID of version 4."""
    return str(uuid.UUID(bytes=context.randomness(16), version=4)).encode()
