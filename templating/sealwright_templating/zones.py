"""Time zones of the IANA database, from the system or from the package tzdata; loaded on demand."""

from datetime import tzinfo

_LONGEST_NAME = 100
"""More than twice the length of every zone's name; the name becomes a path, so it is limited."""


def find_zone(name: str) -> tzinfo | None:
    """Return the time zone of a name such as "Europe/Berlin", None if it does not exist."""
    from zoneinfo import ZoneInfo  # noqa: PLC0415 - most templates need no zone, and loading takes milliseconds

    if len(name) > _LONGEST_NAME:
        return None
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return None
