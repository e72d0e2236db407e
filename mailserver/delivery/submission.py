"""Mail that a person of ours sends: one service for the submission door and for the web.

Checked: who may write under this name (RFC 6409 §6.1), and who may be written to. Mended: a missing
Message-ID, Date or Sender is put in front (RFC 6409 §8), and who gets a blind copy is taken out, which some programs
leave to the server; all else that the person wrote stays octet for octet.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from sqlalchemy import Connection

from mailserver.actor import Actor
from mailserver.delivery import circulation, heading, onbehalf
from mailserver.delivery.authorship import authorise
from mailserver.delivery.delivery import Delivery
from mailserver.delivery.envelope import NO_WISHES, Wishes
from mailserver.delivery.errors import NoRecipients, PolicyRefused, RecipientFull
from mailserver.delivery.incoming import Incoming
from mailserver.delivery.judging import check_heading
from mailserver.delivery.keeping import Notice
from mailserver.delivery.onbehalf import OnBehalf
from mailserver.delivery.recipients import expand, full_ones
from mailserver.delivery.sentcopy import SentCopy
from mailserver.delivery.trace import Received
from mailserver.directory.records import OFFICE_ZONE
from mailserver.directory.resolve import resolve_many
from mailserver.mime.compose import new_message_id
from mailserver.mime.scan import scan
from mailserver.policy import Stage
from mailserver.store import quota
from mailserver.store.database import Tx
from mailserver.store.quota import Amount


@dataclass(frozen=True, slots=True)
class Letter:
    """What a person sends.

    data: octets with CRLF line ends. sender: of the envelope, "" for the null path (receipts).
    recipients: addresses of the envelope, blind copies included.
    sent_copy: octets to file in the writer's \\Sent folder in the same transaction (the web does;
    mail clients file their own); None: nothing is filed. wishes: what the writer wants to be told.
    confirmed: names of the rules whose warnings the writer has seen; None: the writer cannot be asked.
    """

    data: bytes
    sender: str
    recipients: tuple[str, ...]
    trace: Received
    sent_copy: bytes | None = None
    wishes: Wishes = NO_WISHES
    confirmed: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Submitted:
    """message_id: without angle brackets, "" if the letter's own is unreadable. mailboxes: how many got the message.

    sent: (folder id, uid) of the copy that was filed, or None. outside: how many recipients of other domains wait
    in the queue; those a policy keeps back count in both. kept: what is kept back, and why.
    """

    message_id: str
    mailboxes: int
    sent: tuple[int, int] | None = None
    outside: int = 0
    kept: tuple[Notice, ...] = ()


async def submit(delivery: Delivery, actor: Actor, letter: Letter) -> Submitted:
    """Send a letter; durable and visible to its recipients on return.

    Raises SenderNotAllowed, AuthorMissing, SeveralAuthors, NoRecipients, RecipientUnknown,
    RecipientFormer, RecipientLocked, RecipientFull, PostingRefused, ListTooLarge, ExternalRecipientRefused,
    PolicyRefused, PolicyWarned, MoveRefused, MailLoop, OverQuota (no room for the copy), StoreFull, StoreUnavailable.
    After any of them nothing was sent or filed.
    """
    draft = await delivery.store.db.aread(lambda conn: _check(delivery, conn, actor, letter))
    if letter.sent_copy is None and not draft.on_behalf.written_for:
        kept = await delivery.deliver(draft.incoming)
        return draft.submitted(None, kept)
    return await asyncio.to_thread(_send_and_file, delivery, draft, letter.sent_copy)


def submit_sync(
    delivery: Delivery,
    actor: Actor,
    letter: Letter,
    also: Callable[[Tx], None] = lambda _tx: None,
    first: Callable[[Tx], None] = lambda _tx: None,
) -> Submitted:
    """As `submit`, for callers in a thread of their own (web, command line).

    first, also: run in the same transaction, before anything of the letter leaves and after it was filed.
    """
    draft = delivery.store.db.read(lambda conn: _check(delivery, conn, actor, letter))
    return _send_and_file(delivery, draft, letter.sent_copy, also, first)


def warnings_sync(delivery: Delivery, actor: Actor, letter: Letter) -> Sequence[PolicyRefused]:
    """What rules warn of in a letter, beside what `letter.confirmed` names; nothing is sent. Raises as `submit`."""
    draft = delivery.store.db.read(lambda conn: _check(delivery, conn, actor, letter))
    return delivery.warnings(draft.incoming)


@dataclass(frozen=True, slots=True)
class _Draft:
    """A letter that may be sent."""

    incoming: Incoming
    added: bytes
    message_id: str
    on_behalf: OnBehalf

    def submitted(self, sent: tuple[int, int] | None, kept: Sequence[Notice]) -> Submitted:
        counts = len(set(self.incoming.mailboxes)), sent, len(self.incoming.outside)
        return Submitted(self.message_id, *counts, tuple(kept))


def _send_and_file(
    delivery: Delivery,
    draft: _Draft,
    sent_copy: bytes | None,
    also: Callable[[Tx], None] = lambda _tx: None,
    first: Callable[[Tx], None] = lambda _tx: None,
) -> Submitted:
    """sent_copy: for the writer's own folder; None: the client files it. What others keep is filed in any case."""
    what, writer = draft.on_behalf, draft.incoming.actor.principal_id
    if sent_copy is None and not what.written_for:
        return draft.submitted(None, delivery.deliver_sync(draft.incoming, also=also, first=first))
    octets = draft.incoming.data if sent_copy is None else draft.added + sent_copy
    copy = SentCopy.prepare(delivery.store, octets)

    def file_tx(tx: Tx) -> None:
        if sent_copy is not None and what.sender_files and writer is not None:
            copy.file_tx(tx, writer)
        onbehalf.file_tx(tx, what, copy)
        onbehalf.note_tx(tx, what)
        also(tx)

    kept = delivery.deliver_sync(draft.incoming, also=file_tx, first=first)
    return draft.submitted(copy.filed, kept)


