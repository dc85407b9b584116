"""Somebody who changes a Secret back whenever a controller has put it right, as another controller would."""

import base64
import contextlib
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from tests.support.worlds import World

from sealwright_controller.gateway import ObjectKey

Manifest = dict[str, Any]


def another_value(secret: Manifest) -> Manifest:
    """Return the Secret with another value of its item."""
    return {**secret, "data": {"password": base64.b64encode(b"by another hand").decode()}}


def no_labels(secret: Manifest) -> Manifest:
    """Return the Secret without labels."""
    return {**secret, "metadata": {name: value for name, value in secret["metadata"].items() if name != "labels"}}


def other_annotations(secret: Manifest) -> Manifest:
    """Return the Secret with another value of each annotation."""
    changed = dict.fromkeys(secret["metadata"].get("annotations") or {}, "another")
    return {**secret, "metadata": {**secret["metadata"], "annotations": changed}}


class Meddler:
    """A context manager: within it, a thread changes the Secret by `change`, or removes it where that is None.

    `count` says how often it had to: how often the controller put the Secret right, and once more.
    """

    def __init__(self, world: World, key: ObjectKey, change: Callable[[Manifest], Manifest] | None) -> None:
        self._world = world
        self._key = key
        self._change = change
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.failure: Exception | None = None
        self.count = 0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stopped.set()
        self._thread.join(30)
        assert self.failure is None, self.failure

    def _run(self) -> None:
        try:
            while not self._stopped.wait(0.05):
                with contextlib.suppress(OSError):  # a folder may be written just now
                    self._meddle()
        except Exception as error:  # noqa: BLE001 - told at the end
            self.failure = error

    def _meddle(self) -> None:
        secret = self._world.secret(self._key)
        if secret is None or not secret.get("data") or "uid" not in secret.get("metadata", {}):
            return  # it is not there, or not whole yet
        changed = None if self._change is None else self._change(secret)
        if changed == secret:
            return
        # Counted first: while a file is being written, the controller may already tell what it saw of the change.
        self.count += 1
        try:
            if changed is None:
                self._world.delete_secret(self._key)
            else:
                self._world.put_secret(changed)
        except OSError:
            self.count -= 1
            raise
