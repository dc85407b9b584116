"""How much private-key work all HTTP clients together may cause: a token bucket, and what its tokens pay for.

Clients are not told apart. Through the API server's service proxy all of them come from one address, and a client can
forge a header such as X-Forwarded-For; a limit for each client would limit nothing.

A request pays one token before its first byte is read; this is upstream's limit, with the same flags and defaults. The
token buys OPERATIONS_PER_TOKEN private-key operations and BYTES_PER_TOKEN of body. A request may use more, up to
MAX_OPERATIONS and the server's MAX_BODY_BYTES, and pays afterwards: while the bucket is in debt, no request is
admitted. So an object of 30 items and 12 keys, which takes 41 operations, costs one token, even without hints. The
worst one of that size, each item sealed to another key, costs 7 tokens and is still answered. Over time at most rate *
OPERATIONS_PER_TOKEN operations are done per second: 100 by default, about 0.2 s of one core with keys of 4096 bits. An
operation with a key of 8192 bits takes six times as long, so a token also buys at most SECONDS_PER_TOKEN of a core, and
a request gets at most MAX_SECONDS of one.

The decision and its drawbacks: docs/adr/0006-rate-limit-of-private-key-operations.md
"""

import contextlib
import math
import threading
import time
from collections.abc import Callable, Iterator

from sealwright_crypto import OperationCounter, OperationMeter

OPERATIONS_PER_TOKEN = 50
BYTES_PER_TOKEN = 64 * 1024
"""Parsing YAML takes a second per MiB, and more for hostile input."""

SECONDS_PER_TOKEN = 0.25
"""Core time per token, beyond which a request pays by time: that of OPERATIONS_PER_TOKEN with 4096 bits on a slow
core."""

MAX_OPERATIONS = 1000
"""The limit of one request."""

MAX_SECONDS = 3.0
"""How long one request may keep a core busy; the operation running at that time is the last."""

MAX_AT_ONCE = 8
"""Requests in work that may use private keys; fewer than the server has threads, so that probes are answered."""


class TooManyRequestsError(Exception):
    """The request is not admitted now; retry after `seconds`, a whole number."""

    def __init__(self, wait_seconds: float) -> None:
        self.seconds = math.ceil(wait_seconds)
        super().__init__(f"too many requests; try again in {self.seconds} s")


class TooMuchWorkError(Exception):
    """One request asked for more than MAX_OPERATIONS private-key operations, or MAX_SECONDS of a core."""

    def __init__(self, what: str = f"{MAX_OPERATIONS} private-key operations") -> None:
        super().__init__(f"this takes more than {what}; split the SealedSecret in two")


class TokenBucket:
    """Holds up to `size` tokens, fills at `per_second`, and may be in debt. Methods may be called from any thread."""

    def __init__(self, *, size: float, per_second: float, clock: Callable[[], float]) -> None:
        """Start full; `clock` gives seconds that never go back."""
        self._size = size
        self._per_second = per_second
        self._clock = clock
        self._lock = threading.Lock()
        self._tokens = size
        self._filled_at = clock()

    def take(self) -> float:
        """Take one token and return 0; if there is none, return the seconds until there will be one."""
        with self._lock:
            self._fill()
            if self._tokens < 1:
                return (1 - self._tokens) / self._per_second
            self._tokens -= 1
            return 0.0

    def reserve(self) -> float:
        """Take one token, going into debt if needed; return the seconds to wait for it. First come, first served."""
        with self._lock:
            self._fill()
            self._tokens -= 1
            return max(0.0, -self._tokens / self._per_second)

    def charge(self, tokens: float) -> None:
        """Take this many tokens, going into debt if needed."""
        with self._lock:
            self._fill()
            self._tokens -= tokens

    def _fill(self) -> None:
        now = self._clock()
        self._tokens = min(self._size, self._tokens + (now - self._filled_at) * self._per_second)
        self._filled_at = now


class KeyWorkLimit:
    """Admits requests that use private keys, and charges them."""

    def __init__(
        self, bucket: TokenBucket, total: OperationMeter, *, busy_clock: Callable[[], float] = time.thread_time
    ) -> None:
        """`total` counts every operation; `busy_clock` gives the processor seconds of the thread."""
        self._bucket = bucket
        self._total = total
        self._busy_clock = busy_clock
        self._places = threading.BoundedSemaphore(MAX_AT_ONCE)

    @contextlib.contextmanager
    def admit(self) -> Iterator["Admitted"]:
        """Admit one request for the duration of the block. Raises TooManyRequestsError if it is not admitted."""
        if not self._places.acquire(blocking=False):
            raise TooManyRequestsError(1.0)
        try:
            if wait_seconds := self._bucket.take():
                raise TooManyRequestsError(wait_seconds)
            admitted = Admitted(self._bucket, self._total, self._busy_clock)
            try:
                yield admitted
            finally:
                admitted.pay()
        finally:
            self._places.release()


class Admitted:
    """One admitted request, which pays for what its token did not buy: the OperationMeter of its keyring."""

    def __init__(self, bucket: TokenBucket, total: OperationMeter, busy_clock: Callable[[], float]) -> None:
        """`total` counts every operation as well; `busy_clock` as in KeyWorkLimit."""
        self._bucket = bucket
        self._done = OperationCounter(total)
        self._busy_clock = busy_clock
        self._began = busy_clock()
        self._paid = 1.0

    def pay_for_body(self, size_bytes: int) -> None:
        """Pay for a body that is about to be parsed."""
        self._bucket.charge(max(0.0, size_bytes / BYTES_PER_TOKEN - 1))

    def increment(self) -> None:
        """Count and pay for one private-key operation. Raises TooMuchWorkError instead if it exceeds the limit."""
        if self._done.value == MAX_OPERATIONS:
            raise TooMuchWorkError
        if self._busy_clock() - self._began > MAX_SECONDS:
            raise TooMuchWorkError(f"{MAX_SECONDS:g} s of work")
        self._done.increment()
        self.pay()

    def pay(self) -> None:
        """Pay for the work since the last payment, by number or by time, whichever is more."""
        seconds = self._busy_clock() - self._began
        due = max(self._done.value / OPERATIONS_PER_TOKEN, seconds / SECONDS_PER_TOKEN)
        if due > self._paid:
            self._bucket.charge(due - self._paid)
            self._paid = due
