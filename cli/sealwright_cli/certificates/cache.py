"""What clusters have answered before: one certificate for each API server and controller, in the user's cache folder.

What is there is a convenience that may go away at any time: nothing that fails here is an error.
"""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from sealwright_cli.cluster.address import ControllerAddress
from sealwright_cli.errors import CliError
from sealwright_cli.files import read_file, write_file

_MAX_BYTES = 1024 * 1024


@dataclass(frozen=True)
class Remembered:
    """A certificate (PEM) and when it was fetched (aware)."""

    content: bytes
    fetched: datetime


class CertificateCache:
    """Remembers certificates in files of a folder, which need not exist yet; None remembers nothing."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def find(self, server: str, controller: ControllerAddress) -> Remembered | None:
        """Return what the controller of a cluster answered last; `server` is the API server's URL."""
        if self._folder is None:
            return None
        try:
            entry = json.loads(read_file(self._path(self._folder, server, controller), _MAX_BYTES))
            if (entry["server"], entry["controller"]) != (server, str(controller)):
                return None
            return Remembered(entry["certificate"].encode("ascii"), datetime.fromisoformat(entry["fetched"]))
        except (CliError, ValueError, LookupError, TypeError, AttributeError):
            return None

    def keep(self, server: str, controller: ControllerAddress, content: bytes, now: datetime) -> None:
        """Remember an answer that came at `now` (aware)."""
        if self._folder is None:
            return
        entry = {
            "server": server,
            "controller": str(controller),
            "fetched": now.astimezone(UTC).isoformat(timespec="seconds"),
            "certificate": content.decode("ascii", errors="replace"),
        }
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            text = json.dumps(entry, indent=2) + "\n"
            write_file(self._path(self._folder, server, controller), text.encode(), private=True)
        except (CliError, OSError):
            return

    def _path(self, folder: Path, server: str, controller: ControllerAddress) -> Path:
        return folder / f"{sha256(f'{server} {controller}'.encode()).hexdigest()[:32]}.json"


def cache_folder(environ: Mapping[str, str], home: Path, platform: str = sys.platform) -> Path:
    """Return where certificates are remembered: $XDG_CACHE_HOME/sealwright, or the platform's place for caches."""
    named = environ.get("XDG_CACHE_HOME", "")
    if named and Path(named).is_absolute():  # as the XDG Base Directory Specification wants it
        return Path(named) / "sealwright"
    if platform == "darwin":
        return home / "Library" / "Caches" / "sealwright"
    if platform == "win32":
        local = environ.get("LOCALAPPDATA")
        return (Path(local) if local else home / "AppData" / "Local") / "sealwright" / "Cache"
    return home / ".cache" / "sealwright"
