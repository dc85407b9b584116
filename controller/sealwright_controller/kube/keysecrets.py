"""Key Secrets from an API server, cut down to the parts that decide whether and how they are used.

Anyone who may write Secrets in the controller's namespace decides how large they are, and a whole page is in memory at
once.
"""

from sealwright_controller.gateway import Manifest
from sealwright_controller.objects.metadata import labels_of
from sealwright_manifests.kinds.keysecrets import CERTIFICATE, PRIVATE_KEY, is_key_secret

MAX_TEXT_CHARACTERS = 128 * 1024
"""The size limit of all items in base64. A longer certificate or private key is refused when it is read."""
_FIELDS = ("apiVersion", "kind", "type", "immutable")


def is_sealing_key(manifest: Manifest) -> bool:
    """Tell whether a Secret, or its metadata, is that of a sealing key, in use or not."""
    return is_key_secret(manifest["metadata"]["name"], labels_of(manifest))


def cut_down(secret: Manifest) -> Manifest:
    """Return a key Secret; if it is too large, only the beginnings of certificate and private key."""
    data = secret.get("data")
    if not isinstance(data, dict) or sum(map(_length, data.values())) <= MAX_TEXT_CHARACTERS:
        return secret
    kept = {name: secret[name] for name in (*_FIELDS, "metadata") if name in secret}
    texts = {name: data[name] for name in (CERTIFICATE, PRIVATE_KEY) if isinstance(data.get(name), str)}
    return kept | {"data": {name: text[: MAX_TEXT_CHARACTERS + 1] for name, text in texts.items()}}


def _length(value: object) -> int:
    return len(value) if isinstance(value, str) else 0
