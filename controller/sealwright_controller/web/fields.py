"""Lines of headers and trailers, made so that reading them takes linear time."""


def trimmed(line: bytes) -> bytes:
    """Return a line without the blanks around its value, which say nothing (RFC 9112 §5.1).

    waitress' regular expression takes quadratic time for those before a value: seconds, in which no thread goes on.
    """
    name, colon, value = line.partition(b":")
    return name + colon + value.strip(b" \t") if colon else line
