"""Which form of a SealedSecret was looked at: another one after each change that counts, and when it is made anew.

Beside the name, it decides which values the items open to, whatever else is written into the object. Pure.
"""

from dataclasses import dataclass

from sealwright_controller.objects.decide import scope_said
from sealwright_controller.objects.metadata import Manifest
from sealwright_controller.objects.status import generation_of
from sealwright_crypto import Scope


@dataclass(frozen=True)
class Form:
    """One form of one object."""

    uid: str
    generation: int
    scope: Scope

    @classmethod
    def of(cls, manifest: Manifest) -> "Form":
        """Return the form that an object has now."""
        return cls(manifest["metadata"]["uid"], generation_of(manifest), scope_said(manifest))
