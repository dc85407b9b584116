"""Passwords: bcrypt, lines of htpasswd files, and the passwords that the Master Password algorithm derives.

These functions are slow on purpose, so a template can call them only a limited number of times.
"""

import base64
import hashlib
import hmac
import string

import bcrypt as bcrypt_library

from sealwright_templating.context import Context
from sealwright_templating.limits import steps_of_a_few
from sealwright_templating.values.registry import function

_BCRYPT_COST = 10
HASHES_PER_TEMPLATE = 16
"""A hash of that cost takes 60 ms."""


_BCRYPT_LONGEST_PASSWORD = 72
_BCRYPT_SALT_BYTES = 16
_BCRYPT_LENGTH = 60
_BCRYPT_ALPHABET = bytes.maketrans(
    (string.ascii_uppercase + string.ascii_lowercase + string.digits + "+/").encode(),
    ("./" + string.ascii_uppercase + string.ascii_lowercase + string.digits).encode(),
)
_TOO_LONG = b"failed to encrypt string with bcrypt: bcrypt: password length exceeds 72 bytes"

_SCRYPT_N, _SCRYPT_R, _SCRYPT_P, _SCRYPT_BYTES = 32768, 8, 2, 64
_SCRYPT_MEMORY_BYTES = 128 * _SCRYPT_R * (_SCRYPT_N + _SCRYPT_P + 2)
DERIVED_PASSWORDS_PER_TEMPLATE = 5
"""One takes 200 ms, and 32 MiB of memory."""

_SEED = b"com.lyndir.masterpassword"
_TEMPLATES = {
    b"maximum": "anoxxxxxxxxxxxxxxxxx axxxxxxxxxxxxxxxxxno",
    b"long": (
        "CvcvnoCvcvCvcv CvcvCvcvnoCvcv CvcvCvcvCvcvno CvccnoCvcvCvcv CvccCvcvnoCvcv CvccCvcvCvcvno CvcvnoCvccCvcv"
        " CvcvCvccnoCvcv CvcvCvccCvcvno CvcvnoCvcvCvcc CvcvCvcvnoCvcc CvcvCvcvCvccno CvccnoCvccCvcv CvccCvccnoCvcv"
        " CvccCvccCvcvno CvcvnoCvccCvcc CvcvCvccnoCvcc CvcvCvccCvccno CvccnoCvcvCvcc CvccCvcvnoCvcc CvccCvcvCvccno"
    ),
    b"medium": "CvcnoCvc CvcCvcno",
    b"short": "Cvcn",
    b"basic": "aaanaaan aannaaan aaannaaa",
    b"pin": "nnnn",
}
_VOWELS, _CONSONANTS = "aeiou", "bcdfghjklmnpqrstvwxyz"
_LETTERS = _VOWELS.upper() + _VOWELS + _CONSONANTS.upper() + _CONSONANTS
_CHARACTERS = {
    "C": _CONSONANTS.upper(),
    "v": _VOWELS,
    "c": _CONSONANTS,
    "a": _LETTERS,
    "n": string.digits,
    "o": "@&%?,=[]_:-+*$#!'^~;()/.",
    "x": _LETTERS + string.digits + "!@#$%^&*()",
}
"""What the letters of a template stand for."""


@function("bcrypt", signature="func(string) string")
def bcrypt(context: Context, password: bytes) -> bytes:
    """Return the bcrypt hash of a password, of at most 72 bytes, at cost 10."""
    if len(password) > _BCRYPT_LONGEST_PASSWORD:
        return _TOO_LONG
    context.budget.steps(steps_of_a_few(HASHES_PER_TEMPLATE))
    salt = base64.b64encode(context.randomness(_BCRYPT_SALT_BYTES)).rstrip(b"=").translate(_BCRYPT_ALPHABET)
    settings = b"$2a$%d$" % _BCRYPT_COST + salt
    return settings.ljust(_BCRYPT_LENGTH, b".") if context.postpones() else bcrypt_library.hashpw(password, settings)


@function("htpasswd", signature="func(string, string) string")
def htpasswd(context: Context, user: bytes, password: bytes) -> bytes:
    """Return a line of an htpasswd file: a user name and the bcrypt hash of a password."""
    if b":" in user:
        return b"invalid username: " + user
    return user + b":" + bcrypt(context, password)


@function("derivePassword", signature="func(uint32, string, string, string, string) string")
def derive_password(  # noqa: PLR0917 - the parameters are Sprig's
    context: Context, counter: int, kind: bytes, password: bytes, user: bytes, site: bytes
) -> bytes:
    """Derive a user's password for a site from a main one; kinds: maximum, long, medium, short, basic, pin."""
    if kind not in _TEMPLATES:
        return b"cannot find password template " + kind
    context.budget.steps(steps_of_a_few(DERIVED_PASSWORDS_PER_TEMPLATE))
    context.budget.memory(len(user) + len(site))
    key = b"" if context.postpones() else _stretched(password, _SEED + _counted(user))
    choices = hmac.digest(key, _SEED + _counted(site) + counter.to_bytes(4), "sha256")
    templates = _TEMPLATES[kind].split()
    template = templates[choices[0] % len(templates)]
    alphabets = [_CHARACTERS[letter] for letter in template]
    pairs = zip(alphabets, choices[1:], strict=False)
    return "".join(alphabet[choice % len(alphabet)] for alphabet, choice in pairs).encode()


def _stretched(password: bytes, salt: bytes) -> bytes:
    return hashlib.scrypt(
        password,
        salt=salt,
        n=_SCRYPT_N,
        r=_SCRYPT_R,
        p=_SCRYPT_P,
        maxmem=_SCRYPT_MEMORY_BYTES,
        dklen=_SCRYPT_BYTES,
    )


def _counted(text: bytes) -> bytes:
    return len(text).to_bytes(4) + text
