"""Whether a certificate is fit to seal with: its key's size, exponent and structure, and when it begins.

A certificate that fails here may not protect what is sealed to it, and its maker may have intended that. Only checks
that take less than a millisecond are made; a modulus that passes them is not proven good. Expiry is checked by the
certificate itself (`keys`). A certificate cannot show whose key it holds: pins are for that.
"""

from datetime import datetime, timedelta
from math import gcd, isqrt, prod

from sealwright_crypto.keys import Certificate

MIN_SOUND_BITS = 2048
"""The smallest modulus that NIST SP 800-57 part 1 and BSI TR-02102 still allow."""
MAX_SOUND_BITS = 16384
"""The largest that OpenSSL works with; larger ones only cost time."""
MAX_EXPONENT_BITS = 32
"""65537 has 17 bits; Windows and many tokens take at most 32, and a large one may hide a small private exponent."""
CLOCK_SKEW = timedelta(minutes=5)
"""How far two clocks may differ: a controller's certificate is valid from the moment at which it is made."""

_COMPOSITES = {one * other for one in range(2, 32) for other in range(one, 999 // one + 1)}
_PRIMES = tuple(sorted(set(range(2, 1000)) - _COMPOSITES))
_SMALL_FACTORS = prod(_PRIMES)
_FERMAT_STEPS = 100
# CVE-2017-15361 (ROCA): primes of Infineon's library are powers of 65537 modulo all of these, and so is their product.
_ROCA_PRIMES = tuple(prime for prime in _PRIMES if 2 < prime <= 167)


def weaknesses_of(certificate: Certificate, now: datetime) -> tuple[str, ...]:
    """Return what makes a certificate unfit to seal with at `now` (aware), a clause each; empty for a good one."""
    numbers = certificate.public_key.public_numbers()
    found = key_weaknesses(numbers.n, numbers.e)
    if certificate.not_before > now + CLOCK_SKEW:
        found += (f"it is not valid before {certificate.not_before:%Y-%m-%d %H:%M} UTC",)
    return found


def key_weaknesses(modulus: int, exponent: int) -> tuple[str, ...]:
    """Return what is wrong with an RSA public key, a clause for each; empty for a good one."""
    found = []
    bits = modulus.bit_length()
    if bits < MIN_SOUND_BITS:
        found.append(f"its key has {bits} bits, fewer than {MIN_SOUND_BITS}")
    if bits > MAX_SOUND_BITS:
        found.append(f"its key has {bits} bits, more than {MAX_SOUND_BITS}")
    if exponent < 3 or exponent % 2 == 0 or exponent.bit_length() > MAX_EXPONENT_BITS:
        written = exponent if exponent.bit_length() <= MAX_EXPONENT_BITS else f"of {exponent.bit_length()} bits"
        found.append(f"its key's exponent is {written}, not an odd number of 3 or more in {MAX_EXPONENT_BITS} bits")
    if bits <= MAX_SOUND_BITS and (structure := _weak_structure(modulus)):
        found.append(structure)
    return tuple(found)


def _weak_structure(modulus: int) -> str:
    """Return how a modulus can be factored; empty if no way is known here."""
    if gcd(modulus, _SMALL_FACTORS) != 1:
        return "its key's modulus has a small factor"
    if _has_close_factors(modulus):
        return "its key's modulus is a square, or a product of two primes that are close to each other"
    if all(modulus % prime in _powers(prime) for prime in _ROCA_PRIMES):
        return "its key was made by a library with a known flaw (CVE-2017-15361)"
    return ""


def _powers(prime: int) -> set[int]:
    return {pow(65537, power, prime) for power in range(prime)}


def _has_close_factors(modulus: int) -> bool:
    """Try some steps of Fermat's factorisation (CVE-2022-26320); the first one finds squares."""
    middle = isqrt(modulus - 1) + 1
    rest = middle * middle - modulus
    for _ in range(_FERMAT_STEPS):
        if isqrt(rest) ** 2 == rest:
            return True
        rest += 2 * middle + 1
        middle += 1
    return False
