"""Everything that a controller shows on its metrics port, held to the rules that Prometheus' own linter has, and to the docs."""

import re
from collections import Counter
from itertools import chain

import pytest
from prometheus_client.parser import text_string_to_metric_families
from tests.support.repository import ROOT
from tests.support.simulated_gateway import SimulatedGateway
from tests.support.worlds import SimulatedWorld

from sealwright_controller.app import public_app
from sealwright_controller.manager import Manager
from sealwright_controller.metrics.registry import Metrics
from sealwright_controller.metrics.renderers import RendererMetrics
from sealwright_controller.renderer.service import Renderers
from sealwright_controller.settings import parse_settings

UPSTREAM = {
    "sealed_secrets_controller_unseal_requests_total": "counter",
    "sealed_secrets_controller_unseal_errors_total": "counter",
    "sealed_secrets_controller_condition_info": "gauge",
    "sealed_secrets_controller_http_requests_total": "counter",
    "sealed_secrets_controller_http_request_duration_seconds": "histogram",
    "sealed_secrets_controller_build_info": "gauge",
}
DOCUMENTED = re.compile(r"^\| `(sealwright_\w+|sealed_secrets_controller_\w+)` ", re.MULTILINE)
PARTS = {"counter": {"_total"}, "gauge": {""}, "histogram": {"_bucket", "_count", "_sum"}}


@pytest.fixture(params=[False, True], ids=["named", "unnamed"])
def exposition(request):
    """What a controller shows when each metric has been used."""
    world = SimulatedWorld()
    gateway = SimulatedGateway(world.server, own_namespace=world.keys_namespace, served_namespaces=[world.namespace])
    metrics = Metrics("v1.2.3", omit_names=request.param)
    manager = Manager(parse_settings([], {}), gateway, metrics, None, lambda _: [])
    public_app(manager)
    metrics.register(RendererMetrics(Renderers()))
    metrics.count_unseal_request()
    metrics.observe_request("/v1/verify", "post", 409, 0.1)
    for number, synced in enumerate((True, False, None)):
        metrics.set_condition("shop", f"db-{number}", synced=synced, instance="blue")
        metrics.count_unseal_error("unseal", f"shop-{number}")
    yield metrics.exposition().decode()
    world.close()


@pytest.fixture
def families(exposition):
    return list(text_string_to_metric_families(exposition))


def full_name(family):
    return f"{family.name}_total" if family.type == "counter" else family.name


def test_upstream_s_metrics_are_there_with_their_types(families):
    types = {full_name(family): family.type for family in families}
    assert UPSTREAM.items() <= types.items()


def test_all_others_have_our_prefix(families):
    ours = {full_name(family) for family in families} - UPSTREAM.keys()
    assert [name for name in ours if not name.startswith("sealwright_")] == []


def test_every_family_has_one_help_and_one_type(exposition, families):
    told = Counter(tuple(line.split(" ", 3)[1:3]) for line in exposition.splitlines() if line.startswith("#"))
    names = {full_name(family) for family in families}
    assert told == Counter((word, name) for word in ("HELP", "TYPE") for name in names)
    assert [family.name for family in families if len(family.documentation) < 10] == []


def test_names_and_labels_follow_prometheus_rules(families):
    for family in families:
        name = full_name(family)
        assert re.fullmatch("[a-z][a-z0-9_]*", name)
        assert name.endswith("_total") == (family.type == "counter"), name
        assert not re.search("_(milliseconds|minutes|hours|kilobytes|gauge|counter|histogram)(_|$)", name)
        assert family.type in PARTS, name
        for sample in family.samples:
            assert sample.name.removeprefix(family.name) in PARTS[family.type], sample.name
            assert all(re.fullmatch("[a-z][a-z0-9_]*", label) for label in sample.labels)
            assert ("le" in sample.labels) == sample.name.endswith("_bucket")


def test_no_series_is_there_twice(families):
    series = chain.from_iterable(family.samples for family in families)
    counts = Counter((sample.name, frozenset(sample.labels.items())) for sample in series)
    assert [key for key, count in counts.items() if count > 1] == []


def test_the_samples_of_a_family_stand_together(families):
    assert len({family.name for family in families}) == len(families)


def test_every_metric_is_documented_and_every_documented_one_exists(families):
    documented = DOCUMENTED.findall((ROOT / "docs/reference/metrics.md").read_text())
    assert sorted(documented) == sorted(full_name(family) for family in families)
