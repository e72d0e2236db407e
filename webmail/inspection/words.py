"""How states and acts of an order are called on the page."""

from __future__ import annotations

from routing.inspection.access import Act
from routing.inspection.orders import State
from webmail.i18n import _


def state(found: State) -> tuple[str, str]:
    """What a tag says, and its colour."""
    return {
        State.WAITING: (_("chờ xác nhận"), "amber"),
        State.CONFIRMED: (_("đang có hiệu lực"), "green"),
        State.REFUSED: (_("không được xác nhận"), "red"),
        State.WITHDRAWN: (_("đã rút"), "grey"),
        State.ENDED: (_("đã kết thúc"), "blue"),
        State.CLOSED: (_("đã đóng"), "grey"),
    }[found]


def act(wanted: Act) -> str:
    """What the button says; "" for what has no button."""
    return {
        Act.CONFIRM: _("Xác nhận lệnh"),
        Act.REFUSE: _("Không xác nhận"),
        Act.WITHDRAW: _("Rút lệnh"),
        Act.END: _("Kết thúc sớm"),
        Act.CLOSE: _("Đóng lệnh"),
    }.get(wanted, "")


def done(wanted: Act) -> str:
    return {
        Act.CONFIRM: _("Đã xác nhận; người kiểm tra mở được thư từ bây giờ."),
        Act.REFUSE: _("Đã từ chối; không thư nào được mở."),
        Act.WITHDRAW: _("Đã rút lệnh; không thư nào được mở."),
        Act.END: _("Đã kết thúc; không ai mở thư theo lệnh này được nữa."),
        Act.CLOSE: _("Đã đóng lệnh; thư đã mở không còn được giữ riêng."),
    }[wanted]


def deed(action: str) -> str:
    """What a record of the audit says, by its action without its first word."""
    return {
        "ordered": _("ra lệnh"),
        "confirmed": _("xác nhận lệnh"),
        "refused": _("từ chối xác nhận"),
        "withdrawn": _("rút lệnh"),
        "listed": _("xem danh sách thư"),
        "searched": _("tìm trong thư"),
        "opened": _("mở thư"),
        "file": _("mở tệp"),
        "downloaded": _("tải thư"),
        "ended": _("lệnh kết thúc"),
        "closed": _("đóng lệnh"),
        "told": _("báo chủ hộp thư"),
        "minutes": _("lấy biên bản"),
    }.get(action, action)
