"""Which request to an API server meets which fault on its way: drawn from a seed, the same ones each time."""

import random
import re
import threading
from collections import Counter
from collections.abc import Collection, Mapping
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

OF_ALL = {
    "late": 0.04,
    "lost request": 0.02,
    "lost answer": 0.03,
    "cut answer": 0.02,
    "truncated": 0.02,
    "429": 0.02,
    "500": 0.02,
    "503": 0.02,
}
"""Each is met by any request that ends. `late`: it arrives later, by up to a second. `lost request`: it never arrives.
`lost answer`: it takes effect, and the connection is closed in the place of an answer. `cut answer`: half of the answer
arrives. `truncated`: half of it arrives, as if it were all. Numbers are HTTP statuses, answered in the server's place."""
OF_WRITES = {"409": 0.03}
OF_LISTS = {"stale list": 0.05}
"""The answer is the collection as it was at a version that was seen before: of a server restored from a backup."""
OF_NEXT_PAGES = {"410": 0.1}
OF_WATCHES = {
    "cut watch": 0.12,
    "ended watch": 0.08,
    "silent watch": 0.08,
    "stale watch": 0.12,
    "expired watch": 0.08,
    "410": 0.04,
    "lost request": 0.03,
    "503": 0.03,
}
"""`cut`: the connection ends within an event, or without one. `ended`: the answer ends in good order. `silent`: nothing
arrives any more, and the connection stays. `stale`: it begins at a version that was seen before, so that old states
come again. `expired`: the server says so within the stream, as it also does."""
_NAMESPACE = re.compile(r"(?<=/namespaces/)[^/]+(?=/)")
STREAM_FAULTS = ("cut watch", "ended watch", "silent watch", "expired watch")


class Asked(NamedTuple):
    """What a request asks for, without its body."""

    method: str
    target: str

    @property
    def path(self) -> str:
        """The path without the query."""
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        """The query; each parameter once."""
        return {name: values[-1] for name, values in parse_qs(urlsplit(self.target).query).items()}

    @property
    def kind(self) -> str:
        """One of: write, watch, next page, list, read."""
        query = self.query
        if self.method != "GET":
            return "write"
        if query.get("watch"):
            return "watch"
        if query.get("continue"):
            return "next page"
        return "list" if "limit" in query else "read"


class WireFaults:
    """Says which fault a request meets; may be asked from several threads.

    That depends on the seed, on the method, on the path but for its namespace, and on how often these were met before;
    not on what other threads do. `harshness` multiplies all rates; `spares` are kinds of requests that meet none. `heal` ends all troubles, `resume` lets them begin again. `struck` counts them.
    """

    def __init__(self, seed: int, *, harshness: float = 1.0, spares: Collection[str] = ()) -> None:
        self._seed = seed
        self._harshness = harshness
        self._spares = frozenset(spares)
        self._met: Counter[tuple[str, str]] = Counter()
        self._lock = threading.Lock()
        self._healed = threading.Event()
        self.struck: Counter[str] = Counter()

    def heal(self) -> None:
        """From now on nothing fails; what is silent ends."""
        self._healed.set()

    def resume(self) -> None:
        """Let the troubles begin again."""
        self._healed.clear()

    @property
    def is_healed(self) -> bool:
        """Whether nothing fails."""
        return self._healed.is_set()

    def wait_until_healed(self, seconds: float) -> bool:
        """Wait for `heal`; False if it did not come in time."""
        return self._healed.wait(seconds)

    def strike(self, asked: Asked) -> tuple[str, float]:
        """Return the fault that a request meets, or an empty text; and a number 0 ≤ x < 1 for its details."""
        with self._lock:
            met = (asked.method, f"{asked.kind} {_NAMESPACE.sub('-', asked.path)}")
            self._met[met] += 1
            drawn = random.Random(f"{self._seed}/{met}/{self._met[met]}")
        fault = "" if self.is_healed or asked.kind in self._spares else self._chosen(asked.kind, drawn.random())
        if fault:
            self.count(fault)
        return fault, drawn.random()

    def count(self, fault: str) -> None:
        """Count a fault as struck."""
        with self._lock:
            self.struck[fault] += 1

    def _chosen(self, kind: str, draw: float) -> str:
        for fault, rate in rates_of(kind).items():
            draw -= rate * self._harshness
            if draw < 0:
                return fault
        return ""


def rates_of(kind: str) -> Mapping[str, float]:
    """Return the probability of each fault that a kind of request can meet."""
    special = {"write": OF_WRITES, "list": OF_LISTS, "next page": OF_NEXT_PAGES, "read": {}}
    return OF_WATCHES if kind == "watch" else OF_ALL | special[kind]
