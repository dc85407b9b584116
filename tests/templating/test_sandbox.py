"""No template gets at anything outside: not by any function, and not by any way through one.

Python tells its audit hooks of every file, socket and process that is opened, whoever opens it; what it does not tell is
trapped one by one. Time zones are a parameter, and here there are none: they lie in files.
"""

import os
import random
import secrets
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.support.templates import FUNCTIONS, calls, templates

from sealwright_templating import Limits, TemplateError, render

WATCHED = ("open", "socket.", "subprocess.", "os.", "shutil.", "glob.", "tempfile.", "import", "ctypes.", "urllib.")
FEW = Limits(steps=20_000, value_bytes=64 * 1024, memory_bytes=1024 * 1024)


class EscapedError(BaseException):
    """A template reached something outside; no handler of exceptions can hide it."""


class _Guard:
    """An audit hook, which can never be taken away: so it does nothing unless it is told to."""

    def __init__(self) -> None:
        self.active = False
        sys.addaudithook(self)

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self.active and event.startswith(WATCHED):
            self.active = False
            raise EscapedError(f"{event} {arguments}")


GUARD = _Guard()


def escaped(*_: object, **__: object) -> NoReturn:
    raise EscapedError


class _NoEnvironment(dict[str, str]):
    __getitem__ = __contains__ = get = __iter__ = keys = items = values = escaped  # type: ignore[assignment]  # a trap


@contextmanager
def nothing_outside() -> Iterator[None]:
    """Trap files, sockets, processes, imports, the environment, clocks, and every source of chance."""
    with pytest.MonkeyPatch.context() as patched:
        for module, names in [
            (time, ["time", "time_ns", "monotonic", "perf_counter", "localtime", "gmtime", "sleep"]),
            (random, ["random", "randint", "choice", "shuffle", "randbytes", "seed"]),
            (secrets, ["token_bytes", "choice", "randbelow"]),
            (os, ["urandom", "getenv"]),
        ]:
            for name in names:
                patched.setattr(module, name, escaped)
        patched.setattr(os, "environ", _NoEnvironment())
        GUARD.active = True
        try:
            yield
        finally:
            GUARD.active = False


def rendered(template: str) -> bytes | TemplateError:
    chance = random.Random(0)
    with nothing_outside():
        try:
            return render(
                template,
                {"user": "alice"},
                limits=FEW,
                clock=lambda: 1_700_000_000_123_456_789,
                randomness=chance.randbytes,
                zones=lambda _: None,
                timer=lambda: 0.0,
            )
        except TemplateError as error:
            return error


@settings(deadline=None, suppress_health_check=list(HealthCheck))
@given(templates)
def test_no_template_gets_outside(template: str) -> None:
    rendered(template)


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_no_function_gets_outside(name: str) -> None:
    @settings(deadline=None, max_examples=5, database=None, suppress_health_check=list(HealthCheck))
    @given(calls(name, 1))
    def law(call: str) -> None:
        rendered("{{ $x := 1 }}{{ $y := 2 }}{{ " + call + " }}")

    law()


@pytest.mark.parametrize("module", ["time", "random", "os", "secrets"])
def test_the_traps_shut(module: str) -> None:
    reach = {
        "time": lambda: time.time(),  # noqa: PLW0108 - looked up when the trap is set
        "random": lambda: random.random(),  # noqa: PLW0108 - as above
        "os": lambda: os.environ["HOME"],
        "secrets": lambda: secrets.token_bytes(1),
    }
    with pytest.raises(EscapedError), nothing_outside():
        reach[module]()


def test_the_trap_for_files_shuts(tmp_path: Any) -> None:
    with pytest.raises(EscapedError), nothing_outside():
        (tmp_path / "file").open()


@given(st.sampled_from(["env", "expandenv", "getHostByName", "readFile", "include", "tpl", "lookup"]))
def test_functions_that_would_get_outside_do_not_exist(name: str) -> None:
    assert "does not exist" in str(rendered("{{ " + name + ' "HOME" }}'))
