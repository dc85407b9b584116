"""Who wrote a Secret, as the API server remembers it: the mark that no author can set, and none can take away.

The rows run over the simulator and a real API server; a directory needs no mark, because keys lie in a folder of their
own there.
"""

from typing import Any

from tests.support.gateway_calls import every_object, get_secret, names, new_key, secret
from tests.support.worlds import ClusterWorld, SimulatedWorld

from sealwright_controller.gateway import KEY_MANAGER, UNSEALER_MANAGER, Manifest, ObjectKey, Resource

AnyCluster = SimulatedWorld | ClusterWorld


def managers(manifest: Manifest) -> set[str]:
    """Return the field managers that an object names."""
    return {entry["manager"] for entry in manifest["metadata"]["managedFields"]}


def edited(manifest: Manifest, **changes: Any) -> dict[str, Any]:
    """Return an object as somebody who read it writes it back."""
    return {**manifest, **changes}


def test_a_secret_made_here_names_the_unsealer_and_a_key_names_another(cluster_world: AnyCluster) -> None:
    gateway = cluster_world.gateway()
    assert managers(gateway.create_secret(secret(cluster_world))) == {UNSEALER_MANAGER}
    assert managers(gateway.create_sealing_key(new_key())) == {KEY_MANAGER}


def test_the_metadata_of_secrets_and_keys_shows_it(cluster_world: AnyCluster) -> None:
    gateway = cluster_world.gateway()
    gateway.create_secret(secret(cluster_world))
    gateway.create_sealing_key(new_key())
    [found] = every_object(gateway, Resource.SECRETS)
    [key] = every_object(gateway, Resource.SEALING_KEYS)
    assert (managers(found), managers(key)) == ({UNSEALER_MANAGER}, {KEY_MANAGER})


def test_replacing_it_keeps_the_mark_and_changes_no_version_where_nothing_changes(cluster_world: AnyCluster) -> None:
    gateway = cluster_world.gateway()
    made = gateway.create_secret(secret(cluster_world))
    assert gateway.replace_secret(made)["metadata"]["resourceVersion"] == made["metadata"]["resourceVersion"]
    after = gateway.replace_secret(edited(made, data={"user": "YWRtaW4="}))
    assert managers(after) == {UNSEALER_MANAGER}


def test_a_secret_of_somebody_else_that_is_taken_over_names_both(cluster_world: AnyCluster) -> None:
    gateway = cluster_world.gateway()
    cluster_world.put_secret(secret(cluster_world))
    found = get_secret(gateway, cluster_world.key("db"))
    assert UNSEALER_MANAGER not in managers(found)
    assert UNSEALER_MANAGER in managers(gateway.replace_secret(edited(found, data={"user": "YWRtaW4="})))


def test_it_outlives_what_others_change(cluster_world: AnyCluster) -> None:
    gateway = cluster_world.gateway()
    gateway.create_secret(secret(cluster_world, labels={"app": "db"}, annotations={"note": "one"}))
    cluster_world.put_secret(
        {**secret(cluster_world, labels={"other": "x"}, annotations={"note": "two"}), "data": {"new": "eA=="}}
    )
    after = get_secret(gateway, cluster_world.key("db"))
    assert managers(after) > {UNSEALER_MANAGER}
    assert managers(gateway.replace_secret(edited(after, data={}))) > {UNSEALER_MANAGER}


def test_a_writer_that_leaves_the_managers_out_keeps_them(cluster_world: AnyCluster) -> None:
    gateway = cluster_world.gateway()
    gateway.create_secret(secret(cluster_world))
    cluster_world.put_secret(secret(cluster_world, labels={"other": "x"}))
    assert UNSEALER_MANAGER in managers(get_secret(gateway, cluster_world.key("db")))


def test_a_key_that_is_relabelled_keeps_its_manager(cluster_world: AnyCluster) -> None:
    gateway = cluster_world.gateway()
    made = gateway.create_sealing_key(new_key())
    cluster_world.relabel_key(made["metadata"]["name"], "compromised")
    assert names(gateway, Resource.SEALING_KEYS) == {made["metadata"]["name"]}
    [key] = every_object(gateway, Resource.SEALING_KEYS)
    assert KEY_MANAGER in managers(key)
    assert ObjectKey.of(key).namespace == cluster_world.keys_namespace
