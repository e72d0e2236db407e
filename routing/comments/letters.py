"""The mail of comment requests: what is asked, what is answered, what the program reminds of. Pure.

In Vietnamese, as all that an office writes. Who asks and who answers stand in From; the program writes only reminders
and lists.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from mailserver.delivery.automatic import Letter, address, one_line
from mailserver.directory.records import OFFICE_ZONE, Principal, office_clock
from mailserver.mime.address import Address
from mailserver.mime.compose import Attachment, Draft, compose
from routing.stepmail import REPLY_LOCAL_PART

DOOR_NAME = "Ý kiến góp ý"
HOW_TO = (
    "Làm ngay trong chương trình thư, không cần mở trình duyệt:\n"
    "- Trả lời thư này: nội dung trả lời là ý kiến góp ý. Trước hạn, trả lời lần nữa là sửa ý kiến.\n"
    "- Không có ý kiến: ghi ở dòng đầu “Không có ý kiến: ” rồi nêu lý do.\n"
    "Trên trang web: mục “Lấy ý kiến”."
)
_WAYS = "Trả lời thư này, hoặc mở mục “Lấy ý kiến” trên trang web."


@dataclass(frozen=True, slots=True)
class Asking:
    """What all mails of one request have in common.

    thread_root: Message-ID of the asker's copy. domain: the agency's.
    """

    subject: str
    question: str
    due_at: datetime
    asker: Principal
    domain: str
    thread_root: str
    files: tuple[Attachment, ...] = ()


# Subject and text of a mail about a request.
Words = Callable[[Asking], tuple[str, str]]


def invitation(asking: Asking, to: Principal, token: str, message_id: str, now: datetime) -> bytes:
    """The mail that asks one; its answer goes to an address that is this one's alone."""
    text = "\n\n".join((_body(asking), HOW_TO))
    return compose(_draft(asking, (address(to),), text, message_id, now, door(asking.domain, token)))


def asker_copy(asking: Asking, to: Sequence[Principal], now: datetime) -> bytes:
    """What the asker keeps, with the names of all who are asked."""
    text = f"{_body(asking)}\n\nĐã hỏi:\n" + "\n".join(f"  {one.name}" for one in to)
    return compose(_draft(asking, tuple(address(one) for one in to), text, asking.thread_root, now, None))


def answer(asking: Asking, author: Principal, invited: Principal, text: str, message_id: str, now: datetime) -> bytes:
    """An answer given on the web page, as the mail that a reply would have been. text: as it is to read."""
    name = author.name if author.id == invited.id else f"{author.name} (thay {invited.name})"
    local, _, domain = author.address.rpartition("@")
    draft = Draft(
        from_=Address(one_line(name), local, domain),
        to=(address(asking.asker),),
        cc=(),
        bcc=(),
        subject=f"Re: {subject_of(asking)}",
        text=f"{text.rstrip()}\n",
        date=now.astimezone(OFFICE_ZONE),
        message_id=message_id,
        attachments=asking.files,
        in_reply_to=asking.thread_root,
        references=(asking.thread_root,),
    )
    return compose(draft)


def warning(asking: Asking, to: Principal, token: str, asked: str) -> Letter:
    """Before the due moment. asked: Message-ID of the mail that asked."""
    text = (
        f"{asking.asker.name} chờ ý kiến của {to.name} trước {office_clock(asking.due_at)}:\n\n"
        f"  {one_line(asking.subject)}\n\n{_WAYS} Nếu không có ý kiến, hãy ghi rõ lý do.\n"
    )
    return told(asking, to, token, asked, (f"Sắp đến hạn góp ý: {one_line(asking.subject)}", text))


def overdue(asking: Asking, to: Principal, token: str, asked: str) -> Letter:
    """At the due moment, to who has not answered."""
    text = (
        f"Đã hết hạn ({office_clock(asking.due_at)}) mà chưa có ý kiến của {to.name} gửi {asking.asker.name}:\n\n"
        f"  {one_line(asking.subject)}\n\n"
        f"Vẫn trả lời được, ghi là muộn, cho đến khi người hỏi tổng hợp. {_WAYS}\n"
        "Danh sách chưa trả lời đã gửi người hỏi và lãnh đạo.\n"
    )
    return told(asking, to, token, asked, (f"Đã hết hạn góp ý: {one_line(asking.subject)}", text))


