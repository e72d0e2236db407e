"""How classes of folders, requests and holds are called on the pages."""

from __future__ import annotations

from mailbox_policies.cleanup.proposals import Sort
from mailbox_policies.retention.holds import HoldKind
from mailbox_policies.retention.items import Item
from mailbox_policies.retention.terms import FolderClass
from webmail.i18n import _


def kind(one: FolderClass) -> str:
    return {
        FolderClass.SCHEDULE: _("Lịch công tác"),
        FolderClass.NOTICE: _("Thông báo"),
        FolderClass.COMMENTS: _("Lấy ý kiến"),
        FolderClass.JUNK: _("Thư rác"),
        FolderClass.TRASH: _("Thùng rác"),
    }[one]


def held(one: HoldKind) -> str:
    return {
        HoldKind.MAILBOX: _("Cả hộp thư"),
        HoldKind.PERSON: _("Mọi thư của một người"),
        HoldKind.MESSAGE: _("Một thư"),
    }[one]


def request(item: Item) -> tuple[str, str]:
    """What a tag says of a request for more time, and its colour; two empty texts without one."""
    if item.asks:
        return _("Đang xin gia hạn"), "amber"
    if item.extended_until is not None:
        return _("Đã gia hạn"), "green"
    return (_("Không được gia hạn"), "red") if item.refused else ("", "")


def sort(one: Sort) -> tuple[str, str]:
    """A sort of mail that could be deleted, and what it is."""
    return {
        Sort.LARGE: (_("Thư lớn"), _("Thư từ 5 MB trở lên.")),
        Sort.OLD: (_("Thư cũ"), _("Thư đã nhận hơn một năm.")),
        Sort.TWICE: (_("Thư trùng"), _("Thư có một bản giống hệt ở thư mục khác hoặc trong cùng thư mục.")),
        Sort.NEWSLETTER: (_("Bản tin"), _("Thư của danh sách gửi, bản tin, quảng cáo có nút thôi nhận.")),
        Sort.JUNK: (_("Thư rác"), _("Thư trong Thư rác.")),
    }[one]
