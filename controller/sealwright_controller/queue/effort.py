"""What a look at one object costs: whether the object is large, and the seconds that count against its author.

Elapsed time alone would be wrong: while an API server is slow, every look takes seconds, for all authors. So processor
time counts, and deciding time (while a renderer works), and a tenth of the rest.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sealwright_controller.objects.metadata import Manifest, mapping_of

SHARE_OF_WAITING = 0.1
"""The part of waiting time that counts, because slowing an API server with large objects also occupies a worker."""


LARGE_CHARACTERS = 256 * 1024
"""Items and templates of this total size make an object large: only one such object is worked on at a time, to save
memory."""
ENTRY_CHARACTERS = 100
"""What each item, template, label and annotation counts in addition to its text: the memory that many of them take."""


def is_large(manifest: Manifest) -> bool:
    """Tell whether the items and templates of an object take much memory, even if they are invalid."""
    spec = mapping_of(manifest.get("spec"))
    template = mapping_of(spec.get("template"))
    metadata = mapping_of(template.get("metadata"))
    found = (spec.get("encryptedData"), template.get("data"), metadata.get("labels"), metadata.get("annotations"))
    parts = [mapping_of(part) for part in found]
    texts = (text for part in parts for pair in part.items() for text in pair)
    legacy = spec.get("data")
    size = len(legacy) if isinstance(legacy, str) else 0
    size += ENTRY_CHARACTERS * sum(map(len, parts)) + sum(len(text) for text in texts if isinstance(text, str))
    return size > LARGE_CHARACTERS


class Effort(threading.local):
    """Measures this thread's current look; the clocks give seconds, `processor` those of this thread."""

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, processor: Callable[[], float] = time.thread_time
    ) -> None:
        super().__init__()
        self._clock = clock
        self._processor = processor
        self.begin()

    def begin(self) -> None:
        """Begin measuring another look."""
        self._began, self._processed = self._clock(), self._processor()
        self._deciding = 0.0

    @contextmanager
    def deciding(self) -> Iterator[None]:
        """Count all time that passes in the block."""
        began = self._clock()
        try:
            yield
        finally:
            self._deciding += self._clock() - began

    def excuse(self, seconds: float) -> None:
        """Take seconds off the deciding time, because others had the renderer."""
        self._deciding -= seconds

    def seconds(self) -> float:
        """Return the cost of the look so far."""
        processed = self._processor() - self._processed
        return max(processed, self._deciding, SHARE_OF_WAITING * (self._clock() - self._began))
