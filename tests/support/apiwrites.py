"""What a controller has made an API server write, by the API server's own count."""

import re

from tests.support.kubeapi import KubeApi

KINDS = ("PUT sealedsecrets/status", "POST events", "PATCH events", "PUT secrets", "POST secrets")


def writes(kube: KubeApi) -> dict[str, int]:
    """Return how many writes of the controller's kinds the API server has answered with success, by verb and kind."""
    counted: dict[str, int] = {}
    for line in kube.request("GET", "/metrics").decode().splitlines():
        if not line.startswith("apiserver_request_total{"):
            continue
        said = dict(re.findall(r'(\w+)="([^"]*)"', line))
        what = f"{said['verb']} {said['resource']}/{said['subresource']}".rstrip("/")
        if said["code"].startswith("2") and what in KINDS:
            counted[what] = counted.get(what, 0) + int(float(line.rsplit(" ", 1)[1]))
    return counted


def writes_since(kube: KubeApi, before: dict[str, int]) -> dict[str, int]:
    """Return how many there have been since `before`, an earlier answer of `writes`."""
    return {what: count - before.get(what, 0) for what, count in writes(kube).items()}
