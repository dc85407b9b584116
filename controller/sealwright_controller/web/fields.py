"""Lines of headers and trailers, prepared so that reading them takes linear time."""


def trimmed(line: bytes) -> bytes:
    """Return a line without the blanks around its value, which have no meaning (RFC 9112 §5.1).

    waitress' regular expression takes quadratic time for blanks before a value: seconds in which no thread runs.
    """
    name, colon, value = line.partition(b":")
    return name + colon + value.strip(b" \t") if colon else line
