"""How much time the opening of one object's items may take, and what it has opened when that is over.

An object may hold thousands of items, and a private-key operation takes milliseconds. So who works for many authors
gives an object some time, then others theirs, and goes on where it was. The command line takes the time that it takes.
"""

from sealwright_crypto.keyring import Opened


class Pace:
    """All the time in the world; a subclass may know less."""

    def __init__(self, opened: dict[str, Opened] | None = None) -> None:
        """`opened` holds the items that are open already, by name; those that are opened are added to it."""
        self.opened = {} if opened is None else opened

    def has_time(self, *, hopeless: bool) -> bool:  # noqa: ARG002 - a subclass looks at it
        """Tell whether there is time for one more item, `hopeless` if one failed, so that the object fails anyway."""
        return True
