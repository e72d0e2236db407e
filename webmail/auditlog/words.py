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
        "change": _("Đề nghị sửa thông tin"),
        "person": _("Thông tin của người"),
        "second_factor": _("Xác thực hai bước"),
        "staff_list": _("Nhập danh sách nhân sự"),
        "sent_file": _("Gửi tệp"),
        "retention": _("Thời hạn lưu, lệnh giữ"),
        "register": _("Sổ văn bản"),
        "collector": _("Hộp thư ở nơi khác"),
        "domain": _("Tên miền"),
        "dkim": _("Khóa ký thư (DKIM)"),
    }


def names() -> dict[str, str]:
    """What parts of a record are called; one that is not here keeps its name of the program."""
    return {
        "folder": _("thư mục"),
        "folders": _("thư mục"),
        "ground": _("căn cứ"),
        "agent": _("trình duyệt, chương trình"),
        "order": _("lệnh số"),
        "item": _("thư số"),
        "items": _("thư"),
        "total": _("tổng số"),
        "messages": _("số thư"),
        "subject": _("chủ đề"),
        "words": _("từ tìm"),
        "reason": _("lý do"),
        "why": _("vì"),
        "cause": _("nguyên nhân"),
        "from": _("từ"),
        "until": _("đến"),
        "to": _("tới"),
        "targets": _("tới"),
        "recipients": _("người nhận"),
        "address": _("địa chỉ"),
        "rights": _("quyền"),
        "rule": _("quy tắc"),
        "kind": _("loại"),
        "role": _("vai trò"),
        "label": _("tên"),
        "name": _("tên"),
        "note": _("ghi chú"),
        "approval": _("người duyệt"),
        "file": _("tệp số"),
        "link": _("đường dẫn số"),
        "list": _("danh sách số"),
        "request": _("đề nghị số"),
        "redirect": _("lệnh chuyển tiếp số"),
        "delegation": _("ủy quyền số"),
        "document": _("văn bản số"),
        "kept_id": _("thư giữ số"),
        "path": _("trang"),
        "old": _("cũ"),
        "new": _("mới"),
        "read": _("đã đọc"),
    }


def value(said: object) -> str:
    """A part of a record, without the signs of a program around it."""
    if isinstance(said, bool):
        return _("có") if said else _("không")
    if said is None:
        return "–"
    if isinstance(said, list | tuple):
        return "; ".join(value(one) for one in said)
    if isinstance(said, dict):
        return "; ".join(f"{name}: {value(one)}" for name, one in said.items())
    return str(said)


def kind(action: str) -> str:
    first = action.partition(".")[0]
    return kinds().get(first, first)
