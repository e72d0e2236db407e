"""How files that are handed over are spoken of on pages."""

from __future__ import annotations

from datetime import datetime

from mailbox_policies.sentfiles import errors
from mailbox_policies.sentfiles.linklist import Link
from mailbox_policies.sentfiles.reading import SentFile
from webmail.formats import full_when, size
from webmail.i18n import _


def state(file: SentFile, now: datetime) -> tuple[str, str]:
    """In a few words, and the colour of its tag."""
    if file.state == "gone":
        return (_("đã thu hồi"), "") if file.why == "withdrawn" else (_("hết hạn"), "")
    if file.state == "stopped":
        return _("đã dừng"), "red"
    if not file.can_be_fetched(now):
        return _("hết hạn"), ""
    return _("tải được đến %(when)s", when=full_when(file.expires_at)), "green"


def link_state(link: Link, file: SentFile, now: datetime) -> tuple[str, str]:
    """Of the link of somebody outside."""
    if link.ended_at is not None:
        return _("đã thu hồi"), ""
    if link.expires_at is None:
        return _("thư chưa đi"), "amber"
    if not file.can_be_fetched(now) or now >= link.expires_at:
        return _("không mở được nữa"), ""
    return _("mở được đến %(when)s", when=full_when(min(link.expires_at, file.expires_at))), "green"


def fault_words(fault: errors.SentFileError) -> str:
    """Why a file is not taken."""
    if isinstance(fault, errors.FileTooLarge):
        return _("Tệp lớn hơn mức %(limit)s của cơ quan.", limit=size(fault.limit))
    if isinstance(fault, errors.NoRoom):
        limit = size(fault.limit)
        return _("Các tệp bạn đang gửi đã tới mức %(limit)s. Hãy thu hồi bớt tệp cũ.", limit=limit)
    if isinstance(fault, errors.TooManyOutside):
        return _("Một thư gửi đường dẫn cho nhiều nhất %(n)s người ngoài cơ quan.", n=fault.limit)
    if isinstance(fault, errors.FileEmpty):
        return _("Tệp trống, không có gì để gửi.")
    if isinstance(fault, errors.TurnedOff):
        return _("Cơ quan không dùng chức năng gửi tệp.")
    if isinstance(fault, errors.Misplaced):
        return _("Tệp chưa tải lên hết. Hãy chọn lại tệp để tải tiếp.")
    return _("Tệp này không còn, hoặc đã được gửi.")
