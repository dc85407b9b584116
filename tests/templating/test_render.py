"""What a template of the supported subset gives."""

import pytest

from sealwright_templating import OUTPUT_LIMIT_BYTES, TemplateLimitError, render

DATA: dict[str, str | bytes] = {
    "user": "alice",
    "password": b"p\xff\x00w",
    "ключ": "key",
    "_1": "underscore",
    "end": "e",
}

TABLE = [
    ("plain text is copied", "a { b } }} c\r\n", b"a { b } }} c\r\n"),
    ("nothing gives nothing", "", b""),
    ("a field gives its value", "hello {{ .user }}!", b"hello alice!"),
    ("space inside an action does not matter", "{{.user}}{{\t.user\r\n}}", b"alicealice"),
    ("bytes that are not UTF-8 survive", "<{{ .password }}>", b"<p\xff\x00w>"),
    ("text becomes UTF-8", "naïve {{ .user }} 日本", "naïve alice 日本".encode()),
    ("a name may be any letters", "{{ .ключ }}{{ ._1 }}", b"keyunderscore"),
    ("a keyword may be a field", "{{ .end }}", b"e"),
    ("a missing field says so", "[{{ .nothing }}]", b"[<no value>]"),
    ("so does a field of a missing field", "[{{ .nothing.at.all }}]", b"[<no value>]"),
    ("names are told apart by case", "{{ .User }}", b"<no value>"),
    ("a comment leaves nothing", "a{{/* {{ .user }} */}}b", b"ab"),
    ("a comment may span lines", "a{{/*\n*/}}b", b"ab"),
    ("a left marker trims what is before", "a \t\r\n{{- .user }} b", b"aalice b"),
    ("a right marker trims what is behind", "a {{ .user -}} \n b", b"a aliceb"),
    ("both markers trim both", "a \n {{- .user -}} \n b", b"aaliceb"),
    ("a comment trims too", "a {{- /* c */ -}} b", b"ab"),
    ("a marker may stand on a line of its own", "a {{-\n.user\n-}} b", b"aaliceb"),
    ("a marker may follow any number of spaces", "a {{ .user \n -}} b", b"a aliceb"),
    ("a marker trims up to the next action only", "{{ .user -}} {{ .user }} {{- .user }}", b"alicealicealice"),
    ("a no-break space is not trimmed", "a\u00a0{{- .user }}", "a\u00a0alice".encode()),
]


@pytest.mark.parametrize(("template", "expected"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_supported_templates(template: str, expected: bytes) -> None:
    assert render(template, DATA) == expected


def test_values_are_not_rendered_again() -> None:
    assert render("{{ .a }}", {"a": "{{ .b }}", "b": "secret"}) == b"{{ .b }}"


def test_the_largest_result_that_a_secret_can_hold_is_given() -> None:
    half = b"x" * (OUTPUT_LIMIT_BYTES // 2)
    assert render("{{ .half }}{{ .half }}", {"half": half}) == half + half


@pytest.mark.parametrize("template", ["{{ .half }}{{ .half }}!", "{{ .half }}{{ .half }}{{ .user }}"])
def test_a_larger_result_is_refused(template: str) -> None:
    data: dict[str, str | bytes] = {"half": b"x" * (OUTPUT_LIMIT_BYTES // 2), "user": "alice"}
    with pytest.raises(TemplateLimitError, match="the result is larger than 1048576 bytes"):
        render(template, data)
