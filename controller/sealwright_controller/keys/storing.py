"""Storing a new key Secret so that of controllers that make one at the same moment, one key comes out."""

from collections.abc import Callable, Iterable

import structlog

from sealwright_controller.gateway import KEY_LABEL, AlreadyExistsError, Gateway, Manifest, UnreadableError
from sealwright_controller.objects.metadata import labels_of

_log = structlog.get_logger()


def store_once(
    gateway: Gateway, manifest: Manifest, names: Iterable[str], is_usable: Callable[[Manifest], bool]
) -> Manifest:
    """Store a key Secret under the first of the names that is free; return it, or what another controller stored there.

    What stands under a name and is no key that `is_usable` is passed over; with all names taken, the API server
    chooses one. Raises GatewayError.
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
