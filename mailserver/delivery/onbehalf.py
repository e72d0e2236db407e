"""Mail that somebody sends in the name of a unit, a post or a person: where its copy goes, and what is noted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum, unique

from sqlalchemy import Connection

from mailserver.delivery.sentcopy import SentCopy
from mailserver.directory import offices, principals
from mailserver.store import access, audit, raw
from mailserver.store.flags import Flag
from mailserver.store.tx import Tx

MOST_SUBJECT = 200
# Whether an agency wants who is replaced to get a copy.
Copies = Callable[[Connection, int], bool]


@unique
class SentCopyTo(StrEnum):
    """Equal to its word in `mailbox_settings.sent_copy`."""

    SENDER = "sender"
    OWNER = "owner"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class For:
    """One in whose name the letter is. replaced: the person whose place the writer takes; None: the writer's own
    office. copied: whether that person gets a copy."""

    owner_id: int
    copy: SentCopyTo
    replaced: int | None
    copied: bool


@dataclass(frozen=True, slots=True)
class OnBehalf:
    """subject: of the letter, message_id without angle brackets; for the audit."""

    written_for: tuple[For, ...]
    subject: str
    message_id: str

    @property
    def sender_files(self) -> bool:
        """Whether the writer's own folder gets the copy."""
        return not self.written_for or any(one.copy is not SentCopyTo.OWNER for one in self.written_for)

    def owners(self) -> tuple[int, ...]:
        """In whose \\Sent folders a copy goes besides."""
        return tuple(one.owner_id for one in self.written_for if one.copy is not SentCopyTo.SENDER)

    def copied(self) -> tuple[int, ...]:
        """Into whose inboxes a copy goes."""
        return tuple(one.replaced for one in self.written_for if one.copied and one.replaced is not None)


def find(conn: Connection, person_id: int, owners: Sequence[int], now: datetime, copies: Copies) -> tuple[For, ...]:
    """For each of those in whose name the person writes."""
    return tuple(_for(conn, person_id, owner_id, now, copies) for owner_id in owners)


def _for(conn: Connection, person_id: int, owner_id: int, now: datetime, copies: Copies) -> For:
    replaced = offices.replaced_by(conn, person_id, owner_id, now)
    agency_id = principals.get(conn, owner_id).agency_id
    return For(owner_id, sent_copy_to(conn, owner_id), replaced, replaced is not None and copies(conn, agency_id))


def note_tx(tx: Tx, what: OnBehalf) -> None:
    """One record of the audit for each: who has written in whose place."""
    for one in what.written_for:
        told = {"message_id": what.message_id, "subject": what.subject[:MOST_SUBJECT]}
        audit.record_tx(tx, "mail.sent_for", owner_id=one.owner_id, on_behalf_of_id=one.replaced, **told)


def file_tx(tx: Tx, what: OnBehalf, copy: SentCopy) -> None:
    """Put the copies where they belong besides the writer's own folder."""
    for owner_id in what.owners():
        copy.file_tx(tx, owner_id)
    for person_id in what.copied():
        copy.file_in_tx(tx, person_id, special_use=None, name="INBOX", flags=Flag(0))


def sent_copy_to(conn: Connection, owner_id: int) -> SentCopyTo:
    """What a mailbox has chosen; without a choice the writer files the copy."""
    found = raw.row(conn, "SELECT sent_copy FROM mailbox_settings WHERE owner_id = ?", (owner_id,))
    return SentCopyTo(found[0]) if found else SentCopyTo.SENDER


def choose_sent_copy_tx(tx: Tx, owner_id: int, where: SentCopyTo, now: datetime | None = None) -> None:
    """By whoever leads the mailbox. Raises Forbidden, FolderMissing."""
    access.check(access.mailbox_rights(tx.conn, tx.actor, owner_id, now), "a", str(owner_id))
    if sent_copy_to(tx.conn, owner_id) is where:
        return
    raw.run(
        tx.conn,
        "INSERT INTO mailbox_settings (owner_id, sent_copy) VALUES (?, ?)"
        " ON CONFLICT (owner_id) DO UPDATE SET sent_copy = excluded.sent_copy",
        (owner_id, where.value),
    )
    audit.record_tx(tx, "mailbox.sent_copy", owner_id=owner_id, to=where.value)
