"""The name, namespace and scope that ciphertexts were sealed for: what the file and its history say of them."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from sealwright_cli.explaining.causes import Cause, Likelihood, Why, command, listed
from sealwright_cli.explaining.ciphertexts import damage_of
from sealwright_cli.explaining.evidence import Evidence, Version
from sealwright_conventions.records import record, replace
from sealwright_crypto import Label, Scope, ScopeError, SealedSecret, label_for, scope_of
from sealwright_crypto.scope import CLUSTER_WIDE_ANNOTATION, NAMESPACE_WIDE_ANNOTATION

_SCOPE_ANNOTATIONS = (CLUSTER_WIDE_ANNOTATION, NAMESPACE_WIDE_ANNOTATION)
_PREFIX = "sealedsecrets.bitnami.com/"


@record
class Place:
    """What a ciphertext is bound to: a scope, and the parts of namespace and name that the scope needs."""

    scope: Scope
    namespace: str
    name: str

    @classmethod
    def of(cls, sealed: SealedSecret, namespace: str = "") -> "Place":
        """Return an object's place; `namespace` is for one that names none."""
        return cls(sealed.scope, sealed.namespace or namespace, sealed.name)

    @property
    def label(self) -> Label | None:
        """The label of its ciphertexts; None if a part of it is missing."""
        try:
            return label_for(self.scope, self.namespace, self.name)
        except ScopeError:
            return None

    def __str__(self) -> str:
        return f"{'/'.join(filter(None, [self.namespace, self.name])) or 'no name'} ({self.scope})"


def other_places(evidence: Evidence) -> Iterator[Cause]:
    """Yield the causes that name, namespace or scope are not those that items were sealed for.

    An item's history counts for more than what the template still says.
    """
    told, is_known = _by_history(evidence)
    yield from told
    if not is_known:
        yield from _by_file(evidence)


def candidates(evidence: Evidence) -> list[Place]:
    """Return the places that ciphertexts may have been sealed for, the likeliest first: the present one is the first.

    kubeseal takes the namespace of the kubeconfig for a Secret that names none, so `default` is among them.
    """
    here = Place.of(evidence.sealed)
    metadata = _template_metadata(evidence.manifest)
    named = [(here.namespace, here.name), (metadata.get("namespace"), metadata.get("name"))]
    for version in reversed(evidence.past):
        named += [(one.namespace, one.name) for one in version.objects]
    namespaces = dict.fromkeys(text for text, _ in [*named, ("default", "")] if isinstance(text, str) and text)
    names = dict.fromkeys(text for _, text in named if isinstance(text, str) and text)
    found = [here]
    found += [Place(Scope.STRICT, namespace, name) for namespace in namespaces for name in names]
    found += [Place(Scope.NAMESPACE_WIDE, namespace, here.name) for namespace in namespaces]
    found.append(Place(Scope.CLUSTER_WIDE, here.namespace, here.name))
    by_label: dict[Label, Place] = {}
    for place in found:
        if place.label is not None:
            by_label.setdefault(place.label, place)
    return list(by_label.values())


def place_cause(
    evidence: Evidence, items: tuple[str, ...], before: Place, likelihood: Likelihood, proof: tuple[str, ...]
) -> Cause:
    """Return the cause that items were sealed for another place than the present one."""
    here = Place.of(evidence.sealed)
    return Cause(
        Why.OTHER_PLACE,
        likelihood,
        f"sealed as {before}, and is {here} now",
        items,
        proof,
        f"give it back its {_difference(before, here)}, or seal the values again for its present place",
        tuple(seal_again(evidence, items)),
    )


def seal_again(evidence: Evidence, items: tuple[str, ...]) -> Iterator[str]:
    """Yield the commands that seal values again; each value comes from a file."""
    options = [] if evidence.manifest.get("metadata", {}).get("namespace") else _namespace(evidence)
    options += [] if evidence.is_alone else ["--name", evidence.sealed.name]
    for item in items[:_MOST_COMMANDS]:
        yield command(
            "sealwright", "set", *options, *evidence.cert_option, evidence.file, item, "--from-file", "VALUE-FILE"
        )


_MOST_COMMANDS = 3


def _namespace(evidence: Evidence) -> list[str]:
    return ["-n", evidence.sealed.namespace] if evidence.sealed.namespace else []


