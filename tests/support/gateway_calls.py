"""What the tests of gateways say again and again: manifests to put somewhere, and short ways to ask a gateway."""

from typing import Any

from tests.support.builders import sealing_key
from tests.support.following import Following
from tests.support.worlds import World, key_secret

from sealwright_controller.gateway import (
    KEY_LABEL,
    Gateway,
    Manifest,
    ObjectKey,
    Resource,
)

VALUE = "cGxhaW50ZXh0"
"""`plaintext` in base64."""


def sealed(world: World, name: str = "db", **metadata: Any) -> dict[str, Any]:
    """Return a SealedSecret manifest; gateways do not look into it."""
    return {
        "apiVersion": "bitnami.com/v1alpha1",
        "kind": "SealedSecret",
        "metadata": {"name": name, "namespace": world.namespace, **metadata},
        "spec": {"encryptedData": {"password": "AgBy"}, "template": {"metadata": {"labels": {"app": name}}}},
    }


def secret(world: World, name: str = "db", **metadata: Any) -> dict[str, Any]:
    """Return a Secret manifest."""
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "namespace": world.namespace, **metadata},
        "type": "Opaque",
        "data": {"password": VALUE},
    }


def controlled_by(owner: Manifest) -> dict[str, Any]:
    """Return the metadata that makes a SealedSecret the controller of a Secret."""
    reference = {
        "apiVersion": "bitnami.com/v1alpha1",
        "kind": "SealedSecret",
        "name": owner["metadata"]["name"],
        "uid": owner["metadata"]["uid"],
        "controller": True,
    }
    return {"ownerReferences": [reference]}


def new_key(prefix: str = "key-") -> dict[str, Any]:
    """Return the manifest of a key Secret to be made."""
    return key_secret(sealing_key(), generateName=prefix, labels={KEY_LABEL: "active"})


def get_sealed(gateway: Gateway, key: ObjectKey) -> Manifest:
    """Return a SealedSecret that has to be there."""
    found = gateway.get_sealed_secret(key)
    assert found is not None
    return found


def get_secret(gateway: Gateway, key: ObjectKey) -> dict[str, Any]:
    """Return a Secret that has to be there."""
    found = gateway.get_secret(key)
    assert found is not None
    return dict(found)


def version(manifest: Manifest) -> str:
    """Return an object's resourceVersion."""
    return str(manifest["metadata"]["resourceVersion"])


def names(gateway: Gateway, resource: Resource) -> set[str]:
    """Return the names of a collection's objects."""
    return {manifest["metadata"]["name"] for manifest in every_object(gateway, resource)}


def every_object(gateway: Gateway, resource: Resource) -> list[Manifest]:
    """Return a whole list, read page by page."""
    page = gateway.list_page(resource)
    found = list(page.items)
    while page.continue_token:
        page = gateway.list_page(resource, page.continue_token)
        found += page.items
    return found


def following(gateway: Gateway, resource: Resource) -> Following:
    """Follow a collection from now on."""
    return Following(gateway, resource, gateway.list_page(resource).resource_version)
