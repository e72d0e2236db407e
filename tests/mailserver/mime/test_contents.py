"""What a message says and holds, read once and within bounds."""

from __future__ import annotations

from base64 import encodebytes

import pytest

from mailserver.mime import contents
from mailserver.mime.contents import Contents, may_block
from mailserver.mime.scan import scan

PDF = b"%PDF-1.4 not really"


def mail(*parts: bytes) -> bytes:
    body = b"".join(b"--b\r\n" + part + b"\r\n" for part in parts) + b"--b--\r\n"
    head = "Subject: =?utf-8?q?V=C4=83n_ba=CC=89n?=\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    return head.encode() + body


def pdf(name: str) -> bytes:
    return (
        f'Content-Type: application/pdf; name="{name}"\r\nContent-Transfer-Encoding: base64\r\n\r\n'.encode()
        + encodebytes(PDF).replace(b"\n", b"\r\n")
    )


TEXT = "Content-Type: text/plain; charset=utf-8\r\n\r\nKính gửi\r\n".encode()
HTML = b"Content-Type: text/html\r\n\r\n<p>M&#7853;t <b>ong</b></p>\r\n"
NOTE = b'Content-Type: text/plain\r\nContent-Disposition: attachment; filename="a.txt"\r\n\r\nin a file\r\n'
INNER = b"Content-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\nwithin\r\n"


class Reader:
    """Reads documents: each takes so many seconds."""

    def __init__(self, takes: float = 0.0) -> None:
        self.takes, self.now = takes, 0.0
        self.asked: list[tuple[bytes, str | None, float]] = []

    def extract(self, data: bytes, media_type: str, name: str | None, timeout_s: float) -> str:
        self.asked.append((data, name, timeout_s))
        self.now += self.takes
        return f"text of {name}"

    def contents(self, data: bytes) -> Contents:
        return Contents(data, scan(data), clock=lambda: self.now, extract=self.extract)


def test_subject_text_and_files() -> None:
    reader = Reader()
    seen = reader.contents(mail(TEXT, HTML, NOTE, INNER, pdf("a.pdf")))
    assert seen.subject == "Văn bản"
    assert "Kính gửi" in seen.text
    assert "Mật ong" in seen.text
    assert "within" in seen.text
    assert "in a file" not in seen.text
    assert [(file.name, file.media_type) for file in seen.files] == [
        ("a.txt", "text/plain"),
        ("a.pdf", "application/pdf"),
    ]
    assert seen.files[0].text().strip() == "in a file"
    assert seen.files[1].octets == PDF
    assert not reader.asked  # nothing is read before somebody asks


def test_a_document_is_read_once_whoever_asks() -> None:
    reader = Reader()
    seen = reader.contents(mail(TEXT, pdf("a.pdf")))
    assert [seen.files[0].text() for _ in range(3)] == ["text of a.pdf"] * 3
    assert [(data, name) for data, name, _left in reader.asked] == [(PDF, "a.pdf")]


def test_time_and_number_of_documents_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    slow = Reader(takes=16.0)
    seen = slow.contents(mail(*(pdf(f"{n}.pdf") for n in range(4))))
    assert [bool(file.text()) for file in seen.files] == [True, True, False, False]
    assert seen.unread == 2
    assert [left for _data, _name, left in slow.asked] == [15.0, 14.0]
    monkeypatch.setattr(contents, "MOST_DOCUMENTS", 1)
    seen = Reader().contents(mail(pdf("a.pdf"), pdf("b.pdf")))
    assert [bool(file.text()) for file in seen.files] == [True, False]
    assert seen.unread == 1


def test_a_message_of_garbage_has_contents_too() -> None:
    seen = Reader().contents(b"\xff\x00\r\n")
    assert (seen.subject, seen.files) == ("", ())


@pytest.mark.parametrize(
    "part", [pdf("a.pdf"), NOTE, INNER, b"Content-Type: image/png; NAME*0*=utf-8''a.docx\r\n\r\nx"]
)
def test_what_may_hold_a_document_may_block(part: bytes) -> None:
    assert may_block(mail(part))
    assert not may_block(mail(TEXT, HTML))
