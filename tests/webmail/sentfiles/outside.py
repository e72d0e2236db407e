"""An agency whose people send links to files to people outside, and the letters that left."""

from __future__ import annotations

import email
import email.policy
import re
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from flask import Flask

from mailbox_policies import chain
from mailbox_policies.chain import Settings
from mailbox_policies.rules import sent_files
from mailbox_policies.sentfiles.addresses import Addresses
from mailbox_policies.sentfiles.leaving import Leaving
from mailserver.outbound.parcels import Queue
from mailserver.store import messages, raw
from tests.routing.world import World
from tests.webmail.visitor import Visitor
from tests.webmail.world import desk_of, now, web_services, web_settings
from webmail.app import create_app
from webmail.services import WebServices

ALLOWED = sent_files.Settings(outside=True, outside_days=10)
LINK = re.compile(r"https://mail\.example(/lay-tep/[A-Za-z0-9_-]{32})(?![A-Za-z0-9_-])")


@dataclass
class Agency:
    """later: how far the clock of the pages is ahead. stopped: the time at which it stands still."""

    world: World
    folder: Path
    later: timedelta = timedelta()
    stopped: datetime | None = None
    terms: sent_files.Settings = ALLOWED
    services: WebServices = field(init=False)
    app: Flask = field(init=False)

    def __post_init__(self) -> None:
        store = self.world.store
        made = web_services(self.world)
        desk = replace(desk_of(self.world), settings_of=lambda agency: chain.for_all(Settings(self.terms))(agency))
        made.delivery.outside = Leaving(Queue(), store.blobs, Addresses("https://mail.example"))
        self.services = replace(made, sent_files=desk, clock=self.clock)
        self.app = create_app(self.services, web_settings(self.folder))

    def clock(self) -> datetime:
        return self.stopped or now() + self.later

    def visitor(self, name: str = "") -> Visitor:
        made = Visitor(self.app)
        return made.signed_in(name) if name else made

    def left(self) -> dict[str, str]:
        """The texts of the letters that wait to be sent, by their recipients; each has one."""
        query = (
            "SELECT r.address, m.message_pk FROM outbound_recipient r"
            " JOIN outbound_message m ON m.id = r.outbound_id ORDER BY r.id"
        )
        store = self.world.store
        found = store.db.read(lambda conn: list(raw.rows(conn, query)))
        read = store.db.read
        texts: dict[str, str] = {}
        for to, pk in found:
            octets = read(lambda conn, pk=pk: messages.read_octets(conn, store.blobs, pk))
            texts[to] = texts.get(to, "") + text_in(octets)
        return texts

    def links(self) -> dict[str, str]:
        """The path of the link in each of them."""
        return {to: found[1] for to, text in self.left().items() if (found := LINK.search(text))}

    def rows(self, query: str) -> list[tuple[object, ...]]:
        return [tuple(row) for row in self.world.store.db.read(lambda conn: raw.rows(conn, query))]

    def count(self, table: str) -> int:
        ((found,),) = self.rows(f"SELECT count(*) FROM {table}")
        return int(str(found))

    def audited(self, action: str) -> list[str]:
        query = "SELECT detail FROM audit WHERE action = ? ORDER BY id"
        return [str(row[0]) for row in self.world.store.db.read(lambda conn: raw.rows(conn, query, (action,)))]


def text_in(octets: bytes) -> str:
    """The text of a letter."""
    letter = email.message_from_bytes(octets, policy=email.policy.default)
    body = letter.get_body(("plain",))
    assert body is not None
    return str(body.get_content())
