"""A running IMAP server over a real store, with a small office behind it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest
import uvloop

from mailserver.actor import SYSTEM
from mailserver.directory.agencies import create_agency_tx
from mailserver.directory.people import create_person_tx
from mailserver.directory.posts import create_unit_tx
from mailserver.directory.records import PersonData
from mailserver.imap.server import ImapServer
from mailserver.imap.services import SignedIn, SignInRefused
from mailserver.imap.settings import ImapSettings
from mailserver.store.database import Tx
from mailserver.store.store import Store
from tests.support.dialogue import Client
from tests.support.snapshots import made_once

PASSWORD = "mat khau"


def pytest_asyncio_loop_factories() -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    """The loop that serves in production."""
    return {"uvloop": uvloop.new_event_loop}


class ManualClock:
    """A clock that only moves when told to."""

    def __init__(self) -> None:
        self.now = 0.0
        self.timers: list[ManualTimer] = []

    def call_later(self, seconds: float, callback: Callable[[], None]) -> ManualTimer:
        timer = ManualTimer(self.now + seconds, callback)
        self.timers.append(timer)
        return timer

    def advance(self, seconds: float) -> None:
        self.now += seconds
        due = [timer for timer in self.timers if timer.at <= self.now]
        self.timers = [timer for timer in self.timers if timer.at > self.now and not timer.cancelled]
        for timer in due:
            if not timer.cancelled:
                timer.callback()


@dataclass(eq=False)
class ManualTimer:
    at: float
    callback: Callable[[], None]
    cancelled: bool = False

    def cancel(self) -> None:
        self.cancelled = True


@dataclass(frozen=True)
class Office:
    """Ids of principals. an, binh: people; planning: a unit."""

    agency: int
    an: int
    binh: int
    planning: int


def make_office_tx(tx: Tx) -> Office:
    agency = create_agency_tx(tx, "SXD", "Sở Xây dựng", "sxd.gov.vn", "sxd")
    planning = create_unit_tx(tx, agency, "QH", "Phòng Quy hoạch", "quyhoach")
    an = create_person_tx(tx, agency, PersonData("Nguyễn", "Văn", "An", local_part="an", unit_id=planning))
    binh = create_person_tx(tx, agency, PersonData("Trần", "Thị", "Bình", local_part="binh"))
    return Office(agency, an, binh, planning)


class Door:
    """A server listening on a port of its own."""

    def __init__(self, server: ImapServer, port: int, office: Office, clock: ManualClock, store: Store) -> None:
        self.server = server
        self.port = port
        self.office = office
        self.clock = clock
        self.store = store
        self.clients: list[Client] = []

    async def client(self, user: str | None = "an") -> Client:
        """A connection, signed in unless `user` is None."""
        client = await Client.connect(self.port)
        self.clients.append(client)
        if user is not None:
            await client.ok(f'LOGIN {user} "{PASSWORD}"')
        return client

    async def selected(self, folder: str = "INBOX", user: str = "an") -> Client:
        client = await self.client(user)
        await client.ok(f"SELECT {folder}")
        return client


OpenDoor = Callable[..., Awaitable[Door]]


@pytest.fixture
def office(store: Store) -> Office:
    return made_once(store, "imap office", lambda: store.db.write(make_office_tx, SYSTEM))


@pytest.fixture
async def open_door(store: Store, office: Office) -> AsyncIterator[OpenDoor]:
    """Starts servers; keyword arguments are settings, or `tls`, `policy`, `authenticate`, `scram`."""
    doors: list[Door] = []
    await store.feed.start()
    names = {"an": office.an, "binh": office.binh}

    async def authenticate(login: str, password: str, remote: str) -> SignedIn:
        if password != PASSWORD or login not in names:
            raise SignInRefused("Tài khoản hoặc mật khẩu không đúng.")
        return SignedIn(names[login], office.agency, "vi", stands)

    async def stands() -> bool:
        return True

    async def start(**options: Any) -> Door:
        parts = {key: options.pop(key) for key in ("tls", "policy", "authenticate", "scram") if key in options}
        clock = ManualClock()
        settings = ImapSettings(**{"allow_plaintext": True, **options})
        server = ImapServer(store, parts.pop("authenticate", authenticate), settings, clock=clock, **parts)
        sock = socket.create_server(("127.0.0.1", 0))
        await server.serve(sock)
        door = Door(server, sock.getsockname()[1], office, clock, store)
        doors.append(door)
        return door

    yield start
    for door in doors:
        for client in door.clients:
            await client.close()
        await door.server.drain(5)
    await store.feed.stop()
    await asyncio.sleep(0)


@pytest.fixture
async def door(open_door: OpenDoor) -> Door:
    return await open_door()
