"""A mail server of somebody else: aiosmtpd on the loopback, which answers as a test tells it."""

from __future__ import annotations

import asyncio
import re
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

_DSN = re.compile(r" (?:RET|ENVID|NOTIFY|ORCPT)=\S*", re.I)


@dataclass(frozen=True)
class Got:
    """One message that the sink said 250 to (or would have, before it cut the connection)."""

    sender: str
    recipients: tuple[str, ...]
    octets: bytes
    tls: bool


@dataclass
class Sink:
    """What it answers, and what it got.

    greeting: instead of 220; the connection ends then. mail, data: replies instead of 250. rcpt: by address.
    hide: extensions not announced. cut: end the connection after the dot instead of answering.
    hang: keep silent after the dot until this is set. letters_each: then a connection takes no more: MAIL is answered
    421, 0 for any number. leaving: hang up after each letter.
    """

    greeting: str = ""
    mail: str = ""
    data: str = ""
    rcpt: dict[str, str] = field(default_factory=dict)
    hide: tuple[str, ...] = ()
    offer: tuple[str, ...] = ()
    cut: bool = False
    hang: asyncio.Event | None = None
    letters_each: int = 0
    leaving: bool = False
    context: ssl.SSLContext | None = None
    authenticate: Any = None
    size: int = 33_554_432
    got: list[Got] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    connections: int = 0
    open: int = 0
    most_open: int = 0
    port: int = 0
    _server: asyncio.Server | None = None
    _transports: list[asyncio.Transport] = field(default_factory=list)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> Sink:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Server(self), host, port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def stop(self) -> None:
        """Hear nobody any more. Who has not gone is cut: a loop that ends with a socket open leaves it behind."""
        if self._server is not None:
            self._server.close()
        for transport in self._transports:
            transport.abort()

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait for a message or a connection after which `holds` is true."""
        while not holds():
            self._changed.clear()
            await self._changed.wait()

    def connected(self, transport: asyncio.Transport) -> None:
        self.connections += 1
        self._transports.append(transport)

    def note(self) -> None:
        self._changed.set()

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        shown = [one for one in responses[:-1] if not any(word in one for word in self.hide)]
        return [*shown, *(f"250-{one}" for one in self.offer), responses[-1]]

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if not self.mail:
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return self.mail or "250 2.1.0 Ok"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = self.rcpt.get(address, "250 2.1.5 Ok")
        if answer.startswith("2"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.data:
            return self.data
        content = envelope.content
        assert isinstance(content, bytes)
        tls = session.ssl is not None
        sender = envelope.mail_from or ""
        self.got.append(Got("" if sender == "<>" else sender, tuple(envelope.rcpt_tos), content, tls))
        self.note()
        if self.cut:
            transport: Any = server.transport
            transport.abort()
        if self.hang is not None:
            await self.hang.wait()
        return f"250 2.0.0 Ok: taken as {len(self.got)}"

    def octets(self) -> list[bytes]:
        return [one.octets for one in self.got]

    def recipients(self) -> list[Sequence[str]]:
        return [one.recipients for one in self.got]


@contextmanager
def serving(sink: Sink) -> Iterator[Sink]:
    """A sink on a loop of its own, in a thread, for tests without one. All clients have gone before the end."""
    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        loop = runner.get_loop()
        over = asyncio.Event()

        async def serve() -> None:
            await sink.start()
            ready.set()
            await over.wait()
            await sink.stop()

        ready = threading.Event()
        thread = threading.Thread(target=lambda: runner.run(serve()))
        thread.start()
        ready.wait()
        try:
            yield sink
        finally:
            loop.call_soon_threadsafe(over.set)
            thread.join()


class _Server(SMTP):
    """aiosmtpd that knows the parameters of DSN, keeps the commands, and can refuse at once."""

    def __init__(self, sink: Sink) -> None:
        super().__init__(
            sink,
            hostname="mx.far.test",
            enable_SMTPUTF8=True,
            data_size_limit=sink.size,
            tls_context=sink.context,
            authenticator=sink.authenticate,
            auth_require_tls=sink.context is not None,
            auth_exclude_mechanism=["LOGIN"],
        )
        self._sink = sink
        self._letters = 0

    def _leave(self) -> None:
        assert self.transport is not None
        self.transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if self.session is None or self.session.ssl is None:
            assert isinstance(transport, asyncio.Transport)
            self._sink.connected(transport)
        super().connection_made(transport)

    async def _handle_client(self) -> None:
        if self._sink.greeting:
            await self.push(self._sink.greeting)
            self._leave()
            return
        self._sink.open += 1
        self._sink.most_open = max(self._sink.most_open, self._sink.open)
        self._sink.note()
        try:
            await super()._handle_client()
        finally:
            self._sink.open -= 1
            self._sink.note()

    async def smtp_MAIL(self, arg: str | None) -> None:
        self._sink.commands.append(f"MAIL {arg}")
        if self._letters and self._letters == self._sink.letters_each:
            await self.push("421 4.7.0 Enough for one connection")
            self._leave()
            return
        await super().smtp_MAIL(_DSN.sub("", arg or ""))

    async def smtp_RCPT(self, arg: str | None) -> None:
        self._sink.commands.append(f"RCPT {arg}")
        await super().smtp_RCPT(_DSN.sub("", arg or ""))

    async def smtp_DATA(self, arg: str | None) -> None:
        await super().smtp_DATA(arg)
        self._letters += 1
        if self._sink.leaving:
            self._leave()
