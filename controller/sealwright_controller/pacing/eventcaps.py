"""How many Events may be written: similar ones are combined, and each object and namespace has a limit. Pure.

The rules and figures for one object are those of client-go's EventCorrelator, which Kubernetes' own components use
(k8s.io/client-go/tools/record/events_cache.go): more than ten messages of one type and reason within ten minutes become
one Event, and 25 Events about an object are written at once, then one every five minutes. Here the limit belongs to the
object's name, because recreating the object would otherwise reset it. The objects of a namespace also have a limit
together.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from sealwright_controller.gateway import Event, ObjectKey
from sealwright_controller.pacing.buckets import Buckets

SIMILAR_MESSAGES = 10
"""This many different messages of one object, type and reason are separate Events; more are combined into one."""
SIMILAR_SECONDS = 600.0
"""After this time without such a message the count starts again."""
OBJECT_BURST = 25
SECONDS_PER_EVENT_OF_OBJECT = 300.0
NAMESPACE_BURST = 1_000
"""Enough for a namespace whose objects are all new, as after a move to another cluster."""
SECONDS_PER_EVENT_OF_NAMESPACE = 1.0
COMBINED_PREFIX = "(combined from similar events): "
MAX_REMEMBERED = 4_096
"""How many objects, namespaces and kinds of messages, each, are remembered: client-go's figure."""


class Combined(NamedTuple):
    """An event as it is written; those of one `key` share one Event, which has the last message and a count."""

    event: Event
    key: Hashable


@dataclass(slots=True)
class _Similar:
    """When a kind of message was seen last, and the hashes of its first few messages: a list is small."""

    last: float
    messages: list[int] = field(default_factory=list)


class EventCaps:
    """Checks events one by one; may be used from several threads."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic, max_remembered: int = MAX_REMEMBERED) -> None:
        """`monotonic` gives seconds that never go back."""
        self._monotonic = monotonic
        self._max_remembered = max_remembered
        self._similar: OrderedDict[Hashable, _Similar] = OrderedDict()
        self._lock = threading.Lock()
        self._objects: Buckets[tuple[str, ObjectKey]] = Buckets(
            size=OBJECT_BURST,
            per_second=1 / SECONDS_PER_EVENT_OF_OBJECT,
            clock=monotonic,
            max_keys=max_remembered,
        )
        self._namespaces: Buckets[str] = Buckets(
            size=NAMESPACE_BURST,
            per_second=1 / SECONDS_PER_EVENT_OF_NAMESPACE,
            clock=monotonic,
            max_keys=max_remembered,
        )

    def __len__(self) -> int:
        """Return how many kinds of messages are remembered."""
        return len(self._similar)

    def may_write(self, event: Event) -> bool:
        """Charge the limits of an event's object and namespace, and tell whether both allow it."""
        # The object's limit first, so that a noisy object does not use up its namespace's.
        return self._objects.take((event.kind, event.about)) and self._namespaces.take(event.about.namespace)

    def combined(self, event: Event) -> Combined:
        """Return an event as it is written: itself, or the one into which similar ones are combined."""
        kind = replace(event, message="")
        now = self._monotonic()
        with self._lock:
            similar = self._similar.pop(kind, None)
            if similar is None or now - similar.last > SIMILAR_SECONDS:
                similar = _Similar(now)
            self._similar[kind] = similar
            similar.last = now
            while len(self._similar) > self._max_remembered or self._is_first_old(now):
                self._similar.popitem(last=False)
            message = hash(event.message)
            if message not in similar.messages and len(similar.messages) < SIMILAR_MESSAGES:
                similar.messages.append(message)
            if message in similar.messages:
                return Combined(event, event)
        return Combined(replace(event, message=COMBINED_PREFIX + event.message), kind)

    def _is_first_old(self, now: float) -> bool:
        """Tell whether the count of the kind that was seen longest ago would start again anyway."""
        return now - next(iter(self._similar.values())).last > SIMILAR_SECONDS
