"""A client that says exactly what a test writes, octet for octet."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Sequence

PATIENCE = 60.0  # seconds


async def until(condition: Callable[[], bool]) -> None:
    """Wait for what another task or process brings about; TimeoutError after PATIENCE."""
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110 (there is no event to wait for)
            await asyncio.sleep(0.01)


class Peer:
    """One raw connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.greeting = ""

    @classmethod
    async def connect(cls, port: int, context: ssl.SSLContext | None = None) -> Peer:
        peer = cls(*await asyncio.open_connection("127.0.0.1", port, ssl=context, limit=1 << 20))
        peer.greeting = await peer.reply()
        return peer

    def send(self, octets: bytes) -> None:
        self.writer.write(octets)

    async def line(self) -> str:
        """One line without its end, "" once the server has closed."""
        async with asyncio.timeout(PATIENCE):
            return (await self.reader.readline()).decode().removesuffix("\r\n")

    async def reply(self) -> str:
        """A whole reply; the lines of one that has several are joined by newlines."""
        lines = [await self.line()]
        while lines[-1][3:4] == "-":
            lines.append(await self.line())
        return "\n".join(lines)

    async def say(self, command: str) -> str:
        self.send(command.encode() + b"\r\n")
        return await self.reply()

    async def hello(self, name: str = "peer.test") -> str:
        return await self.say(f"EHLO {name}")

    async def begin(self, recipients: Sequence[str], sender: str = "<x@elsewhere.test>") -> str:
        """EHLO to DATA; returns the answer to DATA."""
        assert (await self.hello()).startswith("250")
        assert (await self.say(f"MAIL FROM:{sender}")).startswith("250")
        for recipient in recipients:
            assert (await self.say(f"RCPT TO:<{recipient}>")).startswith("250")
        return await self.say("DATA")

    async def at_end(self) -> bool:
        """Whether the server has closed, with nothing more to say."""
        async with asyncio.timeout(PATIENCE):
            return await self.reader.read() == b""

    async def upgrade(self, context: ssl.SSLContext) -> None:
        await self.writer.start_tls(context, server_hostname="localhost")

    async def close(self) -> None:
        self.writer.close()
