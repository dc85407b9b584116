"""Keys and certificates: what is in them, that they belong together, and what is refused."""

import base64
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from sealwright_templating import TemplateExecutionError, TemplateLimitError, render
from sealwright_templating.go.x509 import der
from sealwright_templating.go.x509.pem import Block, encode_block

VECTORS = Path(__file__).parents[2] / "vectors"
NOON = datetime(2024, 2, 29, 12, 0, 0, tzinfo=UTC)
NOON_NS = int(NOON.timestamp()) * 10**9 + 123_456_789
SERIAL = b"\xf0123456789abcdef"
SPLIT = "\n=====\n"
SECRET = "correct horse battery staple"


def vector(name: str) -> str:
    return (VECTORS / name).read_text(encoding="ascii")


SMALL, OTHER = vector("keys/small-1024.key.pem"), vector("keys/new-2048.key.pem")
ECDSA = ec.generate_private_key(ec.SECP256R1())


def rendered(template: str, **data: str) -> str:
    return render(template, data, clock=lambda: NOON_NS, randomness=lambda count: SERIAL[:count]).decode()


def pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey, form: PrivateFormat) -> str:
    return key.private_bytes(Encoding.PEM, form, NoEncryption()).decode()


def loaded(text: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate(text.encode())


GOLDEN = [
    ("authority", '{{ (genCAWithKey "example authority" 36500 .small).Cert }}'),
    (
        "leaf",
        (
            '{{ $ca := genCAWithKey "example authority" 36500 .small }}'
            '{{ $ips := list "10.0.0.1" "2001:db8::1" }}{{ $dns := list "example.com" "*.example.com" }}'
            '{{ (genSignedCertWithKey "*.exämple.com" $ips $dns 30 $ca .other).Cert }}'
        ),
    ),
    ("nameless", '{{ (genSelfSignedCertWithKey "" nil (list "a") -1 .small).Cert }}'),
]


@pytest.mark.parametrize(("name", "template"), GOLDEN)
def test_a_certificate_is_byte_for_byte_what_go_makes(name: str, template: str) -> None:
    assert rendered(template, small=SMALL, other=OTHER) == vector(f"certificates/{name}.crt.pem")


KINDS = [
    ("", rsa.RSAPrivateKey, "RSA PRIVATE KEY", 4096),
    ("ecdsa", ec.EllipticCurvePrivateKey, "EC PRIVATE KEY", 256),
    ("dsa", dsa.DSAPrivateKey, "DSA PRIVATE KEY", 2048),
    ("ed25519", ed25519.Ed25519PrivateKey, "PRIVATE KEY", None),
]


@pytest.mark.parametrize(("kind", "type_", "block", "size"), KINDS)
def test_private_keys(kind: str, type_: type, block: str, size: int | None) -> None:
    text = rendered("{{ genPrivateKey .kind }}", kind=kind)
    key = load_pem_private_key(text.encode(), None)
    assert isinstance(key, type_)
    assert getattr(key, "key_size", None) == size
    assert text.startswith(f"-----BEGIN {block}-----\n")
    assert text.endswith(f"-----END {block}-----\n")
    assert text != rendered("{{ genPrivateKey .kind }}", kind=kind or "ecdsa")


def test_an_unknown_kind_of_key_is_said_in_the_result() -> None:
    assert rendered('{{ genPrivateKey "RSA" }}') == "Unknown type RSA"


def test_an_authority_signs_a_certificate_for_its_key() -> None:
    template = (
        '{{ $ca := genCA "authority" 365 }}{{ $c := genSignedCert "host" (list "::ffff:10.1.2.3") (list "host.example") 10 $ca }}'
        f"{{{{ $ca.Cert }}}}{SPLIT}{{{{ $ca.Key }}}}{SPLIT}{{{{ $c.Cert }}}}{SPLIT}{{{{ $c.Key }}}}"
    )
    authority, authority_key, certificate, key = rendered(template).split(SPLIT)
    issuer, leaf = loaded(authority), loaded(certificate)
    leaf.verify_directly_issued_by(issuer)
    issuer.verify_directly_issued_by(issuer)
    for text, owner in ((authority_key, issuer), (key, leaf)):
        private_key = load_pem_private_key(text.encode(), None)
        assert isinstance(private_key, rsa.RSAPrivateKey)
        assert private_key.key_size == 2048
        assert private_key.public_key() == owner.public_key()
    assert (leaf.not_valid_before_utc, leaf.not_valid_after_utc) == (NOON, NOON + timedelta(days=10))
    assert leaf.serial_number == issuer.serial_number == int.from_bytes(SERIAL)
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert [str(name.value) for name in names] == ["host.example", "10.1.2.3"]
    assert issuer.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert not leaf.extensions.get_extension_for_class(x509.BasicConstraints).value.ca


SIGNING = [
    ("P-224", lambda: ec.generate_private_key(ec.SECP224R1()), PrivateFormat.TraditionalOpenSSL, "sha256"),
    ("P-256 in PKCS 8", lambda: ECDSA, PrivateFormat.PKCS8, "sha256"),
    ("P-384", lambda: ec.generate_private_key(ec.SECP384R1()), PrivateFormat.TraditionalOpenSSL, "sha384"),
    ("P-521", lambda: ec.generate_private_key(ec.SECP521R1()), PrivateFormat.TraditionalOpenSSL, "sha512"),
    ("RSA in PKCS 8", lambda: load_pem_private_key(SMALL.encode(), None), PrivateFormat.PKCS8, "sha256"),
]


@pytest.mark.parametrize(("make", "form", "hash_"), [row[1:] for row in SIGNING], ids=[row[0] for row in SIGNING])
def test_keys_of_all_kinds_sign(make: object, form: PrivateFormat, hash_: str) -> None:
    key = make()  # type: ignore[operator]  # a function of the table
    certificate, written = rendered(
        f'{{{{ $c := genCAWithKey "x" 1 .key }}}}{{{{ $c.Cert }}}}{SPLIT}{{{{ $c.Key }}}}', key=pem(key, form)
    ).split(SPLIT)
    loaded(certificate).verify_directly_issued_by(loaded(certificate))
    assert loaded(certificate).signature_hash_algorithm.name == hash_
    assert written == pem(key, PrivateFormat.TraditionalOpenSSL)


def test_an_ed25519_key_signs() -> None:
    key = pem(ed25519.Ed25519PrivateKey.generate(), PrivateFormat.PKCS8)
    certificate, written = rendered(
        f'{{{{ $c := genCAWithKey "x" 1 .key }}}}{{{{ $c.Cert }}}}{SPLIT}{{{{ $c.Key }}}}', key=key
    ).split(SPLIT)
    loaded(certificate).verify_directly_issued_by(loaded(certificate))
    assert written == key


DAYS = [
    ("from 2050 on, years have four digits", 9500, NOON + timedelta(days=9500)),
    ("more than Go's durations hold wraps around", 200_000, datetime(1987, 3, 11, 12, 25, 26, tzinfo=UTC)),
]


@pytest.mark.parametrize(("days", "end"), [row[1:] for row in DAYS], ids=[row[0] for row in DAYS])
def test_how_long_a_certificate_is_valid(days: int, end: datetime) -> None:
    certificate = loaded(rendered(f'{{{{ (genCAWithKey "x" {days} .key).Cert }}}}', key=SMALL))
    assert certificate.not_valid_after_utc == end


def test_a_custom_authority_signs_with_its_own_name_and_identifier() -> None:
    text = vector("keys/new-2048.crt.pem")
    template = '{{ $ca := buildCustomCert (.cert | b64enc) (.key | b64enc) }}{{ (genSignedCertWithKey "x" nil nil 1 $ca .small).Cert }}'
    certificate = loaded(rendered(template, cert=text, key=OTHER, small=SMALL))
    certificate.verify_directly_issued_by(loaded(text))
    assert certificate.issuer == loaded(text).subject


def test_a_custom_certificate_is_kept_as_it_is() -> None:
    cert = "a comment\n" + vector("certificates/authority.crt.pem") + "and more"
    template = (
        f"{{{{ $c := buildCustomCert (.cert | b64enc) (.key | b64enc) }}}}{{{{ $c.Cert }}}}{SPLIT}{{{{ $c.Key }}}}"
    )
    assert rendered(template, cert=cert, key=SMALL).split(SPLIT) == [cert, SMALL]


def test_a_name_longer_than_the_rules_allow_is_copied_without_complaint() -> None:
    template = (
        '{{ $ca := genCAWithKey (repeat 100 "x") 1 .key }}{{ (genSignedCertWithKey "y" nil nil 1 $ca .key).Cert }}'
    )
    assert b"x" * 100 in loaded(rendered(template, key=SMALL)).tbs_certificate_bytes


def test_an_authority_of_version_1_signs_too() -> None:
    # The certificate's first field, its version, and its last, the extensions, are cut out; nobody checks its signature.
    content, *rest = der.values(loaded(vector("certificates/authority.crt.pem")).public_bytes(Encoding.DER))
    cert = certificate_of(der.sequence(der.sequence(*der.values(content)[1:-1]), *rest))
    template = '{{ $ca := buildCustomCert (.cert | b64enc) (.key | b64enc) }}{{ (genSignedCertWithKey "x" nil nil 1 $ca .key).Cert }}'
    certificate = loaded(rendered(template, cert=cert, key=SMALL))
    assert certificate.issuer.rfc4514_string() == "CN=example authority"
    with pytest.raises(x509.ExtensionNotFound):
        certificate.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier)


