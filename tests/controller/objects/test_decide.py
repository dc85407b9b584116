"""The rules of behaviour, as tables: what is done about a SealedSecret, given the Secret of its name."""

import base64

import pytest
from tests.support.builders import NOW, keyring, other_sealing_key, sealed_secret, sealing_key, stored

from sealwright_controller.objects import decide as decide_module
from sealwright_controller.objects import status
from sealwright_controller.objects.decide import Action, belonged_to, controller_uid, decide, is_settled
from sealwright_controller.objects.reasons import EventReason, Reason
from sealwright_controller.renderer.templates import TemplateRendering
from sealwright_crypto import Pace, PausedError, Scope

OWNER = {"apiVersion": "bitnami.com/v1alpha1", "kind": "SealedSecret", "name": "db", "uid": "uid-1", "controller": True}
FOREIGN_OWNER = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "x", "uid": "uid-9", "controller": True}
ANNOTATION = "sealedsecrets.bitnami.com/"


def decided(manifest, existing=None, keys=None, pace=None):
    return decide(manifest, existing, keys or keyring(), TemplateRendering(), pace=pace)


def b64(text):
    return base64.b64encode(text.encode()).decode()


def sealed(**special):
    return stored(sealed_secret(**special))


def existing_secret(data=None, *, owners=(OWNER,), labels=None, annotations=None, **special):
    metadata = {"name": "db", "namespace": "team-a", "uid": "s-1", "resourceVersion": "7"}
    metadata |= {"ownerReferences": list(owners)} if owners else {}
    metadata |= {"labels": labels} if labels else {}
    metadata |= {"annotations": annotations} if annotations else {}
    data = {"password": b64("hunter2")} if data is None else data
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "type": "Opaque", "data": data} | special


def synced(manifest, scope="strict", version="7", generation=1):
    written = status.success(
        {}, generation=generation, secret_uid="s-1", secret_version=version, scope=scope, fingerprints=[], now=NOW
    )
    return {**manifest, "status": written}


class TestNoSecretYet:
    def test_it_is_made_and_owned(self):
        decision = decided(sealed())
        assert (decision.action, decision.reason, decision.message) == (Action.CREATE, Reason.UNSEALED, "")
        assert decision.secret == {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": "db", "namespace": "team-a", "ownerReferences": [OWNER]},
            "data": {"password": b64("hunter2")},
        }
        assert len(decision.fingerprints) == 1

    def test_type_immutable_labels_and_annotations_come_from_the_template(self):
        made = decided(
            sealed(
                template={
                    "type": "kubernetes.io/basic-auth",
                    "immutable": True,
                    "metadata": {
                        "name": "other",
                        "namespace": "other",
                        "labels": {"a": "b"},
                        "annotations": {"c": "d"},
                    },
                }
            )
        ).secret
        assert (made["type"], made["immutable"]) == ("kubernetes.io/basic-auth", True)
        assert (made["metadata"]["name"], made["metadata"]["namespace"]) == ("db", "team-a")
        assert (made["metadata"]["labels"], made["metadata"]["annotations"]) == ({"a": "b"}, {"c": "d"})

    def test_the_template_may_ask_for_no_owner(self):
        annotations = {ANNOTATION + "skip-set-owner-references": "true"}
        assert (
            "ownerReferences"
            not in decided(sealed(template={"metadata": {"annotations": annotations}})).secret["metadata"]
        )

    def test_a_template_text_is_rendered_over_the_items(self):
        made = decided(sealed(template={"data": {"url": "db://{{ .password }}"}})).secret
        assert made["data"] == {"password": b64("hunter2"), "url": b64("db://hunter2")}

    def test_a_key_set_to_null_leaves_the_item_out(self):
        made = decided(sealed(template={"data": {"password": None, "url": "x"}})).secret
        assert made["data"] == {"url": b64("x")}

    @pytest.mark.parametrize("scope", list(Scope))
    def test_every_scope_opens_and_is_told(self, scope):
        assert decided(sealed(scope=scope)).scope is scope


