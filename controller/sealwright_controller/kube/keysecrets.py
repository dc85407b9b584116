"""Key Secrets as they come from an API server, cut down to what tells whether and how they are used.

Anybody who may write Secrets in the controller's namespace decides how large they are, and all of a page are in memory
at once.
"""

from typing import Any

from sealwright_controller.gateway import KEY_LABEL, LEGACY_KEY_NAME, Manifest
from sealwright_controller.metadata import labels_of

MAX_TEXT_CHARACTERS = 128 * 1024
"""Of a certificate or private key in base64: whoever reads it refuses it for its length when it is longer."""
_FIELDS = ("apiVersion", "kind", "type", "immutable")
_ITEMS = ("tls.crt", "tls.key")


def is_sealing_key(manifest: Manifest) -> bool:
    """Tell whether a Secret, or its metadata, is that of a sealing key, whether in use or not."""
    return KEY_LABEL in labels_of(manifest) or manifest["metadata"]["name"] == LEGACY_KEY_NAME


def cut_down(secret: Manifest) -> dict[str, Any]:
    """Return a key Secret without the items that are no part of a key, and the beginning of those that are too long."""
    data = secret.get("data")
    kept = {name: secret[name] for name in (*_FIELDS, "metadata") if name in secret}
    if not isinstance(data, dict):
        return kept | ({"data": None} if data else {})
    texts = {name: data[name] for name in _ITEMS if name in data}
    cut = {name: text[: MAX_TEXT_CHARACTERS + 4] for name, text in texts.items() if isinstance(text, str)}
    return kept | {"data": texts | cut}