def damaged_rsa() -> str:
    """Return an RSA key whose last number is another."""
    content = bytearray(base64.b64decode("".join(SMALL.splitlines()[1:-1])))
    content[-1] ^= 1
    return f"-----BEGIN RSA PRIVATE KEY-----\n{base64.encodebytes(content).decode()}-----END RSA PRIVATE KEY-----\n"


KEYS_REFUSED = [
    ("no PEM", "nothing", "there is no PEM block"),
    ("a certificate", vector("keys/new-2048.crt.pem"), "the first PEM block holds no private key of its format"),
    ("another name than its format", SMALL.replace("RSA PRIVATE", "EC PRIVATE"), "no private key of its format"),
    ("no DER", "-----BEGIN PRIVATE KEY-----\nYWJj\n-----END PRIVATE KEY-----", "no private key of its format"),
    ("numbers that do not belong together", damaged_rsa(), "the numbers of the RSA key do not belong together"),
    ("RSA numbers for DSA", SMALL.replace("RSA PRIVATE", "DSA PRIVATE"), "of no kind that Go reads from such a block"),
    ("a curve that Go has not", pem(ec.generate_private_key(ec.SECP256K1()), PrivateFormat.PKCS8), "of no kind that Go reads"),
    (
        "an encrypted key",
        ECDSA.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, BestAvailableEncryption(b"x")).decode(),
        "the first PEM block holds no private key",
    ),
    ("a key without an end", pem(ECDSA, PrivateFormat.PKCS8).replace("MIG", "MIH"), "no private key of its format"),
    ("a sequence that is no key", "-----BEGIN RSA PRIVATE KEY-----\nMAYCAQACAQA=\n-----END RSA PRIVATE KEY-----", "the private key is damaged"),
]  # fmt: skip


