"""Which keys an object was probably sealed to, so that they are tried first. Pure.

This decides only how many private-key operations an object costs, not the result: the keyring tries the others as well.
"""

from collections.abc import Sequence

from sealwright_controller.gateway import Manifest
from sealwright_controller.objects.metadata import last_applied
from sealwright_controller.objects.status import needed_keys
from sealwright_crypto import Fingerprint, SealingKey


def likely_keys(manifest: Manifest, active: Sequence[SealingKey]) -> tuple[Fingerprint, ...]:
    """Return the fingerprints of the likely keys among the active ones, the most likely first.

    People seal with the newest key, and apply soon afterwards. So the keys that opened the object before come first,
    then the key that was the newest when it was last applied and those before it, latest first.
    Keys of one time keep the order of `active`. The certificates' NotBefore tells when a key became the newest: unlike
    the Secrets' creation, it survives a restored backup.
    """
    by_time = sorted(active, key=lambda key: key.certificate.not_before, reverse=True)
    applied = last_applied(manifest)
    earlier = [key.fingerprint for key in by_time if applied is None or key.certificate.not_before <= applied]
    known = {key.fingerprint for key in active}
    opened_before = [fingerprint for fingerprint in needed_keys(manifest) if fingerprint in known]
    return tuple(dict.fromkeys([*opened_before, *earlier]))
