"""Follows a gateway's watch in a thread of its own, for tests that wait for what it shows."""

import threading
from types import TracebackType
from typing import Any, Self

from tests.support.wait import eventually

from sealwright_controller.gateway import Gateway, GatewayError, Manifest, Resource


class Following:
    """A context manager; ended by the gateway's `close`, or by the end of the watch."""

    def __init__(self, gateway: Gateway, resource: Resource, resource_version: str) -> None:
        self._gateway = gateway
        self._resource = resource
        self._resource_version = resource_version
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.events: list[tuple[str, Manifest]] = []
        self.error: GatewayError | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._gateway.close()
        self._thread.join(10)
        assert not self._thread.is_alive(), "the watch did not end with its gateway"

    @property
    def has_ended(self) -> bool:
        """Whether the watch is over; `error` says why, None for the end of the stream."""
        return not self._thread.is_alive()

    def seen(self, name: str) -> list[str]:
        """Return the types of the changes of one object, in their order; bookmarks are none."""
        return [kind for kind, manifest in self.events if manifest["metadata"].get("name") == name]

    def wait_for(self, kind: str, name: str, *, timeout: float = 10.0) -> dict[str, Any]:
        """Wait for a change of this type of one object, and return the object that came with the last such."""

        def found() -> dict[str, Any] | None:
            objects = [dict(obj) for seen, obj in self.events if (seen, obj["metadata"].get("name")) == (kind, name)]
            return objects[-1] if objects else None

        return eventually(found, timeout=timeout, what=f"{kind} {name} is shown (error: {self.error})") or {}

    def _run(self) -> None:
        try:
            for event in self._gateway.watch(self._resource, self._resource_version):
                self.events.append((event.type, event.object))
        except GatewayError as error:
            self.error = error
