"""Entering an envelope, its receipt, and taking back one that was entered by mistake."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, insert, or_, select, update

from mailserver.delivery.announcements import Notice, notify_tx
from mailserver.directory import principals
from mailserver.directory.principals import Kind, Status, office_day
from mailserver.store import audit
from mailserver.store.blobs import BlobStore
from mailserver.store.database import Tx
from routing.envelopes.schema import envelope
from routing.errors import DocumentMissing, Incomplete, NoSuchMove, NotYourTurn
from routing.profile import profile_of
from routing.standing import Standing, standing_of
from routing.types import Secrecy

MOST_SENDER, MOST_CODE = 200, 60


@dataclass(frozen=True, slots=True)
class Wish:
    """What stands on the envelope. secrecy NORMAL: it is to the addressee alone. arrived_on: None for today."""

    sender: str
    code: str
    secrecy: Secrecy
    addressee_id: int
    arrived_on: date | None = None


@dataclass(frozen=True, slots=True)
class Stub:
    """One envelope. received_at: None until the addressee has said so. Times: aware, UTC."""

    id: int
    agency_id: int
    wish: Wish
    entered_by_id: int
    entered_at: datetime
    received_by_id: int | None
    received_at: datetime | None

    @property
    def waits(self) -> bool:
        return self.received_at is None


def enter_tx(tx: Tx, blobs: BlobStore, wish: Wish) -> int:
    """By a clerk, who hands it over; the addressee hears of it by mail. Its number among the envelopes.

    Raises NotYourTurn, Incomplete (sender or addressee missing; a secret one where the profile allows no stub).
    """
    agency_id = _clerk(standing_of(tx.conn, tx.actor, tx.now))
    if not wish.sender.strip():
        raise Incomplete("sender", "envelope-sender")
    if wish.secrecy is not Secrecy.NORMAL and not profile_of(tx.conn, agency_id).incoming.secret_stub:
        raise Incomplete("secrecy")
    addressee = principals.get_many(tx.conn, {wish.addressee_id}).get(wish.addressee_id)
    kinds = (Kind.PERSON,) if wish.secrecy is Secrecy.NORMAL else (Kind.PERSON, Kind.UNIT, Kind.POST)
    if addressee is None or addressee.agency_id != agency_id or addressee.kind not in kinds:
        raise Incomplete("addressee", "envelope-addressee")
    if addressee.status is Status.LEFT:
        raise Incomplete("addressee", "envelope-addressee")
    values = {
        "agency_id": agency_id,
        "sender": wish.sender.strip()[:MOST_SENDER],
        "code": wish.code.strip()[:MOST_CODE],
        "secrecy": wish.secrecy.value,
        "addressee_id": wish.addressee_id,
        "arrived_on": wish.arrived_on or office_day(tx.now),
        "entered_by_id": tx.actor.principal_id,
        "entered_at": tx.now,
    }
    key = tx.conn.execute(insert(envelope).values(**values)).inserted_primary_key
    assert key is not None
    stub_id = int(key[0])
    audit.record_tx(tx, "envelope.entered", owner_id=wish.addressee_id, envelope=stub_id)
    text = (
        f"Văn thư có bì số {stub_id} gửi {addressee.name}. Bì không được bóc, không có gì được đưa lên hệ thống.\n\n"
        "Nhận tại văn thư, rồi bấm “Đã nhận” ở trang Bì không bóc (/vo-bi/).\n"
    )
    office = principals.agency_mailbox(tx.conn, agency_id)
    notify_tx(tx, blobs, Notice(office, f"Có bì thư chờ nhận, số {stub_id}", text), [addressee])
    return stub_id


def receive_tx(tx: Tx, stub_id: int) -> None:
    """The receipt: by the addressee; of one to a unit or post by who acts for it.

    Raises DocumentMissing, NoSuchMove (received before).
    """
    found, who = _locked(tx, stub_id), standing_of(tx.conn, tx.actor, tx.now)
    if not is_for(who, found):
        raise DocumentMissing()
    if not found.waits:
        raise NoSuchMove("envelope-received")
    _put_tx(tx, stub_id, received_by_id=tx.actor.principal_id, received_at=tx.now)
    audit.record_tx(tx, "envelope.received", owner_id=found.wish.addressee_id, envelope=stub_id)


def withdraw_tx(tx: Tx, stub_id: int) -> None:
    """By a clerk, before it was received. Raises NotYourTurn, DocumentMissing, NoSuchMove."""
    agency_id, found = _clerk(standing_of(tx.conn, tx.actor, tx.now)), _locked(tx, stub_id)
    if found.agency_id != agency_id:
        raise DocumentMissing()
    if not found.waits:
        raise NoSuchMove("envelope-received")
    _put_tx(tx, stub_id, withdrawn_at=tx.now)
    audit.record_tx(tx, "envelope.withdrawn", owner_id=found.wish.addressee_id, envelope=stub_id)


def listing(conn: Connection, who: Standing, most: int) -> list[Stub]:
    """The newest first: all of the agency for its clerks, for others what is addressed to them."""
    if who.agency_id is None:
        return []
    if who.is_clerk_of(who.agency_id):
        return _of(conn, envelope.c.agency_id == who.agency_id, most=most)
    mine = or_(
        envelope.c.addressee_id == who.person_id,
        (envelope.c.secrecy != Secrecy.NORMAL.value) & envelope.c.addressee_id.in_(who.acts_for),
    )
    return _of(conn, mine, most=most)


def is_for(who: Standing, stub: Stub) -> bool:
    """One to a person alone is that person's, and no deputy's."""
    if stub.wish.secrecy is Secrecy.NORMAL:
        return stub.wish.addressee_id == who.person_id
    return stub.wish.addressee_id in who.acts_for


def _clerk(who: Standing) -> int:
    """The agency. Raises NotYourTurn."""
    if who.agency_id is None or not who.is_clerk_of(who.agency_id):
        raise NotYourTurn("not-a-clerk")
    return who.agency_id


def _locked(tx: Tx, stub_id: int) -> Stub:
    """Raises DocumentMissing, for one that was taken back too."""
    tx.conn.execute(select(envelope.c.id).where(envelope.c.id == stub_id).with_for_update())
    found = _of(tx.conn, envelope.c.id == stub_id, most=1)
    if not found:
        raise DocumentMissing()
    return found[0]


def _put_tx(tx: Tx, stub_id: int, **values: Any) -> None:
    tx.conn.execute(update(envelope).where(envelope.c.id == stub_id).values(**values))


def _of(conn: Connection, condition: ColumnElement[bool], most: int) -> list[Stub]:
    query = select(envelope).where(condition, envelope.c.withdrawn_at.is_(None))
    return [_stub(row) for row in conn.execute(query.order_by(envelope.c.id.desc()).limit(most))]


def _stub(row: Row[Any]) -> Stub:
    wish = Wish(row.sender, row.code, Secrecy(row.secrecy), row.addressee_id, row.arrived_on)
    return Stub(row.id, row.agency_id, wish, row.entered_by_id, row.entered_at, row.received_by_id, row.received_at)
