from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import REGISTRY
from prometheus_client.parser import text_string_to_metric_families
from tests.support.spoiling import ANY_JSON, ANY_TEXT

from sealwright_controller.metrics.queue import QueueMetrics
from sealwright_controller.metrics.registry import Metrics
from sealwright_controller.metrics.watches import WatchMetrics
from sealwright_controller.queue.workqueue import WorkQueue

PREFIX = "sealed_secrets_controller_"


@pytest.fixture
def metrics():
    return Metrics("v1.2.3")


def samples(metrics, name):
    """Every sample of that full name: its labels, as a set of pairs, to its value."""
    families = text_string_to_metric_families(metrics.exposition().decode())
    found = [sample for family in families for sample in family.samples if sample.name == name]
    return {frozenset(sample.labels.items()): sample.value for sample in found}


def labels(**pairs):
    return frozenset(pairs.items())


def conditions(metrics):
    shown = {}
    for pairs, value in samples(metrics, PREFIX + "condition_info").items():
        label = dict(pairs)
        assert label["condition"] == "Synced"
        shown[label["namespace"], label["name"], label["ss_app_kubernetes_io_instance"]] = value
    return shown


def test_unseal_requests_are_counted_from_zero(metrics):
    assert samples(metrics, PREFIX + "unseal_requests_total") == {labels(): 0}
    metrics.count_unseal_request()
    metrics.count_unseal_request()
    assert samples(metrics, PREFIX + "unseal_requests_total") == {labels(): 2}


def test_unseal_errors_are_counted_by_reason_and_namespace(metrics):
    metrics.count_unseal_error("unseal", "shop")
    metrics.count_unseal_error("unseal", "shop")
    metrics.count_unseal_error("unmanaged", "till")
    counted = {pairs: value for pairs, value in samples(metrics, PREFIX + "unseal_errors_total").items() if value}
    assert counted == {
        labels(reason="unseal", namespace="shop"): 2,
        labels(reason="unmanaged", namespace="till"): 1,
    }


def test_each_reason_of_upstream_s_is_there_from_the_start(metrics):
    assert samples(metrics, PREFIX + "unseal_errors_total") == {
        labels(reason=reason, namespace=""): 0 for reason in ("fetch", "status", "unmanaged", "unseal", "update")
    }


def test_a_condition_is_one_when_true_and_minus_one_when_false(metrics):
    metrics.set_condition("shop", "good", synced=True, instance="blue")
    metrics.set_condition("shop", "bad", synced=False)
    metrics.set_condition("shop", "new", synced=None)
    assert conditions(metrics) == {("shop", "good", "blue"): 1, ("shop", "bad", ""): -1, ("shop", "new", ""): 0}


def objects(metrics):
    return {dict(pairs)["status"]: value for pairs, value in samples(metrics, "sealwright_objects").items()}


@pytest.mark.parametrize("omit_names", [False, True])
def test_objects_are_counted_by_status_whether_they_are_named_or_not(omit_names):
    metrics = Metrics("v1.2.3", omit_names=omit_names)
    assert objects(metrics) == {"True": 0, "False": 0, "Unknown": 0}
    for name, synced in (("a", True), ("b", True), ("c", False), ("d", None), ("e", True)):
        metrics.set_condition("shop", name, synced=synced)
    metrics.forget_object("shop", "e")
    assert objects(metrics) == {"True": 2, "False": 1, "Unknown": 1}


def test_with_names_omitted_no_object_and_no_namespace_is_named():
    metrics = Metrics("v1.2.3", omit_names=True)
    for reason in ("fetch", "status", "unmanaged", "unseal", "update"):
        metrics.count_unseal_error(reason, "zebra-shop")
    for synced in (True, False, None):
        metrics.set_condition("zebra-shop", f"zebra-{synced}", synced=synced, instance="zebra-blue")
    assert b"zebra" not in metrics.exposition()
    assert conditions(metrics) == {}
    assert samples(metrics, PREFIX + "unseal_errors_total")[labels(reason="unseal", namespace="")] == 1


