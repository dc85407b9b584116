"""What no SealedSecret may make of a Secret, as tables: sealing keys, types that Kubernetes acts on, finalizers."""

import base64
from typing import ClassVar

import pytest
from tests.support.builders import NOW, keyring, other_sealing_key, sealed_secret, stored
from tests.support.worlds import key_secret

from sealwright_controller.gateway import KEY_LABEL, RefusedError, refuse_key
from sealwright_controller.objects import status
from sealwright_controller.objects.decide import Action, decide
from sealwright_controller.objects.guards import KEY_TRUST_NAME, LEGACY_KEY_NAME, TYPES_ACTED_ON, Guards, KeyGuard
from sealwright_controller.objects.reasons import EventReason, Reason
from sealwright_controller.renderer.templates import TemplateRendering

ANNOTATION = "sealedsecrets.bitnami.com/"
OWN, OTHER = "kube-system", "team-a"
TOKEN, BOOTSTRAP = "kubernetes.io/service-account-token", "bootstrap.kubernetes.io/token"
GUARDS = Guards(KeyGuard(OWN))
OPEN = Guards(KeyGuard(OWN, frozenset({OWN, OTHER})))


def decided(manifest, existing=None, guards=GUARDS):
    return decide(manifest, existing, keyring(), TemplateRendering(), guards=guards)


def sealed(name="db", namespace=OTHER, *, template=None, uid="uid-1", **special):
    return stored(sealed_secret(name, namespace, template=template or {}, **special), uid=uid)


def labelled(value="active", **metadata):
    return {"metadata": {"labels": {KEY_LABEL: value}, **metadata}}


def legacy(inner, name="db", namespace=OTHER):
    manifest = sealed_secret(name, namespace, {"blob": inner})
    spec = {"data": manifest["spec"]["encryptedData"]["blob"], "encryptedData": {}}
    return stored({**manifest, "spec": spec})


def existing(name="db", namespace=OTHER, *, owned=True, labels=None, annotations=None, **special):
    owner = {"apiVersion": "bitnami.com/v1alpha1", "kind": "SealedSecret", "name": name, "uid": "uid-1"}
    metadata = {"name": name, "namespace": namespace, "uid": "s-1", "resourceVersion": "7"}
    metadata |= {"labels": labels or {}, "annotations": annotations or {}}
    metadata |= {"ownerReferences": [owner | {"controller": True}]} if owned else {}
    data = {"password": base64.b64encode(b"hunter2").decode()}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "type": "Opaque", "data": data} | special


NO_OWNER = {"annotations": {ANNOTATION + "skip-set-owner-references": "true"}}

MAKING_KEYS = [
    pytest.param(sealed(template=labelled(), namespace=OWN), id="labelled active"),
    pytest.param(sealed(template=labelled("compromised"), namespace=OWN), id="labelled as not in use"),
    pytest.param(sealed(template=labelled(""), namespace=OWN), id="labelled with nothing"),
    pytest.param(sealed(template=labelled(**NO_OWNER), namespace=OWN), id="labelled, without an owner"),
    pytest.param(sealed(LEGACY_KEY_NAME, OWN), id="of the legacy key's name"),
    pytest.param(sealed(KEY_TRUST_NAME, OWN), id="of the name by whose Secret keys are trusted"),
    pytest.param(sealed(LEGACY_KEY_NAME, OWN, template={"metadata": NO_OWNER}), id="of its name, without an owner"),
    pytest.param(legacy(b'{"metadata": {"labels": {"%s": "active"}}}' % KEY_LABEL.encode(), namespace=OWN),
                 id="labelled inside of the deprecated form"),
    pytest.param(legacy(b'{"data": {}}', LEGACY_KEY_NAME, OWN), id="of its name, by the deprecated form"),
    pytest.param(
        sealed("x", OWN, items={"tls.crt": b"...", "tls.key": b"..."}, template=labelled() | {"type": "kubernetes.io/tls"}),
        id="the pair as sealed items",
    ),
    pytest.param(sealed(template=labelled()), id="labelled, in another namespace"),
    pytest.param(sealed(LEGACY_KEY_NAME, OTHER), id="of the legacy key's name, in another namespace"),
]  # fmt: skip


