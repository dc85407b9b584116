"""Laws that hold for any template and any data: the suite tries hundreds of templates, `make fuzz` many more."""

import random

from sealwright_templating import (
    Limits,
    TemplateError,
    TemplateExecutionError,
    TemplateParseError,
    parse,
    render,
)

SECRET = "correct horse battery staple"
SECRETS: list[str | bytes] = [SECRET, SECRET.encode(), SECRET.encode() + b"\xff", SECRET + "\ud800"]
SMALL = Limits(steps=20_000, output_bytes=64 * 1024, value_bytes=128 * 1024, memory_bytes=1024 * 1024)


def outcome(template: str, data: dict[str, str | bytes]) -> bytes | TemplateError:
    """Return what a template makes, within small limits, at one time and with one source of randomness; or its error."""
    try:
        return render(
            template, data, limits=SMALL, clock=lambda: 1_700_000_000_123_456_789, randomness=random.Random(0).randbytes
        )
    except TemplateError as error:
        return error


def check_parses_or_is_refused_with_its_place(text: str) -> None:
    """Any text is a template, or is refused with a place that lies within it."""
    try:
        parse(text)
    except TemplateParseError as raised:
        error = raised
    else:
        return
    assert 1 <= error.line <= text.count("\n") + 1
    assert 1 <= error.column <= len(text) + 1


def check_renders_or_is_refused_in_bounds(template: str, value: str | bytes) -> None:
    """Any template over any data makes no more than it may, or is refused with its line."""
    try:
        parse(template)
    except TemplateParseError:
        return
    result = outcome(template, {"user": value})
    if isinstance(result, bytes):
        assert len(result) <= SMALL.output_bytes
    else:
        assert isinstance(result, TemplateExecutionError)
        assert 1 <= result.line <= template.count("\n") + 1


def check_no_error_shows_a_value(template: str, value: str | bytes) -> None:
    """No error, of a template that uses one of SECRETS in any way, shows it."""
    result = outcome(template + "{{ .user.x }}", {"user": value, "none": value, SECRET: value})
    if isinstance(result, TemplateError):
        assert "horse" not in str(result).lower()
        assert "horse" not in repr(result).lower()
