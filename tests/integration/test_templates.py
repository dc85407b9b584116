"""Templates over a real kube-apiserver: what they make, how they fail, and that chance does not change a Secret."""

import base64
import json
from typing import Any

import pytest
from tests.support.installation import SEALED_SECRET, Installation
from tests.support.wait import eventually, stays_true

PASSWORD = "correct horse battery staple"
CHANCE = {
    "token": "{{ randAlphaNum 24 }}",
    "made": '{{ now | date "2006-01-02T15:04:05.999999999" }}',
    "key": '{{ genPrivateKey "ecdsa" }}',
    "dsn": "db://{{ .password | urlquery }}@h",
}


def sealed(installed: Installation, namespace: str, templates: dict[str, Any], name: str = "db") -> dict[str, Any]:
    """Return a SealedSecret with two items and these templates."""
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "namespace": namespace},
        "stringData": {"user": "shop", "password": PASSWORD},
    }
    manifest: dict[str, Any] = json.loads(installed.sealwright("seal", "-o", "json", stdin=json.dumps(secret)))
    manifest["spec"]["template"]["data"] = templates
    return manifest


def apply(installed: Installation, manifest: dict[str, Any]) -> None:
    installed.apply(json.dumps(manifest))


def made(installed: Installation, namespace: str) -> dict[str, str]:
    """Return the items of the Secret once the SealedSecret is synced."""
    installed.wait_for_condition(namespace, "db", "True")
    items = installed.items(namespace, "db")
    assert items is not None
    return items


def test_templates_see_items_and_each_other(installed: Installation, namespace: str) -> None:
    config = "user = {{ .user | quote }}\n{{ range $i := until 2 }}host{{ $i }}.{{ $.domain }}\n{{ end }}"
    apply(installed, sealed(installed, namespace, {"config": config, "domain": "example.org", "user": "hidden"}))
    assert made(installed, namespace) == {
        "config": 'user = "shop"\nhost0.example.org\nhost1.example.org\n',
        "domain": "example.org",
        "user": "shop",
        "password": PASSWORD,
    }


@pytest.mark.parametrize("way", ["created", "applied by the server"])
def test_null_leaves_an_item_out_and_templates_see_it_nevertheless(
    installed: Installation, namespace: str, way: str
) -> None:
    manifest = sealed(installed, namespace, {"dsn": "db://{{ .user }}:{{ len .password }}", "password": None})
    if way == "created":
        installed.kube.create(manifest)
    else:
        installed.kubectl("apply", "--server-side", "-f", "-", stdin=json.dumps(manifest))
    assert made(installed, namespace) == {"dsn": f"db://shop:{len(PASSWORD)}", "user": "shop"}


FAILING = {
    "does not parse": ("{{ .password", "TemplateFailed"),
    "fails by itself": ("{{ fail .password }}", "TemplateFailed"),
    "fails with the value": (
        '{{ index .password 999 }} {{ .password | atoi | until }} {{ regexReplaceAll .password "a" "(" }}',
        "TemplateFailed",
    ),
    "asks for too much": ("{{ range until 1000000000 }}{{ $.password }}{{ end }}", "TemplateLimit"),
    "repeats for ever": ('{{ define "x" }}{{ template "x" . }}{{ end }}{{ template "x" . }}', "TemplateLimit"),
}


@pytest.mark.parametrize(("template", "reason"), FAILING.values(), ids=FAILING)
def test_a_template_that_fails_names_its_key_and_shows_no_value(
    installed: Installation, namespace: str, template: str, reason: str
) -> None:
    apply(installed, sealed(installed, namespace, {"conf.ini": template, "good": "{{ .user }}"}))
    condition = installed.wait_for_condition(namespace, "db", "False", "conf.ini")
    assert condition["reason"] == reason
    assert installed.items(namespace, "db") is None
    events = eventually(lambda: installed.events(namespace, "db"), what="an event") or []
    told = json.dumps([installed.kube.get(SEALED_SECRET, "db", namespace)["status"], events])
    told += installed.controller.log.read_text()
    for spelling in (PASSWORD, base64.b64encode(PASSWORD.encode()).decode(), "horse"):
        assert spelling not in told


def test_others_do_not_notice(installed: Installation, namespace: str) -> None:
    apply(installed, sealed(installed, namespace, {"conf": FAILING["asks for too much"][0]}, name="bad"))
    apply(installed, sealed(installed, namespace, {"dsn": "{{ .user }}"}))
    assert made(installed, namespace)["dsn"] == "shop"


def test_what_chance_made_stays_until_the_object_changes(installed: Installation, namespace: str) -> None:
    manifest = sealed(installed, namespace, CHANCE)
    apply(installed, manifest)
    before = made(installed, namespace)
    assert len(before["token"]) == 24
    assert "PRIVATE KEY" in before["key"]

    installed.controller.kill()
    installed.controller.start()
    stays_true(lambda: installed.items(namespace, "db") == before, seconds=2)

    # Somebody meddles with another key: that one is mended, and nothing else is made anew.
    meddled = {"data": {"dsn": base64.b64encode(b"meddled").decode()}}
    installed.kube.patch("v1/Secret", "db", meddled, namespace)
    installed.wait_for_items(namespace, "db", before)

    manifest["spec"]["template"]["data"]["more"] = "1"
    apply(installed, manifest)
    eventually(lambda: "more" in (installed.items(namespace, "db") or {}), what="the new generation")
    after = made(installed, namespace)
    for key in ("token", "made", "key"):
        assert after[key] != before[key]
    assert after["dsn"] == before["dsn"]


def test_what_chance_made_is_made_anew_with_a_secret_that_was_deleted(installed: Installation, namespace: str) -> None:
    apply(installed, sealed(installed, namespace, CHANCE))
    before = made(installed, namespace)
    installed.kube.delete("v1/Secret", "db", namespace)
    eventually(lambda: (installed.items(namespace, "db") or before)["token"] != before["token"], what="a new Secret")