class TestOldestFailure:
    @pytest.fixture
    def clock(self):
        return {"now": 1000.0}

    @pytest.fixture
    def metrics(self, clock):
        return Metrics("v1.2.3", now=lambda: clock["now"])

    @staticmethod
    def oldest(metrics):
        return samples(metrics, "sealwright_oldest_failure_seconds")[labels()]

    def test_it_is_zero_while_none_fails(self, metrics):
        metrics.set_condition("shop", "db", synced=True, since=1.0)
        assert self.oldest(metrics) == 0

    def test_it_is_that_of_the_object_which_has_failed_longest(self, metrics, clock):
        metrics.set_condition("shop", "db", synced=False, since=900.0)
        metrics.set_condition("shop", "other", synced=False, since=950.0)
        assert self.oldest(metrics) == 100
        metrics.set_condition("shop", "db", synced=True, since=1000.0)
        assert self.oldest(metrics) == 50
        metrics.forget_object("shop", "other")
        assert self.oldest(metrics) == 0

    def test_without_a_status_it_counts_from_the_first_failure_seen(self, metrics, clock):
        for _ in range(3):
            metrics.set_condition("shop", "db", synced=False)
            clock["now"] += 10
        assert self.oldest(metrics) == 30

    def test_a_status_that_forgets_does_not_make_it_younger(self, metrics, clock):
        metrics.set_condition("shop", "db", synced=False, since=900.0)
        metrics.set_condition("shop", "db", synced=False, since=1000.0)
        assert self.oldest(metrics) == 100

    def test_after_a_success_it_begins_anew(self, metrics, clock):
        metrics.set_condition("shop", "db", synced=False, since=900.0)
        metrics.set_condition("shop", "db", synced=True)
        metrics.set_condition("shop", "db", synced=False, since=1000.0)
        assert self.oldest(metrics) == 0

    def test_a_failure_in_the_future_has_no_age(self, metrics):
        metrics.set_condition("shop", "db", synced=False, since=5000.0)
        assert self.oldest(metrics) == 0


def test_an_object_has_one_condition_even_when_its_instance_label_changes(metrics):
    metrics.set_condition("shop", "db", synced=False, instance="blue")
    metrics.set_condition("shop", "db", synced=True, instance="green")
    assert conditions(metrics) == {("shop", "db", "green"): 1}


def test_a_deleted_object_takes_its_condition_along_and_no_other(metrics):
    metrics.set_condition("shop", "db", synced=True)
    metrics.set_condition("till", "db", synced=True)
    metrics.forget_object("shop", "db")
    metrics.forget_object("shop", "never seen")
    assert conditions(metrics) == {("till", "db", ""): 1}


def test_http_requests_are_counted_and_timed(metrics):
    metrics.observe_request("/v1/cert.pem", "get", 200, 0.3)
    metrics.observe_request("/v1/cert.pem", "get", 304, 0.1)
    path = {"path": "/v1/cert.pem", "method": "get"}
    assert samples(metrics, PREFIX + "http_requests_total") == {
        labels(**path, code="200"): 1,
        labels(**path, code="304"): 1,
    }
    seconds = PREFIX + "http_request_duration_seconds"
    assert samples(metrics, seconds + "_count") == {labels(**path): 2}
    assert samples(metrics, seconds + "_sum") == {labels(**path): pytest.approx(0.4)}
    assert samples(metrics, seconds + "_bucket")[labels(**path, le="0.25")] == 1


def test_requests_that_may_come_have_series_before_they_do(metrics):
    metrics.expect_requests([("/v1/verify", "post")])
    path = {"path": "/v1/verify", "method": "post"}
    assert samples(metrics, PREFIX + "http_requests_total") == {labels(**path, code="200"): 0}
    assert samples(metrics, PREFIX + "http_request_duration_seconds_count") == {labels(**path): 0}


def test_reconciles_are_timed_by_outcome(metrics):
    seconds = "sealwright_reconcile_duration_seconds"
    outcomes = ("done", "failed", "paced", "trouble", "defect")
    assert samples(metrics, seconds + "_count") == {labels(outcome=outcome): 0 for outcome in outcomes}
    metrics.observe_reconcile("failed", 0.3)
    assert samples(metrics, seconds + "_count")[labels(outcome="failed")] == 1
    assert samples(metrics, seconds + "_sum")[labels(outcome="failed")] == pytest.approx(0.3)


