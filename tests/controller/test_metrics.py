import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import REGISTRY
from prometheus_client.parser import text_string_to_metric_families
from tests.support.spoiling import ANY_JSON, ANY_TEXT

from sealwright_controller.metrics import Metrics

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
    assert samples(metrics, PREFIX + "unseal_errors_total") == {
        labels(reason="unseal", namespace="shop"): 2,
        labels(reason="unmanaged", namespace="till"): 1,
    }


def test_a_condition_is_one_when_true_and_minus_one_when_false(metrics):
    metrics.set_condition("shop", "good", synced=True, instance="blue")
    metrics.set_condition("shop", "bad", synced=False)
    assert conditions(metrics) == {("shop", "good", "blue"): 1, ("shop", "bad", ""): -1}


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


def test_the_build_is_told(metrics):
    assert samples(metrics, PREFIX + "build_info") == {labels(revision="v1.2.3"): 1}


def test_private_key_operations_are_read_when_asked_for(metrics):
    assert samples(metrics, "sealwright_private_key_operations_total") == {labels(): 0}
    metrics.private_key_operations.increment()
    assert samples(metrics, "sealwright_private_key_operations_total") == {labels(): 1}


def test_there_is_nothing_else_in_the_registry(metrics):
    metrics.count_unseal_error("fetch", "shop")
    metrics.observe_request("/healthz", "get", 200, 0.1)
    families = {family.name for family in text_string_to_metric_families(metrics.exposition().decode())}
    upstream = {"unseal_requests", "unseal_errors", "condition_info", "http_requests", "http_request_duration_seconds"}
    keys = {"sealing_keys", "sealing_key_created_timestamp_seconds", "sealing_key_expiry_timestamp_seconds"}
    ours = {f"sealwright_{name}" for name in {"private_key_operations", "items_opened", *keys}}
    assert families == {PREFIX + name for name in {*upstream, "build_info"}} | ours


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
