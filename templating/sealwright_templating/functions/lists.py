"""Making lists, and taking them apart."""

from sealwright_templating.registry import function
from sealwright_templating.values import Value


@function("list", "tuple", signature="func(...interface {}) []interface {}")
def make_list(*items: Value) -> list[Value]:
    """Return a list of the arguments."""
    return list(items)
