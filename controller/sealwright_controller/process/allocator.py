"""Makes the C library give freed memory back to the system.

glibc keeps an arena for each thread, and by itself raises the size from which it maps blocks separately. After thirty
threads had read a hundred large objects, 90 MiB of empty memory were kept.
"""

import ctypes

_M_MMAP_THRESHOLD, _M_ARENA_MAX = -3, -8  # malloc.h
_LARGE_BYTES = 128 * 1024


def keep_little() -> None:
    """Use one arena for all threads, and map each large block separately; call it before threads start.

    Does nothing with another C library.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_ARENA_MAX, 1)
        mallopt(_M_MMAP_THRESHOLD, _LARGE_BYTES)
