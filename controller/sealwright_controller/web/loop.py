"""One step of a port's event loop: which connections are ready, and in which order they are served.

waitress' loop serves every ready connection before it polls again, and accepts one new connection a round, so many busy
clients keep all others waiting. Here clients that have cost least lately come first, new clients before all others, and
after STEP_SECONDS the loop polls again.
"""

import math
import select
import selectors
import time
from collections.abc import Iterable, Mapping
from typing import Any

from waitress import wasyncore

from sealwright_controller.web.connection import Connection

STEP_SECONDS = 0.005
"""How long the loop works before it polls again."""


def step(sockets: Mapping[int, Any], timeout_seconds: float) -> None:
    """Wait for ready connections, and serve them for slightly more than STEP_SECONDS.

    `sockets` are everything that the loop serves, by file number: connections, the open port, and the wake-up pipe.
    """
    for each in list(sockets.values()):
        if each.accepting and each.readable():
            wasyncore.read(each)  # first, so that new connections are considered in this step
    todo = {fd: 0 for fd, each in list(sockets.items()) if isinstance(each, Connection) and each.can_go_on}
    todo |= _events(sockets, 0.0 if todo else timeout_seconds)
    until = time.perf_counter() + STEP_SECONDS
    is_over = False
    for fd in sorted(todo, key=lambda fd: getattr(sockets.get(fd), "spent", -1.0)):
        found = sockets.get(fd)
        if found is None or found.accepting:
            continue  # closed meanwhile, or left to the next step
        if is_over:
            found.is_owed = True
        else:
            _do(found, todo[fd])
            is_over = time.perf_counter() > until


def _do(found: Any, events: int) -> None:
    started = time.perf_counter()
    if events & selectors.EVENT_READ:
        wasyncore.read(found)
    if events & selectors.EVENT_WRITE:
        wasyncore.write(found)
    if isinstance(found, Connection):
        try:
            found.go_on()
        except Exception:  # noqa: BLE001 - as in waitress: an error ends only this connection
            found.handle_error()
        found.is_owed = False
        found.spent += time.perf_counter() - started


def _events(sockets: Mapping[int, Any], timeout_seconds: float) -> dict[int, int]:
    """Return the events for each file number: EVENT_READ, EVENT_WRITE or both."""
    wanted: list[tuple[int, int]] = []
    for fd, each in list(sockets.items()):
        events = selectors.EVENT_READ if each.readable() else 0
        if not each.accepting and each.writable():
            events |= selectors.EVENT_WRITE
        if events:
            wanted.append((fd, events))
    return _ready(wanted, timeout_seconds)


def _polled(wanted: Iterable[tuple[int, int]], timeout_seconds: float) -> dict[int, int]:
    """Return which of the events that are wanted of each file number are there, waiting for one of them.

    This is what selectors.PollSelector does, without its record of each file: making that anew for 300 connections took
    longer than serving them.
    """
    asked = dict(wanted)
    poller = select.poll()
    for fd, events in asked.items():
        poller.register(fd, _POLL_MASKS[events])
    return {
        # An error, or the end of the connection, is shown to whoever reads or writes next.
        fd: asked[fd]
        & (
            (selectors.EVENT_READ if seen & ~select.POLLOUT else 0)
            | (selectors.EVENT_WRITE if seen & ~select.POLLIN else 0)
        )
        for fd, seen in poller.poll(math.ceil(timeout_seconds * 1000))
    }


def _selected(wanted: Iterable[tuple[int, int]], timeout_seconds: float) -> dict[int, int]:
    """Do as `_polled` where there is no poll: there, file numbers are small."""
    with selectors.SelectSelector() as selector:
        for fd, events in wanted:
            selector.register(fd, events)
        return {key.fd: found for key, found in selector.select(timeout_seconds)}


# poll where available: select fails with file numbers above 1023, and epoll would need a new file each time.
_HAS_POLL = hasattr(select, "poll")
_ready = _polled if _HAS_POLL else _selected
_POLL_MASKS = (
    {
        selectors.EVENT_READ: select.POLLIN,
        selectors.EVENT_WRITE: select.POLLOUT,
        selectors.EVENT_READ | selectors.EVENT_WRITE: select.POLLIN | select.POLLOUT,
    }
    if _HAS_POLL
    else {}
)
