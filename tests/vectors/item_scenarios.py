"""Scenarios of single ciphertexts: the wire format, its base64, its cryptography and its labels."""

import base64
import itertools
from collections.abc import Iterator
from dataclasses import replace

from tests.vectors.scenarios import Scenario, item, label, parts, public_key
from tests.vectors.seeded import Parts, pkcs1_v15, stretch

VALUE = b"correct horse battery staple"
GOOD = parts(VALUE)
TEXT = GOOD.text
OTHER_VALUE = parts(b"another value of the same object")


def all_item_scenarios() -> dict[str, Scenario]:
    """Return every scenario under the name of its file."""
    groups = (opening(), places(), base64_forms(), lengths(), tampering(), foreign_cryptography())
    named: dict[str, Scenario] = {}
    for name, scenario in itertools.chain(*groups):
        assert name not in named, name
        named[name] = scenario
    return named


def opening() -> Iterator[tuple[str, Scenario]]:
    """What opens: values, key sizes, several keys."""
    yield "opens", item("A text, strict scope, a key of 2048 bits.", TEXT, plaintext=VALUE)
    values = {
        "empty": (b"", "An empty value: G is the tag alone."),
        "one-byte": (b"x", "A value of one byte."),
        "newline-kept": (b"line\n", "The newline at the end belongs to the value."),
        "binary": (bytes(range(256)), "Every byte there is, in a value that is no text."),
        "utf8": ("пароль-密碼-🔐".encode(), "Text beyond ASCII, in UTF-8."),
    }
    for name, (value, about) in values.items():
        yield f"opens-{name}", item(about, parts(value).text, plaintext=value)
    for key in ("small-1024", "medium-3072", "large-4096"):
        about = f"Sealed to a key of {key[-4:]} bits: R is as long as the modulus."
        yield f"opens-{key}", item(about, parts(VALUE, to=key).text, plaintext=VALUE, keys=(key,))
    yield (
        "opens-session-key-with-leading-zero",
        item("R, read as a number, is short; its leading zero byte is written.", leading_zero().text, plaintext=VALUE),
    )
    sealed_to_old = parts(VALUE, to="old-2048").text
    yield (
        "opens-with-the-second-key",
        item(
            "Two keys of one size: the newest is tried first, in vain.",
            sealed_to_old,
            plaintext=VALUE,
            keys=("new-2048", "old-2048"),
            operations=2,
        ),
    )
    yield (
        "opens-without-trying-other-sizes",
        item(
            "Keys of another size than R are not tried.",
            sealed_to_old,
            plaintext=VALUE,
            keys=("large-4096", "medium-3072", "small-1024", "old-2048"),
        ),
    )
    yield "wrong-key", item("Sealed to another key of the same size.", sealed_to_old, error="DecryptionError")
    yield (
        "wrong-key-size",
        item(
            "Sealed to a key of another size.",
            parts(VALUE, to="large-4096").text,
            error="DecryptionError",
            operations=0,
        ),
    )
    yield "no-keys", item("There is no key at all.", TEXT, error="DecryptionError", keys=(), operations=0)


def places() -> Iterator[tuple[str, Scenario]]:
    """Where a ciphertext of which scope opens, and where not."""
    wide, everywhere = parts(VALUE, scope="namespace-wide").text, parts(VALUE, scope="cluster-wide").text
    moved, renamed = {"namespace": "team-b", "name": "db"}, {"namespace": "team-a", "name": "cache"}
    nameless, nowhere = {"namespace": "team-a", "name": ""}, {"namespace": "", "name": ""}
    refused = "DecryptionError"
    yield "strict-moved", item("Strict, opened in another namespace.", TEXT, place=moved, error=refused)
    yield "strict-renamed", item("Strict, opened under another name.", TEXT, place=renamed, error=refused)
    yield (
        "strict-as-namespace-wide",
        item("Strict, opened as if it were namespace-wide.", TEXT, scope="namespace-wide", error=refused),
    )
    yield (
        "strict-as-cluster-wide",
        item("Strict, opened as if it were cluster-wide.", TEXT, scope="cluster-wide", error=refused),
    )
    yield (
        "namespace-wide",
        item("Namespace-wide, where it belongs.", wide, scope="namespace-wide", plaintext=VALUE),
    )
    yield (
        "namespace-wide-renamed",
        item("Namespace-wide under another name.", wide, scope="namespace-wide", place=renamed, plaintext=VALUE),
    )
    yield (
        "namespace-wide-nameless",
        item("Namespace-wide needs no name.", wide, scope="namespace-wide", place=nameless, plaintext=VALUE),
    )
    yield (
        "namespace-wide-moved",
        item("Namespace-wide in another namespace.", wide, scope="namespace-wide", place=moved, error=refused),
    )
    yield "namespace-wide-as-strict", item("Namespace-wide, opened as if it were strict.", wide, error=refused)
    yield "cluster-wide", item("Cluster-wide.", everywhere, scope="cluster-wide", plaintext=VALUE)
    yield (
        "cluster-wide-moved",
        item("Cluster-wide, anywhere.", everywhere, scope="cluster-wide", place=moved, plaintext=VALUE),
    )
    yield (
        "cluster-wide-nowhere",
        item("Cluster-wide needs no place.", everywhere, scope="cluster-wide", place=nowhere, plaintext=VALUE),
    )
    yield "cluster-wide-as-strict", item("Cluster-wide, opened as if it were strict.", everywhere, error=refused)
    yield (
        "strict-nameless",
        item("Strict without a name binds to nothing.", TEXT, place=nameless, error="ScopeError", operations=0),
    )
    yield (
        "namespace-wide-nowhere",
        item(
            "Namespace-wide without a namespace binds to nothing.",
            wide,
            scope="namespace-wide",
            place=nowhere,
            error="ScopeError",
            operations=0,
        ),
    )
    yield (
        "slash-in-namespace",
        item(
            "A slash in a namespace would let a namespace-wide label look like a strict one.",
            TEXT,
            scope="namespace-wide",
            place={"namespace": "team-a/db", "name": ""},
            error="ScopeError",
            operations=0,
        ),
    )