def _check(delivery: Delivery, conn: Connection, actor: Actor, letter: Letter) -> _Draft:
    """Everything that can refuse a letter before it is stored. Raises as `submit`."""
    if not letter.recipients:
        raise NoRecipients
    check_heading(letter.data)
    now = delivery.clock()
    found = heading.glance(letter.data)
    header = scan(letter.data[: found.size])
    authorship = authorise(conn, actor, letter.sender, header, found, now, heading.claims(letter.data, found.size))
    message_id = header.message_id or ""
    added = authorship.sender_field
    if not found.message_ids:
        message_id = new_message_id(_domain(letter.sender) or delivery.hostname)
        added += f"Message-ID: <{message_id}>\r\n".encode()
    if not found.dates:
        added += _date_field(now)
    resolved = resolve_many(conn, letter.recipients)
    mailboxes, outside = expand(resolved, delivery.outside)
    lists = circulation.copies_of(resolved, outside)
    lists = circulation.admitted(conn, actor, lists, resolved, now)
    by_lists = tuple(one for copy in lists for one in copy.outside)
    if by_lists:
        delivery.outside.check(by_lists)
    if full := full_ones(conn, resolved, len(letter.data)):
        raise RecipientFull(full)
    if letter.sent_copy is not None and actor.principal_id is not None:
        quota.require_room(conn, actor.principal_id, Amount(len(letter.sent_copy), 1))
    data = heading.without_blind(letter.data, found.size)
    incoming = Incoming(
        data=added + data,
        sender=letter.sender,
        addresses=letter.recipients,
        mailboxes=mailboxes,
        actor=actor,
        trace=letter.trace,
        stage=Stage.SUBMISSION,
        outside=outside,
        wishes=letter.wishes,
        confirmed=letter.confirmed,
        passes_on=delivery.passing(conn, actor, data, (*letter.recipients, *by_lists)),
        pace=delivery.sending.look(conn, actor, letter.recipients, outside),
        lists=lists,
    )
    written_for: tuple[onbehalf.For, ...] = ()
    if actor.principal_id is not None:
        written_for = onbehalf.find(conn, actor.principal_id, authorship.written_for, now, delivery.copies)
    return _Draft(incoming, added, message_id, OnBehalf(written_for, header.subject, message_id))


def _date_field(now: datetime) -> bytes:
    return f"Date: {format_datetime(now.astimezone(OFFICE_ZONE))}\r\n".encode()


def _domain(address: str) -> str:
    return address.rpartition("@")[2]
