"""What is said to people about shared folders, Vietnamese and English, in one table."""

from __future__ import annotations

_TABLE: dict[str, tuple[str, str]] = {
    "no-poster": (
        "Bạn không có quyền đăng vào thư mục “{name}”.",
        "You may not post in the folder “{name}”.",
    ),
    "retired": (
        "Thư mục “{name}” đã ngừng dùng; không đăng thêm vào đó được.",
        "The folder “{name}” is no longer in use; nothing more can be posted there.",
    ),
    "no-address": (
        "Địa chỉ này chỉ nhận bài đăng vào thư mục chung, do người có quyền đăng gửi khi đã đăng nhập.",
        "This address only takes posts for shared folders, from signed-in people who may post there.",
    ),
    "hidden": (
        "Bài này đã bị ẩn hoặc xóa khỏi thư mục chung; không đăng lại được.",
        "This post was hidden or deleted from the shared folders; it cannot be posted again.",
    ),
    "not-author": (
        "Bài này do {who} đăng; chỉ người đăng sửa và gỡ được bài của mình.",
        "This was posted by {who}; only its author may change it or take it down.",
    ),
    "nobody": ("hệ thống", "the system"),
}


def words(key: str, locale: str, **values: str) -> str:
    return _TABLE[key][1 if locale == "en" else 0].format(**values)
