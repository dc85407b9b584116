"""Time zones out of the IANA database, of the system or of the package tzdata; loaded when one is asked for."""

from datetime import tzinfo

_LONGEST_NAME = 100
"""No zone's name has half as many characters; a path is made of whatever is asked for."""


def find_zone(name: str) -> tzinfo | None:
    """Return the time zone of a name such as "Europe/Berlin", None if there is no such zone."""
    from zoneinfo import ZoneInfo  # noqa: PLC0415 - most templates need no zone, and it takes milliseconds to load

    if len(name) > _LONGEST_NAME:
        return None
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return None
