"""A whole file is handed over: looked at by the rules, then in one transaction its recipients' who are told of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, insert, select, update

from mailbox_policies.sentfiles import links, reading
from mailbox_policies.sentfiles.checking import Checked, Subject, check
from mailbox_policies.sentfiles.coming import mine
from mailbox_policies.sentfiles.desk import Desk
from mailbox_policies.sentfiles.ending import remove_tx
from mailbox_policies.sentfiles.errors import Changed, Misplaced, TooManyOutside
from mailbox_policies.sentfiles.schema import sent_file, sent_file_recipient
from mailbox_policies.sentfiles.telling import arrival
from mailbox_policies.sentfiles.terms import days_of, outside_days
from mailserver.actor import Actor
from mailserver.delivery import announcements, circulation
from mailserver.delivery.errors import ExternalRecipientRefused, NoRecipients, PolicyWarned
from mailserver.delivery.outside import NoWayOut, Parcel
from mailserver.delivery.recipients import expand
from mailserver.directory import principals
from mailserver.directory.records import Principal
from mailserver.directory.resolve import resolve_many
from mailserver.policy import Cause
from mailserver.store.collect import delete_blobs
from mailserver.store.database import Tx

MOST_RECIPIENTS = 500
# Each of them gets a letter of their own, made in the transaction that sends it.
MOST_OUTSIDE = 50
# Characters, as the column has them.
MOST_MESSAGE_ID = 255


@dataclass(frozen=True, slots=True)
class Wish:
    """addresses: of the recipients. days: how long it is kept. confirmed: names of the rules whose warnings the
    sender has seen. message_id: of the letter that tells of it, without angle brackets; "": the program writes one,
    and nobody outside gets it."""

    addresses: tuple[str, ...]
    days: int
    note: str = ""
    confirmed: frozenset[str] = frozenset()
    message_id: str = ""


@dataclass(frozen=True, slots=True)
class Ready:
    """A file that may be handed over. days: how long it is kept; outside_days: how long links open.

    message_id: see `Wish`.
    """

    file_id: int
    sender: Principal
    people: tuple[Principal, ...]
    subject: Subject
    checked: Checked
    days: int
    outside_days: int
    message_id: str = ""

    @property
    def outside(self) -> tuple[str, ...]:
        """Addresses of those who get a link."""
        return self.subject.outside


def hand(desk: Desk, actor: Actor, file_id: int, wish: Wish) -> datetime:
    """Hand a file over; until when it is kept. Durable, and its recipients are told, on return.

    Raises as `prepare` and `hand_tx`.
    """
    ready = prepare(desk, actor, file_id, wish)
    return desk.store.db.write(lambda tx: hand_and_tell_tx(tx, desk, ready), actor)


def hand_and_tell_tx(tx: Tx, desk: Desk, ready: Ready) -> datetime:
    """As `hand_tx`; people of ours are told by a letter of the program's."""
    until = hand_tx(tx, ready)
    about = arrival(ready.sender, ready.subject, until, desk.page(ready.file_id), scanned=ready.checked.scanned)
    announcements.notify_tx(tx, desk.store.blobs, about, ready.people)
    return until


def prepare(desk: Desk, actor: Actor, file_id: int, wish: Wish) -> Ready:
    """Everything that can refuse a file before it is handed over; blocks while it is looked at.

    Raises TurnedOff, FileMissing, Misplaced (not whole yet), NoRecipients, RecipientUnknown, RecipientFormer,
    RecipientLocked, ExternalRecipientRefused (the agency has no links for people outside), TooManyOutside,
    PolicyWarned: nothing has changed. PolicyRefused: the file is gone, unless a scanner did not answer.
    """
    terms = desk.terms(actor)
    days, links_go = days_of(terms, wish.days), terms.outside and bool(wish.message_id)
    sender, people, subject = desk.store.db.read(lambda conn: _found(conn, actor, file_id, wish, links_go=links_go))
    checked = check(desk, actor, subject)
    if checked.verdict.stops:
        _refuse(desk, actor, file_id, checked)
        raise checked.said
    if unseen := [one for one in checked.warnings if one.verdict.rule not in wish.confirmed]:
        raise PolicyWarned(unseen)
    if subject.outside:  # what the letter passes on is looked for by it (`linked`)
        desk.store.db.write(lambda tx: _note_digest_tx(tx, file_id, checked.digest), actor)
    return Ready(file_id, sender, people, subject, checked, days, min(days, outside_days(terms)), wish.message_id)


