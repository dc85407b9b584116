"""Rendering the templates of one object: what they may take together, and which of them chance had a part in."""

import pytest

from sealwright_controller.renderer import templates
from sealwright_controller.renderer.templates import MAX_SECONDS, MAX_SLOW_SECONDS, TemplateRendering
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
    rendering = TemplateRendering(timer=Timer(MAX_SECONDS / 8.5))  # twice for parsing, twice for rendering
    for key in ("a", "b"):
        rendering(key, "x", {})
    with pytest.raises(TemplateLimitError) as caught:
        rendering("c", "x", {})
    assert str(caught.value) == (
        'template "c", line 1, column 1: the templates of this object take more than 0.4 seconds together'
    )


def test_a_template_that_fails_counts_too() -> None:
    rendering = TemplateRendering(timer=Timer(MAX_SECONDS / 3))
    reasons = set()
    for number in range(10):
        with pytest.raises(TemplateError) as caught:
            rendering(f"k{number}", "{{ fail `no` }}", {})
        reasons.add(caught.value.reason)
    assert f"the templates of this object take more than {MAX_SECONDS:g} seconds together" in reasons


def test_it_is_told_of_every_template_whichever_of_them_are_reached() -> None:
    rendering = TemplateRendering()
    texts = {"a": "{{ fail `no` }}", "b": "{{ now }}", "c": "plain"}
    for key, text in texts.items():
        rendering.prepare(key, text)
    with pytest.raises(TemplateError):
        rendering("a", texts["a"], {})
    assert rendering.varying == {"b"}


class Work:
    """A clock that stands still but for what the test lets slow work take."""

    def __init__(self, slow_seconds: float) -> None:
        self.now = 0.0
        self.begun = 0
        self._slow_seconds = slow_seconds

    def __call__(self) -> float:
        return self.now

    def begin(self) -> None:
        self.begun += 1
        self.now += self._slow_seconds


SLOW = "{{ bcrypt `x` | len }}"


def test_slow_work_has_a_time_of_its_own() -> None:
    work = Work(0.0)
    rendering = TemplateRendering(work, before_slow_work=work.begin)
    assert rendering("a", SLOW, {}) == b"60"
    assert rendering("b", "x", {}) == b"x"
    assert work.begun == 1


def test_slow_work_of_one_object_may_take_so_much_time_together() -> None:
    work = Work(0.4 * MAX_SLOW_SECONDS)
    rendering = TemplateRendering(work, before_slow_work=work.begin)
    for key in ("a", "b"):
        assert rendering(key, SLOW, {}) == b"60"
    rendering("x", "without any", {})
    with pytest.raises(TemplateLimitError, match=f"take more than {MAX_SLOW_SECONDS:g} seconds together"):
        [rendering(key, SLOW, {}) for key in ("c", "d")]


def test_a_template_gets_only_the_time_that_others_left_and_its_failure_does_not_tell_how_much() -> None:
    said = set()
    for step in (0.03, 0.07):
        timer = Timer(step * MAX_SECONDS)
        rendering = TemplateRendering(timer)
        rendering("a", "x", {})
        with pytest.raises(TemplateLimitError) as caught:
            rendering("b", "{{ range 100000000 }}{{ end }}", {})
        assert timer.now < 1.5 * MAX_SECONDS
        said.add(str(caught.value))
    assert said == {'template "b", line 1, column 1: the templates of this object take more than 0.4 seconds together'}


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
    def defective(text: str, **options: object) -> None:
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
