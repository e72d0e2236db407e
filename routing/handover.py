"""Shutting the account of who leaves on the day, and handing over what was in it.

In one transaction: posts, granted rights and redirects end, the account is locked, the successor (or the office) may
open and handle the mailbox, senders are told whom to write to, and the minutes say what was handed over. The mailbox
stays as it is, and nobody else ever gets the address (123/QĐ-SCT, Điều 5; 04/2017/QĐ-UBND, Điều 11 khoản 1).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, select

from mailserver.delivery import notices
from mailserver.delivery.automatic import both
from mailserver.directory import absences, credentials, departures, grants, offices, posts, principals
from mailserver.directory.absences import Wish
from mailserver.directory.departures import Cause, Departure
from mailserver.directory.records import Principal, Status, office_day
from mailserver.directory.rights import Right
from mailserver.directory.schema import tenure
from mailserver.redirects import deciding
from mailserver.redirects import records as redirects
from mailserver.store import audit, folders
from mailserver.store.database import Tx
from mailserver.store.store import Store
from routing.schema import document, step
from routing.types import StepRole, StepState

# Senders are told for this long whom to write to instead.
ANSWERED = timedelta(days=180)
RIGHTS = (Right.READ.value, Right.HANDLE.value)
_WORDS = {
    Cause.RETIREMENT: ("đã nghỉ hưu", "has retired"),
    Cause.TRANSFER: ("đã chuyển công tác", "has moved to another office"),
}
_NOTICE_VI = (
    "{who} {has} từ ngày {day} ({approval}).\n\n"
    "Bạn tiếp nhận hộp thư và các văn bản đang xử lý: hộp thư hiện ở “Other Users/” của chương trình thư và trong "
    "danh sách hộp thư của trang web; việc đang chờ hiện ở “Việc của tôi”.\n"
    "Thư mới gửi đến {address} vẫn vào hộp thư ấy; người gửi được báo địa chỉ của bạn."
)
_NOTICE_EN = (
    "{who} {has}, from {day} on ({approval}).\n\n"
    "The mailbox and the documents in hand are yours now: the mailbox is under “Other Users/” in mail programs and in "
    "the list of mailboxes on the web; what waits is on the page “My work”.\n"
    "New mail to {address} still comes into that mailbox; its senders are told your address."
)


def perform_due_tx(tx: Tx, store: Store) -> int:
    """Do what is due; returns how many people have left now. For the worker: done twice it does nothing more."""
    found = departures.due(tx.conn, tx.now)
    for one in found:
        _perform_tx(tx, store, one)
    return len(found)


def _perform_tx(tx: Tx, store: Store, leaving: Departure) -> None:
    who = principals.get(tx.conn, leaving.person_id)
    keeper = _keeper(tx.conn, who, leaving)
    minutes = _minutes(tx, who, leaving, keeper)
    _end_redirects_tx(tx, store, who.id, leaving.starts_on)
    _end_offices_tx(tx, who.id, leaving.starts_on)
    for grant in grants.grants_of(tx.conn, who.id, tx.now):
        grants.revoke_tx(tx, grant.id)
    credentials.revoke_all_tx(tx, who.id)
    if who.status is Status.ACTIVE:
        principals.lock_person_tx(tx, who.id, leaving.approval)
    if keeper is not None:
        grants.grant_tx(tx, who.id, keeper.id, RIGHTS, tx.now, granted_by=leaving.created_by_id)
    last = max(leaving.starts_on, office_day(tx.now)) + ANSWERED
    absences.depart_tx(tx, who.id, Wish(leaving.starts_on, last, None, _answer(who, leaving, keeper)))
    departures.done_tx(tx, leaving.id, minutes)
    facts: dict[str, Any] = {"departure": leaving.id, "keeper": keeper and keeper.id, "sha256": digest(minutes)}
    audit.record_tx(tx, "departure.done", owner_id=who.id, **facts)
    if keeper is not None:
        notices.send_tx(tx, store.blobs, keeper, *_notice(who, leaving, english=keeper.reads_english))


def _keeper(conn: Connection, who: Principal, leaving: Departure) -> Principal | None:
    """The successor; without one who can sign in, the office (04/2017/QĐ-UBND, Điều 11 khoản 1)."""
    if leaving.successor_id is not None:
        successor = principals.get(conn, leaving.successor_id)
        if successor.status is Status.ACTIVE:
            return successor
    chief = next((one for one in posts.posts(conn, who.agency_id) if one.role == offices.CHIEF_OF_OFFICE), None)
    return None if chief is None else chief.principal


def _end_offices_tx(tx: Tx, person_id: int, first_day: date) -> None:
    """Posts end the day before; one that was to begin later never does."""
    last = first_day - timedelta(days=1)
    query = select(tenure.c.id, tenure.c.ends_on).where(tenure.c.person_id == person_id)
    for row in tx.conn.execute(query).all():
        if row.ends_on is None or row.ends_on > last:
            posts.end_tenure_tx(tx, row.id, last)


def _end_redirects_tx(tx: Tx, store: Store, person_id: int, first_day: date) -> None:
    """No mail goes on to where somebody who has left may read it, of the posts neither."""
    held = posts.posts_of(tx.conn, person_id, first_day - timedelta(days=1))
    for owner_id in (person_id, *(one.principal.id for one in held)):
        for one in redirects.of_owner(tx.conn, owner_id, redirects.State.ASKED, redirects.State.STANDING):
            deciding.end_tx(tx, store.blobs, one.id)


def _minutes(tx: Tx, who: Principal, leaving: Departure, keeper: Principal | None) -> Mapping[str, Any]:
    """What is handed over, as it is at this moment; plain JSON."""
    day = leaving.starts_on - timedelta(days=1)
    ended = grants.grants_of(tx.conn, who.id, tx.now)
    owners = principals.get_many(tx.conn, {one.owner_id for one in ended})
    return {
        "keeper": keeper.name if keeper else "",
        "address": who.address,
        "folders": [
            {"name": one.name, "messages": one.messages, "unseen": one.unseen, "size": one.size}
            for one in folders.list_of(tx.conn, who.id)
        ],
        "documents": _open_documents(tx.conn, who.id),
        "posts": [one.principal.name for one in posts.posts_of(tx.conn, who.id, day)],
        "grants": [owners[one.owner_id].name for one in ended],
    }


def digest(minutes: Mapping[str, Any]) -> str:
    """SHA-256 of what was kept, hexadecimal: of its JSON with sorted names and no spaces."""
    return hashlib.sha256(
        json.dumps(minutes, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    ).hexdigest()


def _open_documents(conn: Connection, person_id: int) -> list[dict[str, Any]]:
    """The documents that wait for the person."""
    query = (
        select(document.c.register_number, document.c.register_year, document.c.summary, step.c.due_on)
        .join(step, step.c.document_id == document.c.id)
        .where(step.c.assignee_id == person_id, step.c.state == StepState.PENDING.value)
        .where(step.c.role == StepRole.MAIN.value)
        .order_by(step.c.due_on, document.c.id)
    )
    return [
        {"number": row[0], "year": row[1], "summary": row[2], "due_on": None if row[3] is None else str(row[3])}
        for row in conn.execute(query)
    ]


def _answer(who: Principal, leaving: Departure, keeper: Principal | None) -> str:
    """To senders, who may be anybody."""
    (vi, en), day = _WORDS[leaving.cause], f"{leaving.starts_on:%d/%m/%Y}"
    in_vi = f"{who.name} {vi} từ ngày {day} và không đọc thư này."
    in_en = f"{who.name} {en}, from {day} on, and does not read this."
    if keeper is None:
        return both(in_vi, in_en)
    whom = f"{keeper.name} <{keeper.address}>"
    return both(f"{in_vi}\n\nXin gửi thư cho {whom}.", f"{in_en}\n\nPlease write to {whom}.")


def _notice(who: Principal, leaving: Departure, *, english: bool) -> tuple[str, str]:
    """Subject and text, to who has the mailbox now."""
    facts = {
        "who": who.name,
        "has": _WORDS[leaving.cause][english],
        "day": f"{leaving.starts_on:%d/%m/%Y}",
        "approval": leaving.approval,
        "address": who.address,
    }
    subject = "The mailbox of {who} is yours now" if english else "Bàn giao hộp thư của {who}"
    return subject.format(**facts), (_NOTICE_EN if english else _NOTICE_VI).format(**facts)
