"""The recorded behaviour of Go's templates holds in a renderer as well, which can import nothing and open nothing."""

import base64
import json
import re
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from tests.support.renderers import ask_as_controller
from tests.support.repository import ROOT

from sealwright_controller.renderer.frames import Request
from sealwright_controller.renderer.service import Renderers
from sealwright_templating import TemplateExecutionError, TemplateParseError

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux confines a renderer")

FILES = sorted((ROOT / "tests/vectors/gotemplate/given").glob("*.json"))
ERRORS = {"parse": TemplateParseError, "exec": TemplateExecutionError}


@pytest.fixture(scope="module")
def renderers() -> Iterator[Renderers]:
    with Renderers() as made:
        yield made


def is_as_go_does(renderers: Renderers, case: dict[str, Any]) -> bool:
    texts = {key: value.encode() for key, value in case["data"].items()}
    data = texts | {key: base64.b64decode(value) for key, value in case.get("data_b64", {}).items()}
    answer = ask_as_controller(renderers, "a", Request({"config": case["template"]}, data))
    if "error" in case:
        return isinstance(answer.failure, ERRORS[case["error"]])
    if answer.failure is not None:
        return False
    rendered = answer.values["config"]
    if "matches" in case:
        return re.fullmatch(case["matches"], rendered.decode()) is not None
    return rendered == (base64.b64decode(case["output_b64"]) if "output_b64" in case else case["output"].encode())


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_all_recorded_cases_are_as_in_go(renderers: Renderers, path: Any) -> None:
    cases = json.loads(path.read_text(encoding="utf-8"))
    assert [case["id"] for case in cases if not is_as_go_does(renderers, case)] == []
