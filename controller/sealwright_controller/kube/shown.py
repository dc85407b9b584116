"""SealedSecrets that a list or watch has just shown, so that working on them needs no request for each.

Texts are kept, not data: their size is known, and an object of many short values takes no more than its text.
"""

import threading
from collections.abc import Callable, Sequence

from sealwright_controller.gateway import Manifest, ObjectKey, WatchEvent
from sealwright_controller.kube.boundedjson import object_in_event
from sealwright_controller.kube.onaccess import OnAccess

MAX_BYTES = 4 * 2**20
"""How many bytes are kept in all: about a thousand objects of usual size."""
MAX_OBJECT_BYTES = 2**16
"""The size of an object beyond which it is read when its turn comes."""


class ShownObjects:
    """The latest text of each object that waits for its turn, as far as there is room; thread-safe.

    While there is no room, nothing new is kept: the objects that were shown first are worked on first.
    """

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        """Keep up to `max_bytes` in all."""
        self._texts: dict[ObjectKey, bytes] = {}
        self._room = max_bytes
        self._lock = threading.Lock()

    def note(self, event: WatchEvent, line: bytes) -> None:
        """Note an event of a watch, with the line that it was read from."""
        if event.type == "BOOKMARK":
            return
        key, text = ObjectKey.of(event.object), object_in_event(line)
        if text is None or event.type == "DELETED":
            self.take(key)
        else:
            self.keep(key, text)

    def keeping(self, objects: Sequence[Manifest], text: Callable[[int], bytes]) -> Sequence[Manifest]:
        """Return the objects of a list; each is kept on access. `text` returns the text of the nth one."""
        return _KeptOnAccess(self, objects, text)

    def keep(self, key: ObjectKey, text: bytes) -> None:
        """Keep an object's text in place of an earlier one, or at least forget the earlier one."""
        with self._lock:
            self._drop(key)
            if len(text) <= min(self._room, MAX_OBJECT_BYTES):
                self._texts[key] = text
                self._room -= len(text)

    def take(self, key: ObjectKey) -> bytes | None:
        """Return an object's text and forget it; None if it is not kept."""
        with self._lock:
            return self._drop(key)

    def clear(self) -> None:
        """Forget all objects: the stream that would have shown their changes has ended.

        Meanwhile an API server may be restored from a backup, in which objects are older than they were shown.
        """
        with self._lock:
            for key in tuple(self._texts):
                self._drop(key)

    def _drop(self, key: ObjectKey) -> bytes | None:
        text = self._texts.pop(key, None)
        if text is not None:
            self._room += len(text)
        return text


class _KeptOnAccess(OnAccess):
    def __init__(self, kept: ShownObjects, objects: Sequence[Manifest], text: Callable[[int], bytes]) -> None:
        self._kept = kept
        self._objects = objects
        self._text = text

    def __len__(self) -> int:
        return len(self._objects)

    def read(self, index: int) -> Manifest:
        manifest = self._objects[index]
        self._kept.keep(ObjectKey.of(manifest), self._text(index))
        return manifest
