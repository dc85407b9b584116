"""Rules SW3: the templates of one SealedSecret, and what other tools make of them."""

import re
from collections.abc import Iterator, Mapping, Sequence

from sealwright_cli.lint.finding import Problem, fix_at, shown
from sealwright_cli.lint.seen import ANNOTATIONS, ITEMS, TEXTS, Check, Seen
from sealwright_cli.lint.settings import Surroundings
from sealwright_cli.messages.advice import did_you_mean, nearest
from sealwright_cli.messages.ui import visible
from sealwright_manifests.editing.fields import ABSENT

_FLUX_LEAVES_IT = "kustomize.toolkit.fluxcd.io/substitute"
_VARIABLE = re.compile(r"(?<!\$)\$\{([A-Za-z_]\w*)")
_LITERAL_ACTION = re.compile(r"""\{\{-?\s*(?:"(?:[^"\\]|\\.)*"|`[^`]*`)\s*-?\}\}""")
_MOST_COMPARED = 100
"""With how many items a missing one is compared; more would take long in a file of many templates."""
_MOST_NAMED = 5
_ACTION = re.compile(r"\{\{-?\s*([^}]*)")
_HELM_S_OWN = re.compile(r"(?:\$\.|\(?\.)?(?:Values|Release|Chart|Files|Capabilities|Template)\b|(?:include|tpl)\s|/\*")
"""The beginning of an action that its author wrote for Helm."""


def _broken(seen: Seen, _: Surroundings) -> Iterator[Problem]:
    for key, parsed in seen.parsed.items():
        if isinstance(parsed, Exception):
            hint = "correct the template at that place; sealwright render shows what it makes"
            yield Problem(f"{shown((*TEXTS, key))}: {parsed}", hint, (*TEXTS, key))


def _missing_item(seen: Seen, _: Surroundings) -> Iterator[Problem]:
    if seen.is_legacy or seen.at(ITEMS) is None:  # its items do not show, or Kustomize adds them
        return
    items = seen.map_at(ITEMS)
    known = {*items, *(key for key, text in seen.map_at(TEXTS).items() if text is not None)}
    for key, parsed in seen.parsed.items():
        missing = [] if isinstance(parsed, Exception) else parsed.missing_fields(known)
        if not missing:
            continue
        near = nearest(missing[0], items) if len(items) <= _MOST_COMPARED else ""
        yield Problem(
            f"{shown((*TEXTS, key))}: uses {_listed(missing)}, which spec.encryptedData does not have",
            did_you_mean(
                visible(near), f"correct the name, or seal the value: sealwright set FILE {visible(missing[0])}"
            ),
            (*TEXTS, key),
        )


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST_NAMED:,} more" if len(names) > _MOST_NAMED else ""
    return f"{', '.join(map(visible, names[:_MOST_NAMED]))}{more}"


def _flux(seen: Seen, _: Surroundings) -> Iterator[Problem]:
    for path in (ANNOTATIONS, ("metadata", "labels")):
        if seen.map_at(path).get(_FLUX_LEAVES_IT) == "disabled":
            return
    for key, text in seen.templates.items():
        if found := _VARIABLE.search(text):
            yield Problem(
                f"{shown((*TEXTS, key))}: Flux replaces ${{{visible(found[1])}}}, or fails if it does not know it",
                f"write $${{{visible(found[1])}}}, or annotate the object with {_FLUX_LEAVES_IT}: disabled",
                (*TEXTS, key),
            )


def _helm(seen: Seen, around: Surroundings) -> Iterator[Problem]:
    texts = seen.map_at(TEXTS) if around.is_chart_template else {}
    for key, text in texts.items():
        if not isinstance(text, str):
            continue
        actions = _ACTION.findall(_LITERAL_ACTION.sub("", text))
        if any(not _HELM_S_OWN.match(one) for one in actions):
            yield Problem(
                f"{shown((*TEXTS, key))}: Helm renders the {{{{ when it installs the chart, before the controller can",
                'write {{ "{{" }} for each {{ that is the controller\'s, or read the file with .Files.Get',
                (*TEXTS, key),
            )


def _hidden(seen: Seen, _: Surroundings) -> Iterator[Problem]:
    for key, text in seen.map_at(TEXTS).items():
        if isinstance(text, str) and key in seen.items:
            yield Problem(
                f"{shown((*TEXTS, key))}: an item has this name too, and the Secret gets the item",
                "remove the template, or give it another name",
                (*TEXTS, key),
                fix_at((*TEXTS, key), ABSENT, "removes the template"),
            )


CHECKS: Mapping[str, Check] = {
    "SW301": _broken,
    "SW302": _flux,
    "SW303": _helm,
    "SW304": _hidden,
    "SW305": _missing_item,
}
"""Rule → its check of one object."""
