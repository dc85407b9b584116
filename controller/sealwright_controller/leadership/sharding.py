"""Which shard a namespace belongs to, and which process should have which shard. Pure."""

import hashlib
from collections.abc import Mapping
from functools import lru_cache

_REMEMBERED = 20_000
_UNEVEN = 2
"""A process asks for a shard of one that has so many more."""


@lru_cache(maxsize=_REMEMBERED)
def shard_of(namespace: str, shards: int) -> int:
    """Return the shard of a namespace, from 0 to `shards` - 1; the same in every process.

    By rendezvous hashing, so that another number of shards moves as few namespaces as possible.
    """
    return max(range(shards), key=lambda shard: _weight(namespace, str(shard)))


def is_uneven(mine: int, others: int) -> bool:
    """Tell whether a process with `others` shards should give one to a process with `mine`."""
    return others >= mine + _UNEVEN


def shard_to_ask_for(me: str, holders: Mapping[int, str], wanted: Mapping[int, str]) -> int | None:
    """Return the shard that a process should ask for, None if there is none.

    `holders` and `wanted` name the processes that hold shards and that ask for them. Different processes prefer
    different shards, so that they rarely ask for the same. Shard 0 belongs to the leader, which keeps it.
    """
    if me in wanted.values():
        return None
    count = list(holders.values()).count
    can_give = [
        shard
        for shard, holder in holders.items()
        if shard and holder and shard not in wanted and is_uneven(count(me), count(holder))
    ]
    return max(can_give, key=lambda shard: (count(holders[shard]), _weight(me, str(shard))), default=None)


def _weight(one: str, other: str) -> bytes:
    return hashlib.sha256(f"{one}/{other}".encode()).digest()