@pytest.mark.parametrize(
    ("manifest", "reason", "words"),
    [
        pytest.param(
            sealed(certificate=other_sealing_key().certificate, items={"a": b"1", "b": b"2"}),
            Reason.NO_KEY,
            "no key could decrypt secret (a, b)",
            id="sealed to another key: every failing item is named",
        ),
        pytest.param(
            {**sealed(), "metadata": {**sealed()["metadata"], "name": "renamed"}},
            Reason.NO_KEY,
            "no key could decrypt secret (password)",
            id="moved under another name",
        ),
        pytest.param(
            {**sealed(), "spec": 7}, Reason.MALFORMED, "spec: expected a map, found a number", id="spec is a number"
        ),
        pytest.param(
            {**sealed(), "spec": {"encryptedData": {"a": None}}},
            Reason.MALFORMED,
            "spec.encryptedData.a: expected text, found nothing (null)",
            id="an item is null",
        ),
        pytest.param(
            {**sealed(), "spec": {"encrypteddata": sealed()["spec"]["encryptedData"]}},
            Reason.MALFORMED,
            "spec.encrypteddata: not a field of a SealedSecret; is encryptedData meant?",
            id="the ciphertexts are under a name in other capitals",
        ),
        pytest.param(
            {**sealed(), "spec": {"encrypted": sealed()["spec"]["encryptedData"]}},
            Reason.MALFORMED,
            "spec.encrypted: not a field of a SealedSecret",
            id="the ciphertexts are under another name",
        ),
        pytest.param(
            sealed(template={"metadata": {"finalizers": "none"}}),
            Reason.MALFORMED,
            "spec.template.metadata.finalizers: expected a list of texts",
            id="finalizers that are no list",
        ),
        pytest.param(
            sealed(template={"data": {"url": "{{ nonsense . }}"}}),
            Reason.TEMPLATE_FAILED,
            "url",
            id="a template is broken",
        ),
    ],
)
def test_what_cannot_be_unsealed_is_refused_with_reason_and_cause(manifest, reason, words):
    decision = decided(manifest)
    assert (decision.action, decision.reason, decision.secret) == (Action.REFUSE, reason, None)
    assert words in decision.message
    assert "hunter2" not in decision.message


