"""Text of parts, and what of a message is searched and previewed."""

from __future__ import annotations

import base64

import pytest

from mailserver.mime.body import searchable_text, text_of
from mailserver.mime.scan import scan
from tests.mailserver.mime.samples import crlf, typed


def found(raw: bytes, limit: int = 256_000) -> tuple[str, str, str]:
    text = searchable_text(raw, scan(raw), limit)
    return text.head, text.body, text.preview


@pytest.mark.parametrize(
    ("charset", "encoding", "body"),
    [
        ("utf-8", "8bit", "Kính gửi\n".encode()),
        ("utf-8", "quoted-printable", b"K=C3=ADnh g=E1=BB=ADi\n"),
        ("utf-8", "base64", base64.encodebytes("Kính gửi\r\n".encode())),
        ("windows-1258", "8bit", b"K\xednh g\xfd\xd2i\n"),
        ("us-ascii", "8bit", "Kính gửi\n".encode()),
    ],
)
def test_text_of_a_part(charset: str, encoding: str, body: bytes) -> None:
    raw = typed(f"text/plain; charset={charset}", body, f"Content-Transfer-Encoding: {encoding}\n")
    part = scan(raw).structure.root
    assert text_of(raw[slice(*part.body)], part) == "Kính gửi\n"


def test_all_of_the_header_text_and_file_names_are_searched() -> None:
    raw = crlf(
        "From: Nguyễn Văn Đức <duc@x.vn>\nTo: Lan <lan@x.vn>\nSubject: Công văn đi\n"
        "X-Mailer: Máy\n gửi\nOrganization: =?utf-8?q?S=E1=BB=9F?=\n"
        "Content-Type: multipart/mixed; boundary=b\n\n"
        "--b\nContent-Type: text/plain; charset=utf-8\n\nKính gửi Sở Y tế\n"
        "--b\nContent-Type: application/pdf; name*=utf-8''Quy%E1%BA%BFt%20%C4%91%E1%BB%8Bnh.pdf\n\nJVBERi0=\n--b--\n"
    )
    head, body, preview = found(raw)
    addresses = "nguyen van duc duc@x.vn lan lan@x.vn"
    assert head == f"cong van di {addresses} may gui so multipart/mixed; boundary=b"
    assert body == "kinh gui so y te quyet dinh.pdf"
    assert preview == "Kính gửi Sở Y tế"


def test_html_that_says_what_the_text_says_is_not_indexed_twice() -> None:
    raw = typed(
        "multipart/alternative; boundary=b",
        "--b\n\nxin\nchao\n--b\nContent-Type: text/html\n\n<p>xin</p><p>chao</p>\n--b--\n",
    )
    assert found(raw)[1] == "xin chao"


def test_html_that_says_more_is_indexed() -> None:
    raw = typed(
        "multipart/alternative; boundary=b",
        "--b\n\nsee the page\n--b\nContent-Type: text/html\n\n<p>h&#7897;i ngh&#7883;</p><script>no</script>\n--b--\n",
    )
    assert found(raw)[1] == "see the page hoi nghi"


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("ghi.txt", "Ghi chép ngày 5".encode(), "ghi chep ngay 5 ghi.txt"),
        ("ghi.TXT", "Ghi chép".encode("utf-16"), "ghi chep ghi.txt"),
        ("so.csv", "tên;số\r\nĐinh;5".encode(), "ten;so dinh;5 so.csv"),
        ("trang.html", b"<p>h&#7897;i ngh&#7883;</p><script>x</script>", "hoi nghi trang.html"),
        ("anh.bin", b"khong doc", "anh.bin"),
    ],
)
def test_files_of_text_are_searched_whatever_they_are_called(name: str, content: bytes, words: str) -> None:
    encoded = base64.encodebytes(content).decode()
    raw = typed(
        "multipart/mixed; boundary=b",
        f"--b\n\nxem\n--b\nContent-Type: application/octet-stream; name={name}\n"
        f"Content-Transfer-Encoding: base64\n\n{encoded}--b--\n",
    )
    assert found(raw)[1:] == (f"xem {words}", "xem")


def test_text_of_embedded_messages_is_searched() -> None:
    raw = typed("message/rfc822", "Subject: in\n\ninner words\n")
    assert found(raw)[1] == "inner words"


def test_text_of_a_multipart_without_parts_is_searched() -> None:
    assert found(typed("multipart/mixed; boundary=b", "lost words\n"))[1:] == ("lost words", "lost words")


def test_the_limit_counts_characters() -> None:
    raw = typed("text/plain; charset=utf-8", "ệ" * 5_000)
    assert found(raw, limit=1_000)[1] == "e" * 1_000


def test_the_preview_skips_quotes_and_is_short() -> None:
    raw = typed("text/plain; charset=utf-8", "> cũ\n> cũ\nĐồng ý.\n" + "từ " * 200)
    preview = found(raw)[2]
    assert preview.startswith("Đồng ý. từ")
    assert len(preview) <= 200
    assert preview.endswith("…")


def test_a_preview_of_nothing_but_quotes_shows_them() -> None:
    assert found(typed("text/plain", "> a\n> b\n"))[2] == "> a > b"


def test_a_message_without_text_has_no_preview() -> None:
    assert found(typed("image/png", "x"))[2] == ""
