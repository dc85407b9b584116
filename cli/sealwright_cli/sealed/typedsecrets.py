"""The items of typed Secrets: what each type asks for, and the values as `kubectl create secret` makes them.

None of the values is ever shown in a message.
"""

import base64
import json
from collections.abc import Collection
from pathlib import Path

from sealwright_cli.files.disk import read_file
from sealwright_cli.messages.errors import InputError
from sealwright_cli.messages.naming import shown_path
from sealwright_crypto import KeyMaterialError, check_tls_pair

TLS = "kubernetes.io/tls"
DOCKER = "kubernetes.io/dockerconfigjson"
SSH = "kubernetes.io/ssh-auth"
BASIC = "kubernetes.io/basic-auth"

_NEEDED = {
    TLS: ("tls.crt", "tls.key"),
    DOCKER: (".dockerconfigjson",),
    SSH: ("ssh-privatekey",),
    "kubernetes.io/dockercfg": (".dockercfg",),
}
"""The items without which a cluster refuses a Secret of a type."""

_GO_ESCAPES = str.maketrans({char: f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"})


def tls_items(certificate: Path, key: Path) -> dict[str, bytes]:
    """Return the items for a certificate and its private key, both in PEM. Raises InputError."""
    items = {
        "tls.crt": read_file(certificate, name=shown_path(certificate, "the certificate of --tls")),
        "tls.key": read_file(key, name=shown_path(key, "the private key of --tls")),
    }
    try:
        check_tls_pair(items["tls.crt"], items["tls.key"])
    except KeyMaterialError as error:
        raise InputError(f"--tls: {error}", hint="--tls CERT KEY takes the certificate first, then its key") from None
    return items


def docker_items(server: str, username: str, password: bytes, email: str) -> dict[str, bytes]:
    """Return the item with the credentials for a registry. Raises InputError for a password that is not text."""
    try:
        secret = password.decode()
    except UnicodeDecodeError:
        raise InputError("the registry's password is not UTF-8 text", hint="give it as UTF-8") from None
    auth = base64.b64encode(f"{username}:{secret}".encode()).decode()
    entry = {"username": username, "password": secret, "email": email, "auth": auth}
    config = {"auths": {server: {name: value for name, value in entry.items() if value}}}
    text = json.dumps(config, ensure_ascii=False, separators=(",", ":"))
    return {".dockerconfigjson": text.translate(_GO_ESCAPES).encode()}


def ssh_items(path: Path) -> dict[str, bytes]:
    """Return the item with a private key for SSH. Raises InputError for a file that holds none."""
    shown = shown_path(path, "the file that --ssh-key names")
    content = read_file(path, name=shown)
    if content.startswith(b"PuTTY-User-Key-File"):
        raise InputError(f"{shown}: a key in PuTTY's format", hint="puttygen KEY -O private-openssh turns it into one")
    if b"PRIVATE KEY-----" not in content:
        is_public = content.startswith((b"ssh-", b"ecdsa-", b"sk-", b"---- BEGIN SSH2 PUBLIC"))
        found = "a public key" if is_public else "no private key in it"
        raise InputError(f"{shown}: {found}", hint="name the private key: the file without .pub")
    return {"ssh-privatekey": content}


def check_type(kind: str, items: Collection[str]) -> None:
    """Raise InputError if a Secret of a type lacks an item without which a cluster refuses it."""
    missing = [item for item in _NEEDED.get(kind, ()) if item not in items]
    if kind == BASIC and not {"username", "password"} & set(items):
        missing = ["username", "password"]
    if missing:
        raise InputError(
            f"a Secret of type {kind} needs {' and '.join(missing)}, and a cluster refuses it without",
            hint=f"add it, as in --from-file {missing[0]}=FILE, or choose another type",
        )