class TestSecretOfThisSealedSecret:
    def test_nothing_is_written_when_it_is_as_it_should_be(self):
        existing = existing_secret()
        decision = decided(sealed(), existing)
        assert (decision.action, decision.secret) == (Action.KEEP, existing)

    @pytest.mark.parametrize(
        "existing",
        [
            pytest.param(existing_secret({"password": b64("old")}), id="a value is another"),
            pytest.param(existing_secret({}), id="an item is missing"),
            pytest.param(existing_secret({"password": b64("hunter2"), "more": "eA=="}), id="there is one too many"),
            pytest.param(existing_secret(labels={"stale": "x"}), id="a label of an older template is there"),
            pytest.param(existing_secret(immutable=True), id="it is immutable and should not be"),
        ],
    )
    def test_it_is_replaced_when_it_differs(self, existing):
        decision = decided(sealed(), existing)
        assert decision.action is Action.REPLACE
        assert decision.secret["data"] == {"password": b64("hunter2")}
        assert decision.secret["metadata"]["resourceVersion"] == "7"
        assert "labels" not in decision.secret["metadata"]
        assert "immutable" not in decision.secret

    def test_an_owner_reference_written_by_upstream_stays_as_it_is(self):
        upstreams = OWNER | {"blockOwnerDeletion": True}
        assert decided(sealed(), existing_secret(owners=[upstreams])).action is Action.KEEP

    def test_the_owner_is_dropped_when_the_template_asks_for_none(self):
        annotations = {ANNOTATION + "skip-set-owner-references": "true"}
        decision = decided(sealed(template={"metadata": {"annotations": annotations}}), existing_secret())
        assert decision.action is Action.REPLACE
        assert "ownerReferences" not in decision.secret["metadata"]

    def test_labels_that_others_added_after_it_was_synced_stay(self):
        manifest = synced(sealed(template={"metadata": {"labels": {"ours": "1"}}}))
        existing = existing_secret(labels={"ours": "1", "theirs": "2"})
        assert decided(manifest, existing).action is Action.KEEP

    def test_drift_of_a_value_is_mended_without_touching_others_labels(self):
        existing = existing_secret({"password": b64("by hand")}, labels={"theirs": "2"})
        decision = decided(synced(sealed()), existing)
        assert decision.action is Action.REPLACE
        assert decision.secret["metadata"]["labels"] == {"theirs": "2"}

    @pytest.mark.parametrize(
        ("existing", "gone"), [(None, True), (existing_secret({"password": b64("by hand")}), False)]
    )
    def test_a_secret_that_was_deleted_is_told_from_one_that_was_changed(self, existing, gone):
        decision = decided(synced(sealed()), existing)
        assert (decision.is_drift, decision.is_gone) == (True, gone)

    def test_a_new_generation_replaces_labels_whole(self):
        manifest = synced(stored(sealed_secret(), generation=2))
        decision = decided(manifest, existing_secret(labels={"theirs": "2"}))
        assert decision.action is Action.REPLACE
        assert "labels" not in decision.secret["metadata"]

    def test_a_changed_type_is_asked_for_as_the_template_says(self):
        decision = decided(sealed(), existing_secret(type="kubernetes.io/tls"))
        assert (decision.action, decision.secret["type"]) == (Action.REPLACE, "Opaque")


