"""How the kinds of records are called on the page."""

from __future__ import annotations

from webmail.i18n import _


def kinds() -> dict[str, str]:
    """By the first word of the action; what is not here has no choice of its own."""
    return {
        "mailbox": _("Mở, đổi hộp thư"),
        "grant": _("Quyền trên hộp thư"),
        "delegation": _("Ủy quyền"),
        "mail": _("Gửi thay"),
        "kept": _("Thư bị giữ"),
        "policy": _("Chính sách thư"),
        "consent": _("Đồng ý chuyển tiếp"),
        "redirect": _("Chuyển tiếp tự động"),
        "srs": _("Khóa báo cáo gửi trả (SRS)"),
        "inspection": _("Kiểm tra hộp thư"),
        "audit": _("Xem nhật ký"),
        "access": _("Bị từ chối"),
        "session": _("Phiên đăng nhập"),
        "account": _("Khóa tài khoản"),
        "reset": _("Cấp lại mật khẩu"),
        "app_password": _("Mật khẩu ứng dụng"),
        "passkey": _("Khóa truy cập"),
        "principal": _("Người, đơn vị"),
        "address": _("Địa chỉ thư"),
        "group": _("Nhóm"),
        "list": _("Danh sách thư"),
        "departure": _("Nghỉ, chuyển công tác"),
        "absence": _("Vắng mặt"),
        "team": _("Thư đơn vị"),
        "queue": _("Thư gửi đi"),
        "folder": _("Thư mục"),
        "board": _("Thư mục chung"),
        "document": _("Văn bản"),
        "envelope": _("Bì không bóc"),
        "comments": _("Lấy ý kiến"),
        "agency": _("Cài đặt cơ quan"),
    }


def kind(action: str) -> str:
    first = action.partition(".")[0]
    return kinds().get(first, first)
