"""Who needs a new password: asked for by the person, given by an administrator
(123/QĐ-SCT, Điều 4 khoản 2; 04/2017/QĐ-UBND, Điều 21 khoản 3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum, unique

from sqlalchemy import Connection, insert, select, update

from mailserver.directory import credentials, passkeys, passwords, principals, second, websessions
from mailserver.directory.accounts import full_name
from mailserver.directory.addresses import lookup_key
from mailserver.directory.errors import NoSuchRequest
from mailserver.directory.records import Kind, Principal, Status
from mailserver.directory.schema import principal
from mailserver.directory.signing_schema import reset_request
from mailserver.store import audit
from mailserver.store.database import Tx


@unique
class Cause(StrEnum):
    """FORGOTTEN: the person does not know the password. EMERGENCY: somebody else may know it.
    SECOND: the password was right, but the phone with the second factor is lost."""

    FORGOTTEN = "forgotten"
    EMERGENCY = "emergency"
    SECOND = "second"


@dataclass(frozen=True, slots=True)
class Request:
    """One that waits. remote: the address it was made from."""

    id: int
    who: Principal
    asked_at: datetime
    remote: str
    cause: Cause


def ask_tx(tx: Tx, login: str, remote: str) -> bool:
    """Put a person into the queue; whether there is such an account, which the door must not tell anybody.

    Who waits already waits on: nobody fills the queue by asking again.
    """
    found = principals.by_address(tx.conn, full_name(tx.conn, lookup_key(login)))
    if found is None or found.kind is not Kind.PERSON or found.status is not Status.ACTIVE:
        return False
    _put_tx(tx, found.id, remote, Cause.FORGOTTEN)
    return True


def ask_second_tx(tx: Tx, person_id: int, remote: str) -> None:
    """Put somebody into the queue who cannot give the second factor, after the right password."""
    _put_tx(tx, person_id, remote, Cause.SECOND)


def lock_down_tx(tx: Tx, person_id: int, remote: str) -> None:
    """Shut everything at once, as its person asks: all passwords are worthless, all sessions end
    (132/QĐ-STTTT, Điều 6 khoản 5; 1581/QĐ-SGDDT, Điều 10).

    Only an administrator's new password opens the account again; it is asked for here. Mail goes on arriving.
    Emits "credential.changed": mail doors end what is open.
    """
    credentials.revoke_all_tx(tx, person_id)
    websessions.close_all_tx(tx, person_id)
    audit.record_tx(tx, "account.locked_down", owner_id=person_id)
    _put_tx(tx, person_id, remote, Cause.EMERGENCY)


def waiting(conn: Connection, agency_id: int) -> list[Request]:
    """The requests of an agency's people, emergencies first, then the oldest."""
    table = reset_request.c
    query = select(table.id, table.principal_id, table.asked_at, table.remote, table.cause).where(
        table.outcome.is_(None),
        table.principal_id.in_(select(principal.c.id).where(principal.c.agency_id == agency_id)),
    )
    found = conn.execute(query.order_by(table.cause, table.asked_at, table.id)).all()
    people = principals.get_many(conn, {row.principal_id for row in found})
    return [Request(row.id, people[row.principal_id], row.asked_at, row.remote, Cause(row.cause)) for row in found]


def get(conn: Connection, request_id: int, agency_id: int) -> Request:
    """One that waits. Raises NoSuchRequest: unknown, answered, or of another agency."""
    found = next((one for one in waiting(conn, agency_id) if one.id == request_id), None)
    if found is None:
        raise NoSuchRequest(request_id)
    return found


def give_tx(tx: Tx, request_id: int, agency_id: int, first: passwords.Hashed) -> Principal:
    """Set a one-time password, good only for choosing another; whose it is. Raises NoSuchRequest."""
    asked = get(tx.conn, request_id, agency_id)
    if asked.cause is Cause.SECOND:
        raise NoSuchRequest(request_id)
    credentials.set_password_tx(tx, asked.who.id, first, must_change=True)
    _answer_tx(tx, asked, "given")
    return asked.who


def switch_off_second_tx(tx: Tx, request_id: int, agency_id: int) -> Principal:
    """Ask for no second factor of who asked for that, and forget their passkeys, which were on the same phone; whose it
    was. Raises NoSuchRequest."""
    asked = get(tx.conn, request_id, agency_id)
    if asked.cause is not Cause.SECOND:
        raise NoSuchRequest(request_id)
    second.switch_off_tx(tx, asked.who.id)
    passkeys.remove_all_tx(tx, asked.who.id)
    _answer_tx(tx, asked, "given")
    return asked.who


def refuse_tx(tx: Tx, request_id: int, agency_id: int) -> Principal:
    """Take a request out of the queue and change nothing. Raises NoSuchRequest."""
    asked = get(tx.conn, request_id, agency_id)
    _answer_tx(tx, asked, "refused")
    return asked.who


def _answer_tx(tx: Tx, asked: Request, outcome: str) -> None:
    answered = {"answered_at": tx.now, "answered_by_id": tx.actor.principal_id, "outcome": outcome}
    here = (reset_request.c.id == asked.id, reset_request.c.outcome.is_(None))
    if tx.conn.execute(update(reset_request).where(*here).values(**answered)).rowcount == 0:
        raise NoSuchRequest(asked.id)
    audit.record_tx(tx, f"reset.{outcome}", owner_id=asked.who.id, request=asked.id, cause=asked.cause.value)


def _put_tx(tx: Tx, person_id: int, remote: str, cause: Cause) -> None:
    same = (reset_request.c.cause == Cause.SECOND.value) == (cause is Cause.SECOND)
    here = (reset_request.c.principal_id == person_id, reset_request.c.outcome.is_(None), same)
    raised = {"cause": cause.value} if cause is Cause.EMERGENCY else {"principal_id": person_id}
    if tx.conn.execute(update(reset_request).where(*here).values(**raised)).rowcount:
        return
    asked = {"principal_id": person_id, "asked_at": tx.now, "remote": remote[:60], "cause": cause.value}
    tx.conn.execute(insert(reset_request).values(**asked))
    tx.emit("reset.asked", owner_id=person_id, cause=cause.value)
    audit.record_tx(tx, "reset.asked", owner_id=person_id, cause=cause.value)
