"""A client that sends whatever it likes and hears what comes back, however the server takes it."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterable
from types import TracebackType

CHUNK = 256 * 1024


class Wire:
    """One TCP connection to 127.0.0.1. After the server has closed, what is sent goes nowhere."""

    def __init__(self, port: int, timeout: float = 120.0) -> None:
        self.sock = socket.create_connection(("127.0.0.1", port), timeout=timeout)
        self._heard = bytearray()
        self.broken = False

    def __enter__(self) -> Wire:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.sock.close()

    def send(self, octets: bytes) -> bool:
        """False once the server takes no more."""
        try:
            self.sock.sendall(octets)
        except ConnectionError:
            self.broken = True
        return not self.broken

    def pour(self, chunks: Iterable[bytes]) -> int:
        """Send chunk after chunk while the server takes them; octets sent."""
        sent = 0
        for chunk in chunks:
            if not self.send(chunk):
                break
            sent += len(chunk)
        return sent

    def line(self) -> bytes:
        """The next line without its end; b"" at the end of the connection. Raises TimeoutError."""
        while (end := self._heard.find(b"\n")) < 0:
            if not (more := self._receive()):
                return b""
            self._heard += more
        line = bytes(self._heard[:end]).rstrip(b"\r")
        del self._heard[: end + 1]
        return line

    def reply(self) -> bytes:
        """The last line of an SMTP reply; b"" at the end."""
        while (line := self.line())[3:4] == b"-":
            pass
        return line

    def say(self, command: bytes) -> bytes:
        self.send(command + b"\r\n")
        return self.reply()

    def tagged(self, command: bytes, tag: bytes = b"a") -> bytes:
        """An IMAP command's tagged answer; b"" at the end."""
        self.send(tag + b" " + command + b"\r\n")
        return self.until(tag)

    def until(self, tag: bytes) -> bytes:
        while (line := self.line()) and not line.startswith(tag + b" "):
            pass
        return line

    def rest(self) -> bytes:
        """All that still comes, to the end of the connection."""
        while more := self._receive():
            self._heard += more
        return bytes(self._heard)

    def end(self) -> None:
        """Say that no more will be sent."""
        with contextlib.suppress(OSError):
            self.sock.shutdown(socket.SHUT_WR)

    def _receive(self) -> bytes:
        try:
            return self.sock.recv(65536)
        except ConnectionError:
            return b""


def of(octets: int, piece: bytes = b"x" * CHUNK) -> Iterable[bytes]:
    """So many octets, in pieces."""
    for _ in range(octets // len(piece)):
        yield piece
    yield piece[: octets % len(piece)]


def begin(wire: Wire, recipient: str, parameters: bytes = b"") -> bytes:
    """Greeting to RCPT; the answer to MAIL if that was refused, else to RCPT."""
    wire.reply()
    wire.say(b"EHLO la.example.net")
    answer = wire.say(b"MAIL FROM:<la@example.net>" + parameters)
    return wire.say(b"RCPT TO:<%s>" % recipient.encode()) if answer.startswith(b"250") else answer
