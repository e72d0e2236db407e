"""What is said to people about shared mail, Vietnamese and English, in one table."""

from __future__ import annotations

from datetime import datetime

from mailserver.directory.records import OFFICE_ZONE

_TABLE: dict[str, tuple[str, str]] = {
    "taken": (
        "{who} đã nhận xử lý thư này lúc {at}.",
        "{who} took this message at {at}.",
    ),
    "ended": (
        "Thư này đã xong ({who}, {at}).",
        "This message has been dealt with ({who}, {at}).",
    ),
    "registered": (
        "Thư này đã vào sổ thành văn bản đến; xử lý tiếp trên văn bản.",
        "This message has been registered as a document; go on with the document.",
    ),
    "not-yours": (
        "Thư này do {who} xử lý; chỉ người đó hoặc trưởng đơn vị làm được việc này.",
        "This message is with {who}; only they or the head of the unit may do this.",
    ),
    "needs-answer": (
        "Chưa có trả lời cho thư này: hãy trả lời, hoặc ghi kết quả xử lý trên trang hộp thư của đơn vị.",
        "This message has not been answered: answer it, or note on the unit's page what was done.",
    ),
    "outside": (
        "{who} không thuộc đơn vị; thư của đơn vị chỉ giao cho người trong đơn vị.",
        "{who} is not of this unit; its mail is given to its own people only.",
    ),
    "still-open": (
        "Thư đang được xử lý: hãy chuyển vào “Xong”, hoặc trả về Hộp thư đến.",
        "This message is being dealt with: move it to “Xong”, or back to the inbox.",
    ),
    "gone": (
        "Thư này không còn trong hộp thư của đơn vị.",
        "This message is not in the unit's mailbox any more.",
    ),
    "nobody": ("Chưa ai", "Nobody"),
    "system": ("Hệ thống", "The system"),
}


def words(key: str, locale: str, **values: str) -> str:
    return _TABLE[key][1 if locale == "en" else 0].format(**values)


def moment(at: datetime) -> str:
    """As people in the office write it."""
    return f"{at.astimezone(OFFICE_ZONE):%H:%M %d/%m/%Y}"
