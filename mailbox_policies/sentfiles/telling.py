"""The letter that tells recipients of a file. Pure."""

from __future__ import annotations

from datetime import datetime

from mailbox_policies.sentfiles.checking import Subject
from mailserver.delivery.announcements import Notice
from mailserver.delivery.automatic import both
from mailserver.directory.records import OFFICE_ZONE, Principal


def arrival(sender: Principal, file: Subject, until: datetime, page: str, *, scanned: bool) -> Notice:
    when = until.astimezone(OFFICE_ZONE).strftime("%H:%M %d/%m/%Y")
    note = f"{file.note}\n\n" if file.note else ""
    looked = "" if scanned else "Tệp chưa được quét vi-rút.\n"
    looked_en = "" if scanned else "The file has not been scanned for viruses.\n"
    size = f"{file.size / 1048576:.1f} MB" if file.size >= 1048576 else f"{-(-file.size // 1024)} KB"
    text = note + both(
        f"{sender.name} gửi tệp “{file.name}” ({size.replace('.', ',')}) qua hệ thống.\n"
        f"Đăng nhập để tải về, trước {when}: {page}\n{looked}",
        f"{sender.name} hands you the file “{file.name}” ({size}).\n"
        f"Sign in to fetch it before {when} (UTC+7): {page}\n{looked_en}",
    )
    return Notice(sender, f"Tệp gửi qua hệ thống: {file.name}", text)
