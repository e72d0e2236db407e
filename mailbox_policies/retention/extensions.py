"""More time for a notice or a request for comments (gia hạn): its poster asks, an administrator decides.

132/QĐ-STTTT, Điều 7 khoản 4 and 5. While a request is open nothing of it is removed.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from mailbox_policies.retention import items
from mailserver.delivery import notices
from mailserver.directory import capabilities, principals
from mailserver.directory.records import office_day
from mailserver.store import audit, raw
from mailserver.store.blobs import BlobStore
from mailserver.store.columns import milliseconds
from mailserver.store.tx import Tx

LONGEST = timedelta(days=366)
MOST_REASON = 500


class NoSuchItem(Exception):
    """There is none by this number, or none that this person may ask or decide about; nothing has changed."""


class UnfitDate(Exception):
    """More time ends in the future, and within LONGEST; nothing has changed."""


class AlreadyDecided(Exception):
    """Somebody was quicker, or nobody asks any more; nothing has changed."""


def ask_tx(
    tx: Tx, blobs: BlobStore, item_id: int, whose: Collection[int], until: datetime, why: str, now: datetime
) -> None:
    """Ask that an item of one of `whose` (the person, and mailboxes the person acts for) stay until then.

    Another request takes the place of one that is open. The administrators get a letter. Raises NoSuchItem, UnfitDate.
    """
    item = items.get(tx.conn, item_id, lock=True)
    if item is None or not item.kind.shared or not {item.told_id, item.owner_id} & set(whose):
        raise NoSuchItem(item_id)
    _check(until, now)
    raw.run(
        tx.conn,
        "UPDATE retention_item SET asked_at = ?, asked_by_id = ?, asked_until = ?, asked_why = ?, decided_at = NULL,"
        " decided_by_id = NULL WHERE id = ?",
        (milliseconds(now), tx.actor.principal_id, milliseconds(until), why[:MOST_REASON], item_id),
    )
    facts: dict[str, Any] = {"message": item.message_pk, "until": until.isoformat(), "why": why[:MOST_REASON]}
    audit.record_tx(tx, "retention.extension_asked", owner_id=item.owner_id, **facts)
    day = f"{office_day(until):%d/%m/%Y}"
    subject = f"Xin gia hạn đến {day}: {item.subject}"
    text = f"Thư trong “{item.folder}” được xin gia hạn lưu đến {day}.\n\nLý do: {why[:MOST_REASON]}\n"
    for admin in principals.get_many(
        tx.conn, set(capabilities.keepers_of_the_system(tx.conn, item.agency_id))
    ).values():
        notices.send_tx(tx, blobs, admin, subject, text)


def decide_tx(
    tx: Tx, blobs: BlobStore, agency_id: int, item_id: int, granted: bool, until: datetime | None, now: datetime
) -> None:
    """Grant what was asked (until: another day), or refuse it; who asked gets a letter.

    Raises NoSuchItem, AlreadyDecided, UnfitDate. Who may do so is the caller's to check.
    """
    item = items.get(tx.conn, item_id, lock=True)
    if item is None or item.agency_id != agency_id:
        raise NoSuchItem(item_id)
    if not item.asks or item.asked_until is None or item.asked_by_id is None:
        raise AlreadyDecided(item_id)
    until = until or item.asked_until
    if granted:
        _check(until, now)
    decided = "decided_at = ?, decided_by_id = ?"
    facts: tuple[object, ...] = (milliseconds(now), tx.actor.principal_id)
    if granted:  # told of again before it goes
        decided += ", extended_until = ?, due_at = ?, told_at = NULL, office_told_at = NULL"
        facts = (*facts, milliseconds(until), milliseconds(max(until, item.due_at)))
    raw.run(tx.conn, f"UPDATE retention_item SET {decided} WHERE id = ?", (*facts, item_id))
    kind = "retention.extended" if granted else "retention.extension_refused"
    audit.record_tx(tx, kind, owner_id=item.owner_id, message=item.message_pk, until=until.isoformat())
    said = f"Đã gia hạn đến {office_day(until):%d/%m/%Y}" if granted else "Không gia hạn"
    person = principals.get(tx.conn, item.asked_by_id)
    notices.send_tx(tx, blobs, person, f"{said}: {item.subject}", f"{said}: thư trong “{item.folder}”.\n")


def _check(until: datetime, now: datetime) -> None:
    if not now < until <= now + LONGEST:
        raise UnfitDate(until)
