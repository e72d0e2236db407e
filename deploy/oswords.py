"""What the operating system refused, in words for an administrator."""

from __future__ import annotations

import errno
import os

from deploy.lang import t

_VIETNAMESE = {
    errno.EACCES: "không có quyền",
    errno.EPERM: "không được phép",
    errno.ENOENT: "không có tệp hay thư mục này",
    errno.EEXIST: "đã có rồi",
    errno.ENOTDIR: "không phải thư mục",
    errno.EISDIR: "là thư mục, không phải tệp",
    errno.ENOSPC: "hết chỗ trên đĩa",
    errno.EDQUOT: "hết hạn mức đĩa",
    errno.EROFS: "đĩa chỉ cho đọc",
    errno.EADDRINUSE: "chương trình khác đang giữ cổng này",
    errno.EADDRNOTAVAIL: "máy này không có địa chỉ ấy",
    errno.EMFILE: "mở quá nhiều tệp",
    errno.EIO: "lỗi đọc ghi đĩa",
}


def reason(fault: OSError) -> str:
    """Why, without the path."""
    number = fault.errno or 0
    known = os.strerror(number) if number > 0 else str(fault)
    return t(_VIETNAMESE.get(number, fault.strerror or known), fault.strerror or known)


def sentence(fault: OSError) -> str:
    """What could not be done to which file, and why."""
    if not fault.filename:
        return t(f"Hệ điều hành từ chối: {reason(fault)}.", f"The operating system refused: {reason(fault)}.")
    return t(
        f"Không dùng được {fault.filename}: {reason(fault)}.",
        f"{fault.filename} cannot be used: {reason(fault)}.",
    )
