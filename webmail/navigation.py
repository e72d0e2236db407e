"""The rail (wide screens) and the bottom bar (phone): what a person with these tasks sees."""

from __future__ import annotations

from dataclasses import dataclass

from flask import url_for

from webmail.auth.current import User
from webmail.i18n import _


@dataclass(frozen=True, slots=True)
class Item:
    """key: the section a page names itself with; count: unread or waiting, 0 shows nothing."""

    key: str
    label: str
    icon: str
    url: str
    count: int = 0
    short: str = ""


@dataclass(frozen=True, slots=True)
class Counts:
    """What the badges show: steps waiting, unread mail, mail waiting at the registry desk, forwards that wait for
    consent (None: this person never had to do with any), unread posts in shared folders, comments that are wanted."""

    work: int = 0
    mail: int = 0
    desk: int = 0
    forwards: int | None = None
    boards: int = 0
    comments: int = 0


@dataclass(frozen=True, slots=True)
class Navigation:
    rail: tuple[Item, ...]
    bottom: tuple[Item, ...]


def navigation(user: User, counts: Counts) -> Navigation:
    """Both bars for `user`; the registry desk only for who may register."""
    work = Item("work", _("Việc của tôi"), "list-checks", url_for("work.today"), counts.work, _("Việc"))
    mail = Item("mail", _("Hộp thư"), "mail", url_for("mail.home"), counts.mail, _("Thư"))
    desk = Item("desk", _("Vào sổ"), "stamp", url_for("documents.desk"), counts.desk)
    register = Item("register", _("Sổ văn bản"), "notebook-tabs", url_for("registers.incoming"), short=_("Sổ"))
    cases = Item("cases", _("Hồ sơ"), "folder-open", url_for("documents.cases"))
    reports = Item("reports", _("Báo cáo"), "chart-column", url_for("registers.report"))
    boards = Item("boards", _("Thư mục chung"), "bell", url_for("boards.index"), counts.boards, _("Chung"))
    comments = Item(
        "comments", _("Lấy ý kiến"), "message-square", url_for("comments.index"), counts.comments, _("Ý kiến")
    )
    files = Item("files", _("Gửi tệp"), "files", url_for("sentfiles.index"), short=_("Tệp"))
    book = Item("addressbook", _("Danh bạ"), "users", url_for("addressbook.index"))
    search = Item("search", _("Tìm kiếm"), "search", url_for("registers.search"), short=_("Tìm"))
    queue = Item("queue", _("Thư gửi đi"), "send", url_for("queue.index"))
    resets = Item("staff", _("Nhân sự"), "user", url_for("staff.index"))
    kept = Item("kept", _("Thư bị giữ"), "hourglass", url_for("kept.index"))
    forwards = Item("forwards", _("Chuyển tiếp"), "forward", url_for("forwards.index"), counts.forwards or 0)
    rules = Item("policies", _("Chính sách thư"), "shield-alert", url_for("policies.index"), short=_("Chính sách"))
    orders = Item("inspection", _("Kiểm tra hộp thư"), "eye", url_for("inspection.index"), short=_("Kiểm tra"))
    records = Item("auditlog", _("Nhật ký"), "notebook-tabs", url_for("auditlog.index"))
    clean = Item("cleanup", _("Dọn thư"), "trash-2", url_for("cleanup.index"), short=_("Dọn"))
    me = Item("account", _("Tài khoản"), "circle-user-round", url_for("account.overview"), short=_("Tôi"))
    desks = (desk,) if user.may_register else ()
    registers = (register,) if "view_register" in user.capabilities else ()
    figures = (reports,) if "statistics" in user.capabilities else ()
    queues = (queue, resets) if "manage_accounts" in user.capabilities else ()
    kept_mail = (kept,) if queues or user.may_register else ()
    policies = (rules,) if queues else ()
    waiting = (forwards,) if counts.forwards is not None else ()
    inspections = (orders,) if {"order_inspection", "confirm_inspection"} & user.capabilities else ()
    logs = (records,) if "view_audit" in user.capabilities else ()
    administration = (*queues, *kept_mail, *policies, *inspections, *logs)
    offices = (boards, comments, files, *desks, *registers, cases, book, *figures, clean, *waiting, *administration)
    third = desks or registers or (cases,)
    return Navigation((work, mail, *offices), (work, mail, *third, search, me))
