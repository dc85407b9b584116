"""Why a SealedSecret would not unseal, as a table: what is known of it → the causes, the likeliest first."""

import copy
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.support.builders import NOW, keyring, other_sealing_key, sealed_secret, sealing_key
from tests.support.testkeys import key

from sealwright_cli.explaining.evidence import ClusterState, Evidence, Version
from sealwright_cli.explaining.finding import explain
from sealwright_crypto import Fingerprint, Scope, SealedSecret

WHOLE = sealed_secret()["spec"]["encryptedData"]["password"]
CERTIFICATE = sealing_key().certificate
VALUE = "hunter2"
SCOPE = "sealedsecrets.bitnami.com/"


def known(manifest: Mapping[str, Any], **more: Any) -> Evidence:
    """Return what is known of an object, with the usual certificate."""
    given: dict[str, Any] = {"certificate": CERTIFICATE, "origin": "cert.pem"} | more
    return Evidence(SealedSecret.from_dict(manifest), manifest, "sealed.yaml", **given)


def changed(change: Callable[[dict[str, Any]], object], **of: Any) -> dict[str, Any]:
    """Return a SealedSecret that was changed after sealing."""
    manifest = copy.deepcopy(sealed_secret(**of))
    change(manifest)
    return manifest


def version(*manifests: Mapping[str, Any], days: int = 0, commit: str = "c" * 40) -> Version:
    """Return a version of the file, so many days after NOW."""
    objects = [SealedSecret.from_dict(one) for one in manifests]
    return Version(commit, NOW + timedelta(days=days), "apps/sealed.yaml", objects)


def causes(evidence: Evidence) -> list[tuple[str, str]]:
    return [(str(one.why), str(one.likelihood)) for one in explain(evidence).causes]


def renamed(manifest: dict[str, Any]) -> None:
    manifest["metadata"]["name"] = "other"


def moved_wholly(manifest: dict[str, Any]) -> None:
    renamed(manifest)
    manifest["spec"]["template"]["metadata"]["name"] = "other"


def scope_lost(manifest: dict[str, Any]) -> None:
    manifest["metadata"]["annotations"].pop(f"{SCOPE}cluster-wide")


def scope_misspelt(manifest: dict[str, Any]) -> None:
    manifest["metadata"]["annotations"][f"{SCOPE}cluster_wide"] = "true"


def scope_bare(manifest: dict[str, Any]) -> None:
    manifest["metadata"]["annotations"][f"{SCOPE}namespace-wide"] = "True"


def scope_as_label(manifest: dict[str, Any]) -> None:
    manifest["metadata"]["labels"] = {f"{SCOPE}cluster-wide": "true"}


OFFLINE: dict[str, tuple[dict[str, Any], list[tuple[str, str]]]] = {
    "nothing is wrong": (sealed_secret(), []),
    "another key of the same size": (
        sealed_secret(certificate=other_sealing_key().certificate),
        [("other-key", "likely")],
    ),
    "another key, and nothing says so": (
        sealed_secret(certificate=other_sealing_key().certificate, hints=False),
        [],
    ),
    "a key of another size": (
        sealed_secret(certificate=key("large-4096").certificate, hints=False),
        [("other-key-size", "likely")],
    ),
    "renamed": (changed(renamed), [("other-place", "likely")]),
    "renamed, and namespace-wide": (changed(renamed, scope=Scope.NAMESPACE_WIDE), []),
    "renamed, without a namespace": (
        changed(lambda one: (renamed(one), one["metadata"].pop("namespace"))),
        [("other-place", "likely")],
    ),
    "without a namespace": (changed(lambda one: one["metadata"].pop("namespace")), []),
    "renamed without a trace": (changed(moved_wholly), []),
    "the scope's annotation is lost": (changed(scope_lost, scope=Scope.CLUSTER_WIDE), [("other-place", "likely")]),
    "the scope's annotation is misspelt": (changed(scope_misspelt), [("other-place", "likely")]),
    "the scope's annotation is True": (changed(scope_bare), [("other-place", "likely")]),
    "the scope stands in a label": (changed(scope_as_label), [("other-place", "likely")]),
    "a template that is none": (
        sealed_secret(template={"data": {"conf": "{{ .password | fooo }}"}}),
        [("template", "certain")],
    ),
    "damaged and renamed": (
        changed(lambda one: (renamed(one), one["spec"]["encryptedData"].update(password=WHOLE[:200]))),
        [("damaged-ciphertext", "certain"), ("other-place", "likely")],
    ),
}


@pytest.mark.parametrize("case", OFFLINE)
def test_file_and_certificate_alone(case: str) -> None:
    manifest, expected = OFFLINE[case]
    assert causes(known(manifest)) == expected


