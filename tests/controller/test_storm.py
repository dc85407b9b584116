"""A whole controller while nothing works reliably: requests and answers lost, conflicts, cut and expired watches.

What people do meanwhile must be true in the end, and nothing else; whatever the seed.
"""

import random

import pytest
from tests.support.builders import other_sealing_key, sealed_secret, sealing_key
from tests.support.faults import Faults
from tests.support.running import running
from tests.support.simulated_gateway import SimulatedGateway
from tests.support.simulator import SimulatedServer
from tests.support.wait import eventually
from tests.support.worlds import SimulatedWorld

from sealwright_controller.options.selectors import LabelSelector

NAMES = [f"s{number}" for number in range(12)]
TROUBLE = {"lost_request": 0.15, "lost_answer": 0.15, "conflict": 0.15, "cut": 0.2, "expired": 0.1}


class StormyWorld(SimulatedWorld):
    """The simulator behind a bad network; the history is short, so that watches expire by themselves too."""

    def __init__(self, faults: Faults) -> None:
        super().__init__()
        self.server = SimulatedServer(history_limit=20)
        self.server.create_namespace(self.namespace)
        self.faults = faults

    def _connect(self, page_size: int, selector: LabelSelector) -> SimulatedGateway:
        return SimulatedGateway(
            self.server,
            own_namespace=self.keys_namespace,
            served_namespaces=[self.namespace],
            selector=selector,
            page_size=page_size,
            faults=self.faults,
        )


def act(world: StormyWorld, choices: random.Random) -> dict[str, bytes | None]:
    """Do what people do, at random; return what each Secret must hold in the end (None: no Secret)."""
    wanted: dict[str, bytes | None] = {}
    for step in range(60):
        name = choices.choice(NAMES)
        match choices.choice(["seal", "seal", "seal", "damage", "delete", "strip"]):
            case "seal":
                wanted[name] = b"value %d" % step
                world.put_sealed(sealed_secret(name, world.namespace, {"v": wanted[name]}))
            case "damage" if name not in wanted:
                wanted[name] = None
                world.put_sealed(
                    sealed_secret(name, world.namespace, {"v": b"x"}, certificate=other_sealing_key().certificate)
                )
            case "delete" if wanted.get(name):
                wanted.pop(name)
                world.delete_sealed(world.key(name))
            case "strip" if world.secret(world.key(name)) is not None:
                world.delete_secret(world.key(name))
    return wanted


@pytest.mark.parametrize("seed", range(6))
def test_the_world_is_as_wanted_when_the_storm_is_over(seed):
    faults = Faults(seed, **TROUBLE)
    faults.heal()
    world = StormyWorld(faults)
    world.add_key(sealing_key())
    with running(world.gateway(page_size=3)) as manager:
        faults.resume()
        wanted = act(world, random.Random(seed))
        faults.heal()

        def settled() -> bool:
            for name in NAMES:
                expected = wanted.get(name)
                assert world.items(world.key(name)) == ({"v": expected} if expected else None), name
                conditions = world.status(world.key(name)).get("conditions", [{}])
                said = conditions[0].get("status")
                assert said == {True: "True", False: "False"}.get(bool(expected)) or name not in wanted, name
            return True

        eventually(settled, timeout=60, what="the world as wanted")
        refused = list(wanted.values()).count(None)
        # The queue hears of a success after the status is written.
        eventually(lambda: manager.queue.failing() <= refused, timeout=60, what="nothing else is failing")
    world.close()
