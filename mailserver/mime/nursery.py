"""Children that read documents: forked from a process that has loaded what reads them, each for one document.

Starting Python and loading a reader of PDF takes longer than most documents take to be read, and rules read them while
a sender waits. The process that forks (`extract_child`) is started when it is needed, holds nothing of ours, and ends
by itself when nobody asks for a while, or when this process ends.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mailserver.octets import Octets

_CHILD: Final = Path(__file__).with_name("extract_child.py")
# As in `extract_child`.
READY: Final = b"\x06"
CHUNK: Final = 256 * 1024
# A process that forks may end just when it is asked: then another is.
ATTEMPTS: Final = 3


class _Gone(Exception):
    """The process that forks is no more, or does not fork."""


@dataclass(frozen=True, slots=True)
class _Forking:
    """A process that forks, and the socket by which it is asked."""

    pid: int
    control: socket.socket


class Nursery:
    """One for a process, used by many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._forking: _Forking | None = None

    @property
    def pid(self) -> int | None:
        """Of the process that forks; None while there is none."""
        return self._forking.pid if self._forking else None

    def read(self, data: Octets, words: str, seconds: float) -> bytes:
        """What a child writes of a document; of one that takes longer, what there is by then. Never raises.

        words: see `extract_child`. seconds: for all of it.
        """
        until = time.monotonic() + seconds
        for _attempt in range(ATTEMPTS):
            forking = self._started()
            try:
                with _asked(forking.control, words, until) as connection:
                    return _answer(connection, data, until)
            except _Gone:
                self._end(forking)
        return b""

    def _started(self) -> _Forking:
        with self._lock:
            if self._forking is None:
                self._forking = _start()
            return self._forking

    def _end(self, forking: _Forking) -> None:
        """Children that are reading are no concern of it."""
        with self._lock:
            if self._forking is not forking:
                return  # another thread was quicker
            self._forking = None
            forking.control.close()
            with suppress(ProcessLookupError):
                os.kill(forking.pid, signal.SIGKILL)
            with suppress(ChildProcessError):
                os.waitpid(forking.pid, 0)

    def disown(self) -> None:
        """In a child of this process: what was started is the parent's."""
        self._lock = threading.Lock()
        if self._forking is not None:
            self._forking.control.close()
        self._forking = None


def _start() -> _Forking:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        # Isolated (-I): neither the environment nor the current folder can put code into it.
        command = [sys.executable, "-I", str(_CHILD)]
        quiet = [(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_WRONLY, 0) for number in (1, 2)]
        actions = [(os.POSIX_SPAWN_DUP2, theirs.fileno(), 0), *quiet]
        return _Forking(os.posix_spawn(sys.executable, command, {}, file_actions=actions), ours)


@contextmanager
def _asked(control: socket.socket, words: str, until: float) -> Iterator[socket.socket]:
    """A connection to a child of its own. Raises _Gone, also if none comes in time: then it is stuck."""
    ours, theirs = socket.socketpair()
    with ours:
        try:
            with theirs:
                socket.send_fds(control, [words.encode()], [theirs.fileno()])
            ours.settimeout(_left(until))
            ready = ours.recv(1)
        except OSError as fault:
            raise _Gone from fault
        if ready != READY:
            raise _Gone
        yield ours


def _answer(connection: socket.socket, data: Octets, until: float) -> bytes:
    told = bytearray()
    try:
        connection.settimeout(_left(until))
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        while True:
            connection.settimeout(_left(until))
            more = connection.recv(CHUNK)
            if not more:
                return bytes(told)
            told += more
    except OSError:  # its time is over, or the child ended in the middle
        return bytes(told)


def _left(until: float) -> float:
    """Raises TimeoutError when there is no time left."""
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


NURSERY: Final = Nursery()
os.register_at_fork(after_in_child=NURSERY.disown)
