"""One question to a scanner on a connection of its own, with a bound on everything."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass

from mailserver.scanning.found import NoAnswer, Why

CHUNK = 128 * 1024


@dataclass(frozen=True, slots=True)
class Place:
    """Where a scanner listens: a path of a socket, or a host and a port."""

    path: str = ""
    host: str = ""
    port: int = 0

    def __str__(self) -> str:
        return self.path or f"{self.host}:{self.port}"


def exchange(
    at: Place, pieces: Iterable[bytes], seconds: float, most: int, whole: Callable[[bytes], bool] = lambda _told: False
) -> bytes:
    """Send the pieces; what comes back until `whole` says so, or the other end closes.

    seconds: for all of it together. most: octets of an answer. Raises NoAnswer. Who answers and closes before it
    has read everything has answered all the same.
    """
    until = time.monotonic() + seconds
    try:
        with closing(_connected(at, until)) as connection:
            _send(connection, pieces, until)
            return _received(connection, until, most, whole)
    except TimeoutError as late:
        raise NoAnswer(Why.LATE, str(at)) from late
    except OSError as fault:
        raise NoAnswer(Why.DOWN, f"{at}: {fault}") from fault


def _connected(at: Place, until: float) -> socket.socket:
    if not at.path:
        connection = socket.create_connection((at.host, at.port), _left(until))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.settimeout(_left(until))
        connection.connect(at.path)
    except BaseException:
        connection.close()
        raise
    return connection


def _send(connection: socket.socket, pieces: Iterable[bytes], until: float) -> None:
    for piece in pieces:
        connection.settimeout(_left(until))
        try:
            connection.sendall(piece)
        except (BrokenPipeError, ConnectionResetError):
            return  # perhaps with an answer that is still to be read


def _received(connection: socket.socket, until: float, most: int, whole: Callable[[bytes], bool]) -> bytes:
    told = b""
    while not whole(told):
        connection.settimeout(_left(until))
        more = connection.recv(CHUNK)
        if not more:
            break
        told += more
        if len(told) > most:
            raise NoAnswer(Why.CONFUSED, "the answer has no end")
    if not told:
        raise NoAnswer(Why.DOWN, "it closed without an answer")
    return told


def _left(until: float) -> float:
    """Raises TimeoutError when there is no time left."""
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