class TestSealingKeys:
    @pytest.mark.parametrize("manifest", MAKING_KEYS)
    def test_none_is_made(self, manifest):
        decision = decided(manifest)
        assert (decision.action, decision.reason, decision.secret) == (Action.REFUSE, Reason.SEALING_KEY, None)
        assert decision.message.startswith("the Secret would be a sealing key (")

    @pytest.mark.parametrize("manifest", MAKING_KEYS[:-2])
    def test_no_flag_opens_the_controller_s_own_namespace(self, manifest):
        assert decided(manifest, guards=OPEN).reason is Reason.SEALING_KEY

    @pytest.mark.parametrize("manifest", MAKING_KEYS[-2:])
    def test_a_flag_opens_another_namespace(self, manifest):
        assert decided(manifest, guards=OPEN).action is Action.CREATE

    def test_without_knowing_its_own_namespace_it_refuses_everywhere(self):
        assert decide(sealed(template=labelled()), None, keyring(), TemplateRendering()).reason is Reason.SEALING_KEY

    @pytest.mark.parametrize(
        "special",
        [
            pytest.param({}, id="its own, from before these rules"),
            pytest.param({"owned": False}, id="somebody else's"),
            pytest.param({"owned": False, "annotations": {ANNOTATION + "managed": "true"}}, id="to be taken over"),
            pytest.param({"owned": False, "annotations": {ANNOTATION + "patch": "true"}}, id="to be added to"),
        ],
    )
    @pytest.mark.parametrize("namespace", [OWN, OTHER])
    def test_one_that_is_there_is_neither_changed_nor_relabelled(self, special, namespace):
        decision = decided(
            sealed(namespace=namespace), existing("db", namespace, labels={KEY_LABEL: "active"}, **special)
        )
        assert (decision.action, decision.reason) == (Action.REFUSE, Reason.SEALING_KEY)
        assert decision.message == f'Secret "db" is a sealing key (label {KEY_LABEL}), which no SealedSecret may change'

    def test_of_one_that_is_there_nobody_is_told_to_hand_it_over(self):
        there = existing(LEGACY_KEY_NAME, OWN, owned=False)
        decision = decided(sealed(LEGACY_KEY_NAME, OWN), there)
        assert decision.reason is Reason.SEALING_KEY
        assert "managed" not in decision.reason.advice

    @pytest.mark.parametrize("annotation", ["managed", "patch"])
    def test_a_secret_that_is_handed_over_does_not_become_one(self, annotation):
        there = existing(owned=False, annotations={ANNOTATION + annotation: "true"})
        decision = decided(sealed(template=labelled()), there)
        assert (decision.action, decision.reason) == (Action.REFUSE, Reason.SEALING_KEY)

    @pytest.mark.parametrize("where", ["an annotation", "another label", "the SealedSecret's own label"])
    def test_what_makes_no_key_is_made(self, where):
        metadata = {
            "an annotation": {"annotations": {KEY_LABEL: "active"}},
            "another label": {"labels": {KEY_LABEL + "s": "active"}},
        }.get(where)
        special = {} if metadata else {"labels": {KEY_LABEL: "active"}}
        assert decided(sealed(template={"metadata": metadata or {}}, namespace=OWN, **special)).action is Action.CREATE


class TestTheLastLine:
    def manifest(self, **metadata):
        return key_secret(other_sealing_key(), **({"name": "db", "namespace": OWN} | metadata))

    @pytest.mark.parametrize(
        ("metadata", "why"),
        [
            ({"labels": {KEY_LABEL: "active"}}, f"label {KEY_LABEL}"),
            ({"labels": {KEY_LABEL: 7}}, f"label {KEY_LABEL}"),
            ({"name": LEGACY_KEY_NAME}, f'name "{LEGACY_KEY_NAME}"'),
            ({"labels": {KEY_LABEL: "x"}, "namespace": "team-b"}, f"label {KEY_LABEL}"),
        ],
    )
    def test_a_sealing_key_does_not_pass(self, metadata, why):
        with pytest.raises(RefusedError) as refused:
            refuse_key(OPEN.keys, self.manifest(**metadata))
        assert str(refused.value).endswith(f"is a sealing key ({why})")

    @pytest.mark.parametrize(
        "metadata", [{}, {"labels": "junk"}, {"labels": {KEY_LABEL: "active"}, "namespace": OTHER}]
    )
    def test_others_pass(self, metadata):
        refuse_key(OPEN.keys, self.manifest(**metadata))


