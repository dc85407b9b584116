"""What is written into a SealedSecret's status, and when."""

from datetime import timedelta

import pytest
from tests.support.builders import NOW

from sealwright_controller.objects import status
from sealwright_controller.objects.reasons import Reason

LATER = NOW + timedelta(minutes=5)
ONE, OTHER = "a" * 64, "b" * 64
FOREIGN = {"type": "Storm", "status": "True"}


def succeeded(previous=None, *, generation=1, now=NOW):
    return status.success(
        previous or {},
        generation=generation,
        secret_uid="s-1",
        secret_version="7",
        scope="strict",
        fingerprints=["bb", "aa", "bb"],
        now=now,
    )


MADE = {
    "generation": 1,
    "secret_uid": "s-1",
    "secret_version": "7",
    "scope": "strict",
    "fingerprints": ["aa"],
    "now": NOW,
}


def failed(previous=None, *, generation=1, message="no key could decrypt secret (a)", reason=Reason.NO_KEY, now=NOW):
    return status.failure(previous or {}, generation=generation, reason=reason, message=message, now=now)


def object_with(written, *, generation=1):
    return {"metadata": {"generation": generation}, "status": written}


def test_a_success_has_an_empty_message_and_a_record_of_what_it_was_made_of():
    assert succeeded() == {
        "observedGeneration": 1,
        "conditions": [
            {
                "type": "Synced",
                "status": "True",
                "reason": "Unsealed",
                "message": "",
                "lastTransitionTime": "2026-03-01T12:00:00Z",
                "lastUpdateTime": "2026-03-01T12:00:00Z",
            }
        ],
        "secret": {"uid": "s-1", "resourceVersion": "7", "generation": 1},
        "scope": "strict",
        "keyFingerprints": ["aa", "bb"],
    }


def test_a_failure_names_reason_and_message_and_leaves_the_record_alone():
    written = failed()
    assert set(written) == {"observedGeneration", "conditions"}
    condition = written["conditions"][0]
    assert (condition["status"], condition["reason"]) == ("False", "NoKey")
    assert condition["message"] == "no key could decrypt secret (a)"


def test_a_failure_takes_the_keys_of_the_last_success_away_once():
    written = failed(succeeded())
    assert written["keyFingerprints"] == []
    assert "secret" not in written
    assert "keyFingerprints" not in failed({**succeeded(), **written})


def test_keys_that_are_missing_are_told_behind_synced_and_before_others():
    foreign = {"type": "Ready", "status": "Unknown"}
    before = {**succeeded(), "conditions": [*succeeded()["conditions"], foreign]}
    told = status.with_missing_keys(before, ["aa"], LATER)
    assert [entry["type"] for entry in told["conditions"]] == ["Synced", "KeyMissing", "Ready"]
    assert "aa" in told["conditions"][1]["message"]
    assert status.says_key_missing(told)
    well_again = status.with_missing_keys({**before, **told}, [], LATER)
    assert [entry["type"] for entry in well_again["conditions"]] == ["Synced", "Ready"]
    assert not status.says_key_missing(well_again)


def test_unknown_fields_are_told_until_they_are_gone():
    written = status.success({}, **MADE, unknown=["lables", "x" * 1000])
    assert [entry["type"] for entry in written["conditions"]] == ["Synced", "UnknownField"]
    assert "lables" in written["conditions"][1]["message"]
    assert len(written["conditions"][1]["message"]) < 200
    kept = status.with_missing_keys(written, ["aa"], NOW)
    assert [entry["type"] for entry in kept["conditions"]] == ["Synced", "KeyMissing", "UnknownField"]
    assert [entry["type"] for entry in status.success(written, **MADE)["conditions"]] == ["Synced"]
    assert not status.differs(
        written, status.success(written, **(MADE | {"now": LATER}), unknown=["lables", "x" * 1000])
    )


def test_a_new_outcome_says_no_more_of_missing_keys():
    told = {**succeeded(), **status.with_missing_keys(succeeded(), ["aa"], NOW)}
    assert [entry["type"] for entry in succeeded(told)["conditions"]] == ["Synced"]
    assert [entry["type"] for entry in failed(told)["conditions"]] == ["Synced", "Stalled"]