def base64_forms() -> Iterator[tuple[str, Scenario]]:
    """Line breaks are passed over; anything else that is not canonical base64 is refused."""
    lines = [TEXT[start : start + 64] for start in range(0, len(TEXT), 64)]
    tolerated = {
        "folded-lf": ("\n".join(lines) + "\n", "Folded into lines."),
        "folded-crlf": ("\r\n".join(lines) + "\r\n", "Folded into lines by a program on Windows."),
        "line-breaks-anywhere": (
            "\n\r" + TEXT[:1] + "\r" + TEXT[1:-1] + "\n" + TEXT[-1:] + "\n\n",
            "Breaks in odd places.",
        ),
    }
    for name, (text, about) in tolerated.items():
        yield f"base64-{name}", item(about, text, plaintext=VALUE)
    assert TEXT[-2] != TEXT[-1] == "="  # the scenarios below are about this padding
    refused = {
        "space-inside": (TEXT[:40] + " " + TEXT[40:], "A space inside."),
        "space-before": (" " + TEXT, "A space before it."),
        "tab-after": (TEXT + "\t", "A tab after it."),
        "url-alphabet": (with_url_alphabet(), "The alphabet for URLs, with - and _."),
        "no-padding": (TEXT.rstrip("="), "Without its padding."),
        "too-much-padding": (TEXT + "=", "One padding character too many."),
        "padding-first": ("=" + TEXT, "Padding in front."),
        "two-items": (TEXT + TEXT, "Two ciphertexts one behind the other."),
        "garbage-after": (TEXT + "AAAA", "More base64 behind the padding."),
        "not-canonical": (
            with_loose_bits(),
            "Bits are set behind the end of the data: a second spelling of the same bytes.",
        ),
        "nul": (TEXT[:40] + "\0" + TEXT[40:], "A NUL character inside."),
        "not-ascii": (TEXT[:40] + "é" + TEXT[40:], "A letter that is not ASCII."),
        "full-width-digits": (TEXT.replace("1", "\N{FULLWIDTH DIGIT ONE}", 1), "A digit of another script."),
        "quoted": (f'"{TEXT}"', "Quotation marks around it."),
        "plain-text": ("hunter2!", "A value that was never sealed."),
    }
    for name, (text, about) in refused.items():
        yield f"base64-{name}", item(about, text, error="FormatError", operations=0)