class TestSecretOfSomebodyElse:
    @pytest.mark.parametrize(
        "existing",
        [
            pytest.param(existing_secret(owners=()), id="without owner"),
            pytest.param(existing_secret(owners=[FOREIGN_OWNER]), id="owned by something else"),
            pytest.param(existing_secret(owners=[OWNER | {"uid": "uid-0"}]), id="owned by a namesake that is gone"),
            pytest.param(existing_secret(owners=[OWNER | {"controller": False}]), id="owned but not controlled"),
            pytest.param(
                existing_secret(owners=(), annotations={ANNOTATION + "managed": "yes"}),
                id="annotation is not the text true",
            ),
        ],
    )
    def test_it_is_left_alone_with_upstreams_sentence(self, existing):
        decision = decided(sealed(), existing)
        assert (decision.action, decision.reason) == (Action.REFUSE, Reason.NOT_MANAGED)
        assert decision.message == 'Resource "db" already exists and is not managed by SealedSecret'

    def test_the_template_cannot_claim_it(self):
        manifest = sealed(template={"metadata": {"annotations": {ANNOTATION + "managed": "true"}}})
        assert decided(manifest, existing_secret(owners=())).action is Action.REFUSE

    def test_what_does_not_open_is_told_before_it(self):
        manifest = sealed(certificate=other_sealing_key().certificate)
        decision = decided(manifest, existing_secret(owners=()))
        assert (decision.action, decision.reason) == (Action.REFUSE, Reason.NO_KEY)

    def test_an_object_without_uid_controls_nothing(self):
        ownerless = existing_secret(owners=[OWNER | {"uid": None}])
        assert decided(stored(sealed_secret(), uid=None), ownerless).action is Action.REFUSE

    def test_managed_with_no_owner_asked_for_means_taken_over_and_owned_by_nobody(self):
        notes = {ANNOTATION + "skip-set-owner-references": "true", ANNOTATION + "managed": "true"}
        existing = existing_secret(owners=[FOREIGN_OWNER], annotations={ANNOTATION + "managed": "true"})
        decision = decided(sealed(template={"metadata": {"annotations": notes}}), existing)
        assert decision.action is Action.REPLACE
        assert "ownerReferences" not in decision.secret["metadata"]
        assert decision.secret["metadata"]["annotations"] == notes

    @pytest.mark.parametrize("where", ["the SealedSecret", "the existing Secret"])
    def test_only_the_template_says_whether_it_is_owned(self, where):
        notes = {ANNOTATION + "skip-set-owner-references": "true"}
        manifest = sealed(annotations=notes) if where == "the SealedSecret" else sealed()
        existing = existing_secret(owners=(), annotations={ANNOTATION + "managed": "true"} | notes)
        assert decided(manifest, existing).secret["metadata"]["ownerReferences"] == [OWNER]

    def test_the_object_s_own_annotations_claim_nothing(self):
        manifest = sealed(annotations={ANNOTATION + "managed": "true", ANNOTATION + "patch": "true"})
        assert decided(manifest, existing_secret(owners=())).reason is Reason.NOT_MANAGED

    def test_patch_leaves_the_annotations_that_are_there_and_adds_the_template_s(self):
        existing = existing_secret(owners=(), annotations={ANNOTATION + "patch": "true", "kept": "x"})
        decision = decided(sealed(template={"metadata": {"annotations": {"new": "y"}}}), existing)
        assert decision.secret["metadata"]["annotations"] == {ANNOTATION + "patch": "true", "kept": "x", "new": "y"}
        assert "ownerReferences" not in decision.secret["metadata"]

    def test_patching_with_what_is_there_already_writes_once_for_which_change_it_was(self):
        """Else the Secret's version would tell an author that a template makes what somebody else's Secret holds."""
        existing = existing_secret(
            {"kept": "eA==", "password": b64("hunter2")}, owners=(), annotations={ANNOTATION + "patch": "true"}
        )
        decision = decided(sealed(), existing)
        assert (decision.action, decision.differing) == (Action.REPLACE, ())
        assert decision.secret["metadata"].pop("generateName").startswith("sealwright-")
        assert decision.secret == existing
        written = existing | {"metadata": existing["metadata"] | {"generateName": "sealwright-uid-1-1-"}}
        assert decided(sealed(), written).action is Action.KEEP

    def test_immutable_asked_for_later_reaches_it(self):
        decision = decided(sealed(template={"immutable": True}), existing_secret())
        assert (decision.action, decision.secret["immutable"]) == (Action.REPLACE, True)

    def test_managed_means_taken_over_whole_but_for_its_type(self):
        existing = existing_secret(
            {"old": "eA=="},
            owners=[FOREIGN_OWNER],
            labels={"old": "x"},
            annotations={ANNOTATION + "managed": "true"},
            type="example.org/own",
        )
        decision = decided(sealed(template={"metadata": {"labels": {"new": "y"}}}), existing)
        assert decision.action is Action.REPLACE
        assert decision.secret["data"] == {"password": b64("hunter2")}
        assert decision.secret["metadata"]["labels"] == {"new": "y"}
        assert "annotations" not in decision.secret["metadata"]
        assert decision.secret["metadata"]["ownerReferences"] == [OWNER]
        assert decision.secret["type"] == "example.org/own"

    def test_patch_means_added_to_without_taking_ownership(self):
        existing = existing_secret(
            {"kept": "eA==", "password": b64("old")},
            owners=[FOREIGN_OWNER],
            labels={"kept": "x"},
            annotations={ANNOTATION + "patch": "true"},
            type="kubernetes.io/tls",
            immutable=False,
        )
        decision = decided(sealed(template={"metadata": {"labels": {"new": "y"}}}), existing)
        assert decision.action is Action.REPLACE
        assert decision.secret["data"] == {"kept": "eA==", "password": b64("hunter2")}
        assert decision.secret["metadata"]["labels"] == {"kept": "x", "new": "y"}
        assert decision.secret["metadata"]["ownerReferences"] == [FOREIGN_OWNER]
        assert (decision.secret["type"], decision.secret["immutable"]) == ("kubernetes.io/tls", False)

    def test_patch_and_managed_means_added_to_and_owned(self):
        annotations = {ANNOTATION + "patch": "true", ANNOTATION + "managed": "true"}
        decision = decided(sealed(), existing_secret({"kept": "eA=="}, owners=(), annotations=annotations))
        assert decision.secret["data"] == {"kept": "eA==", "password": b64("hunter2")}
        assert decision.secret["metadata"]["ownerReferences"] == [OWNER]

    def test_patching_a_secret_without_any_data_works(self):
        existing = existing_secret(owners=(), annotations={ANNOTATION + "patch": "true"})
        del existing["data"]
        assert decided(sealed(), existing).secret["data"] == {"password": b64("hunter2")}


