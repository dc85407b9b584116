"""What is known of one SealedSecret that would not unseal. Others gather it."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

from sealwright_cli.explaining.ciphertexts import joined
from sealwright_conventions.records import field, record
from sealwright_crypto import LEGACY_ITEM, Certificate, Fingerprint, Keyring, SealedSecret


@record
class Version:
    """The SealedSecrets of an earlier version of the file: the commit that made it, when, and under which path."""

    commit: str
    when: datetime
    path: str
    objects: Sequence[SealedSecret]

    def __str__(self) -> str:
        return f"commit {self.commit[:10]} of {self.when:%Y-%m-%d}"


@record
class ClusterState:
    """What a cluster says of an object. None stands for what could not be looked at.

    `live` is the SealedSecret there, empty if there is none; `secret` the metadata of the Secret of its name, likewise.
    `events` are sentences, the newest first. `refusal` is the controller's answer to the question whether it opens the
    file's object: empty if it does. `keys` are the keys that exist there.
    """

    live: Mapping[str, Any] | None = None
    secret: Mapping[str, Any] | None = None
    events: Sequence[str] = ()
    refusal: str | None = None
    keys: frozenset[Fingerprint] | None = None


@record
class Evidence:
    """What is known. `manifest` is the object as plain data, `sealed` as read, in the namespace that was given for it.

    `file` is what commands call its file. `past` are earlier versions, the oldest first. `certificate` comes from
    `origin`; `cert_option` are the words that name it in a command. `is_alone` tells that its file holds no other.
    """

    sealed: SealedSecret
    manifest: Mapping[str, Any] = field(default_factory=dict, repr=False)
    file: str = "FILE"
    certificate: Certificate | None = None
    origin: str = ""
    cert_option: Sequence[str] = ()
    is_alone: bool = True
    past: Sequence[Version] = ()
    keyring: Keyring | None = None
    cluster: ClusterState | None = None

    @property
    def ciphertexts(self) -> Mapping[str, str]:
        """The ciphertexts by item; the deprecated form has one."""
        return self.sealed.items if self.sealed.legacy is None else {LEGACY_ITEM: self.sealed.legacy}

    def origin_of(self, ciphertext: str) -> tuple[Version, SealedSecret] | None:
        """Return the oldest version with a ciphertext, and the object that held it: there it was sealed.

        If several objects of that version hold it, the one of the present name is taken.
        """
        found = self._by_text.get(joined(ciphertext), [])
        here = (self.sealed.name, self.sealed.namespace)
        oldest = [(version, one) for version, one in found if version is found[0][0]]
        return next((pair for pair in oldest if (pair[1].name, pair[1].namespace) == here), next(iter(oldest), None))

    def earlier_of(self, item: str) -> Sequence[tuple[Version, str]]:
        """Return the earlier ciphertexts of an item, on one line each, the oldest first."""
        return self._by_item.get(item, [])

    def seen(self) -> Iterator[tuple[Version, SealedSecret, str, str]]:
        """Yield each earlier ciphertext, the oldest first: version, object, item, the ciphertext on one line."""
        for version in self.past:
            for one in version.objects:
                texts = one.items if one.legacy is None else {LEGACY_ITEM: one.legacy}
                for item, text in texts.items():
                    yield version, one, item, joined(text)

    @cached_property
    def _by_text(self) -> Mapping[str, list[tuple[Version, SealedSecret]]]:
        found: dict[str, list[tuple[Version, SealedSecret]]] = {}
        for version, one, _, text in self.seen():
            found.setdefault(text, []).append((version, one))
        return found

    @cached_property
    def _by_item(self) -> Mapping[str, list[tuple[Version, str]]]:
        found: dict[str, list[tuple[Version, str]]] = {}
        for version, _, item, text in self.seen():
            found.setdefault(item, []).append((version, text))
        return found
