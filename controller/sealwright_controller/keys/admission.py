"""The verdict on one key Secret: whether it counts as a sealing key, and if not, why, in words for people."""

from collections.abc import Callable
from dataclasses import dataclass, field

from sealwright_controller.gateway import KEY_TRUST_NAME, Manifest
from sealwright_controller.keys.keysecrets import StoredKey, is_active, read_certificate, read_key
from sealwright_controller.keys.pairs import Pairs
from sealwright_controller.keys.provenance import made_from_sealed_secret
from sealwright_controller.keys.trust import EveryKey, OwnKeys, Trust
from sealwright_controller.metrics.keys import KeyState
from sealwright_controller.settings import KeySettings
from sealwright_crypto import KeyMaterialError


@dataclass(frozen=True)
class Verdict:
    """The verdict on a key Secret: `key` is set if it counts, `reason` if it should count but does not."""

    state: KeyState
    key: StoredKey | None = None
    reason: str = ""


@dataclass(frozen=True)
class Admission:
    """The rules. `accepts_bits` tells whether this modulus length is accepted, `trust` whether a key is trusted."""

    accepts_bits: Callable[[int], bool] = lambda _: True
    trust: Trust = field(default_factory=EveryKey)
    pairs: Pairs = field(default_factory=Pairs, repr=False)

    def judge(self, manifest: Manifest) -> Verdict:
        """Return the verdict on a key Secret as a gateway gives it. The private key is read last, as it costs most."""
        if not is_active(manifest) or manifest["metadata"]["name"] == KEY_TRUST_NAME:
            return Verdict(KeyState.INACTIVE)
        if made_from_sealed_secret(manifest):
            reason = "it was made from a SealedSecret, whose author knows the key; delete it, and that SealedSecret"
            return Verdict(KeyState.UNTRUSTED, reason=reason)
        try:
            distrust = self.trust.distrust(manifest, read_certificate(manifest))
            if distrust:
                return Verdict(KeyState.UNTRUSTED, reason=distrust)
            key = read_key(manifest, accepts_bits=self.accepts_bits, load=self.pairs.load)
        except KeyMaterialError as error:
            return Verdict(KeyState.UNREADABLE, reason=str(error))
        return Verdict(KeyState.ACTIVE, key)


def admission_of(settings: KeySettings) -> Admission:
    """Return the rules from the settings."""
    return Admission(settings.accepts, OwnKeys(settings.acknowledged) if settings.trust == "controller" else EveryKey())
