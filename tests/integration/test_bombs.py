"""The worst objects that an author can write stop nobody: a controller with 256 MiB, a calm tenant, and a kubelet.

`make bombs` sets off all of them; these are the worst of each kind, all at once and one after the other.
"""

import importlib.util
import sys
from collections.abc import Iterator

import pytest
from tests.support.bombs import WORST, Bomb, named
from tools.checks.bomb_run import BombRun

pytestmark = [
    pytest.mark.apiserver,
    pytest.mark.skipif(sys.platform != "linux", reason="memory is limited and measured as Linux does it"),
]
IN_PROCESS = importlib.util.find_spec("sealwright_controller.renderer") is None
"""Without a process of their own, templates have the controller's memory and time."""
CHOSEN = [named(name) for name in WORST if not (IN_PROCESS and named(name).is_template)]


@pytest.fixture(scope="module")
def run(own_control_plane, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BombRun]:
    with BombRun(own_control_plane, tmp_path_factory.mktemp("bombs")).running() as run:
        yield run
        print(f"the controller's log: {run.installation.controller.log}")


@pytest.mark.parametrize("bomb", CHOSEN, ids=lambda bomb: bomb.name)
def test_one_of_them(run: BombRun, bomb: Bomb) -> None:
    figures = run.set_off([bomb])
    assert (figures.broken(), figures.unsettled) == ([], 0), str(figures)
    assert figures.calm, "the calm tenant's objects were never made"


def test_all_of_them_at_once(run: BombRun) -> None:
    figures = run.set_off(CHOSEN)
    assert figures.broken() == [], str(figures)
    assert figures.calm, "the calm tenant's objects were never made"
