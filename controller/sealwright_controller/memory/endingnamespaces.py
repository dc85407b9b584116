"""Which namespaces are being deleted, as the API server's answers told: nothing new is taken there.

Their objects go with them, one after another; without this, each Secret that goes would be made again, and refused.
"""

import threading

QUIET_SECONDS = 60.0
"""After so long one object asks again, in case that the namespace is there for good."""


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
        """Return for how many seconds nothing is to be made in a namespace, 0 when it is not known to be ending."""
        return max(0.0, self._until.get(namespace, now) - now)

    def forget(self, namespace: str) -> None:
        """Note that something new was made in a namespace: it was made anew."""
        with self._lock:
            self._until.pop(namespace, None)
