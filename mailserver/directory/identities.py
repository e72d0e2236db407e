"""As whom a person may write: the one list for submission, the webmail and the client set-up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, false, literal, select

from mailserver.directory.addresses import lookup_key, without_detail
from mailserver.directory.grants import effective_rights
from mailserver.directory.records import Kind, Status
from mailserver.directory.rights import Right
from mailserver.directory.schema import address, external_identity, principal


@dataclass(frozen=True, slots=True)
class Identity:
    """An address that may stand in From.

    on_behalf: it is not the person's own, so Sender names the person (RFC 5322 §3.6.2).
    elsewhere: it is in no domain of ours, and mail under it goes out by a server of its own (see `external`).
    """

    address: str
    name: str
    principal_id: int
    on_behalf: bool
    elsewhere: bool = False

    def is_named(self, key: str) -> bool:
        """Whether an address in its kept form is this one, or, for ours, a subaddress of it."""
        return self.address == key or (not self.elsewhere and self.address == without_detail(key)[0])


def allowed_senders(conn: Connection, person_id: int, now: datetime) -> list[Identity]:
    """All identities of a person: the own primary address first, then own aliases, then offices; of each the
    addresses elsewhere last.

    Empty for a person who is locked or has left. A deputy may still write for somebody whose account
    is locked, but not for somebody who has left, nor for a closed unit.
    """
    rights = effective_rights(conn, person_id, now)
    owners = {owner_id for owner_id, held in rights.items() if Right.SEND_ON_BEHALF in held} | {person_id}
    writing = principal.c.id.in_(owners) & ((principal.c.status == Status.ACTIVE.value) | _locked_other(person_id))
    here = (
        select(address.c.address, principal.c.name, principal.c.id, address.c.is_primary, literal(0).label("elsewhere"))
        .join(principal, principal.c.id == address.c.principal_id)
        .where(writing, address.c.kind != "former")
    )
    elsewhere = (
        select(external_identity.c.address, principal.c.name, principal.c.id, false(), literal(1))
        .join(principal, principal.c.id == external_identity.c.principal_id)
        .where(writing)
    )
    rows = sorted(
        conn.execute(here.union_all(elsewhere)),
        key=lambda row: (row.id != person_id, row.name, row.id, row.elsewhere, not row.is_primary, row.address),
    )
    identities = [Identity(row.address, row.name, row.id, row.id != person_id, bool(row.elsewhere)) for row in rows]
    return identities if identities and not identities[0].on_behalf else []


def _locked_other(person_id: int) -> ColumnElement[bool]:
    locked = (principal.c.status == Status.LOCKED.value) & (principal.c.kind == Kind.PERSON.value)
    return locked & (principal.c.id != person_id)


def identity_for(conn: Connection, person_id: int, text: str, now: datetime) -> Identity | None:
    """The identity with this address, in any spelling; None: the person may not write as it.

    A subaddress of an own address is the person too.
    """
    key = lookup_key(text)
    named = [identity for identity in allowed_senders(conn, person_id, now) if identity.is_named(key)]
    return next((one for one in named if one.address == key), next(iter(named), None))
