"""Which names Kubernetes accepts: for objects, namespaces, labels, annotations and items.

The rules are those of Kubernetes' own validation (apimachinery's validation package): RFC 1123 for DNS names.
"""

from sealwright_conventions.patterns import pattern

_DNS_LABEL = r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?"
_NAME = r"[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?"
QUALIFIED_NAME = rf"(?:{_DNS_LABEL}(?:\.{_DNS_LABEL})*/)?{_NAME}"
"""The pattern of a label's or annotation's name, with or without a prefix; it does not limit the prefix's length."""
LABEL_VALUE = rf"(?:{_NAME})?"
"""The pattern of a label's value, for readers of selectors with several."""

_LABEL = pattern(_DNS_LABEL)
_SUBDOMAIN = pattern(rf"{_DNS_LABEL}(?:\.{_DNS_LABEL})*")
_QUALIFIED_NAME = pattern(QUALIFIED_NAME)
_LABEL_VALUE = pattern(LABEL_VALUE)
_ITEM_NAME = pattern(r"[-._A-Za-z0-9]+")
_MAX_LABEL_CHARACTERS = 63
_MAX_NAME_CHARACTERS = 253


def is_namespace(name: str) -> bool:
    """Tell whether a namespace may have this name: a DNS label."""
    return len(name) <= _MAX_LABEL_CHARACTERS and _LABEL.fullmatch(name) is not None


def is_object_name(name: str) -> bool:
    """Tell whether a Secret or SealedSecret may have this name: a DNS subdomain."""
    return len(name) <= _MAX_NAME_CHARACTERS and _SUBDOMAIN.fullmatch(name) is not None


def is_qualified_name(name: str) -> bool:
    """Tell whether a label, annotation (in lower case) or finalizer may have this name: `name` or `prefix/name`."""
    prefix = name.partition("/")[0] if "/" in name else ""
    return len(prefix) <= _MAX_NAME_CHARACTERS and _QUALIFIED_NAME.fullmatch(name) is not None


def is_label_value(value: str) -> bool:
    """Tell whether a label may have this value; the empty text is allowed."""
    return _LABEL_VALUE.fullmatch(value) is not None


def is_item_name(name: str) -> bool:
    """Tell whether an item of a Secret may have this name: it is the name of a file where the Secret is mounted."""
    is_written_so = len(name) <= _MAX_NAME_CHARACTERS and _ITEM_NAME.fullmatch(name) is not None
    return is_written_so and name != "." and not name.startswith("..")