class TestStalled:
    def test_a_failure_says_the_same_a_second_time_for_kstatus(self):
        synced, stalled = failed()["conditions"]
        assert stalled == {**synced, "type": "Stalled", "status": "True"}

    def test_it_takes_the_times_of_the_failure(self):
        synced, stalled = failed({**succeeded(), **failed(succeeded())}, now=LATER)["conditions"]
        assert stalled == {**synced, "type": "Stalled", "status": "True"}
        assert stalled["lastTransitionTime"] == "2026-03-01T12:00:00Z"

    def test_a_success_takes_it_away_whoever_wrote_it(self):
        theirs = {"type": "Stalled", "status": "False", "reason": "Theirs"}
        left = {**succeeded(), "conditions": [theirs, *succeeded()["conditions"], theirs]}
        assert status.differs(left, succeeded(left))
        assert [entry["type"] for entry in succeeded(left)["conditions"]] == ["Synced"]
        assert [entry["type"] for entry in status.with_missing_keys(left, ["aa"], NOW)["conditions"]] == [
            "Synced",
            "KeyMissing",
        ]

    def test_a_failure_that_an_earlier_version_wrote_gets_it(self):
        before = {**failed(), "conditions": failed()["conditions"][:1]}
        assert status.is_current(object_with(before))
        assert status.differs(before, failed(before))

    def test_a_synced_object_that_has_it_is_not_settled(self):
        left = {**succeeded(), "conditions": [*succeeded()["conditions"], failed()["conditions"][1]]}
        assert status.needs_sweep(object_with(left))
        assert status.is_synced(object_with(left), "strict")
        assert not status.is_settled(object_with(left), "strict")
        assert status.is_settled(object_with(succeeded()), "strict")

    def test_a_failed_object_that_has_it_is_as_it_should_be(self):
        assert not status.needs_sweep(object_with(failed()))

    def test_a_failed_object_without_it_was_written_by_another_controller(self):
        written = {**failed(), "conditions": failed()["conditions"][:1]}
        assert status.needs_sweep(object_with(written))
        assert status.is_current(object_with(written))


@pytest.mark.parametrize("conditions", [[], succeeded()["conditions"], failed()["conditions"]])
@pytest.mark.parametrize("generation", [0, 1])
def test_a_status_that_is_about_no_generation_is_never_current(conditions, generation):
    manifest = object_with({**succeeded(), "conditions": conditions, "observedGeneration": -1}, generation=generation)
    assert not status.is_current(manifest)
    assert not status.is_synced(manifest, "strict")
    assert not status.says_made(manifest)


@pytest.mark.parametrize(
    ("written", "needed"),
    [
        pytest.param({**succeeded(), "keyFingerprints": [ONE, OTHER]}, (ONE, OTHER), id="it is synced"),
        pytest.param({**succeeded(), **failed(succeeded())}, (), id="it fails"),
        pytest.param({**succeeded(), "keyFingerprints": ONE}, (), id="what somebody wrote is no list"),
        pytest.param({**succeeded(), "keyFingerprints": [1, ONE]}, (ONE,), id="not all are texts"),
        pytest.param({**succeeded(), "keyFingerprints": ["f" * 10_000, ONE]}, (ONE,), id="not all are fingerprints"),
        pytest.param({}, (), id="nothing is said"),
    ],
)
def test_the_keys_that_an_object_needs_are_read_from_its_status(written, needed):
    assert status.needed_keys(object_with(written)) == needed


def test_the_transition_time_stays_while_the_outcome_stays():
    again = succeeded(succeeded(), generation=2, now=LATER)["conditions"][0]
    assert (again["lastTransitionTime"], again["lastUpdateTime"]) == ("2026-03-01T12:00:00Z", "2026-03-01T12:05:00Z")


