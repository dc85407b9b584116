"""From all that is known of a SealedSecret to the causes for which it would not unseal. Pure.

What keys prove takes the place of what would only be likely.
"""

from collections.abc import Iterator

from sealwright_cli.explaining.causes import Cause, Likelihood, Why, command, in_order
from sealwright_cli.explaining.ciphertexts import Damage, damage_of, joined
from sealwright_cli.explaining.clusters import told_by_cluster
from sealwright_cli.explaining.evidence import Evidence, Version
from sealwright_cli.explaining.keys import other_keys
from sealwright_cli.explaining.opening import failing_template, told_by_keys, told_by_rendering, try_keys
from sealwright_cli.explaining.places import other_places, seal_again
from sealwright_conventions.records import record
from sealwright_crypto import Scope
from sealwright_templating import TemplateError, parse

_WHOLE_GROUP = 4
NO_CLUSTER = "what the cluster says (--cluster)"
"""What was not looked at if no cluster was asked."""


@record
class Explanation:
    """The causes, the likeliest first, and in sentences what was not looked at, with the option that does it."""

    causes: tuple[Cause, ...]
    unchecked: tuple[str, ...] = ()


def explain(evidence: Evidence) -> Explanation:
    """Return why an object would not unseal."""
    causes = [*_damages(evidence), *_templates(evidence)]
    opens_in_cluster = evidence.cluster is not None and evidence.cluster.refusal == ""
    if evidence.keyring is not None:
        opened = try_keys(evidence, evidence.keyring)
        causes += told_by_keys(evidence, evidence.keyring, opened)
        if len(opened.here) == len(evidence.ciphertexts) and not any(one.why is Why.TEMPLATE for one in causes):
            causes += told_by_rendering(evidence, evidence.keyring)
        if opened.never:
            causes += _among(other_places(evidence), opened.never)
        causes += [one for one in other_keys(evidence) if not _has(causes, one)]
    elif not opens_in_cluster:
        causes += [*other_places(evidence), *other_keys(evidence)]
    if evidence.cluster is not None:
        known = [one for one in causes if one.is_fault]
        for one in told_by_cluster(evidence, evidence.cluster):
            if not (one.why is Why.OTHER_KEY and any(_is_about_opening(cause) for cause in known)):
                causes.append(one)
    return Explanation(tuple(in_order(causes)), tuple(_unchecked(evidence)))


def _is_about_opening(cause: Cause) -> bool:
    return cause.why in (Why.DAMAGED, Why.KEY_SIZE, Why.OTHER_PLACE, Why.OTHER_KEY, Why.LOST_KEY)


def _has(causes: list[Cause], one: Cause) -> bool:
    """Tell whether the keys have told of these items already."""
    about = {item for cause in causes if _is_about_opening(cause) for item in cause.items}
    return set(one.items) <= about


def _among(causes: Iterator[Cause], items: list[str]) -> Iterator[Cause]:
    return (one for one in causes if set(one.items) & set(items))


def _damages(evidence: Evidence) -> Iterator[Cause]:
    by_words: dict[tuple[str, tuple[str, ...], bool], list[str]] = {}
    restored: dict[str, Version] = {}
    for item, ciphertext in evidence.ciphertexts.items():
        damage = damage_of(ciphertext)
        before = _whole_version(evidence, item, ciphertext, damage)
        if damage is None and before is not None:
            damage = Damage("is cut off at its end")
        if damage is None:
            continue
        if before is not None:
            restored[item] = before
        by_words.setdefault((damage.words, damage.evidence, damage.is_plain), []).append(item)
    for (words, proof, is_plain), items in by_words.items():
        yield _damaged(evidence, words, proof, tuple(items), restored, is_plain=is_plain)


def _damaged(
    evidence: Evidence, words: str, proof: tuple[str, ...], items: tuple[str, ...], restored: dict[str, Version],
    *, is_plain: bool,
) -> Cause:  # fmt: skip
    versions = {restored[item].commit: restored[item] for item in items if item in restored}
    advice = "seal the values again" if not versions else "take the ciphertexts from that version, or seal again"
    if is_plain:
        advice += "; if a value stood there unencrypted and was pushed, change the value too"
    elif "re-wrapped" in words:
        advice += ", on one line or as a block behind |, not behind >"
    return Cause(
        Why.DAMAGED,
        Likelihood.CERTAIN,
        f"a ciphertext {words}",
        items,
        (*proof, *(f"{version} has the whole ciphertext" for version in versions.values())),
        advice,
        (
            *(command("git", "show", f"{version.commit[:10]}:{version.path}") for version in versions.values()),
            *seal_again(evidence, items),
        ),
    )


def _whole_version(evidence: Evidence, item: str, ciphertext: str, damage: Damage | None) -> Version | None:
    """Return the newest earlier version with a ciphertext of which this one is a damaged copy."""
    text = joined(damage.whole if damage and damage.whole else ciphertext).rstrip("=")
    start = text[: len(text) - len(text) % _WHOLE_GROUP]
    if not start:
        return None
    found = None
    for version, before in evidence.earlier_of(item):
        is_longer = before.rstrip("=") != text or (damage is not None and bool(damage.whole))
        if is_longer and before.startswith(start) and damage_of(before) is None:
            found = version
    return found


def _templates(evidence: Evidence) -> Iterator[Cause]:
    sealed = evidence.sealed
    for key, text in sealed.template.data.items() if sealed.legacy is None else ():
        if text is None or key in sealed.items:
            continue
        try:
            parse(text, name=key)
        except TemplateError as error:
            yield failing_template(evidence, sealed, error)


def _unchecked(evidence: Evidence) -> Iterator[str]:
    sealed = evidence.sealed
    if not sealed.namespace and sealed.scope is not Scope.CLUSTER_WIDE:
        yield "the namespace: the file names none (-n NAMESPACE)"
    if evidence.certificate is None:
        yield "whether it was sealed with the cluster's certificate (--cert FILE)"
    if not evidence.past:
        yield "earlier versions of the file: it has no git history"
    if evidence.keyring is None:
        yield "whether its items open, and as what (--key FILE, for who has the private keys)"
    state = evidence.cluster
    if state is None:
        yield NO_CLUSTER
