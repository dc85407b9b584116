"""The recorded behaviour of Go's own text/template, byte for byte."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from sealwright_templating import TemplateExecutionError, TemplateParseError, render

VECTORS = json.loads((Path(__file__).parents[1] / "vectors/gotemplate/basic.json").read_text(encoding="utf-8"))
ERRORS = {"parse": TemplateParseError, "exec": TemplateExecutionError}


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: case["id"])
def test_as_go_does(case: dict[str, Any]) -> None:
    data = case["data"] | {key: base64.b64decode(value) for key, value in case.get("data_b64", {}).items()}
    if "error" in case:
        with pytest.raises(ERRORS[case["error"]]):
            render(case["template"], data)
    else:
        assert render(case["template"], data) == case["output"].encode()