def test_the_transition_time_moves_when_the_outcome_turns():
    turned = failed(succeeded(), now=LATER)["conditions"][0]
    assert turned["lastTransitionTime"] == "2026-03-01T12:05:00Z"


def test_others_conditions_stay_behind_ours():
    foreign = {"type": "Ready", "status": "Unknown"}
    written = succeeded({"conditions": [foreign, {"type": "Synced", "status": "False"}]})
    assert [entry["type"] for entry in written["conditions"]] == ["Synced", "Ready"]


def test_an_endless_message_is_cut():
    message = failed(message="x" * 100_000)["conditions"][0]["message"]
    assert len(message) == status.MAX_MESSAGE_CHARACTERS == 1024


def without_record(written):
    """Return a status as a CRD like sealed-secrets' stores it."""
    return {name: written[name] for name in ("observedGeneration", "conditions")}


def of_upstream(written):
    """Return a status as sealed-secrets writes it."""
    conditions = [{**condition, "reason": ""} for condition in written["conditions"]]
    return {**without_record(written), "conditions": conditions}


@pytest.mark.parametrize(
    ("before", "after", "news"),
    [
        pytest.param(succeeded(), succeeded(now=LATER), False, id="only times moved"),
        pytest.param({}, succeeded(), True, id="nothing was said before"),
        pytest.param(succeeded(), succeeded(generation=2), True, id="a new generation was seen"),
        pytest.param(failed(), failed(message="another"), True, id="a new error under the same False"),
        pytest.param(succeeded(), failed(), True, id="it fails now"),
        pytest.param({**succeeded(), "foreign": 1}, succeeded(now=LATER), False, id="others' fields do not matter"),
        pytest.param(without_record(succeeded()), succeeded(now=LATER), False, id="the CRD keeps no record"),
        pytest.param(without_record(succeeded()), succeeded(generation=2), True, id="no record, and a new generation"),
        pytest.param(without_record(succeeded()), failed(), True, id="no record, and it fails now"),
        pytest.param(without_record(failed()), succeeded(), True, id="no record of a failure, and it is well now"),
        pytest.param(
            of_upstream(succeeded()), succeeded(now=LATER), True, id="sealed-secrets said it, without a record"
        ),
    ],
)
def test_only_news_are_written(before, after, news):
    assert status.differs(before, after) is news


@pytest.mark.parametrize(
    ("manifest", "current"),
    [
        pytest.param(object_with(succeeded()), True, id="well, of this generation"),
        pytest.param(object_with(failed()), True, id="ill, of this generation"),
        pytest.param(object_with(succeeded(), generation=2), False, id="of an older generation"),
        pytest.param(object_with({}), False, id="empty"),
        pytest.param({"metadata": {"generation": 1}}, False, id="no status at all"),
        pytest.param(object_with("junk"), False, id="a status that is text"),
        pytest.param(object_with({"conditions": "junk"}), False, id="conditions that are text"),
        pytest.param(object_with({"conditions": ["junk", 7]}), False, id="conditions that are no maps"),
    ],
)
def test_a_status_is_current_when_it_speaks_of_this_generation(manifest, current):
    assert status.is_current(manifest) is current


@pytest.mark.parametrize(
    ("written", "scope", "synced"),
    [
        pytest.param(succeeded(), "strict", True, id="well under this scope"),
        pytest.param(succeeded(), "cluster-wide", False, id="well under another scope"),
        pytest.param(failed(), "strict", False, id="ill"),
        pytest.param({**failed(), "scope": "strict"}, "strict", False, id="ill, with the record of an older success"),
    ],
)
def test_synced_means_this_generation_under_this_scope(written, scope, synced):
    assert status.is_synced(object_with(written), scope) is synced


@pytest.mark.parametrize(
    ("written", "record"),
    [
        pytest.param(succeeded(), ("s-1", "7"), id="as written"),
        pytest.param({}, None, id="none"),
        pytest.param({"secret": "junk"}, None, id="text"),
        pytest.param({"secret": {"uid": "s-1"}}, None, id="half"),
        pytest.param({"secret": {"uid": 1, "resourceVersion": 2}}, None, id="numbers"),
        pytest.param({"secret": {"uid": "s" * 10_000, "resourceVersion": "7"}}, None, id="longer than any uid"),
    ],
)
def test_a_record_is_taken_only_when_it_is_whole(written, record):
    assert status.recorded_secret(object_with(written)) == record


