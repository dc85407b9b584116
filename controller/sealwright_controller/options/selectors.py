"""Label selectors as Kubernetes writes them: `app=shop`, `tier!=test`, `env in (a, b)`, `!old`, joined by commas."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sealwright_manifests.names import LABEL_VALUE, QUALIFIED_NAME

_REQUIREMENT = re.compile(
    rf"\s*(?:(?P<absent>!)\s*)?(?P<key>{QUALIFIED_NAME})\s*"
    rf"(?:(?P<operator>==|=|!=|>|<)\s*(?P<value>{LABEL_VALUE})\s*"
    rf"|(?P<set>in|notin)\s*\(\s*(?P<values>{LABEL_VALUE}(?:\s*,\s*{LABEL_VALUE})*)\s*\)\s*)?(?:,|$)",
    re.ASCII,
)
_MAX_TEXT_LENGTH = 4096

Requirement = Callable[[Mapping[str, str]], bool]


@dataclass(frozen=True)
class LabelSelector:
    """Requirements for an object's labels; the empty text selects everything. Two are equal if their texts are."""

    text: str = ""
    requirements: tuple[Requirement, ...] = field(default=(), compare=False, repr=False)

    def __str__(self) -> str:
        return self.text

    def selects(self, labels: Mapping[str, str]) -> bool:
        """Tell whether labels fulfil every requirement."""
        return all(requirement(labels) for requirement in self.requirements)


def parse_label_selector(text: str) -> LabelSelector:
    """Read a selector, in the forms of Kubernetes' LIST requests. Raises ValueError, saying what is allowed."""
    requirements, position = [], 0
    while position < len(text):
        match = _REQUIREMENT.match(text, position) if len(text) <= _MAX_TEXT_LENGTH else None
        if match is None or (match["absent"] and (match["operator"] or match["set"])):
            raise ValueError("is not a label selector such as app=shop,tier!=test,env in (a,b),!old")
        requirements.append(_requirement(match))
        position = match.end()
    return LabelSelector(text, tuple(requirements))


def _requirement(match: re.Match[str]) -> Requirement:
    """Return the test of one requirement; as in Kubernetes, a label that is absent differs from every value."""
    key, operator = match["key"], match["operator"] or match["set"]
    if match["absent"]:
        return lambda labels: key not in labels
    if operator is None:
        return lambda labels: key in labels
    if operator in ("<", ">"):
        return _comparison(key, operator, match["value"])
    values = {value.strip() for value in match["values"].split(",")} if match["set"] else {match["value"]}
    if operator in ("!=", "notin"):
        return lambda labels: labels.get(key) not in values
    return lambda labels: labels.get(key) in values


def _comparison(key: str, operator: str, bound: str) -> Requirement:
    if not bound.isdecimal():
        raise ValueError("compares with a value that is not a whole number")

    def holds(labels: Mapping[str, str]) -> bool:
        value = labels.get(key, "")
        return value.isdecimal() and (int(value) > int(bound) if operator == ">" else int(value) < int(bound))

    return holds
