"""A small agency with people, a unit, a post, a group, and what is in their mailboxes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from functools import cache

from argon2 import PasswordHasher
from sqlalchemy import Connection

from mailserver.actor import SYSTEM
from mailserver.directory import agencies, credentials, groups, passwords, people, posts
from mailserver.directory.records import PersonData
from mailserver.directory.scram import Verifier
from mailserver.store import entries, folders, messages
from mailserver.store.database import Tx
from mailserver.store.store import Store
from tests.support.snapshots import made_once

DOMAIN = "sct.test"
PASSWORD = "mat khau dai cua An 2024"


@dataclass
class Office:
    """Principals by local part; everybody's password is PASSWORD."""

    store: Store
    agency_id: int
    ids: dict[str, int] = field(default_factory=dict)

    def address(self, name: str) -> str:
        return f"{name}@{DOMAIN}"

    def mail(self, name: str, folder: str = "INBOX", last: int = 0) -> list[bytes]:
        """The messages in somebody's folder, oldest first; with `last` only that many at the end."""
        return self.store.db.read(lambda conn: self._mail(conn, self.ids[name], folder, last))

    def _mail(self, conn: Connection, owner_id: int, folder: str, last: int) -> list[bytes]:
        found = entries.snapshot(conn, folders.get(conn, owner_id, folder).id)
        return [messages.read_octets(conn, self.store.blobs, pk) for pk in found.message_pks[-last:]]


def cheaply_hashed(password: str) -> passwords.Hashed:
    """A hash as quick to check as argon2 allows, and a verifier."""
    hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    return passwords.Hashed(hasher.hash(password), Verifier.of(password, b"salt of the test").text())


@cache
def hashed_password() -> passwords.Hashed:
    """PASSWORD's hash and verifier; one for all, for they are slow to make."""
    return cheaply_hashed(PASSWORD)


def found_office(store: Store, names: tuple[str, ...] = ("an", "binh", "chi")) -> Office:
    """Make the agency `sct`, a person for each name, a unit, a post held by the first, and a group of all."""
    hashed = hashed_password()

    def work(tx: Tx) -> Office:
        agency_id = agencies.create_agency_tx(tx, "SCT", "Sở Công Thương", DOMAIN, "sct")
        office = Office(store, agency_id)
        for name in names:
            person = PersonData("Nguyễn", "Văn", name.capitalize(), local_part=name)
            office.ids[name] = people.create_person_tx(tx, agency_id, person)
            credentials.set_password_tx(tx, office.ids[name], hashed)
        unit = posts.create_unit_tx(tx, agency_id, "VP", "Văn phòng", "vanphong")
        office.ids["vanphong"] = unit
        post = posts.create_post_tx(tx, agency_id, unit, "Chánh Văn phòng", "chief_of_office", "cvp")
        office.ids["cvp"] = post
        posts.appoint_tx(tx, post, office.ids[names[0]], date(2020, 1, 1))
        group = groups.create_group_tx(tx, agency_id, "Toàn cơ quan", "tatca")
        for name in names:
            groups.add_member_tx(tx, group, office.ids[name])
        return office

    made = made_once(store, ("office", names), lambda: store.db.write(work, SYSTEM))
    return Office(store, made.agency_id, dict(made.ids))
