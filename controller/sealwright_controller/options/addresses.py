"""Listen addresses as Go writes them: `:8080`, `127.0.0.1:8080`, `[::1]:8080`, `localhost:8080`."""

import ipaddress
import re
from typing import NamedTuple

_MAX_PORT = 65535
_HOST_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?")


class ListenAddress(NamedTuple):
    """Where a server listens: an empty host means every interface, port 0 any free port."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def parse_listen_address(text: str) -> ListenAddress:
    """Read a listen address, without checking that the host exists. Raises ValueError, saying what is allowed."""
    match = re.fullmatch(r"(?:\[([^\[\]]*)\]|([^:\[\]]*)):(\d{1,5})", text, re.ASCII)
    if match is None or int(match[3]) > _MAX_PORT or not _is_host(match[1], match[2]):
        raise ValueError("is not an address such as :8080, 127.0.0.1:8080 or [::1]:8080")
    return ListenAddress(match[1] or match[2] or "", int(match[3]))


def _is_host(in_brackets: str | None, bare: str | None) -> bool:
    if in_brackets is None:
        return not bare or _HOST_NAME.fullmatch(bare) is not None
    try:
        ipaddress.IPv6Address(in_brackets)
    except ValueError:
        return False
    return True
