"""What the tests of whole controllers put into a world, and what they wait for there."""

from typing import Any

from tests.support.builders import sealed_secret
from tests.support.wait import eventually
from tests.support.worlds import World

from sealwright_controller.gateway import ObjectKey

SYNC_SECONDS = 60.0


def sealed_in(world: World, name: str = "db", items: dict[str, bytes] | None = None, **special: Any) -> dict[str, Any]:
    """Return a SealedSecret for a world."""
    return sealed_secret(name, world.namespace, items, **special)


def secret(world: World, **metadata: Any) -> dict[str, Any]:
    """Return a Secret that somebody else made."""
    metadata = {"name": "db", "namespace": world.namespace, **metadata}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "type": "Opaque", "data": {"mine": "eA=="}}


def condition(world: World, key: ObjectKey) -> dict[str, Any]:
    """Return the first condition, which has to be Synced."""
    conditions = world.status(key).get("conditions") or [{}]
    assert conditions[0].get("type") == "Synced", "no condition yet"
    return conditions[0]


def wait_synced(world: World, key: ObjectKey, items: dict[str, bytes]) -> None:
    """Wait until the Secret holds exactly these items and the status says so of this generation."""
    eventually(lambda: world.items(key) == items, timeout=SYNC_SECONDS, what=f"Secret {key}")
    eventually(lambda: condition(world, key)["status"] == "True", timeout=SYNC_SECONDS, what=f"{key} synced")


def wait_refused(world: World, key: ObjectKey, message: str) -> dict[str, Any]:
    """Wait until the status says that it failed, with this message; return the condition."""

    def refused() -> dict[str, Any] | None:
        found = condition(world, key)
        return found if (found["status"], found["message"]) == ("False", message) else None

    return eventually(refused, timeout=SYNC_SECONDS, what=f"{key} refused") or {}
