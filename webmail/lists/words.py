"""How what lists do is called on the page."""

from __future__ import annotations

from collections.abc import Mapping

from mailserver.directory.mailing_import import Outcome
from mailserver.directory.mailing_lists import Posting, Reach, ReplyTo, ShownTo
from mailserver.store.auditrecords import Record
from webmail.i18n import _


def posting() -> dict[str, str]:
    """Who may write to a list."""
    return {
        Posting.AGENCY.value: _("Mọi người trong cơ quan"),
        Posting.MEMBERS.value: _("Thành viên"),
        Posting.POSTERS.value: _("Chỉ những người được nêu tên"),
        Posting.ANYONE.value: _("Mọi người, kể cả bên ngoài"),
    }


def reply_to() -> dict[str, str]:
    return {ReplyTo.AUTHOR.value: _("Người viết"), ReplyTo.LIST.value: _("Cả danh sách")}


def shown_to() -> dict[str, str]:
    """Who may see the members."""
    return {
        ShownTo.AGENCY.value: _("Mọi người trong cơ quan"),
        ShownTo.MEMBERS.value: _("Thành viên"),
        ShownTo.OWNERS.value: _("Chỉ người phụ trách"),
    }


def reach() -> dict[str, str]:
    """What a unit stands for."""
    return {
        Reach.MAILBOX.value: _("Hộp thư của đơn vị"),
        Reach.PEOPLE.value: _("Mọi người trong đơn vị"),
        Reach.BELOW.value: _("Mọi người, cả đơn vị cấp dưới"),
    }


def outcome(one: Outcome) -> tuple[str, str]:
    """What a tag says of a line, and its colour."""
    return {
        Outcome.NEW: (_("sẽ thêm"), "green"),
        Outcome.CHANGED: (_("sẽ thay đổi"), "blue"),
        Outcome.MEMBER: (_("đã có"), "grey"),
        Outcome.UNKNOWN: (_("cơ quan không có địa chỉ này"), "red"),
        Outcome.INVALID: (_("không phải địa chỉ"), "red"),
        Outcome.NO_REACH: (_("sau dấu phẩy: hộp thư, người, cả cấp dưới"), "red"),
        Outcome.NOT_TAKEN: (_("danh sách không nhận thành viên ngoài"), "red"),
        Outcome.CYCLE: (_("danh sách này nằm trong danh sách đó"), "red"),
        Outcome.TOO_MANY: (_("quá nhiều dòng, phần sau bị bỏ"), "red"),
    }[one]


def record(one: Record, names: Mapping[int, str]) -> str:
    """A change of a list, in words."""
    member = one.detail.get("member_id")
    whom = one.detail.get("address") or names.get(member if isinstance(member, int) else 0, "–")
    said = {
        "list.created": _("Lập danh sách"),
        "list.changed": _("Đổi cách nhận thư: %(what)s", what=_changes(one)),
        "list.reach": _("Đổi phạm vi của đơn vị %(whom)s", whom=whom),
        "list.role_given": _("Giao vai trò cho %(whom)s", whom=whom),
        "list.role_taken": _("Thôi vai trò của %(whom)s", whom=whom),
        "group.joined": _("Thêm %(whom)s", whom=whom),
        "group.left": _("Bỏ %(whom)s", whom=whom),
        "principal.locked": _("Ngừng nhận thư"),
        "principal.unlocked": _("Mở lại"),
    }
    return str(said.get(one.action, one.action))


def _changes(one: Record) -> str:
    changed = one.detail.get("changed")
    if not isinstance(changed, dict):
        return ""
    names = {
        "title": _("tên"),
        "posting": _("ai được gửi"),
        "moderated": _("duyệt thư"),
        "size_limit": _("cỡ thư"),
        "reply_to": _("thư trả lời"),
        "shown_to": _("ai xem được thành viên"),
        "may_leave": _("tự rời"),
        "takes_outside": _("thành viên ngoài"),
    }
    return ", ".join(str(names.get(name, name)) for name in changed)
