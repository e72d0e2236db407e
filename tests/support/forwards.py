"""One letter, and how mail programs forward it: the octets as each of them writes them.

Taken from the programs: what they write above the letter, which fields they set, how they quote and encode. The names
of fields and markers are those of their Vietnamese and English translations.
"""

from __future__ import annotations

import base64
import html
from collections.abc import Callable
from dataclasses import dataclass
from email.header import Header

TEXT = (
    "Kính gửi đồng chí An,\n\n"
    "Phòng Quản lý nhà gửi dự thảo báo cáo rà soát quỹ nhà ở công vụ trên địa bàn thành phố, kèm phụ lục chi tiết "
    "theo từng khu tập thể. Qua kiểm tra thực tế tại 37 khu, số căn hộ bỏ trống tăng so với kỳ trước, chủ yếu ở phía "
    "bắc sông Lục; đơn giá thuê đề nghị điều chỉnh từ quý sau. Các số liệu về đơn giá chưa được lãnh đạo phê duyệt, "
    "đề nghị đồng chí cho ý kiến trước thứ Sáu và chưa cung cấp cho bên ngoài.\n\n"
    "Trân trọng,\nBình\n"
)
FILE = b"%PDF-1.7\n" + bytes(range(256)) * 120


@dataclass(frozen=True)
class Original:
    """A letter from a colleague."""

    sender: str
    name: str
    to: str
    subject: str = "Dự thảo báo cáo rà soát quỹ nhà ở công vụ"
    text: str = TEXT
    message_id: str = "bao-cao-37@so.example.vn"
    file: bytes = FILE
    filename: str = "Báo cáo.pdf"

    def octets(self) -> bytes:
        return mail(
            f"From: {word(self.name)} <{self.sender}>\nTo: <{self.to}>\nSubject: {word(self.subject)}\n"
            f"Date: Mon, 05 Jan 2026 08:00:00 +0700\nMessage-ID: <{self.message_id}>",
            plain(self.text),
            attached(self.file, self.filename),
        )


@dataclass(frozen=True)
class Forward:
    """Who forwards, to whom, and in which language the program speaks."""

    original: Original
    sender: str
    to: str
    vietnamese: bool = False

    def head(self, subject: str | None = None, more: str = "") -> str:
        said = f"Fwd: {self.original.subject}" if subject is None else subject
        return (
            f"From: <{self.sender}>\nTo: <{self.to}>\nSubject: {word(said)}\nDate: Tue, 06 Jan 2026 09:00:00 +0700\n"
            f"Message-ID: <forward@so.example.vn>{more}"
        )

    def names(self, english: str, vietnamese: str) -> list[str]:
        return (vietnamese if self.vietnamese else english).split("|")


def word(text: str) -> str:
    return Header(text, "utf-8", maxlinelen=10_000).encode()


def plain(text: str) -> bytes:
    return b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + crlf(text)


def page(source: str) -> bytes:
    encoded = base64.encodebytes(source.encode()).decode()
    return b"Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n" + crlf(encoded)


def attached(content: bytes, name: str, media: str = "application/pdf", shown: str = "attachment") -> bytes:
    encoded = base64.encodebytes(content).decode()
    fields = (
        f'Content-Type: {media}; name="{word(name)}"\nContent-Transfer-Encoding: base64\n'
        f'Content-Disposition: {shown}; filename="{word(name)}"\n\n'
    )
    return crlf(fields + encoded)


def enclosed(message: bytes) -> bytes:
    return (
        b'Content-Type: message/rfc822; charset=UTF-8; name="Thu.eml"\r\n'
        b'Content-Disposition: attachment; filename="Thu.eml"\r\n\r\n' + message
    )


def crlf(text: str) -> bytes:
    return text.replace("\n", "\r\n").encode()


def mail(head: str, *parts: bytes, kind: str = "mixed") -> bytes:
    """A message of these parts; a single one is the message itself."""
    front = crlf(f"{head}\nMIME-Version: 1.0\n")
    if len(parts) == 1:
        return front + parts[0]
    edge = "".join(("=edge", kind[:3], str(sum(map(len, parts)))))
    opened = b"".join(f"--{edge}\r\n".encode() + part + b"\r\n" for part in parts)
    return (
        front
        + f'Content-Type: multipart/{kind}; boundary="{edge}"\r\n\r\n'.encode()
        + opened
        + f"--{edge}--\r\n".encode()
    )


def _filled(names: list[str], one: Original, form: str = "{}: {}") -> str:
    values = (one.subject, "Mon, 5 Jan 2026 08:00:00 +0700", f"{one.name} <{one.sender}>", one.to)
    return "\n".join(form.format(name, value) for name, value in zip(names, values, strict=True))


def thunderbird_inline(one: Forward) -> bytes:
    """Thunderbird, "Forward as: Inline", plain text: a marker and a table of four lines; X-Forwarded-Message-Id."""
    marker = one.names("-------- Forwarded Message --------", "-------- Thư được chuyển tiếp --------")[0]
    named = _filled(one.names("Subject|Date|From|To", "Chủ đề|Ngày|Từ|Đến"), one.original, "{}: \t{}")
    known = f"\nX-Forwarded-Message-Id: <{one.original.message_id}>\nReferences: <{one.original.message_id}>"
    return mail(one.head(more=known), plain(f"Gửi chị xem.\n\n\n{marker}\n{named}\n\n\n\n{one.original.text}"))


def thunderbird_attached(one: Forward) -> bytes:
    """Thunderbird, "Forward as: Attachment"."""
    known = f"\nX-Forwarded-Message-Id: <{one.original.message_id}>"
    return mail(one.head(more=known), plain("Gửi chị xem.\n"), enclosed(one.original.octets()))


