"""Keeping an idle agent small."""

import ctypes

# From malloc.h.
_M_ARENA_MAX = -8


def share_one_arena() -> None:
    """Give the allocator one arena for all threads. Measured: 1.4 MiB less when idle, 2 MiB less after a burst.

    By default glibc gives threads heaps of their own, and none of them returns what another could use. Threads here
    hardly contend for it: they spend their time inside the interpreter lock or inside one `invoke`.
    """
    # Only glibc has it; other allocators have no such habit.
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_ARENA_MAX, 1)
