"""Seals and opens Kubernetes Secrets in the sealed-secrets format: bytes and records in, the same out.

No files, network, YAML, environment or clock. Start with `seal`, `unseal` and `reseal`; every error is a
SealwrightCryptoError.
"""

from sealwright_crypto.certificatechecks import weaknesses_of
from sealwright_crypto.envelope import Envelope, open_item, seal_item
from sealwright_crypto.envelope import parse as parse_item
from sealwright_crypto.errors import (
    CertificateExpiredError,
    DecryptionError,
    FieldProblem,
    FormatError,
    KeyMaterialError,
    ManifestError,
    PausedError,
    ScopeError,
    SealwrightCryptoError,
    UnsealError,
)
from sealwright_crypto.keyhints import (
    HINT_ANNOTATION,
    hint_renamed,
    hint_with,
    hint_without,
    read_hints,
    update_hint,
)
from sealwright_crypto.keyring import Keyring, Opened, OperationCounter, OperationMeter
from sealwright_crypto.keys import (
    Certificate,
    Fingerprint,
    PrivateKey,
    SealingKey,
    fingerprint_of,
    generate_sealing_key,
    load_certificate,
    load_private_keys,
    load_sealing_key,
)
from sealwright_crypto.pace import Pace
from sealwright_crypto.resealing import Resealed, check_opens, reseal
from sealwright_crypto.scope import Label, Scope, label_for, scope_annotations, scope_of
from sealwright_crypto.sealedsecret import (
    API_VERSION,
    KIND,
    LEGACY_ITEM,
    Render,
    SealedSecret,
    Template,
    Unsealed,
    check_form,
    seal,
    unseal,
)
from sealwright_crypto.secret import Secret
from sealwright_crypto.tlspairs import check_tls_pair

__version__ = "0.1.0"

__all__ = [
    "API_VERSION",
    "HINT_ANNOTATION",
    "KIND",
    "LEGACY_ITEM",
    "Certificate",
    "CertificateExpiredError",
    "DecryptionError",
    "Envelope",
    "FieldProblem",
    "Fingerprint",
    "FormatError",
    "KeyMaterialError",
    "Keyring",
    "Label",
    "ManifestError",
    "Opened",
    "OperationCounter",
    "OperationMeter",
    "Pace",
    "PausedError",
    "PrivateKey",
    "Render",
    "Resealed",
    "Scope",
    "ScopeError",
    "SealedSecret",
    "SealingKey",
    "SealwrightCryptoError",
    "Secret",
    "Template",
    "UnsealError",
    "Unsealed",
    "check_form",
    "check_opens",
    "check_tls_pair",
    "fingerprint_of",
    "generate_sealing_key",
    "hint_renamed",
    "hint_with",
    "hint_without",
    "label_for",
    "load_certificate",
    "load_private_keys",
    "load_sealing_key",
    "open_item",
    "parse_item",
    "read_hints",
    "reseal",
    "scope_annotations",
    "scope_of",
    "seal",
    "seal_item",
    "unseal",
    "update_hint",
    "weaknesses_of",
]
