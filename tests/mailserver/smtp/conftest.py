"""SMTP doors on real sockets over a real store."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from mailbox_policies import chain
from mailbox_policies.rules import message_size
from mailserver.delivery.delivery import Delivery
from mailserver.directory.login import Authenticator
from mailserver.directory.resolve import Resolver
from mailserver.senderauth.judge import Judge
from mailserver.smtp.server import SmtpServer
from mailserver.smtp.settings import Role, SmtpSettings
from mailserver.store.store import Store
from mailserver.tls import server_context
from tests.mailserver.smtp.dialogue import Peer
from tests.support.certificates import make_certificate
from tests.support.office import Office, found_office

SIZE = message_size.Settings(limit=200_000)

# A slow machine makes no example wrong.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture(scope="session")
def tls(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    """A server's context with a certificate of its own for localhost."""
    context = server_context()
    context.load_cert_chain(*make_certificate(tmp_path_factory.mktemp("tls")))
    return context


@pytest.fixture
def trusting() -> ssl.SSLContext:
    """A client's context that takes any certificate."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


@pytest.fixture
def office(store: Store) -> Office:
    return found_office(store)


@pytest.fixture(scope="module")
def shared_office(
    dialect: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Office]:
    """One office for a module whose tests care for answers, not for what is in a fresh mailbox.

    Such a module overrides `office` and `store` with it: making a database takes longer than most tests.
    """
    folder = tmp_path_factory.mktemp("shared")
    with contextlib.ExitStack() as stack:
        if dialect == "sqlite":
            (folder / "vanthu.sqlite3").write_bytes(request.getfixturevalue("sqlite_template").read_bytes())
            url = f"sqlite:///{folder / 'vanthu.sqlite3'}"
        else:
            url = stack.enter_context(request.getfixturevalue("cluster").fresh_database())
        store = Store.open(url, f"file://{folder / 'blobs'}", data_dir=folder)
        stack.callback(store.close)
        yield found_office(store)


class Doors:
    """Starts doors for a test, and stops them after it."""

    def __init__(self, store: Store, settings: SmtpSettings) -> None:
        self.store = store
        self.settings = settings
        self.delivery = Delivery(
            store,
            settings.hostname,
            lambda: datetime.now(UTC),
            chain.standard(chain.for_all(chain.Settings(SIZE))),
        )
        self.authenticator = Authenticator(store.db)
        self.judge: Judge | None = None
        self.servers: list[SmtpServer] = []
        self.peers: list[Peer] = []

    async def open(self, role: Role, **changes: Any) -> int:
        """A door on a free port of the loopback; returns the port."""
        server = self.server(role, **changes)
        sock = socket.create_server(("127.0.0.1", 0))
        await server.serve(sock)
        self.servers.append(server)
        return int(sock.getsockname()[1])

    def server(self, role: Role, **changes: Any) -> SmtpServer:
        """A door that does not listen yet."""
        return SmtpServer(
            role,
            resolver=Resolver(self.store.db),
            delivery=self.delivery,
            settings=replace(self.settings, **changes),
            sign_in=self.authenticator,
            judge=self.judge,
        )

    async def connect(self, role: Role = Role.MX, **changes: Any) -> Peer:
        """A client of a new door, greeted."""
        return await self.peer(await self.open(role, **changes))

    async def peer(self, port: int, context: ssl.SSLContext | None = None) -> Peer:
        """A client of an open door, greeted; closed after the test."""
        peer = await Peer.connect(port, context)
        self.peers.append(peer)
        return peer

    async def close(self) -> None:
        for peer in self.peers:
            await peer.close()
        for server in self.servers:
            await server.drain(2.0)
        self.authenticator.close()


@pytest.fixture
async def doors(store: Store, office: Office, tmp_path: Path) -> AsyncIterator[Doors]:
    spool = tmp_path / "spool"
    spool.mkdir()
    settings = SmtpSettings(
        hostname="mail.sct.test",
        spool_dir=spool,
        size_limit=message_size.announced_size(SIZE),
        error_delay=0.0,
    )
    opened = Doors(store, settings)
    yield opened
    await opened.close()


Blocking = Callable[..., Any]


@pytest.fixture
def in_thread() -> Blocking:
    """Run a blocking client beside the loop that serves it."""
    return asyncio.to_thread
