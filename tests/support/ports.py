"""Ports of the loopback for servers that must be told beforehand where to listen, and that come back to the same port.

A port that the kernel picks (port 0) may be picked again, for anybody's outgoing connection, while the server that was
told it is still starting, or is down between two of its lives. These lie below the range that the kernel picks from.
"""

from __future__ import annotations

import functools
import itertools
import socket
from collections.abc import Iterator
from pathlib import Path

LOOPBACK = "127.0.0.1"
FIRST, SIZE = 12_000, 200
PICKED = Path("/proc/sys/net/ipv4/ip_local_port_range")


def free_port() -> int:
    """A TCP port that nobody listens on, and that no other process that asks here gets while this one lives."""
    ports = _ports()
    return next(port for port in itertools.islice(ports, SIZE) if _is_free(port))


@functools.cache
def _ports() -> Iterator[int]:
    """The ports of a block that is this process's own, over and over: the ones used longest ago come first."""
    guard = _block()
    first = guard.getsockname()[1] + 1
    return _cycle(guard, range(first, first + SIZE - 1))


def _cycle(_guard: socket.socket, ports: range) -> Iterator[int]:
    # The guard lives as long as what holds this generator.
    yield from itertools.cycle(ports)


def _block() -> socket.socket:
    """Holds the first port of a block, which tells others that the block is taken; the kernel lets go of it."""
    end = int(PICKED.read_text(encoding="ascii").split()[0])
    for first in range(FIRST, end - SIZE, SIZE):
        guard = socket.socket()
        try:
            guard.bind((LOOPBACK, first))
        except OSError:
            guard.close()
        else:
            return guard
    raise RuntimeError(f"no ports are free between {FIRST} and {end}")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As servers do: what is left of a connection that has ended does not keep a port.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True
