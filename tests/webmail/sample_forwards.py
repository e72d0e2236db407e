"""Forwards that wait for their original senders, for pictures of their pages."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from sqlalchemy import Connection

from mailbox_policies import chain
from mailbox_policies.forwarding.asking import Asking
from mailbox_policies.forwarding.border import Border
from mailbox_policies.forwarding.consent import Consents
from mailbox_policies.forwarding.keeping import Holding, Letters
from mailbox_policies.holding.keeper import Keeper
from mailbox_policies.holding.moderating import Owners
from mailbox_policies.rules import forward_consent
from mailserver.actor import Actor
from mailserver.delivery.delivery import Delivery
from mailserver.delivery.submission import Letter, submit_sync
from mailserver.delivery.trace import Received
from mailserver.directory import principals
from mailserver.outbound.parcels import Queue
from mailserver.store import entries, folders, messages
from tests.routing.world import World
from tests.support.forwards import KINDS, Forward, Original


def now() -> datetime:
    return datetime.now(UTC)


def wait(world: World) -> str:
    """The director and a specialist forward a letter of lamhs; the token of the question about the latter's."""
    store, way = world.store, Queue()
    consents = Consents(store.blobs, way, Letters(way, Owners(store.blobs)), "https://mail.example")
    policy = chain.standard(chain.for_all(chain.Settings(forward_consent.Settings())))
    asking = Asking(lambda _agency: Border.AGENCY, now)
    delivery = Delivery(store, "mail.example", now, policy, way, Holding(Keeper(), consents), asking)
    people = store.db.read(lambda conn: {name: principals.get(conn, world.id(name)) for name in NAMES})

    def send(name: str, data: bytes, *to: str) -> None:
        one = people[name]
        trace = Received("", "127.0.0.1", "ESMTPA", "sample")
        submit_sync(delivery, Actor(one.id, one.agency_id, "web"), Letter(data, one.address, to, trace))

    for name in ("truongpk", "vankhain"):
        original = Original(people["lamhs"].address, people["lamhs"].name, people[name].address)
        send("lamhs", original.octets(), original.to)
        send(name, KINDS["outlook"](Forward(original, original.to, "lan.tran@ngoai.example")), "lan.tran@ngoai.example")

    def token(conn: Connection) -> str:
        inbox = entries.snapshot(conn, folders.get(conn, world.id("lamhs"), "INBOX").id)
        found = re.search(rb"dong-y\+([0-9a-f]+)@", messages.read_octets(conn, store.blobs, inbox.message_pks[-1]))
        assert found is not None
        return found[1].decode()

    return store.db.read(token)


NAMES = ("truongpk", "vankhain", "lamhs")
