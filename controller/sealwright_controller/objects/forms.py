"""Which form of a SealedSecret was looked at: a new one after each relevant change, and after it is recreated.

Together with the name it determines the values of the items, whatever else is written into the object. Pure.
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
        """Return the current form of an object."""
        return cls(manifest["metadata"]["uid"], generation_of(manifest), scope_said(manifest))
