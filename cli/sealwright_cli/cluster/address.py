"""Where to find the controller in a cluster."""

from sealwright_conventions.records import record


@record
class ControllerAddress:
    """The Service of the controller; the defaults are those of its manifests and of kubeseal."""

    namespace: str = "kube-system"
    name: str = "sealed-secrets-controller"

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}"
