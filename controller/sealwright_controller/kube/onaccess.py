"""A list of objects that are read one by one, each when it is accessed."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import overload

from sealwright_controller.gateway import Manifest


class OnAccess(Sequence[Manifest]):
    """Objects of which only those in use are in memory; a slice of them reads each of its own."""

    @overload
    def __getitem__(self, index: int) -> Manifest: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Manifest]: ...

    def __getitem__(self, index: int | slice) -> Manifest | Sequence[Manifest]:
        if isinstance(index, slice):
            return [self.read(number) for number in range(*index.indices(len(self)))]
        return self.read(index)

    @abstractmethod
    def read(self, index: int) -> Manifest:
        """Return one object. Raises IndexError after the last one."""
