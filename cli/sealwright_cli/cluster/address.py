"""Where to find the controller in a cluster."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ControllerAddress:
    """The Service of the controller; the defaults are those of its manifests and of kubeseal."""

    namespace: str = "kube-system"
    name: str = "sealed-secrets-controller"

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}"