@pytest.mark.parametrize("metadata", [None, "junk", {}, {"generation": "3"}])
def test_an_object_without_generation_counts_as_zero(metadata):
    assert status.generation_of({"metadata": metadata}) == 0


def test_a_message_is_written_as_it_will_be_read_again():
    assert [entry["message"] for entry in failed(message="a\ud800b")["conditions"]] == ["a?b", "a?b"]


def test_a_time_that_is_none_is_not_taken_over():
    before = failed()
    before["conditions"][0]["lastTransitionTime"] = [5]
    assert failed(before, now=LATER)["conditions"][0]["lastTransitionTime"] == "2026-03-01T12:05:00Z"


def test_when_a_condition_turned_is_read_as_it_was_written():
    assert status.turned_at(failed(now=NOW)) == NOW
    assert status.turned_at(failed(failed(now=NOW), now=LATER)) == NOW


@pytest.mark.parametrize("said", [None, 5, "", "yesterday", "2026-03-01T12:00:00+01:00", "2026-13-01T12:00:00Z", ["x"]])
def test_a_time_that_is_none_tells_nothing(said):
    assert status.turned_at({"conditions": [{"type": "Synced", "lastTransitionTime": said}]}) is None


def test_a_status_without_a_condition_tells_no_time():
    assert status.turned_at({}) is None


def test_what_is_ones_own_of_a_status_can_be_laid_over_another():
    foreign = {"type": "Storm", "status": "True"}
    before = {**succeeded(), "conditions": [foreign], "theirs": 1}
    own = status.own_part({**failed(), "conditions": [*failed()["conditions"], {"type": "Old", "status": "True"}]})
    laid_over = status.overlaid(object_with(before), own)
    assert [entry["type"] for entry in laid_over["status"]["conditions"]] == ["Synced", "Stalled", "Storm"]
    assert laid_over["status"]["theirs"] == 1
    assert status.recorded_secret(laid_over) == ("s-1", "7")
    assert laid_over["metadata"] == {"generation": 1}


class TestWaiting:
    NOTE = "a change waits"

    def told(self, before, generation=4):
        return status.told_to_wait({"metadata": {"generation": generation}, "status": before}, self.NOTE)

    def test_one_that_fails_and_is_not_changed_still_fails(self):
        told = self.told(failed(generation=3), generation=3)
        synced, stalled = told["conditions"]
        assert (synced["type"], stalled["type"], stalled["status"]) == ("Synced", "Stalled", "True")
        assert synced["message"] == stalled["message"]

    def test_it_stands_beside_what_was_said_and_changes_nothing_else(self):
        before = failed(generation=3)
        told = self.told(before)
        was, (now,) = before["conditions"][0], told["conditions"]
        assert now == was | {"message": f"no key could decrypt secret (a); {self.NOTE}"}
        assert set(told) == {"conditions"}

    def test_beside_a_success_it_stands_alone(self):
        (condition,) = self.told(succeeded())["conditions"]
        assert (condition["status"], condition["message"]) == ("True", self.NOTE)

    def test_it_is_said_once(self):
        assert self.told(self.told(failed())) is None

    def test_of_what_was_never_looked_at_it_is_not_said(self):
        assert self.told({}) is None
        assert self.told({"conditions": [{"type": "Synced", "message": 7}]}) is None

    def test_others_conditions_stay_and_the_message_keeps_its_length(self):
        theirs = {"type": "Storm", "status": "True"}
        before = failed(message="x" * 5000)
        before["conditions"].append(theirs)
        told = self.told(before)
        assert told["conditions"][1] == theirs
        assert len(told["conditions"][0]["message"]) == status.MAX_MESSAGE_CHARACTERS
        assert told["conditions"][0]["message"].endswith(f"…; {self.NOTE}")


