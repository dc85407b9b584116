"""What makes a certificate unfit to seal with: keys that can be taken apart, and times that have not come."""

from datetime import UTC, datetime, timedelta
from math import isqrt, prod

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given
from hypothesis import strategies as st
from tests.support.testkeys import NAMES, key

from sealwright_crypto import Certificate, generate_sealing_key, load_certificate, weaknesses_of
from sealwright_crypto.certificatechecks import CLOCK_SKEW, key_weaknesses

START = datetime(2026, 1, 1, tzinfo=UTC)
GOOD = key("new-2048").certificate.public_key.public_numbers().n


def certificate_of(modulus: int, exponent: int) -> Certificate:
    """Return a certificate for any numbers that `cryptography` takes for a key, signed by nobody of importance."""
    signer, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(rsa.RSAPublicNumbers(exponent, modulus).public_key())
        .serial_number(1)
        .not_valid_before(START)
        .not_valid_after(START + timedelta(days=30_000))
        .sign(signer, hashes.SHA256())
    )
    return load_certificate(made.public_bytes(serialization.Encoding.PEM))


@pytest.mark.parametrize("name", [name for name in NAMES if name != "small-1024"])
def test_usual_keys_have_no_weakness(name: str) -> None:
    assert weaknesses_of(key(name).certificate, START) == ()


def test_a_short_key_is_weak() -> None:
    assert weaknesses_of(key("small-1024").certificate, START) == ("its key has 1024 bits, fewer than 2048",)


@pytest.mark.parametrize("bits", [2047, 2048, 16384, 16385])
def test_the_size_has_bounds(bits: int) -> None:
    size = [found for found in key_weaknesses((1 << bits) - 1, 65537) if " bits, " in found]
    assert bool(size) is (bits in (2047, 16385))


@pytest.mark.parametrize("exponent", [3, 5, 17, 65537, 2**32 - 1])
def test_usual_exponents_have_no_weakness(exponent: int) -> None:
    assert weaknesses_of(certificate_of(GOOD, exponent), START) == ()


@pytest.mark.parametrize(
    ("exponent", "words"),
    [
        (0, "is 0,"),
        (1, "is 1,"),
        (2, "is 2,"),
        (65536, "is 65536,"),
        (2**32 + 1, "of 33 bits"),
        (2**62 + 1, "of 63 bits"),
    ],
)
def test_odd_exponents_are_weak(exponent: int, words: str) -> None:
    (found,) = key_weaknesses(GOOD, exponent)
    assert words in found


def test_a_large_exponent_is_found_in_a_certificate() -> None:
    assert "exponent is of 63 bits" in weaknesses_of(certificate_of(GOOD, 2**62 + 1), START)[0]


PRIMES = [key(name).private_key.raw.private_numbers() for name in ("medium-3072", "large-4096")]
TO_NEXT_PRIME = 572
"""The distance from PRIMES[1].p to the next prime; to look for it takes five seconds in every process that imports this."""


def test_the_neighbour_is_a_prime() -> None:
    neighbour = PRIMES[1].p + TO_NEXT_PRIME
    assert pow(2, neighbour - 1, neighbour) == 1


@pytest.mark.parametrize(
    ("modulus", "words"),
    [
        (GOOD + 1, "small factor"),
        (PRIMES[0].p * PRIMES[0].q * 3, "small factor"),
        (PRIMES[0].p * PRIMES[0].q * 997, "small factor"),
        (PRIMES[0].p ** 2, "a square"),
        (PRIMES[1].p * (PRIMES[1].p + 2), "close to each other"),
        (PRIMES[1].p * (PRIMES[1].p + TO_NEXT_PRIME), "close to each other"),
    ],
    ids=["even", "three", "997", "square", "two apart", "neighbours"],
)
def test_a_modulus_that_falls_apart_is_weak(modulus: int, words: str) -> None:
    (found,) = key_weaknesses(modulus, 65537)
    assert words in found


def test_keys_of_a_flawed_library_are_told() -> None:
    # The factors are as that library makes them: k * M + (65537 ** a mod M), M a product of the first primes.
    first = prod(one for one in range(2, 702) if all(one % other for other in range(2, isqrt(one) + 1)))
    modulus = (2**60 * first + pow(65537, 1234567, first)) * (2**59 * first + pow(65537, 7654321, first))
    assert key_weaknesses(modulus, 65537) == ("its key was made by a library with a known flaw (CVE-2017-15361)",)


@given(st.integers(1, 2**4096), st.integers(1, 2**64))
def test_any_numbers_get_an_answer(modulus: int, exponent: int) -> None:
    assert all(words.startswith("its key") for words in key_weaknesses(modulus, exponent))


def test_a_certificate_may_begin_a_moment_later_as_clocks_differ() -> None:
    certificate = generate_sealing_key(now=START, bits=2048).certificate
    assert weaknesses_of(certificate, START - CLOCK_SKEW) == ()
    early = START - CLOCK_SKEW - timedelta(seconds=1)
    assert weaknesses_of(certificate, early) == ("it is not valid before 2026-01-01 00:00 UTC",)
