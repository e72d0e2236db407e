"""The product under attack: how its doors are talked to, and what must not be left behind."""

from __future__ import annotations

import contextlib
import imaplib
import socket
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.product import Product
from tests.e2e.webvisitor import WebVisitor
from tests.support.hostile import stuffed

PASSWORD = "mat khau cua An 2026"


@dataclass(frozen=True)
class Office:
    """A running installation with one person."""

    product: Product

    @property
    def address(self) -> str:
        return f"an@{self.product.domain}"

    def imap(self) -> imaplib.IMAP4:
        client = imaplib.IMAP4("127.0.0.1", self.product.ports.imap, timeout=30)
        client.login(self.address, PASSWORD)
        return client

    def web(self) -> WebVisitor:
        visitor = WebVisitor(self.product.ports.web)
        assert visitor.sign_in(self.address, PASSWORD).status == 303
        return visitor

    def log(self) -> str:
        return (self.product.top / "serve.log").read_text(encoding="utf-8")


def deliver(office: Office, *messages: bytes) -> list[str]:
    """The codes that these messages get, one after another in one session of the MX."""
    codes = []
    with talk(office.product.ports.smtp) as peer:
        assert peer.line().startswith(b"220")
        peer.say(b"EHLO peer.test", b"250 ")
        for data in messages:
            peer.say(b"MAIL FROM:<a@b.test>", b"250 ")
            peer.say(b"RCPT TO:<%s>" % office.address.encode(), b"250 ")
            peer.say(b"DATA", b"354 ")
            peer.send(stuffed(data))
            codes.append(peer.reply().decode()[:3])
    return codes


class Peer:
    """A client that sends whatever it likes."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock, self.file = sock, sock.makefile("rb")

    def send(self, octets: bytes) -> None:
        self.sock.sendall(octets)

    def line(self) -> bytes:
        """The next line; b"" once the server has closed the connection."""
        try:
            return self.file.readline()
        except ConnectionResetError:
            return b""

    def reply(self) -> bytes:
        """The last line of an SMTP reply."""
        while (line := self.line())[3:4] == b"-":
            pass
        return line

    def say(self, command: bytes, expected: bytes) -> None:
        self.send(command + b"\r\n")
        assert (answer := self.reply()).startswith(expected), answer

    def until(self, tag: bytes) -> bytes:
        """The tagged line of an IMAP answer."""
        while line := self.line():
            if line.startswith(tag + b" "):
                return line
        return b""

    def rest(self) -> bytes:
        """What comes until the server closes the connection; fails if it does not."""
        with contextlib.suppress(ConnectionResetError):
            return self.file.read()
        return b""


@contextlib.contextmanager
def talk(port: int) -> Iterator[Peer]:
    with socket.create_connection(("127.0.0.1", port), timeout=30) as sock:
        peer = Peer(sock)
        with peer.file:
            yield peer


@contextlib.contextmanager
def imap(office: Office, *, login: bool = True) -> Iterator[Peer]:
    with talk(office.product.ports.imap) as peer:
        assert peer.line().startswith(b"* OK")
        if login:
            peer.send(f'l LOGIN {office.address} "{PASSWORD}"\r\n'.encode())
            assert peer.until(b"l").startswith(b"l OK")
        yield peer


def messages_in(office: Office, folder: str) -> bytes:
    client = office.imap()
    answer: bytes = client.status(folder, "(MESSAGES UIDNEXT)")[1][0]
    client.logout()
    return answer


def files(office: Office) -> set[Path]:
    """What lies in the folders of blobs and of messages being read."""
    folders = (office.product.data / "blobs", office.product.data / "spool")
    return {path for folder in folders for path in folder.rglob("*") if path.is_file()}


def joined(parts: Sequence[object]) -> bytes:
    """A FETCH answer without the octets of its literals."""
    return b"".join(part[0] if isinstance(part, tuple) else bytes(part) for part in parts)  # type: ignore[call-overload]