class TestDriftThatIsReported:
    """--drift=report: the Secret was changed or deleted by somebody else, and stays so."""

    LEFT = "somebody else changed the Secret (%s); --drift=report leaves it so"

    @staticmethod
    def kinds(written):
        return [(entry["type"], entry["status"], entry["reason"]) for entry in written["conditions"]]

    def test_a_changed_secret_is_there_and_the_object_stays_synced(self):
        told = status.drifted(succeeded(), ["data", "labels"], LATER)
        assert self.kinds(told) == [("Synced", "True", "Unsealed"), ("Drifted", "True", "Drifted")]
        assert told["conditions"][1]["message"] == self.LEFT % "data, labels"

    def test_a_deleted_secret_is_a_failure_and_the_record_stays(self):
        told = status.drifted(succeeded(), ["it is gone"], LATER, missing=True)
        assert self.kinds(told) == [
            ("Synced", "False", "SecretMissing"), ("Stalled", "True", "SecretMissing"), ("Drifted", "True", "Drifted"),
        ]  # fmt: skip
        assert {entry["message"] for entry in told["conditions"]} == {self.LEFT % "it is gone"}
        assert list(told) == ["conditions"]
        assert told["conditions"][0]["lastTransitionTime"] == "2026-03-01T12:05:00Z"

    def test_a_secret_that_is_back_and_differs_is_a_failure_no_more(self):
        missing = status.drifted(succeeded(), ["it is gone"], NOW, missing=True)
        told = status.drifted({**succeeded(), **missing}, ["data"], LATER)
        assert self.kinds(told) == [("Synced", "True", "Unsealed"), ("Drifted", "True", "Drifted")]

    def test_others_conditions_stay_and_a_suspension_that_is_over_does_not(self):
        before = {**succeeded(), **status.suspended(succeeded(), NOW)}
        before["conditions"].append({"type": "Storm", "status": "True"})
        kinds = [entry["type"] for entry in status.drifted(before, ["data"], LATER)["conditions"]]
        assert kinds == ["Synced", "Drifted", "Storm"]

    @pytest.mark.parametrize("generation", [1, 2])
    def test_the_secret_of_a_deleted_one_counts_as_made_for_its_generation(self, generation):
        missing = status.drifted(succeeded(), ["it is gone"], NOW, missing=True)
        manifest = object_with({**succeeded(), **missing}, generation=generation)
        assert status.says_made(manifest) is (generation == 1)
        assert status.says_secret_missing(manifest) is (generation == 1)
        assert not status.is_synced(manifest, "strict")

    @pytest.mark.parametrize("written", [succeeded(), failed(), {}])
    def test_nothing_else_says_that_it_is_missing(self, written):
        assert not status.says_secret_missing(object_with(written))


class TestWhatAStatusSays:
    def test_it_is_what_sealwrights_conditions_say_without_times(self):
        written = {"conditions": [FOREIGN, *failed(message="no", now=LATER)["conditions"]]}
        assert status.said(written) == (("Synced", "False", "NoKey", "no"), ("Stalled", "True", "NoKey", "no"))
        assert status.said({}) == ()

    def test_it_can_be_said_again_over_what_others_wrote(self):
        forged = {"conditions": [FOREIGN, *succeeded()["conditions"]]}
        conditions = status.restated(forged, status.said(failed()), LATER)
        assert status.said({"conditions": conditions}) == status.said(failed())
        assert conditions[2:] == [FOREIGN]
        assert {entry["lastTransitionTime"] for entry in conditions[:2]} == {"2026-03-01T12:05:00Z"}


@pytest.mark.parametrize(
    ("observed", "expected"), [(1, False), (2, True), (-1, False), (0, False), ("2", False), (None, False)]
)
def test_only_a_status_that_names_another_generation_is_about_one(observed: object, expected: bool) -> None:
    manifest = {"metadata": {"generation": 1}, "status": {"observedGeneration": observed}}
    assert status.is_of_another_generation(manifest) is expected
