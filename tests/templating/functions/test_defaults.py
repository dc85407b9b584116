"""What is empty, where no recorded vector goes. Go gave the results."""

import pytest

from sealwright_templating import TemplateExecutionError, render

DATA: dict[str, str | bytes] = {"empty": "", "secret": "hunter2", "stray": b"\xff"}

TABLE = [
    ("zeros of all types are empty", "{{ empty 0i }} {{ empty -0.0 }} {{ empty (int64 0) }} {{ empty 'a' }}", "true true true false"),
    ("a struct and NaN are not", '{{ empty (toDate "" "") }} {{ empty (semver "0").IncPatch }} {{ empty (float64 "nan") }}', "false false false"),
    ("a nil dict is", '{{ empty (unset nil "a") }} {{ empty (initial list) }}', "true true"),
    ("without a value there is the default", "{{ default 1 }} {{ default nil }}", "1 <no value>"),
    ("only the first value counts", '{{ default 1 "" 2 }} {{ default 1 2 "" }}', "1 2"),
    ("the default may be empty itself", "[{{ default .empty nil }}]", "[]"),
    ("a stray byte is a text", "{{ default 1 .stray | len }}", "1"),
    ("of nothing nothing is taken", "{{ coalesce }} {{ coalesce .none 0 list }}", "<no value> <no value>"),
    ("all of nothing, and any", "{{ all }} {{ any }}", "true false"),
    ("ternary gives either", "{{ ternary 1 nil false }} {{ ternary 1 nil true }}", "<no value> 1"),
]  # fmt: skip


@pytest.mark.parametrize(("template", "expected"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_emptiness_as_by_go(template: str, expected: str) -> None:
    assert render(template, DATA).decode() == expected


@pytest.mark.parametrize("item", ["secret", "stray"])
def test_a_template_that_fails_says_why_to_whoever_holds_the_data_only(item: str) -> None:
    with pytest.raises(TemplateExecutionError, match=r"the template says so$") as caught:
        render(f"{{{{ fail .{item} }}}}", DATA)
    assert caught.value.detail == {"secret": "hunter2", "stray": "\ufffd"}[item]
    assert "hunter2" not in f"{caught.value!s}{caught.value!r}"
