"""One step of a port's event loop: which connections are ready, and in which order they are served.

waitress' loop serves every ready connection before it polls again, and accepts one new connection a round, so many busy
clients keep all others waiting. Here clients that have cost least lately come first, new clients before all others, and
after STEP_SECONDS the loop polls again.
"""

import selectors
import time
from collections.abc import Mapping
from typing import Any

from waitress import wasyncore

from sealwright_controller.web.connection import Connection

# poll where available: select fails with file numbers above 1023, and epoll would need a new file each time.
_Selector: type[selectors.BaseSelector] = getattr(selectors, "PollSelector", selectors.SelectSelector)

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
    with _Selector() as selector:
        for fd, each in list(sockets.items()):
            events = selectors.EVENT_READ if each.readable() else 0
            if not each.accepting and each.writable():
                events |= selectors.EVENT_WRITE
            if events:
                selector.register(fd, events)
        return {key.fd: found for key, found in selector.select(timeout_seconds)}