def test_each_cause_has_evidence_and_a_command() -> None:
    for manifest, expected in OFFLINE.values():
        for one in explain(known(manifest)).causes:
            assert one.evidence, one
            assert one.mend, one
            assert VALUE not in str(one.facts())
        assert bool(expected) == any(one.status for one in explain(known(manifest)).causes)


def test_the_history_shows_what_it_was_sealed_as() -> None:
    before = sealed_secret()
    now = changed(moved_wholly)
    now["spec"]["encryptedData"] = before["spec"]["encryptedData"]
    evidence = known(now, past=[version(before), version(now, days=3, commit="d" * 40)])
    (one,) = explain(evidence).causes
    assert (one.why, one.likelihood, one.items) == ("other-place", "likely", ("password",))
    assert "sealed as team-a/db (strict), and is team-a/other (strict) now" in one.summary
    assert "commit cccccccccc of 2026-03-01" in one.evidence[0]


def test_a_history_that_agrees_outweighs_the_template() -> None:
    now = changed(renamed)
    assert causes(known(now, past=[version(now)])) == []


def test_a_ciphertext_that_was_copied_is_told_by_the_object_that_had_it_first() -> None:
    first = sealed_secret()
    copied = changed(moved_wholly)
    copied["spec"]["encryptedData"] = dict(first["spec"]["encryptedData"])
    both = version(first, copied)
    assert causes(known(first, past=[both])) == []
    assert causes(known(copied, past=[version(first), replace(both, commit="d" * 40)])) == [("other-place", "likely")]


def test_the_history_has_the_whole_of_a_cut_ciphertext() -> None:
    before = sealed_secret(items={"password": b"a long value " * 20})
    now = copy.deepcopy(before)
    text = now["spec"]["encryptedData"]["password"]
    for cut in (text[:100], text[:-8], text[: len(text) - 40]):
        now["spec"]["encryptedData"]["password"] = cut
        (one,) = explain(known(now, past=[version(before)])).causes
        assert (one.why, one.likelihood) == ("damaged-ciphertext", "certain")
        assert "commit cccccccccc of 2026-03-01 has the whole ciphertext" in one.evidence
        assert "git show cccccccccc:apps/sealed.yaml" in one.mend


@pytest.mark.parametrize(("days", "likelihood"), [(-30, "possible"), (30, "likely")])
def test_an_older_key_is_no_fault_if_the_ciphertext_is_older_than_the_certificate(days: int, likelihood: str) -> None:
    manifest = sealed_secret(certificate=other_sealing_key().certificate)
    certificate = replace(CERTIFICATE, not_before=NOW)
    evidence = known(manifest, certificate=certificate, past=[version(manifest, days=days)])
    assert causes(evidence) == [("other-key", likelihood)]
    assert [one.status == 0 for one in explain(evidence).causes] == [likelihood == "possible"]


def test_when_a_file_went_to_another_key_is_told() -> None:
    before, now = sealed_secret(), sealed_secret(certificate=other_sealing_key().certificate)
    (one,) = explain(known(now, past=[version(before), version(now, days=3, commit="d" * 40)])).causes
    assert "commit cccccccccc of 2026-03-01 has password on the certificate's key" in one.evidence


WITH_KEYS: dict[str, tuple[dict[str, Any], list[tuple[str, str]], str]] = {
    "nothing is wrong": (sealed_secret(), [], ""),
    "renamed": (changed(renamed), [("other-place", "certain")], "as team-a/db (strict)"),
    "the scope's annotation is lost": (
        changed(scope_lost, scope=Scope.CLUSTER_WIDE),
        [("other-place", "certain")],
        "(cluster-wide)",
    ),
    "sealed for the namespace of the kubeconfig": (
        changed(lambda one: one["metadata"].update(namespace="team-a"), namespace="default"),
        [("other-place", "certain")],
        "as default/db (strict)",
    ),
    "a key that was not given": (
        sealed_secret(certificate=other_sealing_key().certificate),
        [("lost-key", "likely")],
        "not among the given keys",
    ),
    "a key that was not given, and nothing says so": (
        sealed_secret(certificate=other_sealing_key().certificate, hints=False),
        [("other-key", "likely")],
        "no key that was given opens it",
    ),
    "altered": (
        changed(lambda one: one["spec"]["encryptedData"].update(password=WHOLE[:-8] + "AAAAAAA=")),
        [("damaged-ciphertext", "certain")],
        "behind their session key",
    ),
    "a template that fails with the values": (
        sealed_secret(template={"data": {"conf": "{{ fail .password }}"}}),
        [("template", "certain")],
        "cannot be rendered",
    ),
}


@pytest.mark.parametrize("case", WITH_KEYS)
def test_private_keys_tell_more_and_no_value(case: str) -> None:
    manifest, expected, words = WITH_KEYS[case]
    evidence = known(manifest, keyring=keyring(), certificate=None)
    assert causes(evidence) == expected
    told = str([one.facts() for one in explain(evidence).causes])
    assert words in told
    assert VALUE not in told


