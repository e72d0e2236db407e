from __future__ import annotations

import pytest

from mailserver.mime.scan import scan
from webmail.mail.bodies import MOST_ATTACHMENTS, MOST_SHOWN, choose

TEXT = "Content-Type: text/plain\r\n\r\nchữ\r\n"
HTML = "Content-Type: text/html\r\n\r\n<p>chữ</p>\r\n"
PDF = "Content-Type: application/pdf; name=a.pdf\r\n\r\n%PDF\r\n"
SIGNATURE = "Content-Type: application/pkcs7-signature\r\n\r\nx"
LETTER = "Content-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\ny\r\n"
LOGO = "Content-Type: image/png\r\nContent-ID: <logo@so>\r\n\r\nx\r\n"
EVENT = "Content-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR\r\n"


def multipart(kind: str, *parts: str) -> str:
    mark = f"=_{kind}_{abs(hash(parts))}"
    inside = "".join(f"--{mark}\r\n{part}\r\n" for part in parts)
    return f'Content-Type: multipart/{kind}; boundary="{mark}"\r\n\r\n{inside}--{mark}--\r\n'


@pytest.mark.parametrize(
    ("part", "shown", "inline", "attached"),
    [
        (TEXT, ["plain"], [], []),
        (HTML, ["html"], [], []),
        (PDF, [], [], ["pdf"]),
        (multipart("mixed", TEXT, PDF), ["plain"], [], ["pdf"]),
        (multipart("alternative", TEXT, HTML), ["html"], [], []),
        (multipart("alternative", TEXT, EVENT), ["plain"], [], ["calendar"]),
        (multipart("alternative", TEXT, multipart("related", HTML, LOGO)), ["html"], ["logo@so"], []),
        (multipart("mixed", multipart("alternative", TEXT, HTML), PDF), ["html"], [], ["pdf"]),
        (multipart("mixed", TEXT, LOGO), ["plain"], [], ["png"]),
        (multipart("mixed", TEXT, TEXT), ["plain", "plain"], [], []),
        (multipart("mixed", TEXT, "Content-Disposition: attachment\r\n" + TEXT), ["plain"], [], ["plain"]),
        (multipart("signed", TEXT, SIGNATURE), ["plain"], [], ["pkcs7-signature"]),
        (multipart("mixed", TEXT, LETTER), ["plain"], [], ["rfc822"]),
    ],
)  # fmt: skip
def test_parts_are_sorted_as_a_reader_expects(
    part: str, shown: list[str], inline: list[str], attached: list[str]
) -> None:
    found = choose(scan(f"Subject: x\r\nMIME-Version: 1.0\r\n{part}".encode()).structure)
    assert [one.subtype for one in found.shown] == shown
    assert list(found.inline) == inline
    assert [one.subtype for one in found.attachments] == attached


def test_a_mail_nested_a_thousand_times_is_an_attachment_at_last() -> None:
    part = TEXT
    for _level in range(90):
        part = multipart("mixed", part)
    found = choose(scan(f"MIME-Version: 1.0\r\n{part}".encode()).structure)
    assert len(found.shown) + len(found.attachments) <= 2


def test_only_some_of_ten_thousand_texts_are_shown() -> None:
    """Each is read by itself: the page of such a mail took longer than anybody waits."""
    part = b"--x\r\n\r\na\r\n"
    chosen = choose(scan(b"Content-Type: multipart/mixed; boundary=x\r\n\r\n" + part * 9_000 + b"--x--\r\n").structure)
    assert [part.path for part in chosen.shown] == [(number,) for number in range(1, MOST_SHOWN + 1)]
    assert chosen.attachments[0].path == (MOST_SHOWN + 1,)
    assert len(chosen.attachments) == MOST_ATTACHMENTS


def test_nine_thousand_pictures_in_an_html_mail_are_sorted_at_once() -> None:
    pictures = b"".join(
        b"--x\r\nContent-Type: image/png\r\nContent-ID: <%d>\r\n\r\na\r\n" % number for number in range(9_000)
    )
    html = b"Content-Type: multipart/related; boundary=x\r\n\r\n--x\r\nContent-Type: text/html\r\n\r\n<p>\r\n"
    chosen = choose(scan(html + pictures + b"--x--\r\n").structure)
    assert len(chosen.inline) == 9_000
    assert chosen.attachments == ()
