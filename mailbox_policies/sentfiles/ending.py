"""A file that was handed over is stopped, kept longer, or goes: by its sender, or because its time is over."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import ColumnElement, Connection, and_, delete, exists, not_, or_, select, update

from mailbox_policies.retention.holds import standing_boxes, standing_messages
from mailbox_policies.sentfiles import links, reading
from mailbox_policies.sentfiles.desk import Desk
from mailbox_policies.sentfiles.errors import Changed, FileMissing
from mailbox_policies.sentfiles.schema import sent_file, sent_file_link, sent_file_piece, sent_file_recipient
from mailbox_policies.sentfiles.terms import days_of, outside_days
from mailserver.actor import SYSTEM, Actor
from mailserver.store import messages
from mailserver.store.database import Tx
from mailserver.store.store import Store

# How long its sender may think about a file that was stopped.
REGRET = timedelta(hours=1)
# How long a file may come in, or lie there whole and not be sent.
COMING_FOR = timedelta(days=2)
# How long a file may stay whose letter has not left: an original sender is asked, then a leader (`forward-consent`).
LEAVES_IN = timedelta(days=30)
# Files that go in one run of the job; each in a transaction of its own, for one may have a thousand pieces.
BATCH = 50


def stop_tx(tx: Tx, file_id: int) -> None:
    """From now on nobody fetches it. Raises FileMissing, Changed."""
    _step_tx(tx, file_id, "ready", state="stopped", closed_at=tx.now)


def reopen_tx(tx: Tx, file_id: int) -> None:
    """Take a stop back. Raises FileMissing, Changed (its pieces went meanwhile)."""
    _step_tx(tx, file_id, "stopped", state="ready", closed_at=None)


def extend_tx(tx: Tx, desk: Desk, file_id: int, days: int) -> datetime:
    """Keep it `days` from now on, and its links as long as the agency lets them open; until when.

    Raises TurnedOff, FileMissing, Changed.
    """
    terms = desk.terms(tx.actor)
    kept = days_of(terms, days)
    until = tx.now + timedelta(days=kept)
    _step_tx(tx, file_id, "ready", expires_at=until)
    links.extend_tx(tx, file_id, tx.now + timedelta(days=min(kept, outside_days(terms))))
    return until


def discard_tx(tx: Tx, file_id: int) -> None:
    """Throw away one that has not been sent. Raises FileMissing."""
    this = (sent_file.c.id == file_id) & (sent_file.c.owner_id == tx.actor.principal_id)
    found = tx.conn.execute(select(sent_file.c.id).where(this & (sent_file.c.state == "coming"))).first()
    if found is None:
        raise FileMissing(file_id)
    remove_tx(tx, file_id, "abandoned")


def remove_tx(tx: Tx, file_id: int, why: str) -> list[bytes]:
    """Let a file's pieces go, exactly once; their digests. Nothing of one that is gone already."""
    this = (sent_file.c.id == file_id) & (sent_file.c.state != "gone")
    values = {"state": "gone", "why": why, "closed_at": tx.now}
    if tx.conn.execute(update(sent_file).where(this).values(**values)).rowcount != 1:
        return []
    digests = [one.digest for one in reading.stretches(tx.conn, file_id)]
    tx.conn.execute(delete(sent_file_piece).where(sent_file_piece.c.file_id == file_id))
    for digest in sorted(digests):  # in one order everywhere: their rows are locked
        messages.release_blob_tx(tx, digest)
    return digests


def end_due(store: Store, now: datetime) -> bool:
    """Remove files whose time is over; whether there may be more. Killed anywhere, it goes on with the next."""
    found = store.db.read(lambda conn: _due(conn, now))
    for file_id, why in found:
        store.db.write(partial(_end_tx, file_id=file_id, why=why, now=now), SYSTEM)
    return len(found) == BATCH


def _end_tx(tx: Tx, file_id: int, why: str, now: datetime) -> None:
    """Only if it is still due: its sender may have kept it longer meanwhile."""
    if (file_id, why) in _due(tx.conn, now, file_id):
        remove_tx(tx, file_id, why)


def _due(conn: Connection, now: datetime, file_id: int | None = None) -> list[tuple[int, str]]:
    """Which files go, and why. file_id: only of this one, whose row is locked."""
    table = sent_file.c
    abandoned = and_(table.state == "coming", table.created_at <= now - COMING_FOR)
    expired = and_(table.state.in_(("ready", "stopped")), table.expires_at <= now, not_(_leaves(now)))
    withdrawn = and_(table.state == "stopped", table.closed_at <= now - REGRET)
    wanted = or_(abandoned, and_(or_(expired, withdrawn), not_(_held())))
    whys = {"coming": "abandoned", "ready": "expired", "stopped": "withdrawn"}
    query = select(table.id, table.state).where(wanted)
    if file_id is None:
        query = query.order_by(table.id).limit(BATCH)
    else:
        query = query.where(table.id == file_id).with_for_update()
    return [(found, whys[state]) for found, state in conn.execute(query)]


def _leaves(now: datetime) -> ColumnElement[bool]:
    """Whether a letter with a link to it still waits for somebody's consent."""
    link = sent_file_link.c
    waits = and_(link.file_id == sent_file.c.id, link.token_hash.is_(None), link.ended_at.is_(None))
    return and_(sent_file.c.state == "ready", sent_file.c.sent_at > now - LEAVES_IN, exists().where(waits))


def _held() -> ColumnElement[bool]:
    """Whether it is kept under an order: nobody fetches it after its time, but its octets stay."""
    boxes, recipient = standing_boxes(), sent_file_recipient.c
    theirs = and_(recipient.file_id == sent_file.c.id, recipient.principal_id.in_(boxes))
    by_letter = and_(sent_file.c.message_id != "", sent_file.c.message_id.in_(standing_messages()))
    return or_(sent_file.c.owner_id.in_(boxes), exists().where(theirs), by_letter)


def _step_tx(tx: Tx, file_id: int, before: str, **values: object) -> None:
    """Change a file of the actor's that is in this state."""
    own = (sent_file.c.id == file_id) & (sent_file.c.owner_id == tx.actor.principal_id)
    if tx.conn.execute(update(sent_file).where(own & (sent_file.c.state == before)).values(**values)).rowcount == 1:
        return
    _exists(tx.conn, tx.actor, file_id)
    raise Changed(file_id)


def _exists(conn: Connection, actor: Actor, file_id: int) -> None:
    own = (sent_file.c.id == file_id) & (sent_file.c.owner_id == actor.principal_id)
    if conn.execute(select(sent_file.c.id).where(own)).first() is None:
        raise FileMissing(file_id)
