"""A client that speaks octets: tests see exactly what the server says."""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path

# A machine twice as slow, with two test processes side by side, still answers within this.
WAIT_S = 30.0


class Client:
    """One connection. `command` returns all lines up to the tagged one, literals kept inside them."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.number = 0
        self.greeting = b""

    @classmethod
    async def connect(cls, port: int, context: ssl.SSLContext | None = None) -> Client:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context, limit=1 << 26)
        client = cls(reader, writer)
        client.greeting = await client.line()
        return client

    @classmethod
    async def connect_unix(cls, path: Path) -> Client:
        client = cls(*await asyncio.open_unix_connection(path, limit=1 << 26))
        client.greeting = await client.line()
        return client

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def line(self) -> bytes:
        """One response line without its CRLF; literals are inside, after their marker."""
        line = await asyncio.wait_for(self.reader.readuntil(b"\r\n"), WAIT_S)
        while (marker := re.search(rb"\{(\d+)\}\r\n$", line)) is not None:
            line += await asyncio.wait_for(self.reader.readexactly(int(marker[1])), WAIT_S)
            line += await asyncio.wait_for(self.reader.readuntil(b"\r\n"), WAIT_S)
        return line[:-2]

    async def until(self, tag: bytes) -> list[bytes]:
        """All lines up to the one that begins with the tag."""
        lines = [await self.line()]
        while not lines[-1].startswith(tag + b" "):
            lines.append(await self.line())
        return lines

    async def command(self, text: bytes | str) -> list[bytes]:
        self.number += 1
        tag = b"a%d" % self.number
        await self.send(tag + b" " + (text.encode() if isinstance(text, str) else text) + b"\r\n")
        lines = await self.until(tag)
        lines[-1] = lines[-1][len(tag) + 1 :]
        return lines

    async def ok(self, text: bytes | str) -> list[bytes]:
        """The untagged lines of a command that must succeed, and its tagged text."""
        lines = await self.command(text)
        assert lines[-1].startswith(b"OK"), lines[-1]
        return lines

    async def append(self, folder: str, message: bytes, arguments: str = "") -> bytes:
        """The tagged text of an APPEND with a non-synchronising literal."""
        lines = await self.command(
            b"APPEND %b %b{%d+}\r\n%b" % (folder.encode(), arguments.encode(), len(message), message)
        )
        return lines[-1]

    async def ended(self) -> bool:
        """Whether the server closes the connection, whatever it still says."""
        await asyncio.wait_for(self.reader.read(), WAIT_S)
        return self.reader.at_eof()

    async def close(self) -> None:
        self.writer.close()
        try:
            await self.writer.wait_closed()
        except OSError:
            return


async def eventually(holds: Callable[[], Awaitable[bool]]) -> None:
    """Ask again and again, for WAIT_S at most, until it holds."""
    for _ in range(int(WAIT_S / 0.01)):
        if await holds():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it never came true")


def mail(subject: str = "Thử nghiệm", text: str = "Kính gửi", sender: str = "an@bench.test", extra: str = "") -> bytes:
    """A small well-formed message with CRLF line ends."""
    return (
        f"From: An <{sender}>\r\nTo: Bình <binh@sxd.gov.vn>\r\nSubject: {subject}\r\n"
        f"Date: Wed, 17 Jul 1996 02:23:25 -0700\r\nMessage-ID: <{abs(hash((subject, text)))}@bench.test>\r\n{extra}"
        f"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\n\r\n{text}\r\n"
    ).encode()
