"""Reads private keys for recovery: from PEM files and from backups of key Secrets."""

import re
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from sealwright_cli.files.disk import decode, in_utf8, is_der, read_file
from sealwright_cli.messages.border import border
from sealwright_cli.messages.errors import CertificateError, InputError
from sealwright_cli.messages.naming import shown_path
from sealwright_crypto import KeyMaterialError, Keyring, PrivateKey, Secret, load_certificate, load_private_keys
from sealwright_manifests.kinds.finding import find_secrets
from sealwright_manifests.kinds.reading import read_secret
from sealwright_manifests.text.documents import read_documents

# PEM blocks may be indented, but an indented key in a manifest is the value of a field.
_PEM = re.compile(rb"^-----BEGIN |\A(?:[^:{\[\n]*\n)*[ \t]+-----BEGIN ", re.MULTILINE)
_HINT = "give a private key in PEM or DER, or a key Secret (or a list of them) as kubectl get -o yaml prints it"


def read_keyring(paths: Sequence[str], option: str = "--key") -> Keyring:
    """Return all private keys of these files, the newest first if their certificates are known.

    A file holds PEM blocks (PKCS#1 or PKCS#8), one of these in DER, or manifests of key Secrets in YAML or JSON,
    several or in a list. Text may be UTF-8 or UTF-16. Raises CertificateError naming the file without a usable key: a
    useless key file is probably a mistake. `option` names the files in messages that do not show a path.
    """
    dated = [pair for path in paths for pair in _read(Path(path), f"the file that {option} names")]
    return Keyring(key for _, key in sorted(dated, key=lambda pair: pair[0], reverse=True))


def _read(path: Path, instead: str) -> list[tuple[float, PrivateKey]]:
    name = shown_path(path, instead)
    try:
        content = read_file(path, name=name)
    except InputError as error:
        raise CertificateError(error.message, hint=error.hint) from None
    try:
        if is_der(content):
            return [(0.0, key) for key in _keys_in_der(content)]
        content = in_utf8(content)
        if _PEM.search(content):
            return [(0.0, key) for key in load_private_keys(content)]
        with border():
            secrets = [read_secret(found).secret for found in find_secrets(read_documents(decode(content, name), name))]
        keys = list(_keys_of(secrets))
    except KeyMaterialError as error:
        raise CertificateError(f"{name}: {error}", hint=_HINT) from None
    except InputError as error:
        raise CertificateError(error.message, hint=_HINT) from None
    if not keys:
        raise CertificateError(f"{name}: no private key in it", hint=_HINT)
    return keys


def _keys_in_der(content: bytes) -> tuple[PrivateKey, ...]:
    body = b"\n".join(b64encode(content[at : at + 48]) for at in range(0, len(content), 48))
    for kind in (b"PRIVATE KEY", b"RSA PRIVATE KEY"):  # PKCS#8, PKCS#1
        with suppress(KeyMaterialError):
            return load_private_keys(b"-----BEGIN %b-----\n%b\n-----END %b-----\n" % (kind, body, kind))
    raise KeyMaterialError("binary (DER), but not an RSA private key without a passphrase")


def _keys_of(secrets: Sequence[Secret]) -> Iterator[tuple[float, PrivateKey]]:
    """Yield the keys of key Secrets. Raises KeyMaterialError for a bad one, and for Secrets without any."""
    with_key = [secret.items for secret in secrets if "tls.key" in secret.items]
    if secrets and not with_key:
        called = " ".join(filter(None, ["Secret", secrets[0].name]))
        raise KeyMaterialError(f"{called}: no tls.key in it, the item with the private key")
    for items in with_key:
        for key in load_private_keys(in_utf8(items["tls.key"])):
            yield _age(items), key


def _age(items: Mapping[str, bytes]) -> float:
    """Return when a key Secret's certificate became valid (seconds since 1970), 0 if it cannot be read."""
    try:
        return load_certificate(items["tls.crt"]).not_before.timestamp()
    except (KeyError, KeyMaterialError):
        return 0.0
