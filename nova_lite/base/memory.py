# SPDX-License-Identifier: Apache-2.0
"""Give memory back: how the C library is told to keep less of what Python has freed.

A page of a thousand servers is some buffers of a megabyte each. Left alone, glibc learns from
the first ones to take such buffers from its heaps, of which it makes up to eight a CPU for
threads, and these hardly ever shrink: after twenty such pages a daemon was 25 to 80 MiB larger.
"""

import ctypes

# From malloc.h: what mallopt() can set, and what it is set to here (bytes; number of heaps).
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
SETTINGS = {
    _ARENA_MAX: 2,
    # Setting this also ends its learning.
    _MMAP_THRESHOLD: 256 * 1024,
    _TRIM_THRESHOLD: 256 * 1024,
}


def keep_small() -> bool:
    """Tell the C library of this process, and of those it forks. False where it is another
    one than glibc; that harms nothing."""
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return False
    return all(mallopt(name, value) == 1 for name, value in SETTINGS.items())
