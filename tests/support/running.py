"""A whole controller in this process, without its web servers, over any gateway."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tests.support.wait import eventually

from sealwright_controller.gateway import Gateway
from sealwright_controller.manager import Manager
from sealwright_controller.metrics.registry import Metrics
from sealwright_controller.objects.decide import MakeRendering
from sealwright_controller.renderer.templates import rendering_here
from sealwright_controller.settings import parse_settings

STOP_SECONDS = 30.0


@contextmanager
def running(gateway: Gateway, *flags: str, rendering: MakeRendering = rendering_here) -> Iterator[Manager]:
    """Run a controller until the block ends; `flags` are the command's; keys of 2048 bits and no renewal are the default here."""
    settings = parse_settings(["--key-size=2048", "--key-renew-period=0", "--workers=2", *flags], {})
    manager = Manager(settings, gateway, Metrics("test"), rendering, lambda _: [])
    thread = threading.Thread(target=manager.run, name="controller", daemon=True)
    thread.start()
    try:
        eventually(lambda: manager.why_not_ready() is None, timeout=30, what="the controller is ready")
        yield manager
    finally:
        manager.stop()
        thread.join(STOP_SECONDS)
        assert not thread.is_alive(), "the controller did not stop"
