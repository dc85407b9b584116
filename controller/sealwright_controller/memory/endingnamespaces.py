"""Which namespaces are being deleted, by the API server's answers: they take no new objects.

Their objects are deleted one after another; without this, each deleted Secret would be made again and refused.
"""

import threading

QUIET_SECONDS = 60.0
"""After this time one object tries again, in case the namespace stays."""


class EndingNamespaces:
    """Remembers the namespaces; may be used from several threads."""

    def __init__(self) -> None:
        self._until: dict[str, float] = {}
        self._lock = threading.Lock()

    def note(self, namespace: str, now: float) -> None:
        """Note that a namespace is being deleted; `now` is in seconds that never go back."""
        with self._lock:
            self._until = {name: until for name, until in self._until.items() if until > now}
            self._until[namespace] = now + QUIET_SECONDS

    def wait_seconds(self, namespace: str, now: float) -> float:
        """Return for how many seconds nothing should be created in a namespace, 0 if it is not known to be ending."""
        return max(0.0, self._until.get(namespace, now) - now)

    def forget(self, namespace: str) -> None:
        """Note that an object was created in a namespace, which must have been recreated."""
        with self._lock:
            self._until.pop(namespace, None)
