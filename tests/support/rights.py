"""Asking the API server what a client may do."""

from tests.support.kubeapi import KubeApi


def may(kube: KubeApi, verb: str, resource: tuple[str, str], namespace: str, name: str = "") -> bool:
    """Tell whether this client may do something; a resource is a group and a plural, with its subresource if any."""
    plural, _, subresource = resource[1].partition("/")
    attributes = {"verb": verb, "group": resource[0], "resource": plural, "subresource": subresource}
    spec = {"resourceAttributes": attributes | {"namespace": namespace, "name": name}}
    review = {"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview", "metadata": {}, "spec": spec}
    return bool(kube.create(review)["status"]["allowed"])
