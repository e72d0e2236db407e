"""How kinds, states and acts are called on the page."""

from __future__ import annotations

from mailbox_policies.chain import RULES
from mailbox_policies.holding.access import Act
from mailbox_policies.holding.records import KeptMessage, Kind, State
from mailserver.delivery.circulation import MODERATION
from webmail.i18n import _


def state(kept: KeptMessage) -> tuple[str, str]:
    """What a tag says, and its colour."""
    return {
        State.WAITING: (_("đang cách ly"), "red") if kept.kind is Kind.QUARANTINED else (_("đang chờ"), "amber"),
        State.RELEASED: (_("đã cho gửi"), "green"),
        State.REFUSED: (_("không cho gửi"), "red"),
        State.WITHDRAWN: (_("người gửi rút lại"), "grey"),
        State.EXPIRED: (_("hết hạn chờ"), "grey"),
        State.DESTROYED: (_("đã hủy"), "grey"),
    }[kept.state]


def rule(name: str) -> str:
    """Its title; the name of one that is no more."""
    if name == MODERATION:
        return str(_("Danh sách thư có người duyệt"))
    return next((_(one.title) for one in RULES if one.name == name), name)


def act(wanted: Act) -> str:
    """What the button says."""
    return {
        Act.RELEASE: _("Cho gửi"),
        Act.REFUSE: _("Không cho gửi"),
        Act.EXTEND: _("Chờ thêm 7 ngày"),
        Act.DESTROY: _("Hủy thư"),
        Act.WITHDRAW: _("Rút lại, không gửi nữa"),
    }[wanted]


def done(wanted: Act) -> str:
    return {
        Act.RELEASE: _("Đã cho gửi; thư đến người nhận đúng như khi gửi lên."),
        Act.REFUSE: _("Đã từ chối; người gửi trong cơ quan được báo bằng thư."),
        Act.EXTEND: _("Đã cho chờ thêm 7 ngày."),
        Act.DESTROY: _("Đã hủy; chỉ còn lại ghi nhận là đã có thư này."),
        Act.WITHDRAW: _("Đã rút lại; thư không được gửi nữa."),
    }[wanted]
