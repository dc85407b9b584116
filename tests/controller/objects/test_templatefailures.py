"""What is said of templates that fail while they run: nothing that tells one value from another."""

import pytest
from tests.support.builders import keyring, sealed_secret, sealing_key, stored

from sealwright_controller.objects.decide import UNUSABLE_LEGACY_DATA, decide
from sealwright_controller.objects.reasons import Reason
from sealwright_controller.objects.templatefailures import MAX_KEY_CHARACTERS, ObjectTemplates, TemplatesFailedError
from sealwright_controller.renderer.templates import TemplateRendering
from sealwright_crypto import Scope, label_for, seal_item
from sealwright_templating import TemplateExecutionError, TemplateLimitError, TemplateParseError

FAILED = 'template "url": it cannot be rendered with the values of this object'
ENDLESS = "{{ range until 100000 }}{{ range until 100000 }}{{ end }}{{ end }}"
LARGE = '{{ repeat 100000000 "x" }}'


def told(data, items=None):
    manifest = stored(sealed_secret(items=items, template={"data": data}))
    decision = decide(manifest, None, keyring(), TemplateRendering())
    return decision.reason, decision.message


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("{{ fail .password }}", id="fail with a value"),
        pytest.param('\n\n{{ fail "no" }}', id="fail on another line"),
        pytest.param("{{ index .password 100 }}", id="an index beyond the end"),
        pytest.param("{{ .password.name }}", id="a field of a text"),
        pytest.param("{{ .missing | upper }}", id="a missing item as an argument"),
        pytest.param("{{ add 1 2 | until }}", id="a wrong type"),
        pytest.param("{{ mustRegexFind .password `x` }}{{ mustRegexFind `(` `x` }}", id="a regular expression"),
        pytest.param("{{ semver .password }}", id="a version"),
        pytest.param('{{ mustToDate "2006" .password }}', id="a date"),
        pytest.param("{{ mustFromJson .password }}", id="JSON"),
        pytest.param('{{ template "none" }}', id="a template that is not there"),
        pytest.param("{{ b64dec .password | fail }}", id="base64"),
        pytest.param('{{ decryptAES "a" .password }}', id="a ciphertext"),
        pytest.param("{{ genPrivateKey .password | len | slice }}{{ fail .password }}", id="several in one"),
    ],
)
def test_of_a_failure_nothing_but_the_key_is_told(text):
    assert told({"url": text}) == (Reason.TEMPLATE_FAILED, FAILED)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        pytest.param(ENDLESS, "time", id="too many steps"),
        pytest.param(LARGE, "memory", id="one large value"),
        pytest.param('{{ $a := repeat 3000000 "x" }}{{ $a }}', "memory", id="what is made is too large"),
    ],
)
def test_of_a_limit_its_kind_is_told_as_well(text, what):
    assert told({"url": text}) == (Reason.TEMPLATE_LIMIT, f'template "url": it needs more {what} than is allowed')


def test_a_text_that_is_no_template_is_told_with_its_place():
    reason, message = told({"url": "a\n{{ nonsense }}"})
    assert reason is Reason.TEMPLATE_FAILED
    assert message == 'template "url", line 2, column 4: function "nonsense" does not exist'


class TestSeveral:
    """Which of several fails depends on the values too: all are named, whichever it was."""

    @pytest.mark.parametrize(
        "data",
        [
            {"a": "{{ fail `no` }}", "b": "x"},
            {"a": "x", "b": "{{ fail `no` }}"},
            {"a": "{{ fail `no` }}", "b": "{{ fail `no` }}"},
        ],
        ids=["the first", "the second", "both"],
    )
    def test_all_are_named(self, data):
        assert told(data) == (
            Reason.TEMPLATE_FAILED,
            'templates "a", "b": one or more of them cannot be rendered with the values of this object',
        )

    def test_a_text_that_is_no_template_is_told_whatever_else_fails(self):
        failing = "{{ fail `no` }}"
        assert told({"a": failing, "b": "{{ end }}"}) == told({"a": "x", "b": "{{ end }}"})

    def test_a_limit_is_told_whatever_else_fails(self):
        expected = (Reason.TEMPLATE_LIMIT, 'templates "a", "b", "c": they need more time than is allowed')
        assert told({"a": "{{ fail `no` }}", "b": LARGE, "c": ENDLESS}) == expected

    def test_all_are_rendered_although_the_first_fails(self):
        seen = []

        def render(key, text, data):
            seen.append(key)
            raise TemplateExecutionError(key, 1, 1, "no")

        templates = ObjectTemplates(render)
        assert [templates(key, "x", {}) for key in ("a", "b")] == [b"", b""]
        assert seen == ["a", "b"]
        with pytest.raises(TemplatesFailedError):
            templates.check()

    def test_keys_without_a_template_are_not_among_them(self):
        assert told({"password": None, "url": "{{ fail `no` }}"}) == (Reason.TEMPLATE_FAILED, FAILED)


def test_templates_that_all_succeed_raise_nothing():
    templates = ObjectTemplates(lambda key, text, data: b"made")
    assert templates("a", "x", {}) == b"made"
    templates.check()


def test_keys_are_shown_short_and_in_one_line():
    error = TemplatesFailedError(["k" * 300, "two\nlines"], None)
    assert str(error).startswith(f'templates "{"k" * MAX_KEY_CHARACTERS}…", "two\\nlines": ')


@pytest.mark.parametrize(
    ("reason", "what"),
    [
        ("it takes more than 500000 steps", "time"),
        ("the templates of this object take more than 0.5 seconds together", "time"),
        ("CPU time", "time"),
        ("one value would take more than 4194304 bytes", "memory"),
        ("memory", "memory"),
        ("a value is nested more than 100 levels deep", "memory"),
    ],
)
def test_limits_are_told_apart_in_no_more_than_two_words(reason, what):
    def render(key, text, data):
        raise TemplateLimitError(key, 1, 1, reason)

    templates = ObjectTemplates(render)
    templates("a", "x", {})
    with pytest.raises(TemplatesFailedError, match=f'^template "a": it needs more {what} than is allowed$'):
        templates.check()


def test_the_first_of_several_parse_errors_is_told():
    def render(key, text, data):
        raise TemplateParseError(key, 1, 1, "no")

    templates = ObjectTemplates(render)
    for key in ("a", "b"):
        templates(key, "x", {})
    with pytest.raises(TemplateParseError, match='"a"'):
        templates.check()


@pytest.mark.parametrize("inner", [b"no JSON", b"[]", b'{"data": {"a": 5}}', b'{"metadata": {"labels": 7}}'])
def test_of_a_deprecated_ciphertext_its_form_is_not_told(inner):
    manifest = stored(sealed_secret())
    sealed = seal_item(inner, sealing_key().certificate, label_for(Scope.STRICT, "team-a", "db"))
    decision = decide({**manifest, "spec": {"data": sealed}}, None, keyring(), TemplateRendering())
    assert (decision.reason, decision.message) == (Reason.MALFORMED, f"spec.data: {UNUSABLE_LEGACY_DATA}")
