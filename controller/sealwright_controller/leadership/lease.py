"""What a Lease says (coordination.k8s.io/v1), and how it is read and written."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class Lease:
    """Who leads: `holder` names a process, or is empty if nobody leads; `process` is how others see that it has ended.

    Others take over when it was not renewed for `seconds`. `transitions` counts the leaders before this one, `acquired`
    is when it began to lead, `version` the resourceVersion, empty for a Lease that is not stored yet.
    """

    holder: str
    process: str
    seconds: int
    transitions: int
    acquired: datetime
    version: str = ""


class LeaseStore(Protocol):
    """Where the Lease is. Each call may raise GatewayError: RefusedError with the reason FORBIDDEN without a right."""

    def read(self) -> Lease | None:
        """Return the Lease, or None if there is none."""
        ...

    def write(self, lease: Lease) -> None:
        """Store the Lease, renewed now: create it if its version is empty, else replace the one of that version.

        Raises AlreadyExistsError or ConflictError if somebody else was first.
        """
        ...
