"""Messages for people as core/v1 Events, as `kubectl describe` shows them; repeated ones are counted.

`pacing.eventcaps` limits their number.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import structlog

from sealwright_controller.gateway import Event, GatewayError, NamespaceEndingError, NotFoundError
from sealwright_controller.kube.transport import MERGE_PATCH, Request, Transport, resource_path
from sealwright_controller.pacing.eventcaps import Combined, EventCaps
from sealwright_crypto import API_VERSION

COMPONENT = "sealed-secrets"
"""The source in Events, the same as upstream's."""
MAX_MESSAGE_BYTES = 1024
"""The API's limit for a message."""
MAX_REMEMBERED = 1000
"""How many different messages are remembered, to count their repetitions."""

_log = structlog.get_logger()


@dataclass
class _Recorded:
    path: str
    message: str
    count: int = 1


class EventRecorder:
    """Writes Events; may be used from several threads. An Event that cannot be written is logged and dropped."""

    def __init__(
        self, transport: Transport, clock: Callable[[], datetime], monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        """`clock` gives the time as an aware datetime, `monotonic` seconds."""
        self._transport = transport
        self._clock = clock
        self._caps = EventCaps(monotonic)
        self._recorded: OrderedDict[Hashable, _Recorded] = OrderedDict()
        self._lock = threading.Lock()

    def record(self, event: Event) -> None:
        """Write an Event, or increase the count of the earlier one for the same message. Never raises."""
        combined = self._caps.combined(event)
        if not self._caps.may_write(event):
            _log.debug("event not written: too many events", object=str(event.about), reason=event.reason)
            return
        try:
            if not self._count_up(combined):
                self._create(combined)
        except (NamespaceEndingError, NotFoundError):
            _log.debug(
                "event not written: its namespace is being deleted", object=str(event.about), reason=event.reason
            )
        except GatewayError as error:
            _log.warning("event not written", object=str(event.about), reason=event.reason, error=str(error))

    def _count_up(self, combined: Combined) -> bool:
        """Increase the count of the remembered Event for this message or similar ones; return whether it worked."""
        event, key = combined
        with self._lock:
            recorded = self._recorded.get(key)
            if recorded is None:
                return False
            self._recorded.move_to_end(key)
            recorded.count += 1
            change: dict[str, Any] = {"count": recorded.count, "lastTimestamp": self._timestamp()}
            if recorded.message != event.message:
                recorded.message = event.message
                change["message"] = _cut(event.message)
        try:
            about, work_in = _about(event), _work_in(event)
            request = Request("PATCH", recorded.path, about, body=change, content_type=MERGE_PATCH, work_in=work_in)
            self._transport.call(request)
        except NotFoundError:  # API servers forget Events after an hour
            return False
        return True

    def _create(self, combined: Combined) -> None:
        event, key = combined
        namespace = event.about.namespace
        path = resource_path("v1", "events", namespace)
        body, work_in = _manifest(event, self._timestamp()), _work_in(event)
        made = self._transport.call(Request("POST", path, _about(event), body=body, work_in=work_in))
        with self._lock:
            written = resource_path("v1", "events", namespace, made["metadata"]["name"])
            self._recorded[key] = _Recorded(written, event.message)
            self._recorded.move_to_end(key)
            if len(self._recorded) > MAX_REMEMBERED:
                self._recorded.popitem(last=False)

    def _timestamp(self) -> str:
        return self._clock().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _manifest(event: Event, timestamp: str) -> dict[str, Any]:
    namespace, name = event.about
    return {
        "apiVersion": "v1",
        "kind": "Event",
        # The API server completes the name, so that names are unique.
        "metadata": {"generateName": f"{name}.", "namespace": namespace},
        "involvedObject": {
            "apiVersion": API_VERSION if event.kind == "SealedSecret" else "v1",
            "kind": event.kind,
            "namespace": namespace,
            "name": name,
            "uid": event.uid,
        },
        "type": event.type,
        "reason": event.reason,
        "message": _cut(event.message),
        "source": {"component": COMPONENT},
        "reportingComponent": COMPONENT,
        "firstTimestamp": timestamp,
        "lastTimestamp": timestamp,
        "count": 1,
    }


def _cut(message: str) -> str:
    encoded = message.encode(errors="replace")
    if len(encoded) <= MAX_MESSAGE_BYTES:
        return encoded.decode()
    mark = "…"
    return encoded[: MAX_MESSAGE_BYTES - len(mark.encode())].decode(errors="ignore") + mark


def _work_in(event: Event) -> str | None:
    return event.about.namespace if event.kind == "SealedSecret" else None


def _about(event: Event) -> str:
    return f"event on {event.kind} {event.about}"
