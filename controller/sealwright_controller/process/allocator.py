"""Has the C library give freed memory back to the system.

glibc keeps an arena for each thread, and raises by itself the size from which it maps a block apart: after a hundred
large objects, which any of thirty threads may have read, 90 MiB were kept that nothing was in.
"""

import ctypes

_M_MMAP_THRESHOLD, _M_ARENA_MAX = -3, -8  # malloc.h
_LARGE_BYTES = 128 * 1024


def keep_little() -> None:
    """Use one arena for all threads, and map each large block apart; call it before there are threads.

    Does nothing where the C library is another one.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_ARENA_MAX, 1)
        mallopt(_M_MMAP_THRESHOLD, _LARGE_BYTES)
