"""A cluster as sealed-secrets left it: its kind, its keys, its SealedSecrets and Secrets, in its own shape.

The shapes are files in tests/vectors/upstream; what only an API server or the calendar knows is filled in here.
"""

import base64
import copy
from datetime import UTC, datetime, timedelta
from typing import Any

from ruamel.yaml import YAML
from tests.support.installation import SEALED_SECRET, UPSTREAM, Installation
from tests.support.wait import eventually

from sealwright_crypto import generate_sealing_key

TEAM = "team-a"
Manifest = dict[str, Any]


def recorded(name: str) -> list[Manifest]:
    """Return the objects of one file, as recorded."""
    return list(YAML(typ="safe").load_all((UPSTREAM / name).read_text()))


def recorded_status(name: str) -> Manifest:
    """Return the status of a SealedSecret, as recorded."""
    (status,) = [each["status"] for each in recorded("sealedsecrets.yaml") if each["metadata"]["name"] == name]
    return dict(status)


def recorded_secret(name: str, owner: Manifest) -> Manifest:
    """Return the Secret of a name, as recorded but for the uid of its owner."""
    (secret,) = [each for each in recorded("secrets.yaml") if each["metadata"]["name"] == name]
    for reference in secret["metadata"].get("ownerReferences", []):
        reference["uid"] = owner["metadata"]["uid"]
    return secret


def newest_key() -> Manifest:
    """Return a key Secret of the recorded shape that is a day old: sealed-secrets renews them as Sealwright does."""
    (secret,) = copy.deepcopy(recorded("keys.yaml"))
    key = generate_sealing_key(now=datetime.now(UTC) - timedelta(days=1), bits=2048)
    texts = {"tls.crt": key.certificate.pem.encode(), "tls.key": key.private_key.pem()}
    return secret | {"data": {name: base64.b64encode(text).decode() for name, text in texts.items()}}


def install(installed: Installation) -> None:
    """Put everything into a cluster that has the kind already, as somebody else made it; nothing runs."""
    kube = installed.kube
    # Replaced, not applied: of an object that somebody else made, applying would keep what the other has more.
    installed.kubectl("replace", "--save-config", "-f", str(UPSTREAM / "crd.yaml"))
    for name in ("rbac.yaml", "controller.yaml"):
        installed.kubectl("apply", "-f", str(UPSTREAM / name))
    kube.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": TEAM}})
    eventually(lambda: drops_additions(installed), what="the API server has taken up the kind")
    for key in (*recorded("keys.yaml"), newest_key()):
        kube.create(key)
    for sealed in recorded("sealedsecrets.yaml"):
        name = sealed["metadata"]["name"]
        made = kube.create(sealed)
        status = {**recorded_status(name), "observedGeneration": made["metadata"]["generation"]}
        kube.patch(SEALED_SECRET, name, {"status": status}, TEAM, subresource="status")
        kube.create(recorded_secret(name, made))


def drops_additions(installed: Installation) -> bool:
    """Tell whether a field of the status that sealed-secrets does not have is dropped."""
    spec: Manifest = {"encryptedData": {}}
    probe = {"apiVersion": "bitnami.com/v1alpha1", "kind": "SealedSecret", "metadata": {"name": "probe"}, "spec": spec}
    if installed.kube.find(SEALED_SECRET, "probe", TEAM) is None:
        installed.kube.create(probe, TEAM)
    change = {"status": {"scope": "strict", "observedGeneration": 1}}
    seen = installed.kube.patch(SEALED_SECRET, "probe", change, TEAM, subresource="status")["status"]
    if seen == {"observedGeneration": 1}:
        installed.kube.delete(SEALED_SECRET, "probe", TEAM)
        return True
    return False


def versions(installed: Installation) -> dict[str, str]:
    """Return the resourceVersion of every Secret of the team and of every key, by its uid."""
    secrets = [*installed.kube.list("v1/Secret", TEAM), *installed.key_secrets()]
    return {each["metadata"]["uid"]: each["metadata"]["resourceVersion"] for each in secrets}


def without_books(obj: Manifest) -> Manifest:
    """Return an object without what the API server keeps books with."""
    books = ("uid", "resourceVersion", "generation", "creationTimestamp", "managedFields", "selfLink")
    return obj | {"metadata": {key: value for key, value in obj["metadata"].items() if key not in books}}
