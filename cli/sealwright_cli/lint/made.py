"""Rules SW4: the Secret that the controller makes of one SealedSecret."""

from collections.abc import Iterator, Mapping

from sealwright_cli.lint.finding import Problem, shown
from sealwright_cli.lint.seen import ITEMS, MADE_METADATA, TEMPLATE, TEXTS, Check, Seen
from sealwright_cli.lint.settings import Surroundings
from sealwright_cli.messages.ui import visible
from sealwright_crypto import KIND, Scope, scope_annotations, scope_of
from sealwright_manifests.kinds import keysecrets

_TYPE = (*TEMPLATE, "type")
_NEEDED = {
    "kubernetes.io/tls": ("tls.crt", "tls.key"),
    "kubernetes.io/dockerconfigjson": (".dockerconfigjson",),
    "kubernetes.io/dockercfg": (".dockercfg",),
    "kubernetes.io/ssh-auth": ("ssh-privatekey",),
}
"""Type → the items without which an API server refuses a Secret of it."""
_ONE_NEEDED = {"kubernetes.io/basic-auth": ("username", "password")}
"""Type → the items of which a Secret of it needs one."""
_ACTED_ON = ("kubernetes.io/service-account-token", "bootstrap.kubernetes.io/token")
"""Types on which Kubernetes acts with rights of its own: the controller makes none, unless it is told to."""
_SCOPES = tuple(name for scope in Scope for name in scope_annotations(scope))


def _missing(seen: Seen, _: Surroundings) -> Iterator[Problem]:
    kind = seen.text_at(_TYPE)
    texts = seen.map_at(TEXTS)
    there = {name for name in {*seen.map_at(ITEMS), *texts} if name not in texts or texts[name] is not None}
    if seen.is_legacy:
        return
    missing = [name for name in _NEEDED.get(kind, ()) if name not in there]
    choice = _ONE_NEEDED.get(kind, ())
    if missing:
        words = " and ".join(missing)
    elif choice and there.isdisjoint(choice):
        words = " or ".join(choice)
    else:
        return
    yield Problem(
        f"a Secret of type {kind} needs {words}: a cluster refuses it without",
        f"add {words} with sealwright merge, or correct the type",
        _TYPE,
    )


def _other_scope(seen: Seen, _: Surroundings) -> Iterator[Problem]:
    path = (*MADE_METADATA, "annotations")
    annotations = seen.map_at(path)
    there = [name for name in _SCOPES if name in annotations]
    if there and scope_of(annotations) is not seen.scope:
        yield Problem(
            f"{shown(path)}: they say {scope_of(annotations)} scope, and the object's own annotations, which count, "
            f"say {seen.scope}",
            f"write the same annotation in metadata.annotations of the {KIND}, if the items were sealed so; else "
            "remove it here",
            (*path, there[0]),
        )


def _immutable(seen: Seen, _: Surroundings) -> Iterator[Problem]:
    path = (*TEMPLATE, "immutable")
    if seen.at(path) is True:
        yield Problem(
            "the Secret is made immutable: a changed or re-sealed value never reaches it",
            "remove immutable, or give each new value a new name",
            path,
        )


def _refused(seen: Seen, _: Surroundings) -> Iterator[Problem]:
    kind = seen.text_at(_TYPE)
    if kind in _ACTED_ON:
        hint = "let Kubernetes make it; the controller's --allow-secret-types makes an exception"
        yield Problem(f"the controller makes no Secret of type {kind}", hint, _TYPE)
    labels = seen.map_at((*MADE_METADATA, "labels"))
    name = seen.text_at(("metadata", "name"))
    if keysecrets.is_key_secret(name, labels):
        is_labelled = keysecrets.LABEL in labels
        why = f"the label {keysecrets.LABEL}" if is_labelled else f"the name {visible(name)}"
        where = (*MADE_METADATA, "labels", keysecrets.LABEL) if is_labelled else ("metadata", "name")
        yield Problem(f"the controller makes no sealing keys, and {why} makes one", "remove it", where)


CHECKS: Mapping[str, Check] = {"SW401": _missing, "SW402": _other_scope, "SW403": _immutable, "SW404": _refused}
"""Rule → its check of one object."""
