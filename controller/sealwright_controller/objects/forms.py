"""Which form of a SealedSecret was looked at: a new one after each relevant change, and after it is recreated.

Together with the name it determines the values of the items, whatever else is written into the object. A request to
suspend it or to try again is a new form too, so it is paced like every change. Pure.
"""

import hashlib
from dataclasses import dataclass

from sealwright_controller.objects.decide import is_suspended, scope_said
from sealwright_controller.objects.metadata import Manifest, annotations_of
from sealwright_controller.objects.status import generation_of
from sealwright_crypto import Scope

RETRY_ANNOTATION = "sealwright.dev/retry"
"""An annotation whose every new value asks for a look at once."""


@dataclass(frozen=True, slots=True)
class Form:
    """One form of one object; `retry` is a digest of what RETRY_ANNOTATION says, empty without it."""

    uid: str
    generation: int
    scope: Scope
    suspended: bool = False
    retry: bytes = b""

    @classmethod
    def of(cls, manifest: Manifest) -> "Form":
        """Return the current form of an object."""
        uid, retry = manifest["metadata"]["uid"], annotations_of(manifest).get(RETRY_ANNOTATION)
        digest = b"" if retry is None else hashlib.sha256(retry.encode(errors="replace")).digest()[:8]
        return cls(uid, generation_of(manifest), scope_said(manifest), is_suspended(manifest), digest)

    def has_content_of(self, other: "Form") -> bool:
        """Tell whether another form of the object has the same content; only what is asked for may differ."""
        return (self.uid, self.generation, self.scope) == (other.uid, other.generation, other.scope)
