"""What a Lease says (coordination.k8s.io/v1), and how it is read and written."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class Lease:
    """Who holds it: `holder` names a process, or is empty; `process` is how others see that it has ended.

    Others take over when it was not renewed for `seconds`. `transitions` counts the holders before this one, `acquired`
    is when it became the holder, `version` the resourceVersion, empty for a Lease that is not stored yet. `renewed`
    differs at each renewal; nobody reads it as a time.

    The leader's Lease says into how many `shards` the namespaces are divided; `is_settled` is False while processes may
    still work by another number. `wanted_by` names a process that asks the holder for this Lease.
    """

    holder: str
    process: str
    seconds: int
    transitions: int
    acquired: datetime
    version: str = ""
    renewed: str = ""
    shards: int = 1
    is_settled: bool = True
    wanted_by: str = ""


class LeaseStore(Protocol):
    """Where the Lease is. Each call may raise GatewayError: RefusedError with the reason FORBIDDEN without a right."""

    def read(self) -> Lease | None:
        """Return the Lease, or None if there is none."""
        ...

    def write(self, lease: Lease, *, renew: bool = True) -> None:
        """Store the Lease: create it if its version is empty, else replace the one of that version.

        It is renewed now, unless `renew` is False. Raises AlreadyExistsError or ConflictError if somebody else was
        first.
        """
        ...
