"""Private keys for recovery: from PEM files and from backups of key Secrets."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from sealwright_cli.border import border
from sealwright_cli.errors import CertificateError, InputError
from sealwright_cli.files import decode, read_file
from sealwright_crypto import KeyMaterialError, Keyring, PrivateKey, load_certificate, load_private_keys
from sealwright_manifests.kinds.finding import find_manifests
from sealwright_manifests.kinds.reading import read_secret
from sealwright_manifests.text.documents import read_documents

_PEM = re.compile(rb"^-----BEGIN ", re.MULTILINE)
_HINT = "a key file is PEM, or a key Secret (or a List of them) as kubectl get -o yaml prints it"


def read_keyring(paths: Sequence[str]) -> Keyring:
    """Return all private keys of these files, the newest first as far as certificates tell.

    A file holds PEM blocks (PKCS#1 or PKCS#8), or manifests with key Secrets, in YAML or JSON, several or in a List.
    Raises CertificateError naming the file that holds no usable key: a key given in vain is a mistake to tell.
    """
    dated = [pair for path in paths for pair in _read(Path(path))]
    return Keyring(key for _, key in sorted(dated, key=lambda pair: pair[0], reverse=True))


def _read(path: Path) -> list[tuple[float, PrivateKey]]:
    try:
        content = read_file(path)
        if _PEM.search(content):
            return [(0.0, key) for key in load_private_keys(content)]
        with border():
            secrets = list(_secrets_in(decode(content, str(path)), str(path)))
        keys = [
            (_age(items), key) for items in secrets if "tls.key" in items for key in load_private_keys(items["tls.key"])
        ]
    except KeyMaterialError as error:
        raise CertificateError(f"{path}: {error}", hint=_HINT) from None
    except InputError as error:
        raise CertificateError(error.message, hint=error.hint or _HINT) from None
    if not keys:
        raise CertificateError(f"{path}: no private key in it", hint=_HINT)
    return keys


def _secrets_in(text: str, name: str) -> Iterator[Mapping[str, bytes]]:
    """Yield the items of each Secret in a file. Raises BadManifestError."""
    for manifest in find_manifests(read_documents(text, name)):
        if manifest.is_secret:
            yield read_secret(manifest).secret.items


def _age(items: Mapping[str, bytes]) -> float:
    """Return when a key Secret's certificate began (seconds since 1970), 0 when it has none that can be read."""
    try:
        return load_certificate(items["tls.crt"]).not_before.timestamp()
    except (KeyError, KeyMaterialError):
        return 0.0