def outlook(one: Forward) -> bytes:
    """Outlook: "FW:", a page with four bold lines below a rule, and the files again."""
    names = one.names("Subject|Sent|From|To", "Chủ đề|Đã gửi|Từ|Tới")
    values = _filled(names, one.original, "{}\t{}").split("\n")
    in_order = (values[2], values[1], values[3], values[0])
    rows = "<br>".join(f"<b>{name}:</b> {html.escape(value)}" for name, value in (row.split("\t") for row in in_order))
    body = "".join(
        f"<p class=MsoNormal>{html.escape(line)}<o:p></o:p></p>\r\n" for line in one.original.text.split("\n")
    )
    source = (
        "<html xmlns:o='urn:schemas-microsoft-com:office:office'><head><style>p{margin:0}</style></head><body>"
        "<p class=MsoNormal>Gửi chị xem.</p><div style='border:none;border-top:solid #E1E1E1 1.0pt'>"
        f"<p class=MsoNormal>{rows}<o:p></o:p></p></div>{body}</body></html>"
    )
    known = f"\nIn-Reply-To: <{one.original.message_id}>\nReferences: <{one.original.message_id}>\nThread-Index: AQHb"
    head = one.head(f"FW: {one.original.subject}", known)
    return mail(head, page(source), attached(one.original.file, one.original.filename))


def apple_mail(one: Forward) -> bytes:
    """Apple Mail: "Begin forwarded message:", bold names, and the letter in a blockquote."""
    marker = one.names("Begin forwarded message:", "Bắt đầu thư được chuyển tiếp:")[0]
    names = one.names("Subject|Date|From|To", "Chủ đề|Ngày|Từ|Đến")
    named = [row.split("\t") for row in _filled(names, one.original, "{}\t{}").split("\n")]
    rows = "".join(
        f"<div><b>{name}: </b>{html.escape(value)}<br></div>" for name, value in (named[2], *named[:2], named[3])
    )
    body = html.escape(one.original.text).replace("\n", "<br>")
    source = (
        f'<html><body>Gửi chị xem.<br><div><br><blockquote type="cite"><div>{marker}</div><br>{rows}'
        f"<br><div>{body}</div></blockquote></div></body></html>"
    )
    quoted = "\n".join(
        f"> {line}" for line in (marker, "", *(f"{n}: {v}" for n, v in named), "", *one.original.text.split("\n"))
    )
    return mail(one.head(), plain(f"Gửi chị xem.\n\n{quoted}\n"), page(source), kind="alternative")


def gmail(one: Forward) -> bytes:
    """Gmail in the browser: a marker of ten hyphens, the names in two languages, the letter below."""
    marker = one.names("---------- Forwarded message ---------", "---------- Thư đã chuyển tiếp ---------")[0]
    named = _filled(one.names("Subject|Date|From|To", "Tiêu đề|Ngày|Từ|Đến"), one.original).split("\n")
    rows = "\n".join((named[2], named[1], named[0], named[3]))
    return mail(one.head(), plain(f"Gửi chị xem.\n\n{marker}\n{rows}\n\n\n{one.original.text}"))


def neomutt(one: Forward) -> bytes:
    """neomutt with $mime_forward off: a marker with the author, the fields, the end marked as well; no reference."""
    named = _filled(["Subject", "Date", "From", "To"], one.original).split("\n")
    rows = "\n".join((named[1], named[2], named[3], named[0]))
    author = f"{one.original.name} <{one.original.sender}>"
    opened, closed = (f"----- {said} -----" for said in (f"Forwarded message from {author}", "End forwarded message"))
    text = f"Gửi chị xem.\n\n{opened}\n\n{rows}\n\n{one.original.text}\n{closed}\n"
    return mail(one.head(f"[{one.original.sender}: {one.original.subject}]"), plain(text))


def renamed_file(one: Forward) -> bytes:
    """A new letter with the file under another name, and nothing else of the original."""
    file = attached(one.original.file, "so lieu.bin", "application/octet-stream")
    return mail(one.head("Số liệu"), plain("Gửi chị.\n"), file)


def rewritten_subject(one: Forward) -> bytes:
    """The text pasted without any mark, broken otherwise, under a subject of its own."""
    broken = one.original.text.replace(", ", ",\n").replace("đề nghị", "ĐỀ NGHỊ")
    return mail(one.head("Chuyện hôm qua"), plain(f"Chị xem giúp em:\n{broken}"))


def quoted_in_page(one: Forward) -> bytes:
    """The text in a blockquote of a page, under a subject of its own."""
    body = html.escape(one.original.text).replace("\n", "<br>")
    return mail(one.head("Chuyện hôm qua"), page(f"<p>Chị xem:</p><blockquote>{body}</blockquote>"))


def answer_to_one_more(one: Forward) -> bytes:
    """An answer that keeps nothing of the text, with somebody outside among its recipients."""
    known = f"\nIn-Reply-To: <{one.original.message_id}>\nReferences: <{one.original.message_id}>"
    return mail(one.head(f"Re: {one.original.subject}", known), plain("Tôi đồng ý, nhờ chị xem thêm.\n"))


KINDS: dict[str, Callable[[Forward], bytes]] = {
    made.__name__: made
    for made in (
        thunderbird_inline,
        thunderbird_attached,
        outlook,
        apple_mail,
        gmail,
        neomutt,
        renamed_file,
        rewritten_subject,
        quoted_in_page,
        answer_to_one_more,
    )
}
