"""Sprig's private keys and certificates.

`cryptography` makes the keys with its own randomness, because it accepts no other. Serial numbers come from
the caller's randomness, times from the caller's clock.
"""

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from cryptography import x509

from sealwright_templating.context import Context
from sealwright_templating.errors import FunctionError
from sealwright_templating.go.base64 import decode_base64
from sealwright_templating.go.time.arithmetic import add
from sealwright_templating.go.time.types import NANOSECONDS, Time, duration, of_clock
from sealwright_templating.go.x509.certificates import Request, issue, read_certificate, read_issuer
from sealwright_templating.go.x509.pem import first_block
from sealwright_templating.go.x509.privatekeys import (
    PrivateKey,
    make_dsa,
    make_ecdsa,
    make_ed25519,
    make_rsa,
    read_key,
    write_key,
)
from sealwright_templating.values.objects import Slice, Struct, Value
from sealwright_templating.values.registry import function
from sealwright_templating.values.types import STRING, GoType, Kind, define_type

_CERTIFICATE = define_type("sprig.certificate", Kind.STRUCT, fields=(("Cert", STRING), ("Key", STRING)))
_LONE_KEY_BITS, _CERTIFIED_KEY_BITS = 4096, 2048
_MAKERS: dict[bytes, Callable[[Context], PrivateKey]] = {
    b"ecdsa": make_ecdsa,
    b"ed25519": make_ed25519,
    b"dsa": make_dsa,
}
_SERIAL_BYTES = 16
_DAY = 24 * 3600 * NANOSECONDS
_STEPS_PER_NAME = 20
_BYTES_OF_NAMES_PER_STEP = 256
_SIGNATURE_STEPS = 20_000
_CERTIFICATE_BYTES = 8192


@dataclass(frozen=True, slots=True, repr=False)
class Certificate(Struct):
    """A certificate (`.Cert`) and its key (`.Key`) in PEM: the result of functions, and their authority."""

    go_type: ClassVar[GoType] = _CERTIFICATE
    cert: bytes
    key: bytes

    def field_values(self) -> tuple[Value, ...]:
        """Return the certificate and the key."""
        return (self.cert, self.key)


@function("genPrivateKey", signature="func(string) string")
def gen_private_key(context: Context, kind: bytes) -> bytes:
    """Return a new private key: rsa (4096 bits), ecdsa, ed25519 or dsa."""
    if kind in {b"", b"rsa"}:
        return write_key(make_rsa(context, _LONE_KEY_BITS))
    make = _MAKERS.get(kind)
    return b"Unknown type " + kind if make is None else write_key(make(context))


@function("genCA", signature="func(string, int) (sprig.certificate, error)")
def gen_ca(context: Context, common_name: bytes, days: int) -> Certificate:
    """Make a certificate authority with a new RSA key."""
    request = _request(context, common_name, [], days, is_authority=True)
    return _self_signed(context, request, _new_key(context))


@function("genCAWithKey", signature="func(string, int, string) (sprig.certificate, error)")
def gen_ca_with_key(context: Context, common_name: bytes, days: int, pem: bytes) -> Certificate:
    """Make a certificate authority with a given key."""
    key = _key(context, pem)
    return _self_signed(context, _request(context, common_name, [], days, is_authority=True), key)


@function(
    "genSelfSignedCert",
    signature="func(string, []interface {}, []interface {}, int) (sprig.certificate, error)",
)
def gen_self_signed_cert(context: Context, common_name: bytes, ips: Slice, dns: Slice, days: int) -> Certificate:
    """Make a self-signed certificate with a new RSA key."""
    request = _request(context, common_name, _names(context, ips, dns), days)
    return _self_signed(context, request, _new_key(context))


@function(
    "genSelfSignedCertWithKey",
    signature="func(string, []interface {}, []interface {}, int, string) (sprig.certificate, error)",
)
def gen_self_signed_cert_with_key(  # noqa: PLR0917 - the parameters are Sprig's
    context: Context, common_name: bytes, ips: Slice, dns: Slice, days: int, pem: bytes
) -> Certificate:
    """Make a self-signed certificate with a given key."""
    key = _key(context, pem)
    return _self_signed(context, _request(context, common_name, _names(context, ips, dns), days), key)


@function(
    "genSignedCert",
    signature="func(string, []interface {}, []interface {}, int, sprig.certificate) (sprig.certificate, error)",
)
def gen_signed_cert(  # noqa: PLR0917 - the parameters are Sprig's
    context: Context, common_name: bytes, ips: Slice, dns: Slice, days: int, authority: Certificate
) -> Certificate:
    """Make a certificate with a new RSA key, signed by an authority."""
    request = _request(context, common_name, _names(context, ips, dns), days)
    return _signed(context, request, authority, _new_key(context))


