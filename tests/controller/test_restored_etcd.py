"""After etcd was restored from a backup, what the controller remembers is of a later state than what it sees."""

import base64
from typing import Any

from tests.controller.test_owed_reports import FIRST, Controller
from tests.support.builders import NOW, sealed_secret, sealing_key
from tests.support.worlds import SimulatedWorld

from sealwright_controller.objects import status
from sealwright_controller.objects.reasons import Reason


def test_conditions_that_are_put_back_make_no_secret_of_an_earlier_form_count() -> None:
    world = restored({}, {"password": base64.b64encode(b"old").decode()})
    assert world.items(world.key(FIRST)) == {"password": b"new"}
    assert status.synced_condition(world.status(world.key(FIRST)))["status"] == "True"


def test_labels_of_an_earlier_form_do_not_count_as_added_by_others() -> None:
    world = restored({"labels": {"app": "old"}}, {"password": base64.b64encode(b"new").decode()})
    secret = world.secret(world.key(FIRST)) or {}
    assert "labels" not in secret["metadata"]


def restored(old_metadata: dict[str, Any], old_data: dict[str, str]) -> SimulatedWorld:
    """Return a world in which a controller worked after etcd had been restored.

    It had made the Secret of an object's second form. The backup, made when that had failed, has the Secret of the
    first form.
    """
    world = SimulatedWorld()
    key = world.key(FIRST)
    world.add_key(sealing_key())
    world.put_sealed(sealed_secret(FIRST, world.namespace, {"password": b"old"}))
    controller = Controller(world)
    controller.see()
    controller.work_on_all()
    world.put_sealed(sealed_secret(FIRST, world.namespace, {"password": b"new"}))
    controller.see(live=True)
    controller.work_on_all()
    assert world.items(key) == {"password": b"new"}

    secret = world.secret(key) or {}
    world.put_secret({**secret, "metadata": secret["metadata"] | old_metadata, "data": old_data})
    secret, found = world.secret(key) or {}, world.sealed(key) or {}
    failed = status.failure(found["status"], generation=2, reason=Reason.NO_KEY, message="no key", now=NOW)
    record = {
        "uid": secret["metadata"]["uid"],
        "resourceVersion": secret["metadata"]["resourceVersion"],
        "generation": 1,
    }
    world.server.write_status(key, found["metadata"]["uid"], {**failed, "secret": record})

    controller.objects.secrets.note(secret)
    controller.see(live=True)
    controller.work_on_all()
    return world
