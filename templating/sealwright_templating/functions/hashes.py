"""Checksums, as texts."""

import hashlib
import zlib

from sealwright_templating.context import Context
from sealwright_templating.values.registry import function

_BYTES_PER_STEP = 256
"""What the slowest of the hashes takes in within a microsecond."""


@function("adler32sum", signature="func(string) string")
def adler32sum(text: bytes) -> bytes:
    """Return the text's Adler-32 checksum, in decimal."""
    return str(zlib.adler32(text)).encode()


@function("sha1sum", signature="func(string) string")
def sha1sum(context: Context, text: bytes) -> bytes:
    """Return the text's SHA-1, in hexadecimal."""
    context.budget.steps(len(text) // _BYTES_PER_STEP)
    return hashlib.sha1(text, usedforsecurity=False).hexdigest().encode()


@function("sha256sum", signature="func(string) string")
def sha256sum(context: Context, text: bytes) -> bytes:
    """Return the text's SHA-256, in hexadecimal."""
    context.budget.steps(len(text) // _BYTES_PER_STEP)
    return hashlib.sha256(text).hexdigest().encode()


@function("sha512sum", signature="func(string) string")
def sha512sum(context: Context, text: bytes) -> bytes:
    """Return the text's SHA-512, in hexadecimal."""
    context.budget.steps(len(text) // _BYTES_PER_STEP)
    return hashlib.sha512(text).hexdigest().encode()
