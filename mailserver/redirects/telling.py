"""What the owner of a mailbox hears of its redirect: that it began, that it ended, and once a day what stayed here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, delete, select

from mailserver.delivery import notices
from mailserver.delivery.automatic import one_line
from mailserver.directory.records import Principal, Status, office_clock
from mailserver.directory.rows import require
from mailserver.redirects.guards import Why
from mailserver.redirects.records import Redirect
from mailserver.redirects.schema import mail_redirect, redirect_note
from mailserver.store.blobs import BlobStore
from mailserver.store.database import Tx

# Letters that a digest names, and owners that are told in one run.
MOST_NAMED = 50
BATCH = 20
EVERY = timedelta(days=1)

_BEGAN = {
    "vi": (
        "Thư của {address} được tự động chuyển tiếp ra ngoài",
        "Thư mới gửi tới {address} được chuyển tiếp tới:\n\n  {targets}\n\nTừ {first} đến hết {last}."
        " Lý do: {reason}\n\n"
        "Hộp thư này vẫn giữ đủ mọi thư. Nếu không phải ý bạn: mở “Tài khoản và thiết bị” và bấm “Dừng chuyển tiếp”,"
        " hoặc báo quản trị hệ thống.",
    ),
    "en": (
        "Mail of {address} is redirected to outside",
        "New mail for {address} goes on to:\n\n  {targets}\n\nFrom {first} to {last}. Reason: {reason}\n\n"
        "This mailbox keeps all of it. If you do not want this: open “Account and devices” and press “Stop"
        " redirecting”, or tell your administrator.",
    ),
}
_ENDED = {
    "vi": ("Thư của {address} không còn được chuyển tiếp ra ngoài", "Đã dừng chuyển tiếp thư tới:\n\n  {targets}"),
    "en": ("Mail of {address} is not redirected any more", "No mail goes on any more to:\n\n  {targets}"),
}
_PASSED_ON = {
    "vi": (
        "Thư của {address} không còn được chuyển tiếp ra ngoài",
        "Chức vụ này đã đổi người giữ, nên lệnh chuyển tiếp đặt cho người trước đã hết. Không còn thư nào đi tới:\n\n"
        "  {targets}\n\nCần chuyển tiếp thì nhờ quản trị hệ thống đặt lệnh mới.",
    ),
    "en": (
        "Mail of {address} is not redirected any more",
        "This post has another holder now, so that what was set for the one before is over. No mail goes on any more"
        " to:\n\n  {targets}\n\nIf you need it, ask your administrator for a new one.",
    ),
}
_REFUSED = {
    "vi": (
        "Không đồng ý chuyển tiếp thư của {address}",
        "Đề nghị chuyển tiếp thư tới:\n\n  {targets}\n\nkhông được đồng ý. Lý do: {why}",
    ),
    "en": ("Redirecting mail of {address} was refused", "Mail will not go on to:\n\n  {targets}\n\nReason: {why}"),
}
_DIGEST = {
    "vi": (
        "{count} thư chỉ nằm ở đây, không được chuyển tiếp",
        "Những thư sau gửi tới {address} vẫn ở trong hộp thư này và không được tự động chuyển tiếp:\n\n{lines}\n",
        "và {more} thư nữa",
    ),
    "en": (
        "{count} messages stayed here and were not redirected",
        "These messages for {address} are in this mailbox and were not redirected:\n\n{lines}\n",
        "and {more} more",
    ),
}
_WHY = {
    "vi": {
        Why.CONSENT: "cần người gửi đồng ý trước; hãy tự chuyển tiếp để hỏi",
        Why.CLASS: "văn bản không được đưa ra ngoài",
        Why.HARM: "có tệp nguy hiểm hoặc chưa quét được vi-rút",
        Why.JUNK: "bị coi là thư rác",
        Why.PRETENCE: "không rõ có đúng là của người gửi",
        Why.LOOP: "đã quay lại từ địa chỉ được chuyển tới",
    },
    "en": {
        Why.CONSENT: "its sender has to agree first; forward it yourself to ask",
        Why.CLASS: "of a class that must not leave",
        Why.HARM: "has a dangerous file, or could not be scanned",
        Why.JUNK: "thought to be junk",
        Why.PRETENCE: "nobody knows whether its sender is real",
        Why.LOOP: "it came back from where it had gone",
    },
}


def began_tx(tx: Tx, blobs: BlobStore, owner: Principal, one: Redirect) -> None:
    _send_tx(tx, blobs, owner, _BEGAN, one)


def ended_tx(tx: Tx, blobs: BlobStore, owner: Principal, one: Redirect) -> None:
    _send_tx(tx, blobs, owner, _ENDED, one)


def passed_on_tx(tx: Tx, blobs: BlobStore, owner: Principal, one: Redirect) -> None:
    _send_tx(tx, blobs, owner, _PASSED_ON, one)


def refused_tx(tx: Tx, blobs: BlobStore, owner: Principal, one: Redirect, why: str) -> None:
    _send_tx(tx, blobs, owner, _REFUSED, one, why=one_line(why))


def _send_tx(
    tx: Tx, blobs: BlobStore, owner: Principal, texts: dict[str, tuple[str, str]], one: Redirect, **more: str
) -> None:
    subject, text = texts["en" if owner.reads_english else "vi"]
    facts = {
        "address": owner.address,
        "targets": "\n  ".join(one.targets),
        "first": f"{one.starts_on:%d/%m/%Y}",
        "last": f"{one.ends_on:%d/%m/%Y}",
        "reason": one_line(one.reason),
        **more,
    }
    notices.send_tx(tx, blobs, owner, subject.format(**facts), text.format(**facts))


def digest_tx(tx: Tx, blobs: BlobStore) -> int:
    """Tell owners what stayed here, once a day; how many were told."""
    owners = _due(tx)
    for owner_id in owners:
        _tell_tx(tx, blobs, owner_id)
    return len(owners)


def _due(tx: Tx) -> Sequence[int]:
    """Owners with a note that has waited for a day."""
    query = (
        select(mail_redirect.c.owner_id)
        .join(redirect_note, redirect_note.c.redirect_id == mail_redirect.c.id)
        .where(redirect_note.c.at <= tx.now - EVERY)
        .distinct()
        .limit(BATCH)
    )
    return tx.conn.execute(query).scalars().all()


def _notes(conn: Connection, owner_id: int) -> Sequence[Any]:
    query = select(redirect_note).join(mail_redirect, mail_redirect.c.id == redirect_note.c.redirect_id)
    return conn.execute(query.where(mail_redirect.c.owner_id == owner_id).order_by(redirect_note.c.id)).all()


def _tell_tx(tx: Tx, blobs: BlobStore, owner_id: int) -> None:
    notes = _notes(tx.conn, owner_id)
    owner = require(tx.conn, owner_id)
    if owner.status is not Status.LEFT:
        language = "en" if owner.reads_english else "vi"
        subject, text, more = _DIGEST[language]
        lines = [
            f"  {office_clock(one.at)}  {one_line(one.author)}\n    {one_line(one.subject) or '–'}\n"
            f"    → {_WHY[language][Why(one.why)]}"
            for one in notes[:MOST_NAMED]
        ]
        if len(notes) > MOST_NAMED:
            lines.append("  " + more.format(more=len(notes) - MOST_NAMED))
        facts = {"count": len(notes), "address": owner.address, "lines": "\n".join(lines)}
        notices.send_tx(tx, blobs, owner, subject.format(**facts), text.format(**facts))
    told = redirect_note.c.redirect_id.in_({one.redirect_id for one in notes}) & (redirect_note.c.id <= notes[-1].id)
    tx.conn.execute(delete(redirect_note).where(told))