def _difference(one: Place, other: Place) -> str:
    parts = ("scope", "namespace", "name")
    return " and ".join(part for part in parts if getattr(one, part) != getattr(other, part)) or "place"


def _differ(before: Place, here: Place) -> bool:
    """Tell whether two places have different labels; a namespace that the file leaves out may be the one of before."""
    now = replace(here, namespace=here.namespace or before.namespace)
    labels = {before.label, now.label}  # that of the cluster-wide scope is empty
    return None not in labels and len(labels) > 1


def _by_history(evidence: Evidence) -> tuple[list[Cause], bool]:
    """Return the causes that the history shows, and whether it shows where every item was sealed."""
    here = Place.of(evidence.sealed)
    moved: dict[Place, tuple[Version, list[str]]] = {}
    known = 0
    for item, ciphertext in evidence.ciphertexts.items():
        if damage_of(ciphertext):
            continue
        origin = evidence.origin_of(ciphertext)
        if origin is None:
            continue
        known += 1
        version, sealed = origin
        before = Place.of(sealed, here.namespace)
        if _differ(before, here):
            moved.setdefault(before, (version, []))[1].append(item)
    causes = [
        place_cause(
            evidence,
            tuple(items),
            before,
            Likelihood.LIKELY,
            (
                f"{version} has the same ciphertext of {listed(items)} in {before}",
                f"see what changed: {command('git', 'log', '-p', f'{version.commit[:10]}..', '--', evidence.file)}",
            ),
        )
        for before, (version, items) in moved.items()
    ]
    return causes, bool(known) and known == len(evidence.ciphertexts)


def _by_file(evidence: Evidence) -> Iterator[Cause]:
    """Yield the causes that the object itself shows: its template still says what it was sealed as."""
    here, metadata = Place.of(evidence.sealed), _template_metadata(evidence.manifest)
    items = tuple(evidence.ciphertexts)
    annotations = metadata.get("annotations")
    scope = scope_of(annotations) if isinstance(annotations, Mapping) else Scope.STRICT
    if annotations and scope is not Scope.STRICT and scope is not here.scope:
        before = Place(scope, here.namespace, here.name)
        proof = f"spec.template.metadata.annotations says {scope}; only metadata.annotations counts"
        yield place_cause(evidence, items, before, Likelihood.LIKELY, (proof,))
        return
    yield from _misspelt_scope(evidence, items)
    name, namespace = (metadata.get(key) or getattr(here, key) for key in ("name", "namespace"))
    if not (isinstance(name, str) and isinstance(namespace, str)):
        return
    before = Place(here.scope, namespace, name)
    if _differ(before, here):
        proof = f"spec.template.metadata, which sealing writes, says {'/'.join(filter(None, [namespace, name]))}"
        yield place_cause(evidence, items, before, Likelihood.LIKELY, (proof,))


def _misspelt_scope(evidence: Evidence, items: tuple[str, ...]) -> Iterator[Cause]:
    """Yield a cause for what looks like the annotation for a scope, and counts for nothing."""
    here = Place.of(evidence.sealed)
    metadata = evidence.manifest.get("metadata")
    for field in ("annotations", "labels"):
        texts = metadata.get(field) if isinstance(metadata, Mapping) else None
        for key, value in texts.items() if isinstance(texts, Mapping) else ():
            meant = _meant(key)
            if meant is None or (field == "annotations" and key in _SCOPE_ANNOTATIONS and value == "true"):
                continue
            if str(value).lower() in ("false", "no", "0", ""):
                continue
            before = Place(meant, here.namespace, here.name)
            if before.scope is not here.scope:
                proof = f'metadata.{field} has {key}; only the annotation {_PREFIX}{meant} with the text "true" counts'
                yield place_cause(evidence, items, before, Likelihood.LIKELY, (proof,))


def _meant(key: object) -> Scope | None:
    letters = re.sub(r"[^a-z/]", "", str(key).lower().rpartition("/")[2])
    of = {"clusterwide": Scope.CLUSTER_WIDE, "namespacewide": Scope.NAMESPACE_WIDE}
    return of.get(letters)


def _template_metadata(manifest: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return spec.template.metadata as it is written, empty if it is none."""
    found: Any = manifest
    for key in ("spec", "template", "metadata"):
        found = found.get(key) if isinstance(found, Mapping) else None
    return found if isinstance(found, Mapping) else {}
