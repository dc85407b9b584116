"""Those who write SealedSecrets, and meddle with Secrets and keys: each act reaches the API server, and is then a wish.

They speak to it directly, and try again until it has answered. Values are drawn at random, and never written down but
in what is searched for.
"""

import base64
import http.client
import random
from collections.abc import Callable
from typing import Any, TypeVar

from tests.support.chaos.leaks import LeakSearch, plaintext
from tests.support.chaos.truth import HAND_LABELS, HAND_VALUE, Items, Key, Truth, Wish
from tests.support.kubeapi import ApiError, KubeApi
from tests.support.wait import eventually

from sealwright_crypto import Certificate, Scope, Secret, seal

SEALED_SECRET = "bitnami.com/v1alpha1/SealedSecret"
PATIENCE_SECONDS = 180.0
MOST_TOUCHES = 2
"""How often one Secret is changed by hand: fewer times than the controller takes for a fight."""
FOREIGN: Items = {"mine": b"x"}
"""What a Secret holds that is in the way."""
T = TypeVar("T")


class People:
    """Acts on objects in some namespaces. Each act takes its own source of choices, so that a seed repeats it."""

    def __init__(self, kube: KubeApi, namespaces: list[str], truth: Truth, leaks: LeakSearch) -> None:
        self.kube = kube
        self.namespaces = namespaces
        self.truth = truth
        self.leaks = leaks
        self.certificates: list[Certificate] = []
        """Those to seal with: at first the one that is served, then those of backups and of other clusters."""
        self.made = 0
        self.last_sealed: dict[str, Any] = {}

    def create(self, choices: random.Random) -> str:
        """Write a new SealedSecret, sometimes where a Secret of somebody else is in the way."""
        self.made += 1
        key = (choices.choice(self.namespaces), f"object-{self.made}")
        foreign = self._put_foreign(key) if choices.random() < 0.05 else None
        self._write(key, Wish({}, "", foreign=foreign), choices)
        return f"{key} (in the way: {foreign is not None})"

    def edit(self, choices: random.Random) -> str:
        """Write other values into a SealedSecret."""
        key, wish = self._pick(choices)
        self._write(key, wish, choices)
        return str(key)

    def delete(self, choices: random.Random) -> str:
        """Delete a SealedSecret; sometimes another of its name follows at once."""
        key, wish = self._pick(choices)
        if wish.foreign is not None:
            return self.make_way(choices)
        self.insist(lambda: self._delete(SEALED_SECRET, key))
        if FOREIGN in wish.past:  # it was handed over, and perhaps never taken
            self.insist(lambda: self._delete("v1/Secret", key))
        del self.truth.wishes[key]
        again = choices.random() < 0.3
        if again:
            # Its Secret may be there for a moment more, and belongs to nobody whom the new one knows.
            self._write(key, Wish({}, ""), choices)
        return f"{key} (again: {again})"

    def strip(self, choices: random.Random) -> str:
        """Delete a Secret by hand."""
        key, wish = self._pick_to_touch(choices)
        if wish.foreign is None:
            wish.touched += 1
            self.insist(lambda: self._delete("v1/Secret", key))
        return str(key)

    def meddle(self, choices: random.Random) -> str:
        """Edit a Secret by hand."""
        key, wish = self._pick_to_touch(choices)
        if wish.foreign is not None:
            return f"{key}: not touched"
        wish.touched += 1
        value = base64.b64encode(HAND_VALUE).decode()
        change = choices.choice(
            [
                {"data": {"password": value}},
                {"data": {"more": value}},
                {"data": None},
                {"metadata": {"labels": HAND_LABELS}},
                {"metadata": {"ownerReferences": None}},
            ]
        )
        before = self.insist(lambda: self.kube.find("v1/Secret", key[1], key[0]))
        if before is not None:
            self.insist(lambda: self._patch_if_there(key, change))
        if before is not None and "ownerReferences" in str(change):
            # Then nobody knows whose it was; the controller may refuse it, so it goes.
            self.insist(lambda: self._delete("v1/Secret", key))
        return f"{key}: {sorted(change)}"

    def make_way(self, choices: random.Random) -> str:
        """Remove, or hand over, a Secret that is in the way."""
        blocked = [key for key, wish in sorted(self.truth.wishes.items()) if wish.foreign is not None]
        if not blocked:
            return "nothing is in the way"
        key = choices.choice(blocked)
        if choices.random() < 0.5:
            self.insist(lambda: self._delete("v1/Secret", key))
        else:
            owned = {"metadata": {"annotations": {"sealedsecrets.bitnami.com/managed": "true"}}}
            self.insist(lambda: self._patch_if_there(key, owned))
        wish = self.truth.wishes[key]
        wish.past.append(FOREIGN)
        wish.foreign = None
        return str(key)

    def insist(self, act: Callable[[], T]) -> T:
        """Repeat an act until the API server has answered; returns what it returned. Acts can be repeated."""
        done: list[T] = []

        def tried() -> bool:
            try:
                done.append(act())
            except (OSError, http.client.HTTPException) as error:
                raise AssertionError(f"no answer: {error!r}") from None
            except ApiError as error:
                if (
                    error.status in (403, 404, 409, 429) or error.status >= 500
                ):  # it is starting, or somebody was faster
                    raise AssertionError(str(error)) from None
                raise
            return True

        eventually(tried, timeout=PATIENCE_SECONDS, what="the API server's answer", interval=0.2)
        return done[0]

    def _write(self, key: Key, wish: Wish, choices: random.Random) -> None:
        """Draw new content, seal it and apply it; then it is the wish."""
        value, other = (self._value(choices) for _ in range(2))
        certificate = self.certificates[0] if choices.random() < 0.85 else choices.choice(self.certificates)
        past = [*wish.past, wish.items] if wish.items else wish.past
        new = Wish({"password": value}, certificate.fingerprint, past=past, foreign=wish.foreign, touched=wish.touched)
        scope = choices.choice([Scope.STRICT, Scope.STRICT, Scope.NAMESPACE_WIDE, Scope.CLUSTER_WIDE])
        template: dict[str, Any] = {}
        sealed_name = key[1]
        kind = choices.random()
        if kind < 0.25:
            new.items["user"] = other
        elif kind < 0.4:
            new.labels["app"] = f"app-{choices.randrange(3)}"
            template["metadata"] = {"labels": new.labels}
        elif kind < 0.5:
            template["data"] = {"url": "db://{{ .password }}@db"}
        elif kind < 0.54:
            template["data"], new.refusal = {"url": "{{ fail .password }}"}, "TemplateFailed"
        elif kind < 0.58:
            sealed_name, scope, new.refusal = "another", Scope.STRICT, "NoKey"
        elif kind < 0.6:
            template["type"], new.refusal = "kubernetes.io/dockerconfigjson", "Refused or Immutable"
            new.items = {".dockerconfigjson": value}
        secret = Secret(sealed_name, key[0], new.items)
        manifest = seal(secret, certificate, scope=scope, hints=choices.random() < 0.7).to_dict()
        manifest["metadata"]["name"] = key[1]
        template["metadata"] = manifest["spec"]["template"].get("metadata", {}) | template.get("metadata", {})
        template["metadata"].pop("name", None)
        manifest["spec"]["template"] = template
        if "data" in template and not new.refusal:
            new.items["url"] = b"db://" + value + b"@db"
        self.insist(lambda: self._put(manifest))
        self.truth.wishes[key] = new
        self.last_sealed = manifest

    def _value(self, choices: random.Random) -> bytes:
        value = plaintext(choices)
        self.leaks.add(value)
        return value

    def _pick(self, choices: random.Random) -> tuple[Key, Wish]:
        key = choices.choice(sorted(self.truth.wishes))
        return key, self.truth.wishes[key]

    def _pick_to_touch(self, choices: random.Random) -> tuple[Key, Wish]:
        untouched = [key for key, wish in sorted(self.truth.wishes.items()) if wish.touched < MOST_TOUCHES]
        key = choices.choice(untouched or sorted(self.truth.wishes))
        return key, self.truth.wishes[key]

    def _put(self, manifest: dict[str, Any]) -> None:
        metadata = manifest["metadata"]
        found = self.kube.find(SEALED_SECRET, metadata["name"], metadata["namespace"])
        if found is None:
            self.kube.create(manifest)
        else:
            version = {"resourceVersion": found["metadata"]["resourceVersion"]}
            self.kube.replace({**manifest, "metadata": metadata | version})

    def _put_foreign(self, key: Key) -> dict[str, Any]:
        secret = {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": key[1], "namespace": key[0]},
            "data": {"mine": base64.b64encode(b"x").decode()},
        }
        return self.insist(lambda: self.kube.find("v1/Secret", key[1], key[0]) or self.kube.create(secret))

    def _delete(self, kind: str, key: Key) -> None:
        try:
            self.kube.delete(kind, key[1], key[0])
        except ApiError as error:
            if error.status != 404:
                raise

    def _patch_if_there(self, key: Key, change: dict[str, Any]) -> None:
        try:
            self.kube.patch("v1/Secret", key[1], change, key[0])
        except ApiError as error:
            if error.status != 404:
                raise
