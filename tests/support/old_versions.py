"""Versions of collections that clients have seen, to be shown to them again."""

import random
import threading
from collections import defaultdict
from urllib.parse import urlencode

from tests.support.wire_faults import Asked

MOST = 50


class OldVersions:
    """Remembers the versions from which each collection was watched; may be used from several threads.

    The server keeps what was true at a version for some minutes, and answers what is older with 410.
    """

    def __init__(self, seed: int = 0) -> None:
        self._choices = random.Random(seed)
        self._seen: defaultdict[str, list[str]] = defaultdict(list)
        self._lock = threading.Lock()

    def saw(self, asked: Asked) -> None:
        """Note the version from which a collection is watched."""
        version = asked.query.get("resourceVersion", "")
        with self._lock:
            seen = self._seen[asked.path]
            if version.isdecimal() and version not in seen:
                seen.append(version)
                del seen[:-MOST]

    def listed(self, asked: Asked) -> str:
        """Return the target of a list that shows the collection as it was."""
        version = self._one(asked)
        return _with_query(asked, resourceVersion=version, resourceVersionMatch="Exact") if version else asked.target

    def watched(self, asked: Asked) -> str:
        """Return the target of a watch that begins at an earlier version."""
        version = self._one(asked)
        return _with_query(asked, resourceVersion=version) if version else asked.target

    def _one(self, asked: Asked) -> str:
        with self._lock:
            seen = self._seen[asked.path]
            return self._choices.choice(seen) if seen else ""


def _with_query(asked: Asked, **changed: str) -> str:
    return f"{asked.path}?{urlencode({**asked.query, **changed})}"
