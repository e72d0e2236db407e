"""A whole file is handed over: looked at by the rules, then in one transaction its recipients' who are told of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, insert, select, update

from mailbox_policies.sentfiles import reading
from mailbox_policies.sentfiles.checking import Checked, Subject, check
from mailbox_policies.sentfiles.coming import mine
from mailbox_policies.sentfiles.desk import Desk
from mailbox_policies.sentfiles.ending import remove_tx
from mailbox_policies.sentfiles.errors import Changed, Misplaced
from mailbox_policies.sentfiles.schema import sent_file, sent_file_recipient
from mailbox_policies.sentfiles.telling import arrival
from mailbox_policies.sentfiles.terms import days_of
from mailserver.actor import Actor
from mailserver.delivery import announcements, circulation
from mailserver.delivery.errors import NoRecipients, PolicyWarned
from mailserver.delivery.outside import NoWayOut
from mailserver.delivery.recipients import expand
from mailserver.directory import principals
from mailserver.directory.records import Principal
from mailserver.directory.resolve import resolve_many
from mailserver.policy import Cause
from mailserver.store.collect import delete_blobs
from mailserver.store.database import Tx

MOST_RECIPIENTS = 500


@dataclass(frozen=True, slots=True)
class Wish:
    """addresses: of the recipients. days: how long it is kept. confirmed: names of the rules whose warnings the
    sender has seen."""

    addresses: tuple[str, ...]
    days: int
    note: str = ""
    confirmed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Ready:
    """A file that may be handed over. days: how long it is kept."""

    file_id: int
    sender: Principal
    people: tuple[Principal, ...]
    subject: Subject
    checked: Checked
    days: int


def hand(desk: Desk, actor: Actor, file_id: int, wish: Wish) -> datetime:
    """Hand a file over; until when it is kept. Durable, and its recipients are told, on return.

    Raises as `prepare` and `hand_tx`.
    """
    ready = prepare(desk, actor, file_id, wish)

    def work(tx: Tx) -> datetime:
        until = hand_tx(tx, ready)
        page = desk.page(file_id)
        about = arrival(ready.sender, ready.subject, until, page, scanned=ready.checked.scanned)
        announcements.notify_tx(tx, desk.store.blobs, about, ready.people)
        return until

    return desk.store.db.write(work, actor)


def prepare(desk: Desk, actor: Actor, file_id: int, wish: Wish) -> Ready:
    """Everything that can refuse a file before it is handed over; blocks while it is looked at.

    Raises TurnedOff, FileMissing, Misplaced (not whole yet), NoRecipients, RecipientUnknown, RecipientFormer,
    RecipientLocked, ExternalRecipientRefused, PolicyWarned: nothing has changed. PolicyRefused: the file is gone,
    unless a scanner did not answer.
    """
    days = days_of(desk.terms(actor), wish.days)
    sender, people, subject = desk.store.db.read(lambda conn: _found(conn, actor, file_id, wish))
    checked = check(desk, actor, subject)
    if checked.verdict.stops:
        _refuse(desk, actor, file_id, checked)
        raise checked.said
    if unseen := [one for one in checked.warnings if one.verdict.rule not in wish.confirmed]:
        raise PolicyWarned(unseen)
    return Ready(file_id, sender, people, subject, checked, days)


def hand_tx(tx: Tx, ready: Ready) -> datetime:
    """Give a file to its recipients; until when it is kept. Who calls tells them. Raises Changed: it was handed over
    already, or is gone; PostingRefused: a list takes nothing of the actor, for a file waits for no owner."""
    circulation.require_right(tx.conn, tx.actor, resolve_many(tx.conn, ready.subject.recipients), tx.now)
    until, checked = tx.now + timedelta(days=ready.days), ready.checked
    values = {"state": "ready", "digest": checked.digest, "scanned": checked.scanned, "note": ready.subject.note}
    times = {"sent_at": tx.now, "expires_at": until}
    this = (sent_file.c.id == ready.file_id) & (sent_file.c.state == "coming")
    if tx.conn.execute(update(sent_file).where(this).values(**values, **times)).rowcount != 1:
        raise Changed(ready.file_id)
    rows = [{"file_id": ready.file_id, "principal_id": one.id} for one in ready.people]
    tx.conn.execute(insert(sent_file_recipient), rows)
    if checked.verdict.rule:
        checked.said.record_tx(tx)
    return until


def _found(
    conn: Connection, actor: Actor, file_id: int, wish: Wish
) -> tuple[Principal, tuple[Principal, ...], Subject]:
    file = mine(conn, actor, file_id)
    if not file.whole:
        raise Misplaced(file.received)
    if not wish.addresses:
        raise NoRecipients
    mailboxes, _outside = expand(resolve_many(conn, wish.addresses[:MOST_RECIPIENTS]), NoWayOut())
    assert actor.principal_id is not None
    ids = dict.fromkeys(box.principal_id for box in mailboxes)
    people = principals.get_many(conn, {actor.principal_id, *ids})
    sender = people[actor.principal_id]
    media_type = conn.execute(select(sent_file.c.media_type).where(sent_file.c.id == file_id)).scalar_one()
    pieces = reading.stretches(conn, file_id)
    subject = Subject(file.name, media_type, file.size, pieces, wish.note, sender.address, wish.addresses)
    return sender, tuple(people[one] for one in ids), subject


def _refuse(desk: Desk, actor: Actor, file_id: int, checked: Checked) -> None:
    """What a rule refuses does not stay; of what must not be in the system no copy is left, not even for a day."""

    def refuse_tx(tx: Tx) -> list[bytes]:
        checked.said.record_tx(tx)
        return remove_tx(tx, file_id, "refused") if checked.is_final else []

    digests = desk.store.db.write(refuse_tx, actor)
    if checked.verdict.cause is Cause.FORBIDDEN_CLASS:
        delete_blobs(desk.store.db, desk.store.blobs, digests)
