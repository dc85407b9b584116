"""A folder of certificates remembered from clusters: one for each API server, its trust settings, and controller.

The folder is the user's own cache. Its content is a convenience that may disappear at any time, so failures here are
not errors. Files that others may have written are ignored, so that an attacker cannot plant a certificate.
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from sealwright_cli.certificates.ownfiles import NotOursError, check_own_folder, read_own_file
from sealwright_cli.certificates.trust import Trust
from sealwright_cli.cluster.address import ControllerAddress
from sealwright_cli.files.disk import write_file
from sealwright_cli.messages.errors import CliError
from sealwright_conventions.records import record

_MAX_BYTES = 1024 * 1024
_OWN = 0o700


@record
class Remembered:
    """A certificate (PEM) and when it was fetched (aware)."""

    content: bytes
    fetched: datetime


class CertificateCache:
    """Remembers certificates in files of a folder, which need not exist yet; with None, remembers nothing."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def find(self, trust: Trust, controller: ControllerAddress, warn: Callable[[str], None]) -> Remembered | None:
        """Return the last certificate of a cluster's controller, None if there is none that can be trusted.

        `warn` is called with the reason if others may have written it.
        """
        if self._folder is None or not trust.is_secure:
            return None
        try:
            entry = json.loads(read_own_file(self._path(self._folder, trust, controller), _MAX_BYTES))
            if {name: entry[name] for name in ("server", "trust", "controller")} != _key(trust, controller):
                return None
            return Remembered(entry["certificate"].encode("ascii"), datetime.fromisoformat(entry["fetched"]))
        except NotOursError as error:
            warn(f"the cached certificates are not used: {error}; remove it, and fetch the certificate again")
            return None
        except (OSError, ValueError, LookupError, TypeError, AttributeError):
            return None

    def keep(self, trust: Trust, controller: ControllerAddress, content: bytes, now: datetime) -> None:
        """Remember a certificate fetched at `now` (aware), unless others may have forged it."""
        if self._folder is None or not trust.is_secure:
            return
        entry = _key(trust, controller) | {
            "fetched": now.astimezone(UTC).isoformat(timespec="seconds"),
            "certificate": content.decode("ascii", errors="replace"),
        }
        try:
            self._folder.mkdir(mode=_OWN, parents=True, exist_ok=True)
            check_own_folder(self._folder)
            self._folder.chmod(_OWN)  # it may be older; others could not write to it
            text = json.dumps(entry, indent=2) + "\n"
            write_file(self._path(self._folder, trust, controller), text.encode(), private=True)
        except (CliError, NotOursError, OSError):
            return

    def _path(self, folder: Path, trust: Trust, controller: ControllerAddress) -> Path:
        name = sha256(json.dumps(_key(trust, controller), sort_keys=True).encode()).hexdigest()
        return folder / f"{name[:32]}.json"


def _key(trust: Trust, controller: ControllerAddress) -> dict[str, str]:
    """Return what must be equal for a remembered certificate to be used."""
    return {"server": trust.server, "trust": trust.identity, "controller": str(controller)}
