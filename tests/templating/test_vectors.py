"""The recorded behaviour of Go's text/template with Sprig's functions, byte for byte."""

import base64
import json
import re
from pathlib import Path
from typing import Any

import pytest

from sealwright_templating import TemplateExecutionError, TemplateParseError, render

GIVEN = Path(__file__).parents[1] / "vectors/gotemplate/given"
CASES = [case for path in sorted(GIVEN.glob("*.json")) for case in json.loads(path.read_text(encoding="utf-8"))]
ERRORS = {"parse": TemplateParseError, "exec": TemplateExecutionError}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_as_go_does(case: dict[str, Any]) -> None:
    data = case["data"] | {key: base64.b64decode(value) for key, value in case.get("data_b64", {}).items()}
    if "error" in case:
        with pytest.raises(ERRORS[case["error"]]):
            render(case["template"], data, name="config")
        return
    rendered = render(case["template"], data, name="config")
    if "matches" in case:
        assert re.fullmatch(case["matches"], rendered.decode())
    elif "output_b64" in case:
        assert rendered == base64.b64decode(case["output_b64"])
    else:
        assert rendered == case["output"].encode()
