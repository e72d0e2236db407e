"""Telling those who write to somebody that the person is away: one answer to each sender for each absence.

A job of the worker, not of the delivery: whoever sends waits for nothing. The note that a sender was told, the
answer and the place in the event log are one transaction, so that none is sent twice, whenever the worker is
killed, and none is forgotten.
"""

from __future__ import annotations

from mailserver.delivery import automatic, autoreply
from mailserver.delivery.logreader import LogReader
from mailserver.delivery.outside import Outside
from mailserver.directory import absences, principals
from mailserver.directory.absences import GONE, LEAVE, Absence
from mailserver.directory.addresses import lookup_key
from mailserver.directory.records import Principal, Status, office_day
from mailserver.store import folders, messages
from mailserver.store.database import Tx
from mailserver.store.errors import FolderMissing, StoreUnavailable
from mailserver.store.events import Event
from mailserver.store.folder_names import INBOX
from mailserver.store.messages import MessageInfo
from mailserver.store.store import Store

_ABSENT = "owner_id IN (SELECT person_id FROM absence WHERE cancelled_at IS NULL)"
_SUBJECTS = {LEAVE: "Vắng mặt", GONE: "Đã thôi công tác tại đây"}


def job(outside: Outside) -> LogReader:
    """For the worker. outside: the way to senders elsewhere."""
    return LogReader(
        "absence-answers",
        ("message.delivered",),
        lambda tx, store, event: answer_tx(tx, store, event, outside),
        only=_ABSENT,
    )


def answer_tx(tx: Tx, store: Store, event: Event, outside: Outside) -> None:
    """Answer one delivered message, if it asks for it: it lies in the INBOX of a person who was away when it
    came, and a program may answer it (RFC 3834). What was found to be spam lies elsewhere."""
    away = _away(tx, event)
    if away is None or not _in_inbox(tx, event):
        return
    try:
        info = messages.info(tx.conn, int(event.data["message_pk"]))
    except StoreUnavailable:  # deleted since, and collected
        return
    own = frozenset(lookup_key(one) for one in principals.addresses_of(tx.conn, away.person_id))
    asked = autoreply.question(info.header, own)
    if asked is None or not absences.note_answer_tx(tx, away.id, asked.sender):
        return
    who = principals.get(tx.conn, away.person_id)
    letter = _letter(tx, away, who, asked, info)
    where = automatic.send_tx(tx, store.blobs, outside, letter, f"absence-{away.id}")
    tx.emit("absence.answered", owner_id=who.id, absence=away.id, to=where)


def _away(tx: Tx, event: Event) -> Absence | None:
    """The absence that says something to the sender of a message that came while it was known."""
    if event.owner_id is None:
        return None
    found = absences.current(tx.conn, event.owner_id, office_day(event.at))
    if found is None or not found.text or event.at < found.created_at:
        return None
    return found if principals.get(tx.conn, found.person_id).status is not Status.LEFT else None


def _in_inbox(tx: Tx, event: Event) -> bool:
    try:
        return event.folder_id is not None and folders.by_id(tx.conn, event.folder_id).name == INBOX
    except FolderMissing:
        return False


def _letter(tx: Tx, away: Absence, who: Principal, asked: autoreply.Question, info: MessageInfo) -> automatic.Letter:
    return automatic.Letter(
        automatic.address(who),
        automatic.address(asked.sender),
        f"{_SUBJECTS[away.cause]}: {info.subject}",
        _text(tx, away, who),
        automatic.Auto.REPLIED,
        answers=info.message_id,
    )


def _text(tx: Tx, away: Absence, who: Principal) -> str:
    if away.cause == GONE:
        return f"{away.text.rstrip()}\n"
    said = (
        f"{away.text.rstrip()}\n\n-- \n{who.name}\nVắng mặt từ {away.starts_on:%d/%m/%Y} đến {away.ends_on:%d/%m/%Y}.\n"
    )
    if away.deputy_id is None:
        return said
    deputy = principals.get(tx.conn, away.deputy_id)
    return f"{said}Trong thời gian này xin liên hệ {deputy.name} <{deputy.address}>.\n"