@pytest.mark.parametrize(("key", "reason"), [row[1:] for row in KEYS_REFUSED], ids=[row[0] for row in KEYS_REFUSED])
def test_keys_that_are_refused(key: str, reason: str) -> None:
    with pytest.raises(TemplateExecutionError) as caught:
        rendered('{{ (genCAWithKey "x" 1 .key).Cert }}', key=key)
    assert reason in caught.value.reason


CERTIFICATES_REFUSED = [
    ("a key that can only encrypt", '{{ genCAWithKey "x" 1 (genPrivateKey "dsa") }}', "only RSA, ECDSA and Ed25519 keys"),
    ("a name that is no text", '{{ genCAWithKey "\\xff" 1 .small }}', "the common name is not UTF-8 text"),
    ("a time beyond 9999", '{{ genCAWithKey "x" 106751 .small }}', "beyond the year 9999"),
    ("an address that is none", '{{ genSelfSignedCertWithKey "x" (list "1.2.3") nil 1 .small }}', "an IP address is invalid"),
    ("an address with a zone", '{{ genSelfSignedCertWithKey "x" (list "fe80::1%eth0") nil 1 .small }}', "has a zone"),
    ("an address that is a number", '{{ genSelfSignedCertWithKey "x" (list 1) nil 1 .small }}', "an IP address is invalid"),
    ("a name that is a number", '{{ genSelfSignedCertWithKey "x" nil (list 1) 1 .small }}', "a DNS name is not a text"),
    ("a name outside of ASCII", '{{ genSelfSignedCertWithKey "x" nil (list "é") 1 .small }}', "letters outside of ASCII"),
    ("a key of another certificate", '{{ $ca := buildCustomCert (.cert | b64enc) (.small | b64enc) }}{{ genSignedCertWithKey "x" nil nil 1 $ca .small }}', "not that of its certificate"),
    ("an authority that is no base64", '{{ buildCustomCert "!" (.small | b64enc) }}', "the certificate is not base64"),
    ("a key that is no base64", '{{ buildCustomCert (.cert | b64enc) "!" }}', "the private key is not base64"),
    ("an authority that is no PEM", '{{ buildCustomCert "YQ==" (.small | b64enc) }}', "the certificate is not PEM"),
    ("an authority that is no certificate", '{{ buildCustomCert (.small | b64enc) (.small | b64enc) }}', "the certificate is damaged"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("template", "reason"), [row[1:] for row in CERTIFICATES_REFUSED], ids=[row[0] for row in CERTIFICATES_REFUSED]
)
def test_certificates_that_are_refused(template: str, reason: str) -> None:
    clock = (lambda: 250_000_000_000 * 10**9) if "9999" in reason else (lambda: NOON_NS)
    data = {"small": SMALL, "cert": vector("keys/new-2048.crt.pem")}
    with pytest.raises(TemplateExecutionError) as caught:
        render(template, data, clock=clock)
    assert reason in caught.value.reason


def test_a_weak_key_signs_nothing_but_can_be_kept() -> None:
    key = rsa_of(2**265 - 49, 2**255 - 19)
    with pytest.raises(TemplateExecutionError, match="an RSA key of less than 1024 bits is too weak to sign"):
        rendered('{{ genCAWithKey "x" 1 .key }}', key=key)
    template = "{{ (buildCustomCert (.cert | b64enc) (.key | b64enc)).Key }}"
    assert rendered(template, cert=vector("keys/new-2048.crt.pem"), key=key) == key


def test_a_key_whose_primes_are_none_signs_nothing() -> None:
    with pytest.raises(TemplateExecutionError, match="the private key cannot sign"):
        rendered('{{ genCAWithKey "x" 1 .key }}', key=rsa_of(3 * (2**521 - 1), 2**607 - 1))


def rsa_of(p: int, q: int) -> str:
    """Return an RSA key of two primes, which nobody checks, with numbers that fit them."""
    exponent = 65537
    d = pow(exponent, -1, (p - 1) * (q - 1))
    numbers = rsa.RSAPrivateNumbers(
        p=p,
        q=q,
        d=d,
        dmp1=d % (p - 1),
        dmq1=d % (q - 1),
        iqmp=pow(q, -1, p),
        public_numbers=rsa.RSAPublicNumbers(exponent, p * q),
    )
    return pem(numbers.private_key(unsafe_skip_rsa_key_validation=True), PrivateFormat.TraditionalOpenSSL)


def test_an_authority_whose_public_key_is_of_no_known_kind_signs_nothing() -> None:
    rsa_encryption, unknown = bytes.fromhex("2a864886f70d010101"), bytes.fromhex("2a864886f70d01017f")
    content = (
        loaded(vector("certificates/authority.crt.pem")).public_bytes(Encoding.DER).replace(rsa_encryption, unknown)
    )
    template = (
        '{{ $ca := buildCustomCert (.cert | b64enc) (.key | b64enc) }}{{ genSignedCertWithKey "x" nil nil 1 $ca .key }}'
    )
    with pytest.raises(TemplateExecutionError, match="the authority's key is not that of its certificate"):
        rendered(template, cert=certificate_of(content), key=SMALL)


def test_a_certificate_with_the_same_extension_twice_is_damaged() -> None:
    content, *rest = der.values(loaded(vector("certificates/authority.crt.pem")).public_bytes(Encoding.DER))
    *fields, extensions = der.values(content)
    listed = der.values(extensions[extensions.index(b"\x30") :])
    twice = der.explicit(3, der.sequence(*listed, *listed))
    cert = certificate_of(der.sequence(der.sequence(*fields, twice), *rest))
    with pytest.raises(TemplateExecutionError, match="the certificate is damaged"):
        rendered("{{ buildCustomCert (.cert | b64enc) (.key | b64enc) }}", cert=cert, key=SMALL)


def certificate_of(content: bytes) -> str:
    return encode_block(Block(b"CERTIFICATE", content)).decode()


BOUNDED = [
    ("many large keys", '{{ range 3 }}{{ genPrivateKey "rsa" }}{{ end }}'),
    ("many authorities", '{{ range 13 }}{{ genCA "x" 1 }}{{ end }}'),
    ("many small keys", '{{ range 200 }}{{ genPrivateKey "ecdsa" }}{{ end }}'),
    ("many signatures", '{{ range 100 }}{{ genCAWithKey "x" 1 $.key }}{{ end }}'),
    ("a huge key", '{{ genCAWithKey "x" 1 (.key | replace "-----\\n-----END" (print "-----\\n" (repeat 9000 "A") "\\n-----END") | replace "\\nM" (print "\\n" (repeat 9000 "A") "\\nM")) }}'),
    ("a long name", '{{ genCAWithKey (repeat 1100000 "x") 1 .key }}'),
    ("many names", '{{ genSelfSignedCertWithKey "x" nil (concat list (splitList "" (repeat 30000 "a"))) 1 .key }}'),
]  # fmt: skip


@pytest.mark.parametrize("template", [row[1] for row in BOUNDED], ids=[row[0] for row in BOUNDED])
def test_too_much_work_is_refused(template: str) -> None:
    with pytest.raises(TemplateLimitError):
        rendered(template, key=pem(ECDSA, PrivateFormat.TraditionalOpenSSL))


def test_a_template_with_a_new_key_is_rendered_for_real_after_its_rehearsal() -> None:
    template = '{{ $k := genPrivateKey "rsa" }}{{ if lt (len $k) 3000 }}{{ fail "a rehearsal" }}{{ end }}{{ len $k }}'
    assert 3200 < int(rendered(template)) < 3300


def test_no_error_shows_a_key() -> None:
    with pytest.raises(TemplateExecutionError) as caught:
        rendered("{{ genSelfSignedCertWithKey .s (list .s) nil 1 .key }}", s=SECRET, key=SMALL)
    assert SECRET not in str(caught.value) + repr(caught.value)
    assert SMALL.splitlines()[1] not in str(caught.value) + repr(caught.value)
