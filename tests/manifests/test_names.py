"""Which names Kubernetes takes, by table; a real API server is asked the same about Secrets."""

from collections.abc import Callable
from typing import Any

import pytest
from tests.support.cluster import Cluster
from tests.support.kubeapi import ApiError

from sealwright_manifests.names import (
    is_item_name,
    is_label_value,
    is_namespace,
    is_object_name,
    is_qualified_name,
)

LABELS = {
    "a": True,
    "a-1": True,
    "0": True,
    "a" * 63: True,
    "a" * 64: False,
    "": False,
    "-a": False,
    "a-": False,
    "A": False,
    "a.b": False,
    "a\n": False,
    "ä": False,
    "a_b": False,
}
SUBDOMAINS = {
    "a": True,
    "a.b-c.0": True,
    "a" * 253: True,
    "a" * 254: False,
    ".".join(["a" * 63] * 3): True,
    "a" * 64 + ".b": True,
    "": False,
    "a..b": False,
    ".a": False,
    "a.": False,
    "a.-b": False,
    "A.b": False,
    "a/b": False,
    "a\n": False,
}
QUALIFIED = {
    "a": True,
    "A_b.c-D": True,
    "a" * 63: True,
    "a" * 64: False,
    "example.com/a": True,
    "a/" + "b" * 63: True,
    "a" * 253 + "/b": True,
    "a" * 254 + "/b": False,
    "": False,
    "/a": False,
    "a/": False,
    "a/b/c": False,
    "A/b": False,
    "a..b/c": False,
    "-a": False,
    "a-": False,
    "ä": False,
    "a b": False,
}
VALUES = {
    "": True,
    "a": True,
    "A_b.c-D": True,
    "a" * 63: True,
    "a" * 64: False,
    "-a": False,
    "a.": False,
    "a/b": False,
    "a b": False,
    "a\n": False,
}
ITEMS = {"a": True, ".a": True, "-": True, "A_b.c-D": True, "a" * 253: True, "a" * 254: False, "": False, ".": False, "..": False, "..a": False, "a..b": True, "a/b": False, "my key": False, "ä": False, "a\n": False}  # fmt: skip
RULES = [(is_namespace, LABELS), (is_object_name, SUBDOMAINS), (is_qualified_name, QUALIFIED), (is_label_value, VALUES), (is_item_name, ITEMS)]  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "name", "fits"),
    [
        pytest.param(rule, name, fits, id=f"{rule.__name__}-{name!r:.20}-{len(name)}")
        for rule, table in RULES
        for name, fits in table.items()
    ],
)
def test_a_name_fits_or_not(rule: Callable[[str], bool], name: str, *, fits: bool) -> None:
    assert rule(name) is fits


def secret(name: str = "x", **more: Any) -> dict[str, Any]:
    metadata = {"name": name, "namespace": "default"} | more.pop("metadata", {})
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, **more}


OBJECTS = [
    *((secret(name), fits) for name, fits in SUBDOMAINS.items() if name and "/" not in name),
    *((secret(metadata={"labels": {name: "x"}}), fits) for name, fits in QUALIFIED.items()),
    *((secret(metadata={"labels": {"x": value}}), fits) for value, fits in VALUES.items()),
    *((secret(data={name: ""}), fits) for name, fits in ITEMS.items()),
]


@pytest.mark.apiserver
def test_a_real_api_server_takes_the_same_ones(control_plane: Cluster, namespace: str) -> None:
    kube = control_plane.kube()
    differing, statuses = [], set()
    for made, fits in OBJECTS:
        try:
            made["metadata"]["namespace"] = namespace
            kube.create(made, namespace)
            kube.delete("v1/Secret", made["metadata"]["name"], namespace)
            taken = True
        except ApiError as error:
            taken = False
            statuses.add(error.status)
        differing += [made] if taken is not fits else []
    assert differing == []
    assert statuses == {422}
