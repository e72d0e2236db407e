"""A mail to who has just signed in from somewhere new: the person may be somebody else (123/QĐ-SCT, Điều 4)."""

from __future__ import annotations

from mailserver.delivery import notices
from mailserver.delivery.logreader import LogReader
from mailserver.directory import principals
from mailserver.directory.records import office_clock
from mailserver.store.database import Tx
from mailserver.store.events import Event
from mailserver.store.store import Store

_DOORS = {"web": ("trang web", "web page"), "imap": ("IMAP", "IMAP"), "smtp": ("SMTP", "SMTP")}
_SUBJECT = {"vi": "Đăng nhập từ nơi mới: {where}", "en": "Sign-in from a new place: {where}"}
_TEXT = {
    "vi": (
        "Tài khoản {address} vừa được đăng nhập từ một nơi chưa từng dùng:\n\n"
        "  lúc:    {at}\n  qua:    {door}\n  máy:    {client}\n  địa chỉ: {remote}\n\n"
        "Nếu là bạn thì không cần làm gì. Nếu không phải: mở “Tài khoản và thiết bị”, chọn “Khóa khẩn cấp”, "
        "rồi báo quản trị hệ thống của cơ quan."
    ),
    "en": (
        "Somebody signed in to {address} from a place that was not used before:\n\n"
        "  at:      {at}\n  by:      {door}\n  device:  {client}\n  address: {remote}\n\n"
        "If it was you, there is nothing to do. If not: open “Account and devices”, choose “Emergency lock”, "
        "and tell your administrator."
    ),
}


def job() -> LogReader:
    """For the worker."""
    return LogReader("new-devices", ("sign_in.new",), tell_tx)


def tell_tx(tx: Tx, store: Store, event: Event) -> None:
    """Write to the person. The event's data: door, remote, client."""
    if event.owner_id is None:
        return
    who = principals.get(tx.conn, event.owner_id)
    if who.kind is not principals.Kind.PERSON or who.status is principals.Status.LEFT:
        return
    english = who.reads_english
    language = "en" if english else "vi"
    facts = {
        "address": who.address,
        "at": office_clock(event.at),
        "door": _DOORS.get(str(event.data["door"]), ("?", "?"))[english],
        "client": event.data["client"] or "—",
        "remote": event.data["remote"],
    }
    where = event.data["client"] or event.data["remote"]
    notices.send_tx(tx, store.blobs, who, _SUBJECT[language].format(where=where)[:150], _TEXT[language].format(**facts))
