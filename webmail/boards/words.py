"""How the kinds of shared folders, and what becomes of reported posts, are called on the pages."""

from __future__ import annotations

from mailserver.boards.kinds import BoardKind
from routing.moderation.states import Act, State
from webmail.i18n import _


def kinds() -> dict[BoardKind, str]:
    return {
        BoardKind.NOTICE: _("Thông báo"),
        BoardKind.OPEN: _("Công cộng"),
        BoardKind.SCHEDULE: _("Lịch công tác"),
        BoardKind.COMMENTS: _("Lấy ý kiến"),
        BoardKind.CIRCLE: _("Chi bộ, Công đoàn, Chi đoàn"),
        BoardKind.DOCUMENTS: _("Văn bản thông báo"),
        BoardKind.OTHER: _("Khác"),
    }


def state(found: State) -> tuple[str, str]:
    """What a tag says, and its colour."""
    return {
        State.REPORTED: (_("bị báo"), "amber"),
        State.HIDDEN: (_("đang ẩn"), "orange"),
        State.PROPOSED: (_("chờ quyết định xóa"), "orange"),
        State.DELETED: (_("đã xóa"), "red"),
        State.STAYS: (_("để lại"), "green"),
    }[found]


def act(wanted: Act) -> str:
    """What the button says."""
    return {
        Act.REPORT: _("Báo nội dung không phù hợp"),
        Act.HIDE: _("Ẩn bài"),
        Act.DISMISS: _("Để bài lại"),
        Act.PROPOSE: _("Đề nghị xóa"),
        Act.WITHDRAW: _("Rút đề nghị xóa"),
        Act.DELETE: _("Xóa bài"),
        Act.SHOW: _("Cho hiện lại"),
    }[wanted]


def did(step: Act) -> str:
    """What somebody did, after their name."""
    return {
        Act.REPORT: _("báo không phù hợp"),
        Act.HIDE: _("ẩn bài"),
        Act.DISMISS: _("để bài lại"),
        Act.PROPOSE: _("đề nghị xóa"),
        Act.WITHDRAW: _("rút đề nghị xóa"),
        Act.DELETE: _("xóa bài"),
        Act.SHOW: _("cho hiện lại"),
    }[step]


def done(wanted: Act) -> str:
    return {
        Act.HIDE: _("Đã ẩn bài; người đăng được báo bằng thư."),
        Act.DISMISS: _("Đã để bài lại."),
        Act.PROPOSE: _("Đã gửi đề nghị xóa đến người quyết định."),
        Act.WITHDRAW: _("Đã rút đề nghị; bài vẫn đang ẩn."),
        Act.DELETE: _("Đã xóa bài; người đăng được báo bằng thư."),
        Act.SHOW: _("Bài đã hiện lại; người đăng được báo bằng thư."),
    }.get(wanted, "")
