"""Rendering the templates of one object: what they may take together, and which of them chance had a part in."""

import pytest

from sealwright_controller import templates
from sealwright_controller.templates import MAX_SECONDS, TemplateRendering
from sealwright_templating import OUTPUT_LIMIT_BYTES, TemplateError, TemplateLimitError


class Timer:
    """A clock that each look moves on."""

    def __init__(self, step: float) -> None:
        self.now = 0.0
        self.step = step

    def __call__(self) -> float:
        self.now += self.step
        return self.now


def test_keys_are_told_that_another_rendering_would_give_another_value() -> None:
    rendering = TemplateRendering()
    assert rendering("plain", "x{{ .a }}", {"a": b"1"}) == b"x1"
    assert len(rendering("random", "{{ randAlphaNum 8 }}", {})) == 8
    assert rendering.varying == {"random"}


def test_templates_of_one_object_may_take_so_much_time_together() -> None:
    rendering = TemplateRendering(timer=Timer(MAX_SECONDS / 3))
    for key in ("a", "b"):
        rendering(key, "x", {})
    with pytest.raises(TemplateLimitError) as caught:
        rendering("c", "x", {})
    assert str(caught.value) == (
        'template "c", line 1, column 1: the templates of this object take more than 5 seconds together'
    )


def test_a_template_that_fails_counts_too() -> None:
    rendering = TemplateRendering(timer=Timer(MAX_SECONDS / 3))
    reasons = set()
    for number in range(10):
        with pytest.raises(TemplateError) as caught:
            rendering(f"k{number}", "{{ fail `no` }}", {})
        reasons.add(caught.value.reason)
    assert f"the templates of this object take more than {MAX_SECONDS:g} seconds together" in reasons


def test_templates_of_one_object_may_make_so_much_together() -> None:
    rendering = TemplateRendering()
    half = "x" * (OUTPUT_LIMIT_BYTES // 2)
    for key in ("a", "b"):
        rendering(key, half, {})
    with pytest.raises(TemplateLimitError) as caught:
        rendering("c", "x", {})
    assert str(caught.value) == (
        'template "c", line 1, column 1: the templates of this object make more than 1048576 bytes together'
    )


def test_what_nobody_foresaw_is_a_failure_of_the_template_and_is_not_quoted(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def defective(text: str, *, name: str) -> None:
        raise ZeroDivisionError("hunter2")

    monkeypatch.setattr(templates, "parse", defective)
    with pytest.raises(TemplateError) as caught:
        TemplateRendering()("a", "{{ .password }}", {"password": b"hunter2"})
    assert caught.value.reason == "a defect in the template engine (ZeroDivisionError)"
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
    said = capsys.readouterr().out
    assert "test_templates.py" in said
    assert "hunter2" not in said + str(caught.value) + caught.value.detail
