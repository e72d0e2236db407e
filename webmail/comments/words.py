"""How states and answers are called on the pages."""

from __future__ import annotations

from routing.comments.requests import Invitee
from routing.comments.states import Act, State
from webmail.i18n import _

# What the asker decides by a button.
ACTS = (Act.EXTEND, Act.CLOSE, Act.REOPEN, Act.WITHDRAW)


def state(found: State) -> tuple[str, str]:
    """What a tag says, and its colour."""
    return {
        State.OPEN: (_("đang lấy ý kiến"), "green"),
        State.OVERDUE: (_("quá hạn"), "red"),
        State.CLOSED: (_("đã tổng hợp"), "blue"),
        State.WITHDRAWN: (_("đã rút"), "grey"),
    }[found]


def answer(invitee: Invitee, found: State) -> tuple[str, str]:
    """How far one of the invited is."""
    said = invitee.answer
    if said is None:
        late = found in (State.OVERDUE, State.CLOSED)
        return (_("không trả lời"), "red") if late else (_("chưa trả lời"), "amber")
    if said.late:
        return _("trả lời muộn"), "amber"
    return (_("không có ý kiến"), "grey") if said.declined else (_("đã trả lời"), "green")


def send(blue: bool) -> str:
    """What the button says, as the agency's regulation calls it."""
    return _("Chuyển ý kiến đóng góp") if blue else _("Gửi ý kiến")


def done(act: Act) -> str:
    return {
        Act.EXTEND: _("Đã đổi hạn; người chưa trả lời được báo."),
        Act.CLOSE: _("Đã tổng hợp; không nhận thêm ý kiến."),
        Act.REOPEN: _("Đã mở lại việc lấy ý kiến."),
        Act.WITHDRAW: _("Đã rút; những người được hỏi được báo."),
    }[act]
