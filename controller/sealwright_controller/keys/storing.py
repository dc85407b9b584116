"""Stores a new key Secret so that only one results when several controllers make one at the same moment."""

from collections.abc import Callable, Iterable

import structlog

from sealwright_controller.gateway import KEY_LABEL, AlreadyExistsError, Gateway, Manifest, UnreadableError
from sealwright_controller.objects.metadata import labels_of

_log = structlog.get_logger()


def store_once(
    gateway: Gateway, manifest: Manifest, names: Iterable[str], is_usable: Callable[[Manifest], bool]
) -> Manifest:
    """Store a key Secret under the first free name; return it, or the one that another controller stored there.

    A name is skipped if its Secret is not a key that `is_usable`; if all names are taken, the API server chooses one.
    Raises GatewayError.
    """
    for name in names:
        try:
            return gateway.create_sealing_key({**manifest, "metadata": {"name": name, **manifest["metadata"]}})
        except AlreadyExistsError:
            found = _find(gateway, name)
            if found is not None and KEY_LABEL in labels_of(found) and is_usable(found):
                _log.info("another controller made the sealing key", secret=name)
                return found
    return gateway.create_sealing_key(manifest)


def _find(gateway: Gateway, name: str) -> Manifest | None:
    try:
        return gateway.find_key_secret(name)
    except UnreadableError:
        return None