def hand_tx(tx: Tx, ready: Ready) -> datetime:
    """Give a file to its recipients; until when it is kept. Who calls tells them. Raises Changed: it was handed over
    already, or is gone; PostingRefused: a list takes nothing of the actor, for a file waits for no owner."""
    circulation.require_right(tx.conn, tx.actor, resolve_many(tx.conn, ready.subject.recipients), tx.now)
    until, checked = tx.now + timedelta(days=ready.days), ready.checked
    values = {"state": "ready", "digest": checked.digest, "scanned": checked.scanned, "note": ready.subject.note}
    times = {"sent_at": tx.now, "expires_at": until, "message_id": ready.message_id[:MOST_MESSAGE_ID]}
    this = (sent_file.c.id == ready.file_id) & (sent_file.c.state == "coming")
    if tx.conn.execute(update(sent_file).where(this).values(**values, **times)).rowcount != 1:
        raise Changed(ready.file_id)
    rows = [{"file_id": ready.file_id, "principal_id": one.id} for one in ready.people]
    if rows:
        tx.conn.execute(insert(sent_file_recipient), rows)
    links.make_tx(tx, ready.file_id, ready.outside, ready.outside_days)
    if checked.verdict.rule:
        checked.said.record_tx(tx)
    return until


def _found(
    conn: Connection, actor: Actor, file_id: int, wish: Wish, *, links_go: bool
) -> tuple[Principal, tuple[Principal, ...], Subject]:
    file = mine(conn, actor, file_id)
    if not file.whole:
        raise Misplaced(file.received)
    if not wish.addresses:
        raise NoRecipients
    resolved = resolve_many(conn, wish.addresses[:MOST_RECIPIENTS])
    mailboxes, outside = expand(resolved, _Anybody() if links_go else NoWayOut())
    if links_go:
        lists = circulation.copies_of(resolved, outside)
        outside += tuple(one for copy in lists for one in copy.outside)
    if len(outside) > MOST_OUTSIDE:
        raise TooManyOutside(MOST_OUTSIDE)
    assert actor.principal_id is not None
    ids = dict.fromkeys(box.principal_id for box in mailboxes)
    people = principals.get_many(conn, {actor.principal_id, *ids})
    sender = people[actor.principal_id]
    media_type = conn.execute(select(sent_file.c.media_type).where(sent_file.c.id == file_id)).scalar_one()
    pieces = reading.stretches(conn, file_id)
    told = wish.note, sender.address, wish.addresses, outside
    return sender, tuple(people[one] for one in ids), Subject(file.name, media_type, file.size, pieces, *told)


class _Anybody:
    """Whether mail goes out is asked when the letter is sent."""

    def check(self, addresses: Sequence[str]) -> None:
        """Everybody may get a link."""

    def queue_tx(self, tx: Tx, parcel: Parcel) -> None:
        raise ExternalRecipientRefused(parcel.recipients)


def _note_digest_tx(tx: Tx, file_id: int, digest: bytes) -> None:
    this = (sent_file.c.id == file_id) & (sent_file.c.state == "coming")
    tx.conn.execute(update(sent_file).where(this).values(digest=digest))


def _refuse(desk: Desk, actor: Actor, file_id: int, checked: Checked) -> None:
    """What a rule refuses does not stay; of what must not be in the system no copy is left, not even for a day."""

    def refuse_tx(tx: Tx) -> list[bytes]:
        checked.said.record_tx(tx)
        return remove_tx(tx, file_id, "refused") if checked.is_final else []

    digests = desk.store.db.write(refuse_tx, actor)
    if checked.verdict.cause is Cause.FORBIDDEN_CLASS:
        delete_blobs(desk.store.db, desk.store.blobs, digests)