def listing(asking: Asking, silent: Sequence[str], total: int) -> tuple[str, str]:
    """Subject and text of the list that asker and leader get at the due moment."""
    title = one_line(asking.subject)
    said = f"Đã có {total - len(silent)} trên {total} ý kiến."
    if not silent:
        return f"Đã đủ ý kiến: {title}", f"{_due(asking)}\n\n{said} Mở mục “Lấy ý kiến” để xem bảng tổng hợp.\n"
    names = "\n".join(f"  - {name}" for name in silent)
    text = (
        f"{_due(asking)}\n\n{said} Chưa trả lời:\n\n{names}\n\n"
        f"Người hỏi: {asking.asker.name}. Có thể đổi hạn, hoặc tổng hợp, trong mục “Lấy ý kiến”.\n"
    )
    return f"Chưa trả lời lấy ý kiến ({len(silent)}/{total}): {title}", text


def changed_due(asking: Asking) -> tuple[str, str]:
    title = one_line(asking.subject)
    text = f"{asking.asker.name} đổi hạn góp ý thành {office_clock(asking.due_at)}:\n\n  {title}\n\n{_WAYS}\n"
    return f"Đổi hạn góp ý: {title}", text


def withdrawn(asking: Asking) -> tuple[str, str]:
    title = one_line(asking.subject)
    return f"Đã rút việc lấy ý kiến: {title}", f"{asking.asker.name} không cần góp ý nữa:\n\n  {title}\n"


def reopened(asking: Asking) -> tuple[str, str]:
    title = one_line(asking.subject)
    text = f"{asking.asker.name} lại cần ý kiến, hạn {office_clock(asking.due_at)}:\n\n  {title}\n\n{_WAYS}\n"
    return f"Mở lại việc lấy ý kiến: {title}", text


def told(
    asking: Asking, to: Principal, token: str, asked: str, words: tuple[str, str], *, asks: bool = False
) -> Letter:
    """A mail of the program's to an invitee, which can be answered as the one that asked. words: subject and text.

    asks: as `Letter`. What reminds asks for nothing new: a unit has the mail that asked in its queue.
    """
    sender = Address("Vanthu", REPLY_LOCAL_PART, asking.domain)
    return Letter(sender, address(to), *words, reply_to=door(asking.domain, token), answers=asked, asks=asks)


def subject_of(asking: Asking) -> str:
    return f"[Lấy ý kiến] {one_line(asking.subject)} — hạn {office_clock(asking.due_at)}"


def door(domain: str, token: str) -> Address:
    """The address that takes one invitee's answer."""
    return Address(DOOR_NAME, f"{REPLY_LOCAL_PART}+{token}", domain)


def _draft(
    asking: Asking, to: tuple[Address, ...], text: str, message_id: str, now: datetime, reply_to: Address | None
) -> Draft:
    first = message_id == asking.thread_root
    return Draft(
        from_=address(asking.asker),
        to=to,
        cc=(),
        bcc=(),
        subject=subject_of(asking),
        text=f"{text}\n",
        date=now.astimezone(OFFICE_ZONE),
        message_id=message_id,
        attachments=asking.files,
        references=() if first else (asking.thread_root,),
        reply_to=reply_to,
    )


def _body(asking: Asking) -> str:
    question = "\n".join(f"  {line}".rstrip() for line in asking.question.strip().splitlines())
    files = "\n".join(f"  {number}. {one.filename}" for number, one in enumerate(asking.files, 1))
    blocks = ("LẤY Ý KIẾN", _due(asking), f"Câu hỏi:\n{question}" if question else "")
    return "\n\n".join(block for block in (*blocks, f"Tệp kèm theo:\n{files}" if files else "") if block)


def _due(asking: Asking) -> str:
    rows = (
        ("Người hỏi", one_line(asking.asker.name)),
        ("Nội dung", one_line(asking.subject)),
        ("Hạn trả lời", office_clock(asking.due_at)),
    )
    return "\n".join(f"{label + ':':<14}{value}" for label, value in rows)
