"""An office that may write outside, servers elsewhere to write to, and a clock that a test moves."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from deploy.tls import make_self_signed
from mailserver.actor import Actor
from mailserver.delivery import submission
from mailserver.delivery.delivery import Delivery
from mailserver.delivery.submission import Letter, Submitted
from mailserver.delivery.trace import Received
from mailserver.outbound import listing
from mailserver.outbound.connecting import Patience, Terms
from mailserver.outbound.destinations import PER_DESTINATION, Destinations
from mailserver.outbound.listing import OutgoingMail, Recipient
from mailserver.outbound.octets import Signer, unsigned
from mailserver.outbound.parcels import Queue
from mailserver.outbound.routes import Host, Way
from mailserver.outbound.sender import Sender, Setup
from mailserver.outbound.transmission import Route
from mailserver.store.store import Store
from tests.support.office import Office, found_office
from tests.support.sink import Sink

HOST = "mail.sct.test"
LETTER = (
    b"From: an@sct.test\r\nTo: ba@far.test\r\nSubject: =?utf-8?q?L=E1=BB=8Bch_h=E1=BB=8Dp?=\r\n"
    b"Message-ID: <1@sct.test>\r\nDate: x\r\n\r\nHi\r\n.\r\n..\r\n"
)
QUICK = Patience(connect=30.0, reply=30.0, data=30.0)


@dataclass
class Clock:
    """Wall clock and monotonic clock of a sender; both go only when a test says so."""

    ahead: timedelta = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def monotonic(self) -> float:
        return self.ahead.total_seconds()

    def advance(self, **span: float) -> None:
        self.ahead += timedelta(**span)


@dataclass
class World:
    """An office with a queue. hosts: where the route of every destination leads."""

    store: Store
    office: Office
    delivery: Delivery
    clock: Clock = field(default_factory=Clock)
    hosts: list[Host] = field(default_factory=lambda: [Host("mx.far.test", ("127.0.0.1",))])
    sign: Signer = unsigned
    route: Route | None = None
    together: str = ""

    def send(self, *to: str, data: bytes = LETTER, sender: str = "an@sct.test", **more: Any) -> Submitted:
        """Submit a letter as `an`."""
        trace = Received("", "", "ESMTPA", "queue.1")
        actor = Actor(self.office.ids["an"], self.office.agency_id, "smtp")
        letter = Letter(data, sender, to or ("ba@far.test",), trace, **more)
        return submission.submit_sync(self.delivery, actor, letter)

    def sender(self, port: int, owner: str = "one", at_once: int = PER_DESTINATION, **terms: Any) -> Sender:
        async def to_hosts(_destination: str) -> Way:
            return Way(self.hosts)

        known = Terms(HOST, port, **({"patience": QUICK} | terms))
        setup = Setup(self.route or to_hosts, known, owner, self.clock.now, self.together, self.sign)
        return Sender(self.store, setup, Destinations(self.clock.monotonic, at_once))

    async def work_off(self, port: int, **terms: Any) -> int:
        """Send what is due; how many transactions that took."""
        return await self.sender(port, **terms).work_off()

    def all(self) -> list[OutgoingMail]:
        """Every outgoing message, also those that are over."""

        def read(conn: Connection) -> list[OutgoingMail]:
            ids = conn.exec_driver_sql("SELECT id FROM outbound_message ORDER BY id").scalars().all()
            return [listing.get(conn, one, self.clock.now()) for one in ids]

        return self.store.db.read(read)

    def recipients(self) -> dict[str, Recipient]:
        return {recipient.address: recipient for one in self.all() for recipient in one.recipients}

    def statuses(self) -> list[str]:
        """Of the last answers, one for each recipient."""
        query = "SELECT last_status FROM outbound_recipient ORDER BY id"
        return list(self.store.db.read(lambda conn: conn.exec_driver_sql(query).scalars().all()))

    def states(self) -> dict[str, str]:
        return {address: one.state.value for address, one in self.recipients().items()}

    def pins(self) -> list[int]:
        query = "SELECT pins FROM message ORDER BY id"
        return list(self.store.db.read(lambda conn: conn.exec_driver_sql(query).scalars().all()))


@pytest.fixture
def world(store: Store) -> World:
    office = found_office(store)
    return World(store, office, Delivery(store, HOST, lambda: datetime.now(UTC), outside=Queue()))


class Sinks:
    """Starts servers elsewhere for a test; all of one test share a port and differ in their loopback address."""

    def __init__(self, stack: AsyncExitStack) -> None:
        self._stack = stack

    async def open(self, host: str = "127.0.0.1", port: int = 0, **answers: Any) -> Sink:
        sink = await Sink(**answers).start(host, port)
        self._stack.push_async_callback(sink.stop)
        return sink


@pytest.fixture
async def sinks() -> AsyncIterator[Sinks]:
    async with AsyncExitStack() as stack:
        yield Sinks(stack)


@dataclass(frozen=True)
class Certificate:
    """Of mx.far.test, signed by itself."""

    cert: Path
    key: Path

    def server_context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.cert, self.key)
        return context


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    folder = tmp_path_factory.mktemp("tls")
    made = Certificate(folder / "cert.pem", folder / "key.pem")
    make_self_signed("mx.far.test", "far.test", made.cert, made.key)
    return made


def trusting(certificate: Certificate) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(certificate.cert))