@function(
    "genSignedCertWithKey",
    signature="func(string, []interface {}, []interface {}, int, sprig.certificate, string) (sprig.certificate, error)",
)
def gen_signed_cert_with_key(  # noqa: PLR0917 - the parameters are Sprig's
    context: Context, common_name: bytes, ips: Slice, dns: Slice, days: int, authority: Certificate, pem: bytes
) -> Certificate:
    """Make a certificate with a given key, signed by an authority."""
    key = _key(context, pem)
    return _signed(context, _request(context, common_name, _names(context, ips, dns), days), authority, key)


@function("buildCustomCert", signature="func(string, string) (sprig.certificate, error)")
def build_custom_cert(context: Context, certificate_base64: bytes, key_base64: bytes) -> Certificate:
    """Return an authority for genSignedCert, from a certificate and its key, both PEM in base64."""
    context.budget.memory(2 * (len(certificate_base64) + len(key_base64)))
    certificate, key = decode_base64(certificate_base64), decode_base64(key_base64)
    if certificate is None:
        raise FunctionError("the certificate is not base64")
    if key is None:
        raise FunctionError("the private key is not base64")
    block = first_block(certificate)
    if block is None:
        raise FunctionError("the certificate is not PEM")
    try:
        read_certificate(block)
    except ValueError as error:
        raise FunctionError(str(error)) from None
    _key(context, key)
    return Certificate(certificate, key)


def _new_key(context: Context) -> PrivateKey:
    return make_rsa(context, _CERTIFIED_KEY_BITS)


def _key(context: Context, pem: bytes) -> PrivateKey:
    try:
        return read_key(context, pem)
    except ValueError as error:
        raise FunctionError(str(error)) from None


def _request(
    context: Context, common_name: bytes, names: list[x509.GeneralName], days: int, *, is_authority: bool = False
) -> Request:
    return Request(
        common_name=common_name,
        names=names,
        serial=int.from_bytes(context.randomness(_SERIAL_BYTES)),
        not_before=_now(context),
        not_after=add(_now(context), duration(days * _DAY).value),
        is_authority=is_authority,
    )


def _now(context: Context) -> Time:
    return of_clock(context.clock(), context.started)


def _names(context: Context, ips: Slice, dns: Slice) -> list[x509.GeneralName]:
    """Return the names besides the common name: DNS names first, as Go writes them."""
    count = len(ips.items) + len(dns.items)
    context.budget.items(count)
    context.budget.steps(_STEPS_PER_NAME * count)
    texts = [name for name in (*ips.items, *dns.items) if isinstance(name, bytes)]
    context.budget.steps(sum(map(len, texts)) // _BYTES_OF_NAMES_PER_STEP)
    addresses = [_address(ip) for ip in ips.items]
    return [*(_dns_name(name) for name in dns.items), *addresses]


def _address(ip: Value) -> x509.IPAddress:
    try:
        address = ipaddress.ip_address(ip.decode("ascii"))
    except (AttributeError, ValueError) as error:
        raise FunctionError("an IP address is invalid", str(error)) from None
    if isinstance(address, ipaddress.IPv6Address):
        if address.scope_id is not None:
            raise FunctionError("an IP address has a zone")
        return x509.IPAddress(address.ipv4_mapped or address)
    return x509.IPAddress(address)


def _dns_name(name: Value) -> x509.DNSName:
    if not isinstance(name, bytes):
        raise FunctionError("a DNS name is not a text")
    if not name.isascii():
        raise FunctionError("a DNS name has letters outside of ASCII")
    return x509.DNSName(name.decode())


def _self_signed(context: Context, request: Request, key: PrivateKey) -> Certificate:
    _charge(context, request)
    try:
        return Certificate(issue(request, key), write_key(key))
    except ValueError as error:
        raise FunctionError(str(error)) from None


def _signed(context: Context, request: Request, authority: Certificate, key: PrivateKey) -> Certificate:
    _charge(context, request)
    context.budget.memory(len(authority.cert))
    block = first_block(authority.cert)
    assert block is not None  # noqa: S101 - no function returns a certificate without one
    signer = _key(context, authority.key)
    try:
        return Certificate(issue(request, key, issuer=read_issuer(block, signer), signer=signer), write_key(key))
    except ValueError as error:
        raise FunctionError(str(error)) from None


def _charge(context: Context, request: Request) -> None:
    named = sum(len(name.value) for name in request.names if isinstance(name, x509.DNSName))
    context.budget.memory(_CERTIFICATE_BYTES + 4 * (len(request.common_name) + named + 64 * len(request.names)))
    context.budget.steps(_SIGNATURE_STEPS)
