"""How files that are handed over are spoken of on pages."""

from __future__ import annotations

from datetime import datetime

from mailbox_policies.sentfiles import errors
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


def fault_words(fault: errors.SentFileError) -> str:
    """Why a file is not taken."""
    if isinstance(fault, errors.FileTooLarge):
        return _("Tệp lớn hơn mức %(limit)s của cơ quan.", limit=size(fault.limit))
    if isinstance(fault, errors.NoRoom):
        limit = size(fault.limit)
        return _("Các tệp bạn đang gửi đã tới mức %(limit)s. Hãy thu hồi bớt tệp cũ.", limit=limit)
    if isinstance(fault, errors.FileEmpty):
        return _("Tệp trống, không có gì để gửi.")
    if isinstance(fault, errors.TurnedOff):
        return _("Cơ quan không dùng chức năng gửi tệp.")
    if isinstance(fault, errors.Misplaced):
        return _("Tệp chưa tải lên hết. Hãy chọn lại tệp để tải tiếp.")
    return _("Tệp này không còn, hoặc đã được gửi.")
