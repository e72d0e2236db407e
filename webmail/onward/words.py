"""How redirects are called on the pages."""

from __future__ import annotations

from datetime import date

from mailserver.redirects.records import Redirect, State
from webmail.i18n import _


def state(one: Redirect, today: date) -> tuple[str, str]:
    """What a redirect's tag says, and its colour."""
    match one.state:
        case State.ASKED:
            return _("chờ đồng ý"), "amber"
        case State.REFUSED:
            return _("không đồng ý"), "red"
        case State.ENDED:
            return _("đã dừng"), "grey"
    if today > one.ends_on:
        return _("hết hạn"), "grey"
    return (_("đang chuyển tiếp"), "green") if one.works(today) else (_("sẽ bắt đầu"), "blue")


def fault(field: str, value: str) -> tuple[str, str]:
    """The form's field and the sentence for each of `RedirectInvalid`."""
    return {
        "targets": (
            "targets",
            _("“%(address)s” không phải địa chỉ dùng được ở đây.", address=value)
            if value
            else _("Hãy ghi từ 1 đến 3 địa chỉ, mỗi dòng một địa chỉ."),
        ),
        "target_local": ("targets", _("%(address)s ở ngay trong hệ thống này.", address=value)),
        "ends_on": ("ends_on", _("Ngày cuối phải từ hôm nay trở đi, không trước ngày đầu, trong vòng 366 ngày.")),
        "reason": ("reason", _("Hãy ghi lý do, tối đa 500 ký tự.")),
        "owner": ("address", _("Chỉ đặt được cho hộp thư đang dùng của người, chức vụ hoặc đơn vị.")),
        "self": ("address", _("Hộp thư của chính bạn phải do người quản trị khác đặt.")),
    }[field]
