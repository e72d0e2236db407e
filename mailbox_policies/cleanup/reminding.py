"""The monthly letter about mail that could be deleted: how much of each sort, and where it is chosen.

It goes to whose mailbox it is. Of a mailbox of a unit, a post or the agency one person hears: the head, who holds the
post, the chief of office; it stands in that person's own letter. Letter and note of it are one transaction, so each
person gets one letter a month at most, whatever dies in between.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from functools import partial

from sqlalchemy import Connection

from mailbox_policies.cleanup import proposals, telling
from mailbox_policies.cleanup.found import Found
from mailbox_policies.cleanup.proposals import NEEDS
from mailserver.actor import SYSTEM, Actor
from mailserver.delivery import notices
from mailserver.directory import capabilities, posts, principals
from mailserver.directory.offices import CHIEF_OF_OFFICE
from mailserver.directory.records import Kind, Principal, office_day
from mailserver.store import quota, raw
from mailserver.store.access import MailboxAccess, mailboxes_for
from mailserver.store.errors import FolderMissing, MoveRefused
from mailserver.store.store import Store
from mailserver.store.tx import Tx

# People looked at in one run of the job.
BATCH = 20


def remind(store: Store, agency_id: int, web: str, now: datetime) -> bool:
    """Write to those of an agency who have not been looked at this month, some at a time; whether there are more.

    web: how browsers reach the pages, without a slash at the end; now: aware.
    """
    month = f"{office_day(now):%Y-%m}"
    people = store.db.read(lambda conn: _due(conn, agency_id, month))
    for person_id in people:
        who, found = store.db.read(partial(_look, person_id=person_id, now=now))
        work = partial(_remind_tx, store=store, who=who, found=found, web=web, month=month)
        try:
            store.db.write(work, SYSTEM)
        except (FolderMissing, MoveRefused):  # who cannot be told sees the page
            store.db.write(partial(_note_tx, person_id=who.id, month=month), SYSTEM)
    return len(people) == BATCH


def wanted(conn: Connection, person_id: int) -> bool:
    """Whether somebody wants the letter."""
    found = raw.row(conn, "SELECT wanted FROM cleanup_reminder WHERE person_id = ?", (person_id,))
    return found is None or bool(found[0])


def want_tx(tx: Tx, wants: bool) -> None:
    """The actor's choice."""
    insert = (
        "INSERT INTO cleanup_reminder (person_id, wanted) VALUES (?, ?)"
        " ON CONFLICT (person_id) DO UPDATE SET wanted = excluded.wanted"
    )
    raw.run(tx.conn, insert, (tx.actor.principal_id, wants))


def _due(conn: Connection, agency_id: int, month: str) -> list[int]:
    query = (
        "SELECT p.id FROM principal p LEFT JOIN cleanup_reminder r ON r.person_id = p.id"
        " WHERE p.agency_id = ? AND p.kind = 'person' AND p.status = 'active' AND coalesce(r.month, '') <> ?"
        f" AND coalesce(r.wanted, ?) ORDER BY p.id LIMIT {BATCH}"
    )
    return [row[0] for row in raw.rows(conn, query, (agency_id, month, True))]


def _look(conn: Connection, person_id: int, now: datetime) -> tuple[Principal, list[Found]]:
    who = principals.get(conn, person_id)
    boxes = mailboxes_for(conn, Actor(who.id, who.agency_id, "worker"), now)
    mine = [box for box in boxes if box.rights >= NEEDS and _answers(conn, who, box, office_day(now))]
    used = quota.used_by(conn, [box.owner_id for box in mine])
    found = []
    for box in mine:
        summary = proposals.summary(conn, who.agency_id, box.owner_id, now)
        octets, limit = used.get(box.owner_id, quota.NOTHING).octets, quota.of(conn, box.owner_id).limit.octets
        found.append(Found(box.owner_id, box.name, box.owner_id == who.id, octets, limit or 0, summary))
    return who, [one for one in found if one.is_worth_it]


def _answers(conn: Connection, who: Principal, box: MailboxAccess, day: date) -> bool:
    """Whether it is this person who hears of a mailbox."""
    if box.owner_id == who.id:
        return True
    if box.kind == Kind.UNIT.value:
        return posts.head_of(conn, box.owner_id, day) == who.id
    if box.kind == Kind.POST.value:
        return posts.holder(conn, box.owner_id, day) == who.id
    if box.kind == Kind.AGENCY.value:
        return capabilities.holders_of(conn, who.agency_id, CHIEF_OF_OFFICE, day)[:1] == [who.id]
    return False


def _remind_tx(tx: Tx, store: Store, who: Principal, found: Sequence[Found], web: str, month: str) -> None:
    if _note_tx(tx, who.id, month) and found:
        notices.send_tx(tx, store.blobs, who, *telling.words(who, found, web, month))


def _note_tx(tx: Tx, person_id: int, month: str) -> bool:
    """Whether the person has not been looked at this month before, and wants the letter."""
    insert = (
        "INSERT INTO cleanup_reminder (person_id, wanted, month) VALUES (?, ?, ?)"
        " ON CONFLICT (person_id) DO UPDATE SET month = excluded.month"
        " WHERE cleanup_reminder.month <> excluded.month AND cleanup_reminder.wanted"
    )
    return raw.run(tx.conn, insert, (person_id, True, month)) == 1
