"""The letters that tell recipients of a file. Pure."""

from __future__ import annotations

from datetime import datetime

from mailbox_policies.sentfiles.checking import Subject
from mailserver.delivery.announcements import Notice
from mailserver.delivery.automatic import MOST_SUBJECT, both, one_line
from mailserver.directory.records import OFFICE_ZONE, Principal
from mailserver.sizes import in_words


def arrival(sender: Principal, file: Subject, until: datetime, page: str, *, scanned: bool) -> Notice:
    when = _when(until)
    note = f"{file.note}\n\n" if file.note else ""
    looked = "" if scanned else "Tệp chưa được quét vi-rút.\n"
    looked_en = "" if scanned else "The file has not been scanned for viruses.\n"
    text = note + both(
        f"{sender.name} gửi tệp “{file.name}” ({in_words(file.size, vi=True)}) qua hệ thống.\n"
        f"Đăng nhập để tải về, trước {when}: {page}\n{looked}",
        f"{sender.name} hands you the file “{file.name}” ({in_words(file.size, vi=False)}).\n"
        f"Sign in to fetch it before {when} (UTC+7): {page}\n{looked_en}",
    )
    return Notice(sender, f"Tệp gửi qua hệ thống: {file.name}", text)


def for_outside(sender: Principal, file: Subject, until: datetime, page: str) -> tuple[str, str]:
    """Subject and text for people outside. until: about when the link ends. page: what becomes each reader's link."""
    note, when = f"{file.note}\n\n" if file.note else "", _when(until)
    text = note + both(
        f"{sender.name} gửi ông/bà tệp “{file.name}” ({in_words(file.size, vi=True)}).\n"
        f"Mở đường dẫn sau để tải về, trước {when}; đường dẫn này dành riêng cho ông/bà: {page}",
        f"{sender.name} sends you the file “{file.name}” ({in_words(file.size, vi=False)}).\n"
        f"Open this link to fetch it before {when} (UTC+7); it is meant for you alone: {page}",
    )
    return one_line(f"Tệp gửi ông/bà: {file.name}")[:MOST_SUBJECT], text


def _when(until: datetime) -> str:
    return until.astimezone(OFFICE_ZONE).strftime("%H:%M %d/%m/%Y")
