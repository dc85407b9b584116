"""The page about HTTP says what the controller serves and the figures that it holds to; no more and no less."""

import re
from typing import NoReturn
from wsgiref.types import WSGIEnvironment

from tests.support.repository import ROOT

from sealwright_controller.pacing.ratelimit import BYTES_PER_TOKEN, MAX_AT_ONCE, MAX_OPERATIONS, OPERATIONS_PER_TOKEN
from sealwright_controller.settings import parse_settings
from sealwright_controller.web.connection import MAX_BODY_BYTES, MAX_HEADER_BYTES
from sealwright_controller.web.endpoints import controller_app
from sealwright_controller.web.server import MAX_HELD_BYTES, MAX_UNSENT_BYTES, MAX_WAITING_CONNECTIONS

PAGE = (ROOT / "docs/reference/http.md").read_text(encoding="utf-8")
FIRST_TABLE = PAGE.split("|---|---|---|\n")[1].split("\n\n")[0]


def test_every_path_stands_there_with_its_methods() -> None:
    app = controller_app(
        certificate=lambda: None, why_not_ready=lambda: None, verify=refuse, rotate=refuse, observe=lambda *_: None
    )
    served = {path: set(methods) | ({"HEAD"} if "GET" in methods else set()) for path, methods in app._routes.items()}
    told: dict[str, set[str]] = {}
    for row in FIRST_TABLE.splitlines():
        paths, methods, _ = row.strip("| ").split(" | ")
        told |= {path: in_backticks(methods) for path in in_backticks(paths)}
    assert told == served


def in_backticks(cell: str) -> set[str]:
    return set(re.findall(r"`([^`]+)`", cell))


def refuse(environ: WSGIEnvironment) -> NoReturn:
    """Stand in for handlers that nobody asks."""
    raise AssertionError


def test_the_figures_are_those_of_the_program() -> None:
    settings = parse_settings([], {}).http
    words = " ".join(PAGE.split())
    for said in (
        f"`--rate-limit` requests a second ({settings.rate_limit_per_second})",
        f"`--rate-limit-burst` more at once ({settings.rate_limit_burst})",
        f"up to {OPERATIONS_PER_TOKEN} private-key operations and {BYTES_PER_TOKEN // 1024} KiB of body",
        f"More than {MAX_OPERATIONS} operations are not done for one request",
        f"not more than {MAX_AT_ONCE} requests at once",
        f"too large: {MAX_BODY_BYTES // 2**20} MiB or more",
        f"`--read-timeout` ({settings.read_timeout_seconds / 60:.0f}m)",
        f"`--write-timeout` ({settings.write_timeout_seconds / 60:.0f}m)",
        f"headers of more than {MAX_HEADER_BYTES // 2**10} KiB (431)",
        f"connections beyond {MAX_WAITING_CONNECTIONS} that",
        f"bodies beyond {MAX_HELD_BYTES // 2**20} MiB",
        f"answers beyond {MAX_UNSENT_BYTES // 2**20} MiB",
        f"`--listen-addr` ({settings.address.port})",
        f"`--listen-metrics-addr` ({settings.metrics_address.port})",
    ):
        assert said in words
