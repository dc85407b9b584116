"""The key that ciphertexts were sealed to: what their length, the annotation and the file's history say of it."""

from collections.abc import Iterator

from sealwright_cli.explaining.causes import Cause, Likelihood, Why, command, listed
from sealwright_cli.explaining.ciphertexts import key_bytes
from sealwright_cli.explaining.evidence import Evidence
from sealwright_cli.explaining.places import seal_again
from sealwright_cli.messages.ui import short
from sealwright_crypto import Certificate, Fingerprint, read_hints

_ANOTHER = "take the certificate of the cluster that is to open it, and seal the values again"


def other_keys(evidence: Evidence) -> Iterator[Cause]:
    """Yield the causes that items were sealed to another key than the certificate's."""
    certificate = evidence.certificate
    if certificate is None:
        return
    sizes = {item: key_bytes(ciphertext) for item, ciphertext in evidence.ciphertexts.items()}
    size = (certificate.bits + 7) // 8
    by_size: dict[int, list[str]] = {}
    for item, found in sizes.items():
        if found is not None and found != size:
            by_size.setdefault(found, []).append(item)
    for found, items in by_size.items():
        yield _other_size(evidence, certificate, found, tuple(items))
    others: dict[Fingerprint, list[str]] = {}
    hints = read_hints(evidence.sealed.annotations)
    for item, found in sizes.items():
        hinted = hints.of(item)
        if found == size and hinted and hinted != certificate.fingerprint:
            others.setdefault(hinted, []).append(item)
    for hinted, items in others.items():
        yield _other_key(evidence, certificate, hinted, tuple(items))


def lost_keys(evidence: Evidence, existing: frozenset[Fingerprint], where: str) -> Iterator[Cause]:
    """Yield the causes that items were sealed, as the annotation says, to a key that is not among the existing ones."""
    hints = read_hints(evidence.sealed.annotations)
    lost: dict[Fingerprint, list[str]] = {}
    for item in evidence.ciphertexts:
        hinted = hints.of(item)
        if hinted and hinted not in existing:
            lost.setdefault(hinted, []).append(item)
    for hinted, items in lost.items():
        yield Cause(
            Why.LOST_KEY,
            Likelihood.LIKELY,
            f"sealed to key {short(hinted)}, which is not {where}",
            tuple(items),
            (f"the annotation names that key for {listed(items)}", f"{where}: {_keys(existing)}"),
            "if the key was lost, restore it from a backup (kubectl create -f sealing-keys.yaml); else seal the values "
            "again",
            tuple(seal_again(evidence, tuple(items))),
        )


def _keys(existing: frozenset[Fingerprint]) -> str:
    return listed(sorted(f"key {short(one)}" for one in existing)) or "no key"


def _other_size(evidence: Evidence, certificate: Certificate, found: int, items: tuple[str, ...]) -> Cause:
    return Cause(
        Why.KEY_SIZE,
        Likelihood.LIKELY,
        f"sealed to a key of {found * 8} bits, and the certificate's has {certificate.bits}",
        items,
        (
            f"the ciphertext of {listed(items)} holds a session key of {found} bytes",
            f"{evidence.origin}: key {short(certificate.fingerprint)} of {certificate.bits} bits",
            *_history(evidence, certificate, items),
        ),
        _ANOTHER,
        tuple(seal_again(evidence, items)),
    )


def _other_key(evidence: Evidence, certificate: Certificate, hinted: Fingerprint, items: tuple[str, ...]) -> Cause:
    """Return the cause; a key of before the certificate's may well be an older one of the same cluster."""
    born = [origin[0].when for item in items if (origin := evidence.origin_of(evidence.ciphertexts[item]))]
    is_older = len(born) == len(items) and max(born) < certificate.not_before
    if is_older:
        when = (
            f"the ciphertexts are older (at most of {max(born):%Y-%m-%d}) than the certificate "
            f"({certificate.not_before:%Y-%m-%d}): it may be an older key of the same cluster, which still opens them"
        )
    elif born:
        when = (
            f"sealed on {max(born):%Y-%m-%d}, when the certificate ({certificate.not_before:%Y-%m-%d}) was there "
            "already: it is another cluster's key"
        )
    else:
        when = (
            "it is another cluster's key, or an older one of this cluster, which still opens them as long as it exists"
        )
    return Cause(
        Why.OTHER_KEY,
        Likelihood.POSSIBLE if is_older else Likelihood.LIKELY,
        f"sealed to key {short(hinted)}, and the certificate is of key {short(certificate.fingerprint)}",
        items,
        (
            f"the annotation names that key for {listed(items)}",
            f"{evidence.origin}: valid since {certificate.not_before:%Y-%m-%d}",
            when,
            *_history(evidence, certificate, items),
        ),
        f"ask the cluster whether it has that key; if not: {_ANOTHER}",
        (command("sealwright", "explain", "--cluster", evidence.file), *seal_again(evidence, items)),
    )


def _history(evidence: Evidence, certificate: Certificate, items: tuple[str, ...]) -> Iterator[str]:
    """Yield a sentence if an earlier version of an item was sealed to the certificate's key."""
    for version in reversed(evidence.past):
        for one in version.objects:
            hints = read_hints(one.annotations)
            was = [item for item in items if item in one.items and hints.of(item) == certificate.fingerprint]
            if was and one.name == evidence.sealed.name:
                yield f"{version} has {listed(was)} on the certificate's key"
                return