def test_the_names_in_the_history_are_tried() -> None:
    before = changed(moved_wholly, name="ancient", namespace="long-ago")
    now = sealed_secret()
    old = sealed_secret(name="ancient", namespace="long-ago")
    now["spec"]["encryptedData"] = old["spec"]["encryptedData"]
    evidence = known(now, keyring=keyring(), past=[version(sealed_secret(name="ancient", namespace="long-ago"))])
    assert [one.summary for one in explain(evidence).causes] == [
        "sealed as long-ago/ancient (strict), and is team-a/db (strict) now"
    ]
    assert before["metadata"]["name"] == "other"


LIVE = sealed_secret()
LIVE["metadata"] |= {"generation": 2, "uid": "u1"}
OWNED = {"ownerReferences": [{"kind": "SealedSecret", "name": "db", "uid": "u1"}]}


def state(condition: dict[str, str] | None = None, seen: int = 2, **more: Any) -> ClusterState:
    """Return the state of a cluster in which all is well, but for what is given."""
    synced = {"type": "Synced", "status": "True", "reason": "Unsealed"}
    status = {"observedGeneration": seen, "conditions": [synced if condition is None else synced | condition]}
    usual: dict[str, Any] = {"live": LIVE | {"status": status}, "secret": OWNED, "refusal": ""}
    return ClusterState(**(usual | more))


def failed(reason: str, message: str) -> dict[str, str]:
    return {"status": "False", "reason": reason, "message": message}


ONLINE: dict[str, tuple[ClusterState, list[tuple[str, str]], str]] = {
    "all is well": (state(), [], ""),
    "nothing could be looked at": (ClusterState(), [], ""),
    "not applied": (state(live={}, secret={}), [("not-applied", "certain")], "kubectl apply -n team-a -f sealed.yaml"),
    "another version": (
        state(live=sealed_secret(items={"password": b"x", "more": b"y"})),
        [("not-applied", "certain")],
        "another version",
    ),
    "not processed": (state(seen=1), [("not-processed", "likely")], "has not processed its last change"),
    "a Secret of somebody else": (
        state(failed("NotManaged", "Resource exists"), secret={"ownerReferences": [{"kind": "Helm", "name": "x"}]}),
        [("blocked", "certain")],
        "annotate secret db sealedsecrets.bitnami.com/managed=true",
    ),
    "a Secret of nobody, and upstream's words": (
        state(failed("", "Resource already exists and is not managed by SealedSecret"), secret={"name": "db"}),
        [("blocked", "certain")],
        "it has no owner",
    ),
    "a Secret that may be taken over": (
        state(secret={"annotations": {"sealedsecrets.bitnami.com/managed": "true"}}),
        [],
        "",
    ),
    "a policy": (
        state(failed("PolicyDenied", "ValidatingAdmissionPolicy 'p'")),
        [("blocked", "certain")],
        "read the policy",
    ),
    "immutable": (state(failed("Immutable", "x")), [("blocked", "certain")], "delete secret db"),
    "a template": (state(failed("TemplateFailed", "x")), [("template", "certain")], "sealwright render"),
    "no key opens it": (
        state(refusal="no key could decrypt secret (password)"),
        [("other-key", "likely")],
        "no key of the cluster opens it",
    ),
    "its key is gone": (
        state(refusal="no key could decrypt secret (password)", keys=frozenset([Fingerprint("a" * 64)])),
        [("lost-key", "likely")],
        "which is not in the cluster",
    ),
    "the status alone says that no key opens it": (
        state(failed("NoKey", "no key could decrypt secret (password)"), refusal=None, events=["ErrUnsealFailed: x"]),
        [("other-key", "likely")],
        "event: ErrUnsealFailed: x",
    ),
}


@pytest.mark.parametrize("case", ONLINE)
def test_a_cluster_tells_more(case: str) -> None:
    cluster, expected, words = ONLINE[case]
    evidence = known(LIVE, cluster=cluster)
    assert causes(evidence) == expected
    assert words in str([one.facts() for one in explain(evidence).causes])


def test_a_controller_that_opens_it_outweighs_a_certificate() -> None:
    manifest = sealed_secret(certificate=other_sealing_key().certificate)
    live = manifest | {"metadata": manifest["metadata"] | {"generation": 2, "uid": "u1"}}
    assert causes(known(manifest, cluster=state(live=live | {"status": {"observedGeneration": 2}}))) == []


def test_what_was_not_looked_at_is_told() -> None:
    manifest = sealed_secret()
    del manifest["metadata"]["namespace"]
    words = " ".join(explain(known(manifest, certificate=None)).unchecked)
    for option in ("-n NAMESPACE", "--cert FILE", "--key FILE", "--cluster", "no git history"):
        assert option in words
    everything = known(sealed_secret(), past=[version(sealed_secret())], keyring=keyring(), cluster=state())
    assert explain(everything).unchecked == ()
