"""Hostile and damaged private keys: told quickly and in words of our own, and no thread is held up by any key."""

import base64
import threading
import time
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.costs import costs_at_most
from tests.support.testkeys import FOLDER, key

from sealwright_crypto import KeyMaterialError, SealingKey, load_private_keys, load_sealing_key
from sealwright_crypto.keychecks import MAX_BLOCK_BYTES, check_block

PKCS1, PKCS8 = serialization.PrivateFormat.TraditionalOpenSSL, serialization.PrivateFormat.PKCS8
MAX_CPU_SECONDS = 5.0
HELD_UP_SECONDS = 4.0  # half of what the check of the library took
GOOD = key().private_key.raw.private_numbers()
CERTIFICATE = key().certificate.pem.encode()


def der(tag: int, content: bytes) -> bytes:
    size = len(content)
    length = bytes([size]) if size < 0x80 else bytes([0x80 + (size.bit_length() + 7) // 8])
    return bytes([tag]) + length + (b"" if size < 0x80 else size.to_bytes((size.bit_length() + 7) // 8)) + content


def integer(value: int) -> bytes:
    return der(2, value.to_bytes(value.bit_length() // 8 + 1, signed=True))


def pem(content: bytes, kind: str = "RSA PRIVATE KEY") -> bytes:
    text = base64.encodebytes(content).decode()
    return f"-----BEGIN {kind}-----\n{text}-----END {kind}-----\n".encode()


def numbers(**changes: int) -> bytes:
    """Return the usual key as PKCS#1, with some of its numbers changed."""
    of_good = {
        "n": GOOD.public_numbers.n,
        "e": GOOD.public_numbers.e,
        "d": GOOD.d,
        "p": GOOD.p,
        "q": GOOD.q,
        "dp": GOOD.dmp1,
        "dq": GOOD.dmq1,
        "qi": GOOD.iqmp,
    }
    return pem(der(0x30, integer(0) + b"".join(integer(each) for each in (of_good | changes).values())))


def made_of(p: int, q: int, e: int = 65537) -> bytes:
    """Return a key of these two numbers as if they were primes, all others right."""
    d = pow(e, -1, (p - 1) * (q - 1))
    return numbers(n=p * q, e=e, d=d, p=p, q=q, dp=d % (p - 1), dq=d % (q - 1), qi=pow(q, -1, p))


def of_other_kind(made: ec.EllipticCurvePrivateKey | dsa.DSAPrivateKey | ed25519.Ed25519PrivateKey) -> bytes:
    return made.private_bytes(serialization.Encoding.PEM, PKCS8, serialization.NoEncryption())


def hostile_dsa() -> bytes:
    """Return a DSA key whose public half takes the library 20 seconds to compute."""
    huge = (1 << 24_000) + 1
    group = der(0x30, integer(huge) + integer(huge - 2) + integer(3))
    kind = der(0x30, der(6, bytes.fromhex("2a8648ce380401")) + group)
    return pem(der(0x30, integer(0) + kind + der(4, integer(huge - 4))), "PRIVATE KEY")


HUGE = (1 << 200_000) + 1
FIRST_PRIME = GOOD.p
HOSTILE = {
    "a modulus of 25 kB": (numbers(n=HUGE), "longer than"),
    "a modulus of 16,385 bits": (numbers(n=(1 << 16384) + 1), "has 16385 bits"),
    "a modulus of 512 bits": (numbers(n=(1 << 511) + 1), "has 512 bits"),
    "an even modulus": (numbers(n=GOOD.public_numbers.n + 1), "even"),
    "an exponent of 2,000 bits": (numbers(e=(1 << 2000) + 1), "exponent"),
    "an exponent of 33 bits": (numbers(e=(1 << 32) + 1), "exponent"),
    "an exponent of one": (numbers(e=1), "exponent"),
    "an even exponent": (numbers(e=65536), "exponent"),
    "primes that do not make the modulus": (numbers(n=GOOD.public_numbers.n + 2), "do not fit"),
    "a private exponent that is wrong": (numbers(d=GOOD.d + 2), "do not fit"),
    "a private exponent that is huge": (numbers(d=GOOD.d + (GOOD.p - 1) * (GOOD.q - 1) * 2**64), "do not fit"),
    "a wrong remainder": (numbers(dp=GOOD.dmp1 + 2), "do not fit"),
    "a wrong coefficient": (numbers(qi=GOOD.iqmp + 1), "do not fit"),
    "a tiny prime": (numbers(n=GOOD.p * GOOD.q, p=3), "too small"),
    "primes of zero": (numbers(p=0, q=0), "weak|damaged"),
    "one prime, twice": (numbers(n=GOOD.p * GOOD.p, q=GOOD.p, dq=GOOD.dmp1), "do not fit|damaged"),
    "an elliptic curve": (of_other_kind(ec.generate_private_key(ec.SECP256R1())), "not RSA"),
    "Ed25519": (of_other_kind(ed25519.Ed25519PrivateKey.generate()), "not RSA"),
    "DSA that takes 20 seconds": (hostile_dsa(), "not RSA"),
    "a negative modulus": (pem(der(0x30, integer(0) + integer(-5) + integer(3))), "private key"),
    "a length that is cut off": (pem(b"\x30\x84\xff"), "damaged"),
    "lengths within lengths": (pem(b"\x30\x80" * 4000), "damaged"),
    "no base64": (b"-----BEGIN RSA PRIVATE KEY-----\n?\n-----END RSA PRIVATE KEY-----\n", "damaged"),
    "nothing": (pem(b""), "damaged"),
}


@pytest.mark.parametrize(("text", "words"), HOSTILE.values(), ids=HOSTILE)
def test_a_key_that_is_none_is_told_quickly(text, words):
    def refuse():
        with pytest.raises(KeyMaterialError, match=words) as caught:
            load_private_keys(text)
        assert str(GOOD.p)[:20] not in str(caught.value)

    assert costs_at_most(MAX_CPU_SECONDS, refuse)


def test_numbers_that_fit_and_are_no_primes_are_found_out_before_anything_is_sealed_to_them():
    """All equations hold, so the certificate and the key belong together; but what is sealed cannot be opened."""
    composite = next(p for p in range(FIRST_PRIME + 2, FIRST_PRIME + 10_000, 2) if p % 3 == 0 and coprime(65537, p - 1))
    text = made_of(composite, GOOD.q)
    (loaded,) = load_private_keys(text)
    with pytest.raises(KeyMaterialError, match="does not open what is sealed to it"):
        load_sealing_key(certificate_of(loaded.raw), text)


def coprime(one, other):
    return other % one != 0


def certificate_of(private_key: rsa.RSAPrivateKey) -> bytes:
    """Return a certificate of a key that cannot sign: the usual one with another public key in it."""
    spki = {
        name: half.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        for name, half in (("usual", key().certificate.public_key), ("other", private_key.public_key()))
    }
    usual = base64.b64decode("".join(CERTIFICATE.decode().splitlines()[1:-1]))
    assert usual.count(spki["usual"]) == 1
    return pem(usual.replace(spki["usual"], spki["other"]), "CERTIFICATE")


@pytest.mark.parametrize("form", [PKCS1, PKCS8], ids=["PKCS#1", "PKCS#8"])
def test_the_largest_key_that_is_taken_fits(form):
    """An 8192-bit key in either form; one of 16384 bits is twice as long."""
    text = key("huge-8192").private_key.raw.private_bytes(
        serialization.Encoding.PEM, form, serialization.NoEncryption()
    )
    assert len(text) * 2 < MAX_BLOCK_BYTES
    assert load_private_keys(text)[0].bits == 8192


def test_loading_a_key_of_8192_bits_holds_no_thread_up():
    """The library's check of it stopped every thread for eight seconds."""
    certificate, text = ((FOLDER / f"huge-8192.{kind}.pem").read_bytes() for kind in ("crt", "key"))
    loaded, held_up = while_others_run(lambda: load_sealing_key(certificate, text))
    assert loaded.certificate.bits == 8192
    assert held_up < HELD_UP_SECONDS


def test_a_block_with_headers_is_read_as_well():
    head, _, rest = key().private_key.pem().partition(b"\n")
    assert check_block(head + b"\nX-Note: any\n\n" + rest) is None


def test_the_first_of_several_private_keys_counts_and_no_other_is_read():
    text = key().private_key.pem() + numbers(d=5)
    assert load_sealing_key(CERTIFICATE, text) == key()


@pytest.mark.parametrize(
    ("certificate", "text", "about"),
    [(CERTIFICATE + b" " * 65536, key().private_key.pem(), "certificate"), (CERTIFICATE, b" " * 65537, "private key")],
)
def test_a_pair_that_is_too_long_is_not_looked_at(certificate, text, about):
    with pytest.raises(KeyMaterialError, match=f"the {about} is longer than 65536 bytes"):
        load_sealing_key(certificate, text)


@settings(max_examples=300)
@given(st.binary(max_size=60) | st.binary(max_size=40).map(lambda text: der(0x30, integer(0) + text)))
def test_whatever_is_in_a_block_is_refused_in_words_of_our_own(content):
    with pytest.raises(KeyMaterialError):
        load_private_keys(pem(content))


def while_others_run(work: Callable[[], SealingKey]) -> tuple[SealingKey, float]:
    """Do the work; returns what it gave, and the longest that a busy thread had to wait meanwhile, in seconds."""
    done, longest, ready = threading.Event(), [0.0], threading.Event()

    def tick() -> None:
        last = time.perf_counter()
        while not done.wait(0.001):
            now = time.perf_counter()
            longest[0], last = max(longest[0], now - last), now
            ready.set()

    other = threading.Thread(target=tick)
    other.start()
    assert ready.wait(10)
    try:
        return work(), longest[0]
    finally:
        done.set()
        other.join()
