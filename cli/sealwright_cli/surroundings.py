"""What surrounds the process: variables, the user's folder, a pod's credentials. Only `process` collects it."""

import sys
from collections.abc import Mapping
from pathlib import Path

from sealwright_conventions.records import field, record

SERVICE_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
"""Where a pod finds its ServiceAccount's token, its namespace and the API server's certificate authority."""


@record
class Surroundings:
    """The surroundings of the process.

    `environ` holds the variables, `home` is the user's folder, `service_account` where a pod's credentials would be.
    """

    environ: Mapping[str, str] = field(default_factory=dict, repr=False)
    home: Path = Path()
    service_account: Path = SERVICE_ACCOUNT


def cache_folder(environ: Mapping[str, str], home: Path, platform: str = sys.platform) -> Path:
    """Return the folder for remembered certificates: $XDG_CACHE_HOME/sealwright, or the platform's cache folder."""
    usual = {"": ".cache", "darwin": "Library/Caches", "win32": "Cache"}
    return _own_folder("XDG_CACHE_HOME", usual, environ, home, platform)


def state_folder(environ: Mapping[str, str], home: Path, platform: str = sys.platform) -> Path:
    """Return the folder for what is to outlive a run: $XDG_STATE_HOME/sealwright, or the platform's own."""
    usual = {"": ".local/state", "darwin": "Library/Application Support", "win32": "State"}
    return _own_folder("XDG_STATE_HOME", usual, environ, home, platform)


def _own_folder(variable: str, usual: Mapping[str, str], environ: Mapping[str, str], home: Path, platform: str) -> Path:
    """Return the command's folder in that which a variable names, else in that which is `usual` on the platform."""
    named = environ.get(variable, "")
    if named and Path(named).is_absolute():  # the XDG Base Directory Specification requires it
        return Path(named) / "sealwright"
    if platform == "win32":
        local = environ.get("LOCALAPPDATA")
        return (Path(local) if local else home / "AppData" / "Local") / "sealwright" / usual[platform]
    return home / usual.get(platform, usual[""]) / "sealwright"
