"""Which certificate is wanted, and whether an obtained one is accepted. Obtains none itself."""

import re
from collections.abc import Sequence
from pathlib import Path

from sealwright_cli.cluster.address import ControllerAddress
from sealwright_cli.files.disk import exists, in_utf8, is_der
from sealwright_cli.messages.advice import NEW_CERTIFICATE
from sealwright_cli.messages.errors import CertificateError, KubeconfigError, UsageError
from sealwright_cli.messages.naming import shown_path
from sealwright_cli.messages.ui import FINGERPRINT_DIGITS
from sealwright_cli.surroundings import Surroundings
from sealwright_conventions.kubeconfig.flags import ClusterFlags
from sealwright_conventions.patterns import pattern
from sealwright_conventions.records import field, record
from sealwright_crypto import Certificate, KeyMaterialError, load_certificate

MIN_PIN_DIGITS = FINGERPRINT_DIGITS
"""A pin has at least the first 128 bits of a fingerprint: a key that matches 64 bits takes years on some GPUs."""

_TO_PEM = "turn it into PEM: openssl x509 -inform der -in FILE -out cert.pem"
_PIN = pattern(rf"[0-9a-f]{{{MIN_PIN_DIGITS},64}}")


@record
class CertificateRequest:
    """Which certificate is wanted.

    `source` is a file or URL; if empty, the controller at `controller` is asked through the cluster that `cluster`
    and `surroundings` describe. `pins` are fingerprints, one of which the certificate must have; without pins any
    is accepted. `offline` uses the remembered certificate without asking the cluster; `offline_ok` uses it when the
    cluster cannot be reached. `cache` is the folder of remembered certificates, None for no memory. `allow_weak`
    accepts keys that can be factored and certificates that are not valid yet. `insecure_http` accepts certificates
    that others on the network path could have replaced. Both show a warning. `missing` is the error if there is
    neither a source nor a cluster; if it is empty, nothing but a cluster would do, and its kubeconfig is what is
    missing. `is_default` means that the source is what the environment says for all files. `called` is what
    messages call the source if its path is not to be shown, `pinned_by` what they call the place of the pins.
    `written_in` is the place at which a file says the source, if one does, and `counted_from` the folder from which its
    path is counted then. Without `has_options`, nobody can allow what is refused, and no hint names an option.
    """

    source: str | None = None
    pins: Sequence[str] = ()
    offline: bool = False
    offline_ok: bool = False
    cluster: ClusterFlags = field(default_factory=ClusterFlags)
    controller: ControllerAddress = field(default_factory=ControllerAddress)
    surroundings: Surroundings = field(default_factory=Surroundings)
    cache: Path | None = None
    allow_weak: bool = False
    insecure_http: bool = False
    missing: str = "no certificate: give --cert FILE, or a kubeconfig so that it can be fetched"
    is_default: bool = False
    called: str = "the certificate"
    pinned_by: str = "--cert-fingerprint"
    written_in: str = ""
    counted_from: str = ""
    has_options: bool = True

    @property
    def is_named(self) -> bool:
        """Whether the command line names the certificate: that is said of the files at hand, a default is not."""
        return bool(self.source) and not self.is_default


@record
class ObtainedCertificate:
    """A certificate with the bytes that it was read from and, in words, where they came from."""

    certificate: Certificate
    content: bytes = field(repr=False)
    origin: str


def check_kubeconfig(flags: ClusterFlags) -> None:
    """Raise KubeconfigError if --kubeconfig names a missing file, even if unused: the path is probably mistyped."""
    path = Path(flags.kubeconfig)
    if flags.kubeconfig and not exists(path):
        raise KubeconfigError(
            f"{shown_path(path, 'the file that --kubeconfig names')}: no such file",
            hint="correct --kubeconfig, or leave it out: cluster and namespace are those of the default one then",
        )


def accept(content: bytes, origin: str) -> ObtainedCertificate:
    """Return the certificate in PEM text. Raises CertificateError, naming `origin`, if the text holds none."""
    if is_der(content):
        raise CertificateError(f"{origin}: binary (DER), not PEM", hint=_TO_PEM)
    content = in_utf8(content)
    try:
        return ObtainedCertificate(load_certificate(content), content, origin)
    except KeyMaterialError as error:
        raise CertificateError(f"{origin}: {error}", hint=NEW_CERTIFICATE) from None


def read_pin(written: str, called: str) -> str:
    """Return a pin as the beginning of a fingerprint: lower case, without colons and spaces. Raises UsageError.

    `called` is what messages call the place of the pin.
    """
    pin = re.sub(r"[:\s]", "", written).lower()
    if not _PIN.fullmatch(pin):
        raise UsageError(
            f"{called}: not a fingerprint: {MIN_PIN_DIGITS} to 64 hexadecimal digits are expected, and it "
            f"has {len(pin)} characters",
            hint="sealwright cert show prints all of them; for fewer digits, a matching key could be made",
        )
    return pin


def check_pins(request: CertificateRequest, obtained: ObtainedCertificate) -> None:
    """Raise CertificateError if the request has pins and the certificate matches none."""
    fingerprint = obtained.certificate.fingerprint
    if request.pins and not any(fingerprint.startswith(pin) for pin in request.pins):
        raise CertificateError(
            f"{obtained.origin}: the certificate's key {fingerprint} is not the pinned key ({request.pinned_by})",
            hint="ask the people who run the controller whether the new key is theirs before you accept it",
        )
