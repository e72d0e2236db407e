"""Wake-ups between processes on one machine: a datagram socket each, in a folder they share.

Beside its socket each has a file of one octet that all have in memory, its bell: 1 from the wake-up on until it
turns to what is new. Who finds 1 there need not send: a busy writer commits hundreds of times in the time in
which a reader looks once, and each datagram is a system call that hands the interpreter to other threads.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import secrets
import socket
import struct
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

# Age of the last change in the folder from which on another would show in its time. The kernel's coarse
# clock ticks in milliseconds, but stands still while a virtual machine's processor does.
SETTLED_NS = 2_000_000_000
# A process that is killed between ringing and sending leaves the bell at 1; its reader puts it back. As long as
# readers wait before they look without a wake-up.
STUCK_S = 2
BELL = ".bell"


class SocketWake:
    """Sends one octet to every other socket of the folder; see `wake.Wake`."""

    def __init__(self, folder: Path, pace_s: float) -> None:
        """pace_s: as for `Database`; wake-ups that follow within this time are one together."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        # Names go through the folder's descriptor: a socket's path may have 107 octets at most.
        self._folder = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        self._name = f"{os.getpid()}-{secrets.token_hex(4)}"
        self._sender = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._sender.setblocking(False)
        self._listed: list[str] = []
        self._bells: dict[str, mmap.mmap] = {}
        self._listed_at = 0
        self._receiver: socket.socket | None = None
        self._bell: mmap.mmap | None = None
        self._listeners: list[Callable[[], None]] = []
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closing = threading.Event()
        self._pace_s = pace_s

    def announce(self) -> None:
        with contextlib.suppress(OSError):  # no descriptor left: the others look by themselves
            for name in self._others():
                self._wake(name)

    def _others(self) -> Sequence[str]:
        """The sockets in the folder but for our own; listed anew when one has come or gone."""
        changed = os.fstat(self._folder).st_mtime_ns
        if changed != self._listed_at:
            self._list()
            # The clock of a folder ticks in milliseconds: what has just changed may change once more unseen.
            self._listed_at = changed if time.time_ns() - changed > SETTLED_NS else 0
        return self._listed

    def _list(self) -> None:
        found = set(os.listdir(self._folder))  # noqa: PTH208 (a descriptor)
        self._listed = [name for name in found if name != self._name and not name.endswith(BELL)]
        for name in [name for name in self._bells if name + BELL not in found]:
            self._bells.pop(name).close()
        for name in self._listed:
            if name not in self._bells and name + BELL in found:
                with contextlib.suppress(OSError, ValueError):  # it has just left: without its bell, each is sent
                    self._bells[name] = self._hang(name, os.O_RDWR)

    def _hang(self, name: str, flags: int) -> mmap.mmap:
        """The bell of a socket, in memory."""
        file = os.open(name + BELL, flags | os.O_CLOEXEC, 0o600, dir_fd=self._folder)
        try:
            if flags & os.O_CREAT:
                os.ftruncate(file, 1)
            return mmap.mmap(file, 1)
        finally:
            os.close(file)

    def _wake(self, name: str) -> None:
        bell = self._bells.get(name)
        if bell is not None:
            if bell[0]:
                return
            bell[0] = 1
        try:
            self._sender.sendto(b"!", self._path(name))
        except ConnectionRefusedError:  # its process died; the name is never used again
            self._unlink(name)
        except OSError:  # full: it has wake-ups enough; gone: it has just left
            return

    def listen(self, woken: Callable[[], None]) -> Callable[[], None]:
        self._listeners.append(woken)
        with self._starting:
            if self._thread is None:
                self._receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
                # Not settimeout: with it Python waits before it asks for what is there already.
                self._receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("@ll", STUCK_S, 0))
                self._receiver.bind(self._path(self._name))
                self._bell = self._hang(self._name, os.O_RDWR | os.O_CREAT)
                self._thread = threading.Thread(target=self._run, name="store-wake", daemon=True)
                self._thread.start()
        return lambda: self._listeners.remove(woken)

    def close(self) -> None:
        self._closing.set()
        if self._thread is not None and self._receiver is not None:
            with contextlib.suppress(OSError):
                self._sender.sendto(b".", self._path(self._name))
            self._thread.join()
            self._receiver.close()
            self._unlink(self._name)
        for bell in (self._bell, *self._bells.values()):
            if bell is not None:
                bell.close()
        self._sender.close()
        os.close(self._folder)

    def _unlink(self, name: str) -> None:
        for gone in (name, name + BELL):
            with contextlib.suppress(OSError):
                os.unlink(gone, dir_fd=self._folder)

    def _path(self, name: str) -> str:
        return f"/proc/self/fd/{self._folder}/{name}"

    def _run(self) -> None:
        """The first wake-up counts at once."""
        assert self._receiver is not None
        assert self._bell is not None
        while not self._closing.is_set():
            try:
                self._receiver.recv(1)
            except BlockingIOError:
                self._bell[0] = 0
                continue
            while not self._closing.is_set():
                self._bell[0] = 0  # before the look: what is committed after it rings again
                for woken in tuple(self._listeners):
                    woken()
                self._closing.wait(self._pace_s)
                if not self._drain():
                    break

    def _drain(self) -> bool:
        """Take the wake-ups that have piled up; whether there were any."""
        assert self._receiver is not None
        found = False
        with contextlib.suppress(BlockingIOError):
            while self._receiver.recv(1, socket.MSG_DONTWAIT):
                found = True
        return found
