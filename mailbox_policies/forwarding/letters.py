"""The mail of forward consent: the question to an original sender, and what the forwarder hears. Pure.

Vietnamese first, English below: an original sender may be anybody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from mailserver.delivery.automatic import Letter, address, both
from mailserver.directory.records import OFFICE_ZONE
from mailserver.mime.address import Address

ARTICLE = "123/QĐ-SCT, Điều 9"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of an original sender. forwarder: name and address; link: of the page that takes the answer."""

    forwarder: str
    readers: str
    letter_subject: str
    subjects: str
    until: datetime
    link: str


def question(door: Address, token: str, to: str, wanted: Wanted) -> Letter:
    """The mail to an original sender. It can be answered by the link or by a reply. door: who takes replies."""
    day = wanted.until.astimezone(OFFICE_ZONE).strftime("%H:%M %d/%m/%Y")
    text = (
        f"{wanted.forwarder} muốn chuyển tiếp thư của ông/bà ra ngoài đơn vị:\n\n"
        f"  Thư của ông/bà: {wanted.subjects}\n"
        f"  Gửi tới: {wanted.readers}\n"
        f"  Trong thư: {wanted.letter_subject}\n\n"
        f"Thư đang được giữ lại cho đến khi ông/bà trả lời ({ARTICLE}).\n"
        f"Xem và trả lời tại: {wanted.link}\n"
        "Hoặc trả lời thư này, dòng đầu ghi: Đồng ý, hoặc: Từ chối.\n"
        f"Không có trả lời trước {day} thì thư không được gửi.\n\n"
        f"{wanted.forwarder} wants to forward mail of yours beyond the office:\n\n"
        f"  Your mail: {wanted.subjects}\n"
        f"  To: {wanted.readers}\n"
        f"  In the letter: {wanted.letter_subject}\n\n"
        "The letter is held until you answer.\n"
        f"See it and answer at: {wanted.link}\n"
        "Or reply to this mail; first line: Yes, or: No.\n"
        f"Without an answer by {day} (UTC+7) it is not sent.\n"
    )
    subject = f"Xin ý kiến chuyển tiếp / Consent to forward: {wanted.subjects}"
    reply_to = Address("", f"{door.local}+{token}", door.domain)
    return Letter(door, address(to), subject, text, reply_to=reply_to, asks=True)


def told(door: Address, to: str, subject: str, texts: tuple[str, str], *, asks: bool) -> Letter:
    """What the forwarder hears. texts: Vietnamese and English. asks: the letter did not leave, or an answer was not
    taken."""
    return Letter(door, address(to), subject, both(*texts), asks=asks)


def is_held(subject: str, readers: Sequence[str], authors: Sequence[str], page: str) -> tuple[str, str]:
    who, whom = ", ".join(authors), ", ".join(readers)
    return (
        f"Thư “{subject}” gửi tới {whom} chưa được gửi: thư có nội dung của {who}, đang chờ người gửi gốc đồng ý "
        f"({ARTICLE}). Những người nhận khác đã nhận được thư. Xem trạng thái hoặc rút thư: {page}",
        f"Your letter “{subject}” to {whom} has not left yet: it passes on mail of {who}, who is being asked. "
        f"All other recipients have it. Its state, and how to withdraw it: {page}",
    )


def is_released(subject: str, readers: str) -> tuple[str, str]:
    return (
        f"Người gửi gốc đã đồng ý. Thư “{subject}” đã được gửi tới {readers}.",
        f"The original sender agreed. Your letter “{subject}” has been sent to {readers}.",
    )


def is_refused(subject: str, readers: str, author: str) -> tuple[str, str]:
    return (
        f"{author} không đồng ý. Thư “{subject}” không được gửi tới {readers}.",
        f"{author} does not agree. Your letter “{subject}” is not sent to {readers}.",
    )


def is_expired(subject: str, readers: str, author: str) -> tuple[str, str]:
    return (
        f"{author} không trả lời trong thời hạn. Thư “{subject}” chưa được gửi tới {readers}; lãnh đạo có thể quyết "
        "định cho gửi.",
        f"{author} has not answered in time. Your letter “{subject}” is not sent to {readers}; a leader may decide.",
    )


_UNREAD = {
    "unknown": ("Không có thư nào chờ trả lời này.", "No letter waits for this answer."),
    "answered": ("Việc này đã được trả lời hoặc đã hết hạn.", "This has been answered already, or time is up."),
    "not-yours": (
        "Chỉ người gửi gốc, hoặc người được ủy quyền, mới trả lời được, từ địa chỉ đã được hỏi.",
        "Only the original sender, or somebody who acts for them, can answer, from the address that was asked.",
    ),
    "unclear": (
        "Chưa hiểu câu trả lời. Hãy trả lời lại, dòng đầu chỉ ghi: Đồng ý, hoặc: Từ chối.",
        "The answer was not understood. Please reply again; first line: Yes, or: No.",
    ),
}


def why_not(cause: str) -> tuple[str, str]:
    """Why an answer by mail changed nothing, Vietnamese and English."""
    return _UNREAD[cause]
