"""Which names Kubernetes takes: of objects, namespaces, labels, annotations and items.

The rules are those of its own validation (apimachinery's validation package): RFC 1123 for what may be a DNS name.
"""

import re

_DNS_LABEL = r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?"
_NAME = r"[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?"
QUALIFIED_NAME = rf"(?:{_DNS_LABEL}(?:\.{_DNS_LABEL})*/)?{_NAME}"
"""The pattern of a label's or an annotation's name, with a prefix or without, but for the prefix's length."""
LABEL_VALUE = rf"(?:{_NAME})?"
"""The pattern of a label's value, for readers of what holds several."""

_LABEL = re.compile(_DNS_LABEL)
_SUBDOMAIN = re.compile(rf"{_DNS_LABEL}(?:\.{_DNS_LABEL})*")
_QUALIFIED_NAME = re.compile(QUALIFIED_NAME)
_LABEL_VALUE = re.compile(LABEL_VALUE)
_ITEM_NAME = re.compile(r"[-._A-Za-z0-9]+")
_MAX_LABEL_CHARACTERS = 63
_MAX_NAME_CHARACTERS = 253


def is_namespace(name: str) -> bool:
    """Tell whether this may name a namespace: a DNS label."""
    return len(name) <= _MAX_LABEL_CHARACTERS and _LABEL.fullmatch(name) is not None


def is_object_name(name: str) -> bool:
    """Tell whether this may name a Secret or SealedSecret: a DNS subdomain."""
    return len(name) <= _MAX_NAME_CHARACTERS and _SUBDOMAIN.fullmatch(name) is not None


def is_qualified_name(name: str) -> bool:
    """Tell whether this may name a label, an annotation (in lower case) or a finalizer: `name` or `prefix/name`."""
    prefix = name.partition("/")[0] if "/" in name else ""
    return len(prefix) <= _MAX_NAME_CHARACTERS and _QUALIFIED_NAME.fullmatch(name) is not None


def is_label_value(value: str) -> bool:
    """Tell whether this may be the value of a label; the empty text may."""
    return _LABEL_VALUE.fullmatch(value) is not None


def is_item_name(name: str) -> bool:
    """Tell whether this may name an item of a Secret: it becomes the name of a file where the Secret is mounted."""
    is_written_so = len(name) <= _MAX_NAME_CHARACTERS and _ITEM_NAME.fullmatch(name) is not None
    return is_written_so and name != "." and not name.startswith("..")
