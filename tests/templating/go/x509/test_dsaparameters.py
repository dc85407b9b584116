"""The shared DSA parameters come from the sentence that they claim to come from, and from nothing else.

The steps are those of FIPS 186-4, appendix A.1.1.2 (p and q) and A.2.3 (g, index 1), with SHA-256.
"""

from hashlib import sha256

from sealwright_templating.go.x509.dsaparameters import COUNTER, DSA_PARAMETERS, SEED_SENTENCE

P_BITS, HASH_BITS = 2048, 256
SEED = sha256(SEED_SENTENCE.encode()).digest()


def hashed(number: int) -> int:
    return int.from_bytes(sha256((number % 2**HASH_BITS).to_bytes(HASH_BITS // 8)).digest())


def is_prime(number: int) -> bool:
    """Tell whether a number is prime, but for one chance in many; the bases are the first primes (Miller and Rabin)."""
    odd, twos = number - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    for base in (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37):
        power = pow(base, odd, number)
        if power != 1 and number - 1 not in {pow(power, 2**index, number) for index in range(twos)}:
            return False
    return True


def candidate(counter: int, q: int) -> int:
    """Return the candidate for p at a counter."""
    seed, count = int.from_bytes(SEED), P_BITS // HASH_BITS
    first = 1 + counter * count
    x = sum(hashed(seed + first + index) << (HASH_BITS * index) for index in range(count)) % 2 ** (P_BITS - 1) + 2 ** (
        P_BITS - 1
    )
    return x - x % (2 * q) + 1


def test_q_is_the_hash_of_the_seed() -> None:
    half = int.from_bytes(sha256(SEED).digest()) % 2**255
    assert DSA_PARAMETERS.q == 2**255 + half + 1 - half % 2
    assert is_prime(DSA_PARAMETERS.q)


def test_p_is_a_candidate_made_of_the_seed_and_prime() -> None:
    assert candidate(COUNTER, DSA_PARAMETERS.q) == DSA_PARAMETERS.p
    assert is_prime(DSA_PARAMETERS.p)


def test_g_is_the_hash_of_the_seed_too() -> None:
    p, q = DSA_PARAMETERS.p, DSA_PARAMETERS.q
    hash_ = int.from_bytes(sha256(SEED + b"ggen" + b"\x01" + b"\x00\x01").digest())
    assert DSA_PARAMETERS.g == pow(hash_, (p - 1) // q, p)
    assert pow(DSA_PARAMETERS.g, q, p) == 1