class TestTypes:
    def test_these_are_the_ones_that_kubernetes_acts_on(self):
        assert {TOKEN, BOOTSTRAP} == TYPES_ACTED_ON

    @pytest.mark.parametrize("kind", sorted(TYPES_ACTED_ON))
    @pytest.mark.parametrize("namespace", [OWN, OTHER])
    def test_a_secret_of_such_a_type_is_not_made(self, kind, namespace):
        decision = decided(sealed(namespace=namespace, template={"type": kind}))
        assert (decision.action, decision.reason) == (Action.REFUSE, Reason.TYPE_REFUSED)
        assert decision.message == f'type "{kind}": Kubernetes acts on Secrets of this type with rights of its own'

    @pytest.mark.parametrize("kind", sorted(TYPES_ACTED_ON))
    def test_nor_by_the_deprecated_form(self, kind):
        assert decided(legacy(b'{"type": "%s"}' % kind.encode())).reason is Reason.TYPE_REFUSED

    @pytest.mark.parametrize(
        "special",
        [
            pytest.param({}, id="its own, from before these rules"),
            pytest.param({"owned": False, "annotations": {ANNOTATION + "managed": "true"}}, id="to be taken over"),
            pytest.param({"owned": False, "annotations": {ANNOTATION + "patch": "true"}}, id="to be added to"),
        ],
    )
    @pytest.mark.parametrize("asked", [None, "Opaque", TOKEN])
    def test_one_that_is_there_is_not_touched_whatever_type_is_asked_for(self, special, asked):
        manifest = sealed(template={"type": asked} if asked else {})
        assert decided(manifest, existing(type=TOKEN, **special)).reason is Reason.TYPE_REFUSED

    def test_one_of_somebody_else_is_not_managed_as_always(self):
        assert decided(sealed(), existing(owned=False, type=TOKEN)).reason is Reason.NOT_MANAGED

    def test_the_account_that_an_annotation_names_cannot_be_changed_by_patching(self):
        there = existing(type=TOKEN, owned=False, annotations={ANNOTATION + "patch": "true"})
        manifest = sealed(template={"metadata": {"annotations": {"kubernetes.io/service-account.name": "admin"}}})
        assert decided(manifest, there).reason is Reason.TYPE_REFUSED

    @pytest.mark.parametrize(
        "kind",
        [
            "Opaque",
            "kubernetes.io/tls",
            "kubernetes.io/basic-auth",
            "kubernetes.io/rbd",
            "example.org/own",
            TOKEN.upper(),
        ],
    )
    def test_other_types_are_made(self, kind):
        assert decided(sealed(template={"type": kind})).action is Action.CREATE

    def test_the_annotation_alone_makes_nothing_happen(self):
        template = {"metadata": {"annotations": {"kubernetes.io/service-account.name": "admin"}}}
        assert decided(sealed(template=template)).action is Action.CREATE

    def test_a_flag_opens_exactly_the_types_that_it_names(self):
        opened = Guards(allowed_types=frozenset({TOKEN}))
        assert decided(sealed(template={"type": TOKEN}), guards=opened).action is Action.CREATE
        assert decided(sealed(template={"type": BOOTSTRAP}), guards=opened).reason is Reason.TYPE_REFUSED


