"""No template gets at anything outside: not by any function, and not by any way through one."""

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor

import pytest
from hypothesis import HealthCheck, given, settings
from tests.support.sandbox import REACHES, EscapedError, reach, rendered, sandbox
from tests.support.templates import FUNCTIONS, calls, templates

ANY_TIME = settings(deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def process() -> Iterator[ProcessPoolExecutor]:
    with sandbox() as process:
        yield process


@ANY_TIME
@given(template=templates)
def test_no_template_gets_outside(process: ProcessPoolExecutor, template: str) -> None:
    process.submit(rendered, template).result()


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_no_function_gets_outside(process: ProcessPoolExecutor, name: str) -> None:
    @settings(ANY_TIME, max_examples=5, database=None)
    @given(calls(name, 1))
    def law(call: str) -> None:
        process.submit(rendered, "{{ $x := 1 }}{{ $y := 2 }}{{ " + call + " }}").result()

    law()


def test_what_stays_inside_is_rendered(process: ProcessPoolExecutor) -> None:
    assert process.submit(rendered, "{{ .user | upper }}").result() == b"ALICE"


@pytest.mark.parametrize("what", REACHES)
def test_the_traps_shut(process: ProcessPoolExecutor, what: str) -> None:
    with pytest.raises(EscapedError):
        process.submit(reach, what).result()


@pytest.mark.parametrize("name", ["env", "expandenv", "getHostByName", "readFile", "include", "tpl", "lookup"])
def test_functions_that_would_get_outside_do_not_exist(process: ProcessPoolExecutor, name: str) -> None:
    assert "does not exist" in str(process.submit(rendered, "{{ " + name + ' "HOME" }}').result())
