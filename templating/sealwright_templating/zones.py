"""Time zones out of the IANA database, of the system or of the package tzdata; loaded when one is asked for."""

from datetime import tzinfo


def find_zone(name: str) -> tzinfo | None:
    """Return the time zone of a name such as "Europe/Berlin", None if there is no such zone."""
    from zoneinfo import ZoneInfo  # noqa: PLC0415 - most templates need no zone, and it takes milliseconds to load

    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return None
