"""One step of a port's event loop: who has something to be done, and in which order it is done.

waitress' loop does all that there is before it looks again, and takes one new connection a round, so that a crowd of
busy clients keeps everybody else waiting. Here those come first who have cost least lately, a new client before all
others, and after STEP_SECONDS the loop looks again who is there.
"""

import selectors
import time
from collections.abc import Mapping
from typing import Any

from waitress import wasyncore

from sealwright_controller.web.connection import Connection

# poll where there is one: select fails with file numbers above 1023, and epoll would need a file of its own each time.
_Selector: type[selectors.BaseSelector] = getattr(selectors, "PollSelector", selectors.SelectSelector)

STEP_SECONDS = 0.005
"""How long the loop works before it looks again who is there."""


def step(sockets: Mapping[int, Any], timeout_seconds: float) -> None:
    """Wait until there is something to do, and do it, for STEP_SECONDS and a little.

    `sockets` are all that the loop has to look after, by file number: connections, the open port, and what wakes it.
    """
    for each in list(sockets.values()):
        if each.accepting and each.readable():
            wasyncore.read(each)  # first of all, so that who has just come is among those who are looked at
    todo = {fd: 0 for fd, each in list(sockets.items()) if isinstance(each, Connection) and each.can_go_on}
    todo |= _events(sockets, 0.0 if todo else timeout_seconds)
    until = time.perf_counter() + STEP_SECONDS
    is_over = False
    for fd in sorted(todo, key=lambda fd: getattr(sockets.get(fd), "spent", -1.0)):
        found = sockets.get(fd)
        if found is None or found.accepting:
            continue  # closed meanwhile; or left to the next step
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
        except Exception:  # noqa: BLE001 - as waitress does it: what goes wrong ends this connection alone
            found.handle_error()
        found.is_owed = False
        found.spent += time.perf_counter() - started


def _events(sockets: Mapping[int, Any], timeout_seconds: float) -> dict[int, int]:
    """Return what there is to do for each file number: EVENT_READ, EVENT_WRITE or both."""
    with _Selector() as selector:
        for fd, each in list(sockets.items()):
            events = selectors.EVENT_READ if each.readable() else 0
            if not each.accepting and each.writable():
                events |= selectors.EVENT_WRITE
            if events:
                selector.register(fd, events)
        return {key.fd: found for key, found in selector.select(timeout_seconds)}
