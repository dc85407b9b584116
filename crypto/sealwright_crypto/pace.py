"""Limits the time for opening one object's items, and keeps the items opened so far.

An object may hold thousands of items, and a private-key operation takes milliseconds. The controller therefore gives
each object some time in turn, and continues later where it stopped. The command line sets no limit.
"""

from sealwright_crypto.keyring import Opened


class Pace:
    """No time limit; a subclass may set one."""

    def __init__(self, opened: dict[str, Opened] | None = None) -> None:
        """`opened` holds the items that are already open, by name; newly opened items are added to it."""
        self.opened = {} if opened is None else opened

    def has_time(self, *, hopeless: bool) -> bool:  # noqa: ARG002 - subclasses use it
        """Tell whether there is time for one more item; `hopeless`: one item has failed, so the object fails anyway."""
        return True
