"""What a sign-in needs to know about an account, remembered until the directory changes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, select

from mailserver.directory import masks, rows
from mailserver.directory.addresses import lookup_key
from mailserver.directory.records import Kind, Principal
from mailserver.directory.schema import address, credential, domain, principal
from mailserver.directory.scram import Verifier
from mailserver.directory.second_schema import second_factor
from mailserver.directory.version import Watch
from mailserver.store.database import Database

# Accounts a process remembers; about one kilobyte each.
CACHE_SIZE = 20_000


@dataclass(frozen=True, slots=True)
class Credential:
    """A secret's hash; `kind`: "password" or "app". scram: None if it has no verifier yet."""

    id: int
    kind: str
    hash: str = field(repr=False)
    must_change: bool
    expires_at: datetime | None
    last_used_at: datetime | None
    scram: Verifier | None
    label: str = ""
    doors: str = ""

    def is_current(self, now: datetime) -> bool:
        return self.expires_at is None or self.expires_at > now

    def opens(self, door: str) -> bool:
        """Whether it may be used at this door, if it is right."""
        return not self.doors or door in self.doors.split()


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who may sign in, with the credentials that are not revoked. hidden: see `masks`.

    has_second: their password is half of a sign-in (see `second`).
    """

    principal: Principal
    credentials: tuple[Credential, ...]
    hidden: frozenset[str] = frozenset()
    has_second: bool = False

    def of_kind(self, kind: str, now: datetime) -> list[Credential]:
        return [one for one in self.credentials if one.kind == kind and one.is_current(now)]

    def with_verifier(self, now: datetime) -> list[tuple[Credential, Verifier]]:
        """The credentials that SCRAM can check; their salts are the same."""
        return [(one, one.scram) for one in self.credentials if one.scram is not None and one.is_current(now)]


def load(conn: Connection, login: str) -> Account | None:
    """The account of a login name: any of its addresses, primary or alias, in any case.

    A name without a domain is meant in the one domain, where there is only one.
    """
    key = full_name(conn, lookup_key(login))
    owner = select(address.c.principal_id).where(address.c.address == key, address.c.kind != "former")
    return _load_where(conn, principal.c.id == owner.scalar_subquery())


def load_by_id(conn: Connection, principal_id: int) -> Account | None:
    """The account of somebody who may sign in."""
    return _load_where(conn, principal.c.id == principal_id)


def _load_where(conn: Connection, condition: ColumnElement[bool]) -> Account | None:
    people = principal.c.kind.in_((Kind.PERSON.value, Kind.SERVICE.value))
    row = conn.execute(rows.principals().where(people, condition)).first()
    if row is None:
        return None
    secrets, hidden = tuple(_credentials(conn, row.id)), masks.hidden_from(conn, row.id)
    return Account(rows.to_principal(row), secrets, hidden, _has_second(conn, row.id))


def _has_second(conn: Connection, principal_id: int) -> bool:
    table = second_factor.c
    asked_for = (table.principal_id == principal_id, table.confirmed_at.is_not(None))
    return conn.execute(select(table.principal_id).where(*asked_for)).first() is not None


def _credentials(conn: Connection, principal_id: int) -> list[Credential]:
    table = credential.c
    columns = (table.id, table.kind, table.hash, table.must_change, table.expires_at, table.last_used_at)
    told = (table.scram, table.label, table.doors)
    query = select(*columns, *told).where(table.principal_id == principal_id, table.revoked_at.is_(None))
    found = conn.execute(query.order_by(table.id)).all()
    return [
        Credential(*row[:6], Verifier.parse(row.scram) if row.scram else None, row.label, row.doors) for row in found
    ]


def full_name(conn: Connection, key: str) -> str:
    """The address meant by a login name that `lookup_key` made, whether somebody has it or not."""
    if "@" in key:
        return key
    primaries = conn.execute(select(domain.c.name).where(domain.c.is_primary).limit(2)).scalars().all()
    return f"{key}@{primaries[0]}" if len(primaries) == 1 else key


class Accounts:
    """`load` with a memory; what is unknown is never remembered. Safe to share between threads."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._watch = Watch()
        # The directory's version, and what was loaded under it: replaced together, never mixed.
        self._held: tuple[int, dict[str, Account]] = (-1, {})

    def remembered(self, login: str) -> Account | None:
        """The account if it is known and still holds; costs no visit to the database."""
        version, held = self._held
        return held.get(login) if self._watch.known() == version else None

    def load(self, login: str) -> Account | None:
        return self.remembered(login) or self._db.read(lambda conn: self._load(conn, login))

    async def aload(self, login: str) -> Account | None:
        return self.remembered(login) or await self._db.aread(lambda conn: self._load(conn, login))

    async def afull_name(self, login: str) -> str:
        """See `full_name`."""
        return login if "@" in login else await self._db.aread(lambda conn: full_name(conn, login))

    def _load(self, conn: Connection, login: str) -> Account | None:
        version = self._watch.read(conn)
        held_version, held = self._held
        if held_version != version or len(held) > CACHE_SIZE:
            held = {}
            self._held = (version, held)
        account = held.get(login) or load(conn, login)
        if account is not None:
            held[login] = account
        return account
