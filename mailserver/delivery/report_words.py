"""What a delivery report says to people: Vietnamese first, English beside it, the remote's own words in both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from mailserver.directory.records import OFFICE_ZONE

MAX_SUBJECT = 120


@dataclass(frozen=True, slots=True)
class Person:
    """A recipient as it is told of. answer: of the server `host`, or our words where host is ""."""

    address: str
    answer: str
    host: str
    until: datetime | None


@dataclass(frozen=True, slots=True)
class _Words:
    subject: str
    vi: str
    en: str


_WORDS = {
    "failed": _Words(
        "Thư không gửi được / Undelivered",
        "Thư của bạn KHÔNG đến được những người nhận sau. Hệ thống không gửi lại nữa; hãy xem lý do, sửa rồi gửi lại.",
        "Your message could NOT be delivered to the recipients below. It will not be tried again.",
    ),
    "delayed": _Words(
        "Thư gửi chậm / Delayed",
        "Thư của bạn CHƯA gửi được đến những người nhận sau. Hệ thống vẫn gửi tiếp; bạn không cần gửi lại.",
        "Your message has NOT YET been delivered to the recipients below. It is still tried; do not send it again.",
    ),
    "delivered": _Words(
        "Thư đã đến / Delivered",
        "Thư của bạn đã vào hộp thư của những người nhận sau.",
        "Your message has been delivered to the mailboxes of the recipients below.",
    ),
    "relayed": _Words(
        "Thư đã chuyển / Relayed",
        "Thư của bạn đã được máy chủ của người nhận tiếp nhận; máy chủ đó không báo lại khi thư vào hộp.",
        "Your message was taken by the recipients' server, which does not report when it reaches the mailbox.",
    ),
}


def subject(action: str, original: str) -> str:
    """action: of RFC 3464 §2.3.3. original: the subject of the message that is told of."""
    shown = "".join(letter if letter.isprintable() else " " for letter in original)
    return f"{_WORDS[action].subject}: {shown}"[:MAX_SUBJECT].rstrip(": ")


def text(action: str, people: Sequence[Person], original: str, queued_at: datetime) -> str:
    """The part for people. queued_at: aware."""
    words = _WORDS[action]
    sent = queued_at.astimezone(OFFICE_ZONE).strftime("%H:%M %d/%m/%Y")
    listed = "\n".join(_told(person) for person in people)
    shown = "".join(letter if letter.isprintable() else " " for letter in original)
    return f"{words.vi}\n\n{words.en}\n\n{listed}\n\nThư / Message: {shown}\nGửi lúc / Sent at: {sent} (UTC+7)\n"


def _told(person: Person) -> str:
    lines = [f"  <{person.address}>"]
    if person.answer:
        said = f"{person.host}: {person.answer}" if person.host else person.answer
        lines.append(f"    Lý do / Reason: {said}")
    if person.until is not None:
        until = person.until.astimezone(OFFICE_ZONE).strftime("%H:%M %d/%m/%Y")
        lines.append(f"    Còn gửi đến / Tried until: {until} (UTC+7)")
    return "\n".join(lines)
