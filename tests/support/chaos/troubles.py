"""What befalls controllers, the API server and the keys: one method for each trouble, drawn by the run."""

import json
import random
import signal
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from tests.support.chaos.people import SEALED_SECRET, People
from tests.support.chaos.replicas import Replica
from tests.support.chaos.stage import Stage, counted
from tests.support.chaos.truth import Key, Truth
from tests.support.forgeries import ALL as FORGERIES
from tests.support.forgeries import Forge
from tests.support.installation import KEY_LABEL, NAMESPACE
from tests.support.kubeapi import ApiError
from tests.support.worlds import key_secret

from sealwright_crypto import SealingKey, generate_sealing_key, load_certificate

LONG_PAUSE_SECONDS = 16.0
"""Longer than a leader's Lease."""
JUMPS_SECONDS = (-40 * 86400, -3600, -5, 5, 3600, 40 * 86400)
"""Forty days are longer than the time after which a key is renewed."""
MOST_FORGED = 8
"""How many statuses are forged at a time."""
Later = Callable[[int, Callable[[], None]], None]


class Troubles:
    """Each trouble takes its own source of choices, and says what it did. `later` runs what ends it, some acts later."""

    def __init__(self, stage: Stage, people: People, later: Later, folder: Path, keys: int = 3) -> None:
        """`folder` gets copies of the stored state. `keys` are in backups at first, as many are of other clusters."""
        self._stage = stage
        self._people = people
        self._later = later
        self._folder = folder
        self._copies: list[tuple[Path, Truth]] = []
        self._pause = threading.Event()
        now = datetime.now(UTC)
        self._backups = [_new_key(now - timedelta(days=number + 1)) for number in range(keys)]
        foreign = [_new_key(now - timedelta(days=number + 1)) for number in range(keys)]
        people.certificates += [each.certificate for each in (*self._backups, *foreign)]

    def kill(self, choices: random.Random) -> str:
        """Kill a controller (SIGKILL)."""
        return self._end(choices, Replica.kill)

    def stop(self, choices: random.Random) -> str:
        """Stop a controller (SIGTERM)."""
        return self._end(choices, Replica.stop)

    def pause(self, choices: random.Random) -> str:
        """Pause a controller for some acts."""
        replica = self._pick(choices)
        replica.pause()
        self._later(choices.randrange(5, 40), replica.resume)
        return replica.folder.name

    def pause_for_long(self, choices: random.Random) -> str:
        """Pause the leader until another one leads, if there is one."""
        replica = next((each for each in self._stage.replicas if each.leads), self._pick(choices))
        replica.pause()
        self._later(1, lambda: self._after(LONG_PAUSE_SECONDS, replica.resume))
        return replica.folder.name

    def part(self, choices: random.Random) -> str:
        """Cut a controller off from the API server for some acts."""
        replica = self._pick(choices)
        replica.proxy.part()
        self._later(choices.randrange(20, 200), replica.proxy.join)
        return replica.folder.name

    def jump(self, choices: random.Random) -> str:
        """Let a controller's clock jump, and back again later."""
        replica, seconds = self._pick(choices), choices.choice(JUMPS_SECONDS)
        replica.jump(seconds)
        self._later(choices.randrange(20, 200), lambda: replica.jump(0))
        return f"{replica.folder.name} by {seconds} s"

    def kill_apiserver(self, choices: random.Random) -> str:
        """Kill the API server and start it again."""
        self._stage.plane.kill_apiserver()
        return ""

    def pause_apiserver(self, choices: random.Random) -> str:
        """Let the API server do nothing for some seconds."""
        seconds = choices.uniform(0.5, 6)
        self._stage.plane.signal_apiserver(signal.SIGSTOP)
        try:
            self._pause.wait(seconds)
        finally:
            self._stage.plane.signal_apiserver(signal.SIGCONT)
        return f"for {seconds:.1f} s"

    def save_etcd(self, choices: random.Random) -> str:
        """Kill etcd, and take a copy of what it stored."""
        copy = self._folder / f"copy-{len(self._copies)}"
        self._note_keys()
        self._stage.plane.kill_etcd(saved_to=copy)
        self._copies.append((copy, self._people.truth.copy()))
        return copy.name

    def restore_etcd(self, choices: random.Random) -> str:
        """Kill etcd and go back to the last copy: so does what people wish."""
        if not self._copies:
            return self.save_etcd(choices)
        copy, truth = self._copies[-1]
        self._stage.plane.kill_etcd(restored_from=copy)
        self._people.truth.__dict__.update(truth.copy().__dict__)
        return copy.name

    def renew_key(self, choices: random.Random) -> str:
        """Ask a controller for a new key."""
        replica = self._pick(choices)
        replica.renew()
        return replica.folder.name

    def restore_key(self, choices: random.Random) -> str:
        """Put a key from a backup back."""
        number = choices.randrange(len(self._backups))
        key = self._backups[number]
        name = f"backup-{number}"
        manifest = key_secret(key, name=name, namespace=NAMESPACE, labels={KEY_LABEL: "active"})
        self._people.insist(lambda: self._unless(409, lambda: self._stage.kube.create(manifest)))
        self._people.truth.key_names.add(name)
        return name

    def remove_key(self, choices: random.Random) -> str:
        """Take away a key, sometimes the one that is served; or label it as not in use, and back later."""
        found = self._note_keys()
        if len(found) < 2:
            return "there is one key"
        name = choices.choice(sorted(found))
        if choices.random() < 0.5:
            self._label(name, "compromised")
            self._later(choices.randrange(20, 200), lambda: self._label(name, "active"))
            return f"{name} is not in use"
        self._people.truth.key_names.discard(name)
        kube = self._stage.kube
        self._people.insist(lambda: self._unless(404, lambda: kube.delete("v1/Secret", name, NAMESPACE)))
        return f"{name} is gone"

    def add_odd_key(self, choices: random.Random) -> str:
        """Put a Secret there that is labelled as a key and is none."""
        name = f"odd-{choices.randrange(10)}"
        metadata = {"name": name, "namespace": NAMESPACE, "labels": {KEY_LABEL: "active"}}
        data = {"tls.crt": "bm90aGluZw==", "tls.key": "bm90aGluZw=="}
        secret = {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "type": "kubernetes.io/tls", "data": data}
        self._people.insist(lambda: self._unless(409, lambda: self._stage.kube.create(secret)))
        self._people.truth.key_names.add(name)
        return name

    def forge_statuses(self, choices: random.Random) -> str:
        """Write statuses that are not true, as somebody may who has the right to."""
        keys = sorted(self._people.truth.wishes)
        chosen = choices.sample(keys, min(len(keys), choices.randrange(1, MOST_FORGED + 1)))
        forged = [(key, choices.choice(FORGERIES)) for key in chosen]
        for key, how in forged:
            self._people.insist(partial(self._forge, key, how))
        return ", ".join(f"{name}: {how.__name__}" for (_, name), how in forged)

    def ask(self, choices: random.Random) -> str:
        """Ask a controller for everything that it answers, and take its certificate to seal with."""
        status = self.ask_all(replica := self._pick(choices))
        self._note_keys()
        return f"{replica.folder.name}: {status}"

    def ask_all(self, replica: Replica) -> int:
        """Ask one controller, as `ask` does; return the status of the certificate's answer."""
        body = json.dumps(self._people.last_sealed).encode()
        for path, sent in (("/healthz", None), ("/readyz", None), ("/v1/verify", body), ("/v1/rotate", body)):
            self._stage.note_answer(f"{replica.folder.name} {path}", str(replica.ask(path, sent)))
        self._stage.note_answer(f"{replica.folder.name} /metrics", replica.metrics())
        status, pem = replica.ask("/v1/cert.pem")
        self._stage.note_answer(f"{replica.folder.name} /v1/cert.pem", pem)
        if status == 200:
            self._people.certificates[0] = load_certificate(pem.encode())
        return status

    def calm(self, choices: random.Random) -> str:
        """Let the network be well for some acts."""
        self._stage.faults.heal()
        self._later(choices.randrange(5, 40), self._stage.faults.resume)
        return ""

    def _end(self, choices: random.Random, end: Callable[[Replica], object]) -> str:
        replica = self._pick(choices)
        end(replica)
        self._later(choices.randrange(1, 60), replica.start)
        return replica.folder.name

    def _pick(self, choices: random.Random) -> Replica:
        return choices.choice(self._stage.replicas)

    def _after(self, seconds: float, act: Callable[[], None]) -> None:
        self._pause.wait(seconds)
        act()

    def _note_keys(self) -> dict[str, str]:
        """Return the keys in use, by name: from now on they must not be lost."""
        kube = self._stage.kube
        found = self._people.insist(lambda: kube.list("v1/Secret", NAMESPACE, labels=KEY_LABEL))
        self._people.truth.key_names.update(each["metadata"]["name"] for each in found)
        return counted(found)

    def _forge(self, key: Key, how: Forge) -> None:
        (namespace, name), kube = key, self._stage.kube
        found = kube.find(SEALED_SECRET, name, namespace)
        if found is not None and (written := how(found)):
            kube.patch(SEALED_SECRET, name, {"status": written}, namespace, subresource="status")

    def _label(self, name: str, value: str) -> None:
        change = {"metadata": {"labels": {KEY_LABEL: value}}}
        kube = self._stage.kube
        self._people.insist(lambda: self._unless(404, lambda: kube.patch("v1/Secret", name, change, NAMESPACE)))

    def _unless(self, status: int, act: Callable[[], object]) -> None:
        """Act, and take one answer as what was wanted."""
        try:
            act()
        except ApiError as error:
            if error.status != status:
                raise


def _new_key(not_before: datetime) -> SealingKey:
    return generate_sealing_key(now=not_before.replace(microsecond=0), bits=2048, common_name="chaos")
