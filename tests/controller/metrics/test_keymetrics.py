"""What the metrics say of the sealing keys."""

from datetime import UTC, datetime

import pytest
from prometheus_client.parser import text_string_to_metric_families

from sealwright_controller.metrics.keys import KeyState, KeyTimes
from sealwright_controller.metrics.registry import Metrics

MADE, EXPIRES = datetime(2026, 3, 1, tzinfo=UTC), datetime(2036, 3, 1, tzinfo=UTC)


@pytest.fixture
def metrics():
    return Metrics("v1.2.3")


def samples(metrics, name):
    """The values of a metric, by its one label."""
    families = text_string_to_metric_families(metrics.exposition().decode())
    found = [sample for family in families for sample in family.samples if sample.name == f"sealwright_{name}"]
    return {next(iter(sample.labels.values())): sample.value for sample in found}


def test_key_secrets_are_counted_by_state_from_zero(metrics):
    assert samples(metrics, "sealing_keys") == {"active": 0, "inactive": 0, "unreadable": 0, "untrusted": 0}
    metrics.keys.show([KeyState.ACTIVE, KeyState.UNREADABLE, KeyState.ACTIVE, KeyState.UNTRUSTED], [])
    assert samples(metrics, "sealing_keys") == {"active": 2, "inactive": 0, "unreadable": 1, "untrusted": 1}
    metrics.keys.show([KeyState.INACTIVE], [])
    assert samples(metrics, "sealing_keys") == {"active": 0, "inactive": 1, "unreadable": 0, "untrusted": 0}


def test_each_key_in_use_shows_when_it_was_made_and_when_it_expires(metrics):
    metrics.keys.show([], [KeyTimes("aa", MADE, EXPIRES), KeyTimes("bb", EXPIRES, EXPIRES)])
    assert samples(metrics, "sealing_key_created_timestamp_seconds") == {
        "aa": MADE.timestamp(),
        "bb": EXPIRES.timestamp(),
    }
    assert samples(metrics, "sealing_key_expiry_timestamp_seconds")["aa"] == EXPIRES.timestamp()
    metrics.keys.show([], [])
    assert samples(metrics, "sealing_key_created_timestamp_seconds") == {}


def test_opened_items_are_counted_by_key_from_zero_and_stay_counted_when_the_key_is_gone(metrics):
    metrics.keys.show([], [KeyTimes("aa", MADE, EXPIRES), KeyTimes("bb", MADE, EXPIRES)])
    metrics.keys.count_opened(["aa", "aa"])
    assert samples(metrics, "items_opened_total") == {"aa": 2, "bb": 0}
    metrics.keys.show([], [])
    metrics.keys.count_opened(["aa"])
    assert samples(metrics, "items_opened_total") == {"aa": 3}
