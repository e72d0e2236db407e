"""How states, steps and acts are called on the page."""

from __future__ import annotations

from mailserver.outbound.acts import Act
from mailserver.outbound.listing import Recipient
from mailserver.outbound.states import State, Step
from webmail.i18n import _


def state(one: Recipient) -> tuple[str, str]:
    """What a recipient's tag says, and its colour."""
    if one.sending and one.state is State.WAITING:
        return _("đang gửi"), "blue"
    match one.state:
        case State.WAITING:
            return (_("sẽ gửi lại"), "amber") if one.attempts else (_("chờ gửi"), "blue")
        case State.HELD:
            return _("đang giữ"), "purple"
        case State.SENT:
            return _("đã gửi"), "green"
        case State.FAILED:
            return _("không gửi được"), "red"
    return _("đã bỏ"), "grey"


def step(kind: Step) -> str:
    return {
        Step.QUEUED: _("Vào hàng đợi"),
        Step.SENT: _("Đã gửi"),
        Step.DEFERRED: _("Chưa gửi được, sẽ gửi lại"),
        Step.FAILED: _("Không gửi được"),
        Step.REPORTED: _("Báo cho người gửi"),
        Step.HELD: _("Giữ lại"),
        Step.RELEASED: _("Bỏ giữ"),
        Step.RETRIED: _("Gửi lại ngay"),
        Step.DELETED: _("Bỏ khỏi hàng đợi"),
    }[kind]


def icon(kind: Step) -> str:
    return {
        Step.QUEUED: "inbox",
        Step.SENT: "circle-check",
        Step.DEFERRED: "clock",
        Step.FAILED: "octagon-alert",
        Step.REPORTED: "reply",
        Step.HELD: "hourglass",
        Step.RELEASED: "undo-2",
        Step.RETRIED: "rotate-cw",
        Step.DELETED: "trash-2",
    }[kind]


def act(wanted: Act) -> str:
    """What the button says."""
    return {
        Act.RETRY: _("Gửi lại ngay"),
        Act.HOLD: _("Giữ lại"),
        Act.RELEASE: _("Bỏ giữ, gửi tiếp"),
        Act.DELETE: _("Bỏ, không gửi nữa"),
    }[wanted]


def act_icon(wanted: Act) -> str:
    return {Act.RETRY: "rotate-cw", Act.HOLD: "hourglass", Act.RELEASE: "send", Act.DELETE: "trash-2"}[wanted]


def done(wanted: Act) -> str:
    return {
        Act.RETRY: _("Đang gửi lại."),
        Act.HOLD: _("Đã giữ lại; thư không đi cho tới khi bỏ giữ."),
        Act.RELEASE: _("Đã bỏ giữ; thư đang được gửi."),
        Act.DELETE: _("Đã bỏ thư khỏi hàng đợi; người gửi không được báo."),
    }[wanted]