class TestLegacyData:
    BLOB = b'{"type": "example.org/own", "metadata": {"name": "evil", "namespace": "kube-system", "labels": {"a": "b"}}, "data": {"old": "eA=="}}'

    def legacy(self, **spec):
        manifest = sealed(items={"blob": self.BLOB})
        return {**manifest, "spec": {"data": manifest["spec"]["encryptedData"]["blob"], "encryptedData": {}} | spec}

    def test_it_is_a_whole_secret_but_for_name_and_namespace(self):
        made = decided(self.legacy()).secret
        assert (made["type"], made["data"]) == ("example.org/own", {"old": "eA=="})
        assert made["metadata"] == {
            "name": "db",
            "namespace": "team-a",
            "labels": {"a": "b"},
            "ownerReferences": [OWNER],
        }

    def test_it_is_refused_where_it_is_not_accepted(self):
        decision = decide(self.legacy(), None, keyring(), TemplateRendering(), accept_legacy_data=False)
        assert (decision.action, decision.reason) == (Action.REFUSE, Reason.MALFORMED)
        assert decision.message == f"spec.data: {decide_module.LEGACY_DATA_REFUSED}"

    def test_items_open_where_it_is_not_accepted(self):
        decision = decide(sealed(), None, keyring(), TemplateRendering(), accept_legacy_data=False)
        assert decision.action is Action.CREATE

    def test_both_forms_in_one_object_are_refused(self):
        both = self.legacy(encryptedData=sealed()["spec"]["encryptedData"])
        assert decided(both).reason is Reason.MALFORMED


@pytest.mark.parametrize(
    ("manifest", "secret", "settled"),
    [
        pytest.param(synced(sealed()), ("s-1", "7"), True, id="all as recorded"),
        pytest.param(synced(sealed()), None, False, id="the Secret is gone"),
        pytest.param(synced(sealed()), ("s-1", "8"), False, id="the Secret was changed"),
        pytest.param(synced(sealed()), ("s-2", "7"), False, id="the Secret was replaced"),
        pytest.param(synced(stored(sealed_secret(), generation=2)), ("s-1", "7"), False, id="a new generation"),
        pytest.param(synced(sealed(scope=Scope.CLUSTER_WIDE)), ("s-1", "7"), False, id="another scope than recorded"),
        pytest.param(sealed(), ("s-1", "7"), False, id="no status"),
        pytest.param({"metadata": "junk"}, ("s-1", "7"), False, id="metadata that is text"),
        pytest.param(
            {**synced(sealed()), "metadata": {"annotations": 7, "generation": 1}},
            ("s-1", "7"),
            True,
            id="annotations that are no map count as strict",
        ),
    ],
)
def test_an_object_is_settled_when_its_record_matches_the_world(manifest, secret, settled):
    assert is_settled(manifest, secret) is settled


@pytest.mark.parametrize(
    ("owners", "uid"),
    [
        pytest.param([OWNER], "uid-1", id="a SealedSecret controls it"),
        pytest.param([FOREIGN_OWNER], None, id="something else does"),
        pytest.param([], None, id="nobody does"),
    ],
)
def test_the_controller_of_a_secret_is_read_from_its_owners(owners, uid):
    assert controller_uid(existing_secret(owners=owners)) == uid


