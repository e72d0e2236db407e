"""How the C library keeps memory that was given back."""

from __future__ import annotations

import contextlib
import ctypes

# `man 3 mallopt`
_M_MMAP_THRESHOLD = -3
# Octets from which on an allocation is a mapping of its own, which ends with it.
LARGE = 4 * 1024 * 1024


def give_back_large_pieces() -> None:
    """Have large allocations leave the process when they are freed; for it and all its children.

    glibc starts out so, but after the first of up to 32 MiB that is freed it takes the next from the heap of the
    thread, and keeps that. argon2 takes 19 MiB for each password: every thread that had ever signed somebody in
    held them for good. Elsewhere (musl) there is nothing to set.
    """
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, LARGE)
