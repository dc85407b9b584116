"""How many Events may be written: similar ones become one, and each object and namespace has its share. Pure.

The rules and figures for one object are those of client-go's EventCorrelator, by which Kubernetes' own components keep
to measure (k8s.io/client-go/tools/record/events_cache.go): more than ten messages of one type and reason within ten
minutes become one Event, and of all Events about an object 25 are written at once, and then one in five minutes. Here
an object is its name, or making it anew would be a new share; and the objects of a namespace have a share together.
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
"""So many different messages of one object, type and reason are Events of their own; then they are one."""
SIMILAR_SECONDS = 600.0
"""After so long without such a message they begin anew."""
OBJECT_BURST = 25
SECONDS_PER_EVENT_OF_OBJECT = 300.0
NAMESPACE_BURST = 1_000
"""A namespace whose objects are all new, as after a move to another cluster."""
SECONDS_PER_EVENT_OF_NAMESPACE = 1.0
COMBINED_PREFIX = "(combined from similar events): "
MAX_REMEMBERED = 4_096
"""Of objects, namespaces and kinds of messages, each: client-go's figure."""


class Combined(NamedTuple):
    """An event as it is to be written; those of one `key` are one Event, which says the last message and is counted."""

    event: Event
    key: Hashable


@dataclass
class _Similar:
    last: float
    messages: set[int] = field(default_factory=set)


class EventCaps:
    """Judges events one by one; may be used from several threads."""

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

    def may_write(self, event: Event) -> bool:
        """Take from the shares of an event's object and namespace, and tell whether there was something left."""
        # The object's share first: what it has too much of does not take from its neighbours.
        return self._objects.take((event.kind, event.about)) and self._namespaces.take(event.about.namespace)

    def combined(self, event: Event) -> Combined:
        """Return an event as it is to be written: itself, or the one that many similar ones become."""
        kind = replace(event, message="")
        now = self._monotonic()
        with self._lock:
            similar = self._similar.pop(kind, None)
            if similar is None or now - similar.last > SIMILAR_SECONDS:
                similar = _Similar(now)
            self._similar[kind] = similar
            if len(self._similar) > self._max_remembered:
                self._similar.popitem(last=False)
            similar.last = now
            message = hash(event.message)
            if message in similar.messages or len(similar.messages) < SIMILAR_MESSAGES:
                similar.messages.add(message)
                return Combined(event, event)
        return Combined(replace(event, message=COMBINED_PREFIX + event.message), kind)