def test_a_queue_s_figures_are_read_when_asked_for(metrics):
    now = [100.0]
    queue = WorkQueue(clock=lambda: now[0], jitter=lambda: 0.5)
    metrics.register(QueueMetrics(queue))
    for key in ("working", "failed", "ready"):
        queue.add(key)
    assert (queue.get(timeout=0), queue.get(timeout=0)) == ("working", "failed")
    queue.retry("failed")
    queue.done("failed")
    now[0] += 0.001
    depth = {dict(pairs)["state"]: value for pairs, value in samples(metrics, "sealwright_queue_depth").items()}
    assert depth == {"ready": 1, "waiting": 1, "working": 1}
    assert samples(metrics, "sealwright_queue_failing") == {labels(): 1}
    assert samples(metrics, "sealwright_queue_oldest_seconds") == {labels(): pytest.approx(0.001)}
    assert samples(metrics, "sealwright_retries_total") == {labels(): 1}


def test_the_build_is_told(metrics):
    assert samples(metrics, PREFIX + "build_info") == {labels(revision="v1.2.3"): 1}


def test_private_key_operations_are_read_when_asked_for(metrics):
    assert samples(metrics, "sealwright_private_key_operations_total") == {labels(): 0}
    metrics.private_key_operations.increment()
    assert samples(metrics, "sealwright_private_key_operations_total") == {labels(): 1}


def test_two_controllers_in_one_process_do_not_share_metrics(metrics):
    other = Metrics("v1.2.3")
    other.count_unseal_request()
    assert samples(metrics, PREFIX + "unseal_requests_total") == {labels(): 0}


def test_the_library_s_global_registry_is_left_alone(metrics):
    assert not [family.name for family in REGISTRY.collect() if "seal" in family.name]


def test_hostile_label_values_stay_values(metrics):
    metrics.set_condition('a"\n} 1', "b\\", synced=True, instance="}\n# TYPE x counter")
    assert conditions(metrics) == {('a"\n} 1', "b\\", "}\n# TYPE x counter"): 1}


@pytest.mark.parametrize(
    ("instance", "shown"),
    [
        pytest.param(5, "", id="a number"),
        pytest.param({"a": "b"}, "", id="a map"),
        pytest.param(None, "", id="null"),
        pytest.param("a\ud800", "a?", id="half a surrogate pair"),
        pytest.param("x" * 64, "", id="longer than a label's value can be"),
        pytest.param("x" * 63, "x" * 63, id="as long as a label's value can be"),
    ],
)
def test_an_instance_label_that_is_none_is_left_out_or_made_presentable(metrics, instance, shown):
    metrics.set_condition("shop", "db", synced=True, instance=instance)
    assert conditions(metrics) == {("shop", "db", shown): 1}


@given(st.tuples(ANY_TEXT, ANY_TEXT, ANY_JSON))
def test_whatever_an_object_holds_the_metrics_can_be_read(hostile):
    metrics = Metrics("v1.2.3")
    namespace, name, instance = hostile
    metrics.set_condition("shop", "db", synced=True)
    metrics.set_condition(namespace, name, synced=False, instance=instance)
    metrics.count_unseal_error("unseal", namespace)
    assert conditions(metrics)["shop", "db", ""] == 1
    metrics.forget_object(namespace, name)
    assert len(conditions(metrics)) == 1


def test_of_several_watchers_the_one_that_has_heard_nothing_longest_is_shown(metrics):
    watches = WatchMetrics()
    metrics.register(watches)
    for collection, seconds in [("secrets", 3.0), ("secrets", 70.0), ("sealedsecrets", 1.0)]:
        watches.show(SimpleNamespace(collection=collection, silent_seconds=lambda seconds=seconds: seconds))
    told = samples(metrics, "sealwright_watch_silence_seconds")
    assert told == {labels(collection="secrets"): 70.0, labels(collection="sealedsecrets"): 1.0}
