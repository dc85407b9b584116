"""A process of its own in which templates are rendered and whatever would reach outside is trapped.

Python tells its audit hooks of every file, socket and process that is opened, whoever opens it; what it does not tell is
trapped one by one. Time zones are a parameter, and here there are none: they lie in files. An audit hook can never be
taken away again, and where one is, threads now and then fail to start under coverage: hence the process.
"""

import os
import random
import secrets
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NoReturn

import pytest

from sealwright_templating import Limits, TemplateError, render
from sealwright_templating.functions.index import lookup, names

_WATCHED = ("open", "socket.", "subprocess.", "os.", "shutil.", "glob.", "tempfile.", "import", "ctypes.", "urllib.")
_FEW = Limits(steps=20_000, value_bytes=64 * 1024, memory_bytes=1024 * 1024)

REACHES: dict[str, Callable[[], object]] = {
    "time": lambda: time.time(),  # noqa: PLW0108 - looked up when the trap is set
    "random": lambda: random.random(),  # noqa: PLW0108 - as above
    "os": lambda: os.environ["HOME"],
    "secrets": lambda: secrets.token_bytes(1),
    "file": lambda: Path(os.devnull).open(),  # noqa: SIM115 - it is never opened
}
"""Ways outside, by what they reach for."""


class EscapedError(BaseException):
    """Something reached outside; no handler of exceptions can hide it."""


class _Guard:
    """An audit hook that does nothing unless it is told to."""

    active = False

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self.active and event.startswith(_WATCHED):
            self.active = False
            raise EscapedError(f"{event} {arguments}")


_GUARD = _Guard()


@contextmanager
def sandbox() -> Iterator[ProcessPoolExecutor]:
    """Yield a process to which `rendered` and `reach` can be submitted."""
    with ProcessPoolExecutor(1, get_context("spawn"), initializer=_prepare) as process:
        yield process


def rendered(template: str) -> bytes | str:
    """Return what a template makes, or the text of its error. Raises EscapedError."""
    chance = random.Random(0)
    with _nothing_outside():
        try:
            return render(
                template,
                {"user": "alice"},
                limits=_FEW,
                clock=lambda: 1_700_000_000_123_456_789,
                randomness=chance.randbytes,
                zones=lambda _: None,
                timer=lambda: 0.0,
            )
        except TemplateError as error:
            return str(error)


def reach(what: str) -> None:
    """Go one of the ways outside. Raises EscapedError, if the trap works."""
    with _nothing_outside():
        REACHES[what]()


def _prepare() -> None:
    for name in names():
        lookup(name)  # imports its family
    sys.addaudithook(_GUARD)


def _escaped(*_: object, **__: object) -> NoReturn:
    raise EscapedError


class _NoEnvironment(dict[str, str]):
    __getitem__ = __contains__ = get = __iter__ = keys = items = values = _escaped  # type: ignore[assignment]  # a trap


@contextmanager
def _nothing_outside() -> Iterator[None]:
    """Trap files, sockets, processes, imports, the environment, clocks, and every source of chance."""
    with pytest.MonkeyPatch.context() as patched:
        for module, functions in [
            (time, ["time", "time_ns", "monotonic", "perf_counter", "localtime", "gmtime", "sleep"]),
            (random, ["random", "randint", "choice", "shuffle", "randbytes", "seed"]),
            (secrets, ["token_bytes", "choice", "randbelow"]),
            (os, ["urandom", "getenv"]),
        ]:
            for function in functions:
                patched.setattr(module, function, _escaped)
        patched.setattr(os, "environ", _NoEnvironment())
        _GUARD.active = True
        try:
            yield
        finally:
            _GUARD.active = False