def lengths() -> Iterator[tuple[str, Scenario]]:
    """Cut off, run on, and the length of R."""
    cut = {
        "empty": (b"", "Nothing at all."),
        "one-byte": (GOOD.raw[:1], "Half of the length."),
        "length-only": (GOOD.raw[:2], "The length and nothing else."),
        "half-a-session-key": (GOOD.raw[:130], "Cut off within R."),
        "no-payload": (GOOD.raw[:258], "Cut off behind R."),
        "half-a-tag": (GOOD.raw[: 258 + 15], "Cut off before G is as long as a tag."),
        "zero-length-key": (replace(GOOD, length=0, wrapped_key=b"").raw, "A declared length of zero, then G."),
        "length-too-large": (replace(GOOD, length=65535).raw, "The declared length is more than there is."),
        "length-bit-flipped": (flipped(GOOD.raw, 0, 0x80), "The highest bit of the length is flipped."),
    }
    for name, (raw, about) in cut.items():
        yield f"length-{name}", item(about, encoded(raw), error="FormatError", operations=0)
    yield "length-line-breaks-only", item("Line breaks and nothing else.", "\r\n\n", error="FormatError", operations=0)
    shifted = {
        "one-less": (replace(GOOD, length=255).raw, "The declared length is one too small: R fits no key."),
        "one-more": (replace(GOOD, length=257).raw, "The declared length is one too large: R fits no key."),
        "little-endian": (b"\x00\x01" + GOOD.raw[2:], "The length in the wrong byte order."),
        "padded-with-zero": (
            replace(GOOD, length=257, wrapped_key=b"\x00" + GOOD.wrapped_key).raw,
            "R with a zero byte in front: the same number, one byte too long.",
        ),
    }
    for name, (raw, about) in shifted.items():
        yield f"length-{name}", item(about, encoded(raw), error="DecryptionError", operations=0)


def tampering() -> Iterator[tuple[str, Scenario]]:
    """Bytes that were changed, added or taken away. Nothing tells which it was."""
    changed = {
        "first-bit-of-session-key": (flipped(GOOD.raw, 2, 0x80), "The first bit of R is flipped."),
        "last-bit-of-session-key": (flipped(GOOD.raw, 257, 1), "The last bit of R is flipped."),
        "first-bit-of-payload": (flipped(GOOD.raw, 258, 0x80), "The first bit of G is flipped."),
        "first-bit-of-tag": (flipped(GOOD.raw, -16, 0x80), "The first bit of the tag is flipped."),
        "last-bit-of-tag": (flipped(GOOD.raw, -1, 1), "The last bit of the tag is flipped."),
        "last-byte-missing": (GOOD.raw[:-1], "The last byte is missing."),
        "byte-added": (GOOD.raw + b"\x00", "A byte is added at the end."),
        "session-key-of-another-item": (
            replace(GOOD, wrapped_key=OTHER_VALUE.wrapped_key).raw,
            "R of one item with G of another of the same object.",
        ),
        "session-key-all-zero": (replace(GOOD, wrapped_key=bytes(256)).raw, "R is zero."),
        "session-key-above-modulus": (replace(GOOD, wrapped_key=b"\xff" * 256).raw, "R is larger than the modulus."),
    }
    for name, (raw, about) in changed.items():
        yield f"tampered-{name}", item(about, encoded(raw), error="DecryptionError")


def foreign_cryptography() -> Iterator[tuple[str, Scenario]]:
    """Well-formed items that were made in another way than the format says."""
    session_key = stretch("a session key", 32)
    old_padding = pkcs1_v15(session_key, public_key("new-2048"), "old padding")
    strange = {
        "nonce": (parts(VALUE, nonce=b"\x00" * 11 + b"\x01"), "AES-GCM with another nonce than zero."),
        "associated-data": (parts(VALUE, associated=label()), "AES-GCM with associated data."),
        "pkcs1-padding": (Parts(256, old_padding, GOOD.payload), "R in PKCS#1 v1.5 padding."),
        **{
            f"session-key-of-{size}-bytes": (
                parts(VALUE, session_key_bytes=size),
                f"The session key in R has {size} bytes, not 32.",
            )
            for size in (0, 16, 24, 31, 33)
        },
    }
    for name, (made, about) in strange.items():
        yield f"foreign-{name}", item(about, made.text, error="DecryptionError")


def encoded(raw: bytes) -> str:
    """Return canonical base64."""
    return base64.b64encode(raw).decode("ascii")


def flipped(raw: bytes, position: int, mask: int) -> bytes:
    """Return a copy with bits of one byte flipped."""
    changed = bytearray(raw)
    changed[position] ^= mask
    return bytes(changed)


def with_url_alphabet() -> str:
    """Return the good item in the other alphabet; it holds characters that differ."""
    text = TEXT.replace("+", "-").replace("/", "_")
    assert text != TEXT
    return text


def with_loose_bits() -> str:
    """Return the good item with the bits set that its last character has to spare."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    loose = TEXT[:-2] + alphabet[alphabet.index(TEXT[-2]) | 1] + "="
    assert loose != TEXT
    assert base64.b64decode(loose) == GOOD.raw
    return loose


def leading_zero() -> Parts:
    """Return an item whose R begins with a zero byte: one in 256 does."""
    candidates = (parts(VALUE, seed=f"attempt {number}") for number in itertools.count())
    return next(candidate for candidate in candidates if candidate.wrapped_key[0] == 0)
