"""Letters that may still be taken back: durable, with their envelope, until they are due."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from mailserver.delivery.waiting_schema import undo_choice, waiting_letter
from mailserver.store import ingest, messages
from mailserver.store.database import Tx
from mailserver.store.ingest import Prepared

# What a person may choose, in seconds; 0: letters go at once.
CHOICES = (0, 5, 10, 20, 30)
# Letters that are sent in one run of the job.
BATCH = 20
# After a fault that passes.
AGAIN = timedelta(seconds=30)


class Decided(Exception):
    """The letter was sent, or taken back, already; nothing has changed."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """As the columns of `waiting_letter`."""

    message_id: str
    sender: str
    recipients: tuple[str, ...]
    confirmed: tuple[str, ...]
    remote: str
    draft: str
    before: str = ""
    answers: str = ""
    links: str = ""


@dataclass(frozen=True, slots=True)
class Waiting:
    id: int
    writer_id: int
    message_pk: int
    envelope: Envelope


def chosen(conn: Connection, person_id: int) -> int | None:
    """How many seconds a person wants letters to wait; None: nothing has been chosen."""
    query = select(undo_choice.c.seconds).where(undo_choice.c.person_id == person_id)
    return conn.execute(query).scalar()


def choose_tx(tx: Tx, seconds: int) -> None:
    """The actor's choice. Raises ValueError for what is none."""
    if seconds not in CHOICES:
        raise ValueError(seconds)
    tx.conn.execute(delete(undo_choice).where(undo_choice.c.person_id == tx.actor.principal_id))
    tx.conn.execute(insert(undo_choice).values(person_id=tx.actor.principal_id, seconds=seconds))


def keep_tx(tx: Tx, prepared: Prepared, envelope: Envelope, seconds: int) -> int:
    """Let a letter of the actor's wait; its number."""
    message_pk = ingest.store_message_tx(tx, prepared)
    messages.pin_tx(tx, message_pk)
    row = {name: getattr(envelope, name) for name in _TEXTS}
    lists = {"recipients": list(envelope.recipients), "confirmed": list(envelope.confirmed)}
    fixed = {"writer_id": tx.actor.principal_id, "message_pk": message_pk}
    values = {**row, **lists, **fixed, "due_at": tx.now + timedelta(seconds=seconds)}
    return int(tx.conn.execute(insert(waiting_letter).values(values).returning(waiting_letter.c.id)).scalar_one())


def take_tx(tx: Tx, number: int, writer_id: int) -> Waiting:
    """Take a letter out, to send it or to give it back. Raises Decided."""
    this = (waiting_letter.c.id == number) & (waiting_letter.c.writer_id == writer_id)
    row = tx.conn.execute(delete(waiting_letter).where(this).returning(*waiting_letter.c)).first()
    if row is None:
        raise Decided(number)
    messages.unpin_tx(tx, row.message_pk)
    return _waiting(row)


def put_off_tx(tx: Tx, number: int) -> None:
    """Try it again a little later."""
    later = update(waiting_letter).where(waiting_letter.c.id == number).values(due_at=tx.now + AGAIN)
    tx.conn.execute(later)


def due(conn: Connection, now: datetime) -> Sequence[Waiting]:
    """Letters whose time has come, the oldest first, at most BATCH."""
    query = select(*waiting_letter.c).where(waiting_letter.c.due_at <= now).order_by(waiting_letter.c.due_at)
    return [_waiting(row) for row in conn.execute(query.limit(BATCH))]


def holds(conn: Connection, writer_id: int, message_id: str) -> bool:
    """Whether a letter of this Message-ID waits."""
    this = (waiting_letter.c.writer_id == writer_id) & (waiting_letter.c.message_id == message_id)
    return conn.execute(select(waiting_letter.c.id).where(this).limit(1)).first() is not None


_TEXTS = ("message_id", "sender", "remote", "draft", "before", "answers", "links")


def _waiting(row: Row[Any]) -> Waiting:
    texts = {name: getattr(row, name) for name in _TEXTS}
    envelope = Envelope(**texts, recipients=tuple(row.recipients), confirmed=tuple(row.confirmed))
    return Waiting(row.id, row.writer_id, row.message_pk, envelope)
