"""A mail to whose passkeys have changed: somebody else may be at work (OWASP ASVS 5.0, 6.3.7)."""

from __future__ import annotations

from mailserver.delivery import notices
from mailserver.delivery.automatic import one_line
from mailserver.delivery.logreader import LogReader
from mailserver.directory import principals
from mailserver.directory.records import office_clock
from mailserver.store.database import Tx
from mailserver.store.events import Event
from mailserver.store.store import Store

_FACTS = {
    "vi": "  khóa:    {label}\n  lúc:     {at}\n  địa chỉ: {remote}\n\n",
    "en": "  passkey: {label}\n  at:      {at}\n  address: {remote}\n\n",
}
_END = {
    "vi": "Nếu không phải bạn làm: mở “Tài khoản và thiết bị”, chọn “Khóa khẩn cấp”, rồi báo quản trị hệ thống.",
    "en": "If it was not you: open “Account and devices”, choose “Emergency lock”, and tell your administrator.",
}
# By kind of event and language: subject, and what happened.
_LETTERS = {
    "passkey.added": {
        "vi": ("Đã thêm khóa truy cập: {label}", "Tài khoản {address} có thêm một khóa truy cập (passkey):\n\n"),
        "en": ("Passkey added: {label}", "A passkey was added to {address}:\n\n"),
    },
    "passkey.removed": {
        "vi": ("Đã gỡ khóa truy cập: {label}", "Một khóa truy cập (passkey) của {address} đã bị gỡ:\n\n"),
        "en": ("Passkey removed: {label}", "A passkey was removed from {address}:\n\n"),
    },
    "passkey.copied": {
        "vi": (
            "Khóa truy cập bị chặn, có thể đã bị sao chép: {label}",
            "Bộ đếm của một khóa truy cập (passkey) của {address} đã lùi lại: có thể có một bản sao của thiết bị ấy. "
            "Khóa đã bị chặn; hãy gỡ nó và tạo khóa mới.\n\n",
        ),
        "en": (
            "Passkey blocked, it may have been copied: {label}",
            "The counter of a passkey of {address} went back: there may be a copy of the device. The passkey opens "
            "nothing any more; remove it and make a new one.\n\n",
        ),
    },
}


def job() -> LogReader:
    """For the worker."""
    return LogReader("passkeys", tuple(_LETTERS), tell_tx)


def tell_tx(tx: Tx, store: Store, event: Event) -> None:
    """Write to the person. The event's data: label, remote."""
    if event.owner_id is None:
        return
    who = principals.get(tx.conn, event.owner_id)
    if who.status is principals.Status.LEFT:
        return
    language = "en" if who.reads_english else "vi"
    subject, what = _LETTERS[event.kind][language]
    facts = {
        "address": who.address,
        "label": one_line(str(event.data["label"])),
        "at": office_clock(event.at),
        "remote": event.data["remote"] or "—",
    }
    text = (what + _FACTS[language] + _END[language]).format(**facts)
    notices.send_tx(tx, store.blobs, who, subject.format(**facts), text)