@pytest.mark.parametrize(
    ("owners", "annotations", "recorded", "belongs"),
    [
        pytest.param([OWNER], [], None, True, id="controlled by it"),
        pytest.param([], ["skip-set-owner-references"], "s-1", True, id="made without an owner"),
        pytest.param([], ["skip-set-owner-references"], "s-2", False, id="another Secret was recorded"),
        pytest.param([], [], "s-1", False, id="nothing says that no owner was wanted"),
        pytest.param([FOREIGN_OWNER], ["skip-set-owner-references"], "s-1", False, id="somebody else has it by now"),
        pytest.param([], ["skip-set-owner-references", "patch"], "s-1", False, id="items were only added"),
        pytest.param([], ["skip-set-owner-references", "patch", "managed"], "s-1", True, id="it was taken over"),
    ],
)
def test_which_secrets_belonged_to_an_object_that_is_gone(owners, annotations, recorded, belongs):
    secret = existing_secret(
        owners=owners, annotations=dict.fromkeys((ANNOTATION + one for one in annotations), "true")
    )
    assert belonged_to(secret, "uid-1", recorded) is belongs


@pytest.mark.parametrize(
    ("reason", "event", "metric"),
    [
        (Reason.UNSEALED, EventReason.UNSEALED, "unseal"),
        (Reason.NO_KEY, EventReason.UNSEAL_FAILED, "unseal"),
        (Reason.MALFORMED, EventReason.UNSEAL_FAILED, "unseal"),
        (Reason.TEMPLATE_FAILED, EventReason.UNSEAL_FAILED, "unseal"),
        (Reason.TEMPLATE_LIMIT, EventReason.UNSEAL_FAILED, "unseal"),
        (Reason.NOT_MANAGED, EventReason.UPDATE_FAILED, "unmanaged"),
        (Reason.REFUSED, EventReason.UPDATE_FAILED, "update"),
        (Reason.POLICY_DENIED, EventReason.UPDATE_FAILED, "update"),
        (Reason.WEBHOOK_DENIED, EventReason.UPDATE_FAILED, "update"),
        (Reason.WEBHOOK_UNAVAILABLE, EventReason.UPDATE_FAILED, "update"),
        (Reason.QUOTA_EXCEEDED, EventReason.UPDATE_FAILED, "update"),
        (Reason.FORBIDDEN, EventReason.UPDATE_FAILED, "update"),
        (Reason.ITEM_NAME_INVALID, EventReason.UPDATE_FAILED, "update"),
        (Reason.IMMUTABLE, EventReason.UPDATE_FAILED, "update"),
        (Reason.TOO_LARGE, EventReason.UPDATE_FAILED, "update"),
        (Reason.MISSING, EventReason.DRIFT_FOUND, "update"),
    ],
)
def test_each_reason_has_upstreams_event_and_metric(reason, event, metric):
    assert (reason.event, reason.metric) == (event, metric)


@pytest.mark.parametrize("reason", list(Reason))
def test_each_reason_says_what_to_do_next(reason):
    assert reason.advice


RANDOM = {"data": {"token": "{{ randAlphaNum 20 }}", "url": "db://{{ .password }}"}}


