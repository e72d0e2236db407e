"""The last descriptors of a process are for the store: a door that would take one of them says no instead."""

from __future__ import annotations

import resource
import socket

# Databases, blobs, files of messages coming in. Half of them all, where a process has that few.
KEPT = 96


def is_one_of_the_last(sock: socket.socket | None) -> bool:
    """Whether a connection just accepted leaves too few; the kernel always gives the lowest number that is free."""
    if sock is None:
        return False
    most, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return most != resource.RLIM_INFINITY and sock.fileno() >= max(most - KEPT, most // 2)