class TestFinalizers:
    TEMPLATE: ClassVar = {"metadata": {"finalizers": ["example.org/stays"]}}

    def test_a_secret_that_could_not_be_deleted_is_not_made(self):
        decision = decided(sealed(template=self.TEMPLATE))
        assert (decision.action, decision.reason) == (Action.REFUSE, Reason.FINALIZERS_REFUSED)
        assert "the template has finalizers" in decision.message

    def test_nor_by_the_deprecated_form(self):
        inner = b'{"metadata": {"finalizers": ["example.org/stays"]}}'
        assert decided(legacy(inner)).reason is Reason.FINALIZERS_REFUSED

    def test_a_flag_lets_them_be(self):
        made = decided(sealed(template=self.TEMPLATE), guards=Guards(allow_finalizers=True)).secret
        assert made["metadata"]["finalizers"] == ["example.org/stays"]

    @pytest.mark.parametrize("allowed", [False, True])
    def test_a_secret_that_is_there_gets_none_and_loses_none(self, allowed):
        guards = Guards(allow_finalizers=allowed)
        bare = decided(sealed(template=self.TEMPLATE), existing(data={}), guards)
        assert "finalizers" not in bare.secret["metadata"]
        there = existing(data={})
        there["metadata"]["finalizers"] = ["example.org/theirs"]
        kept = decided(sealed(template=self.TEMPLATE), there, guards)
        assert kept.secret["metadata"]["finalizers"] == ["example.org/theirs"]


class TestOwners:
    CLAIM: ClassVar = {"apiVersion": "v1", "kind": "Namespace", "name": "kube-system", "uid": "x", "controller": True}

    def test_a_template_s_owners_never_count(self):
        made = decided(sealed(template={"metadata": {"ownerReferences": [self.CLAIM]}})).secret
        assert [owner["uid"] for owner in made["metadata"]["ownerReferences"]] == ["uid-1"]

    def test_nor_those_inside_of_the_deprecated_form(self):
        inner = b'{"metadata": {"ownerReferences": [{"uid": "x", "kind": "Namespace"}]}}'
        assert [owner["uid"] for owner in decided(legacy(inner)).secret["metadata"]["ownerReferences"]] == ["uid-1"]


class TestDoubts:
    """What was written before there were these rules is judged though nothing has changed since."""

    @pytest.mark.parametrize(
        ("manifest", "doubted"),
        [
            pytest.param(sealed(), False, id="an ordinary one"),
            pytest.param(sealed(template=labelled()), True, id="one that makes a key"),
            pytest.param(sealed(LEGACY_KEY_NAME, OWN), True, id="one of the legacy key's name"),
            pytest.param(sealed(template={"type": TOKEN}), True, id="one of a type that is acted on"),
            pytest.param(legacy(b"{}"), True, id="one whose content is not seen"),
            pytest.param({"metadata": 7, "spec": "junk"}, False, id="junk"),
            pytest.param({"metadata": {}, "spec": {"template": {"metadata": [], "type": 7}}}, False, id="odd parts"),
        ],
    )
    def test_it_is_told_from_outside(self, manifest, doubted):
        assert GUARDS.doubts(manifest) is doubted


@pytest.mark.parametrize(
    "reason", [Reason.SEALING_KEY, Reason.TYPE_REFUSED, Reason.FINALIZERS_REFUSED, Reason.CONTENDED]
)
def test_each_reason_has_upstream_s_event_and_metric(reason):
    assert (reason.event, reason.metric) == (EventReason.UPDATE_FAILED, "update")


class TestDriftAfterAFailure:
    """A failure in between does not make the next repair strip what others added meanwhile."""

    def test_the_record_still_says_what_the_secret_was_made_of(self):
        manifest = sealed()
        made = status.success(
            {}, generation=1, secret_uid="s-1", secret_version="7", scope="strict", fingerprints=[], now=NOW
        )
        failed = status.failure(made, generation=1, reason=Reason.CONTENDED, message="x", now=NOW)
        there = existing(data={}, labels={"theirs": "2"})
        decision = decided({**manifest, "status": {**made, **failed}}, there)
        assert decision.action is Action.REPLACE
        assert decision.secret["metadata"]["labels"] == {"theirs": "2"}