class TestWhatChanceMade:
    """A value that a template made by chance stays as long as the Secret is made of the same."""

    @staticmethod
    def sealed_and_made(**record):
        manifest = sealed(template=RANDOM)
        keys = [sealing_key().fingerprint]
        made = {"generation": 1, "secret_uid": "s-1", "secret_version": "7", "scope": "strict", "fingerprints": keys}
        written = status.success({}, **(made | record), now=NOW)
        data = {"password": b64("hunter2"), "token": b64("made before"), "url": b64("db://hunter2")}
        return {**manifest, "status": written}, existing_secret(data)

    def test_it_stays_when_nothing_changed(self):
        manifest, existing = self.sealed_and_made()
        assert decided(manifest, existing).action is Action.KEEP

    def test_it_stays_when_something_else_drifted(self):
        manifest, existing = self.sealed_and_made()
        existing["data"]["url"] = b64("meddled with")
        decision = decided(manifest, existing)
        assert decision.action is Action.REPLACE
        assert decision.secret["data"]["token"] == b64("made before")
        assert decision.secret["data"]["url"] == b64("db://hunter2")

    def test_it_stays_through_a_failure_in_between(self):
        manifest, existing = self.sealed_and_made()
        failed = status.failure(manifest["status"], generation=1, reason=Reason.NO_KEY, message="no", now=NOW)
        manifest["status"] = {**manifest["status"], **failed}
        assert decided(manifest, existing).action is Action.KEEP

    @pytest.mark.parametrize(
        "record",
        [{"generation": 2}, {"scope": "cluster-wide"}, {"fingerprints": ["another"]}, {"secret_uid": "s-0"}],
        ids=["generation", "scope", "keys", "Secret"],
    )
    def test_it_is_made_anew_when_this_changed(self, record):
        manifest, existing = self.sealed_and_made(**record)
        assert decided(manifest, existing).secret["data"]["token"] != b64("made before")

    def test_it_is_made_anew_when_it_is_gone(self):
        manifest, existing = self.sealed_and_made()
        del existing["data"]["token"]
        assert len(base64.b64decode(decided(manifest, existing).secret["data"]["token"])) == 20

    def test_where_no_record_is_kept_the_condition_has_to_do(self):
        manifest, existing = self.sealed_and_made()
        manifest["status"] = {key: manifest["status"][key] for key in ("conditions", "observedGeneration")}
        assert decided(manifest, existing).action is Action.KEEP

    def test_without_a_record_a_secret_of_somebody_else_is_not_trusted(self):
        manifest, existing = self.sealed_and_made()
        manifest["status"] = {key: manifest["status"][key] for key in ("conditions", "observedGeneration")}
        existing["metadata"] |= {"ownerReferences": [], "annotations": {f"{ANNOTATION}managed": "true"}}
        assert decided(manifest, existing).secret["data"]["token"] != b64("made before")


class TestPace:
    """An author may write thousands of items, and each costs an operation for each key."""

    class Hurried(Pace):
        def has_time(self, *, hopeless):
            return len(self.opened) < 2 and not hopeless

    def test_an_object_whose_time_is_over_is_not_decided_about(self):
        pace = self.Hurried()
        with pytest.raises(PausedError):
            decided(sealed(items={"a": b"1", "b": b"2", "c": b"3"}), pace=pace)
        assert sorted(pace.opened) == ["a", "b"]

    def test_what_is_open_already_is_not_opened_again(self):
        keys, pace = keyring(sealing_key()), self.Hurried()
        with pytest.raises(PausedError):
            decided(sealed(items={"a": b"1", "b": b"2", "c": b"3"}), keys=keys, pace=pace)
        manifest = sealed(items={"a": b"1", "b": b"2", "c": b"3"})
        secret = decided(manifest, keys=keys, pace=Pace(pace.opened)).secret
        assert secret["data"] == {"a": b64("1"), "b": b64("2"), "c": b64("3")}
        assert keys.meter.value == 3

    def test_an_item_that_fails_decides_although_others_were_not_tried(self):
        futile = sealed_secret("other", items={"a": b"x"})["spec"]["encryptedData"]["a"]
        manifest = sealed(items={})
        manifest["spec"]["encryptedData"] = {f"k{number}": futile for number in range(50)}
        decision = decided(manifest, pace=self.Hurried())
        assert (decision.action, decision.reason) == (Action.REFUSE, Reason.NO_KEY)
        assert decision.message == "no key could decrypt secret (k0); 49 more were not tried"
