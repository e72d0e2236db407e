"""What holds for any octets whatever."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mailserver.mime.body import searchable_text
from mailserver.mime.scan import Scanned, scan
from mailserver.mime.structure import Part, Structure
from tests.mailserver.mime import imaplist

PIECES = st.sampled_from(
    [
        b"\r\n",
        b"\n",
        b"\r\n\r\n",
        b"--b\r\n",
        b"\r\n--b\r\n",
        b"\r\n--b--\r\n",
        b"\r\n--c\r\n",
        b"--c--",
        b"Content-Type: multipart/mixed; boundary=b\r\n",
        b"Content-Type: multipart/alternative; boundary=c\r\n\r\n",
        b"Content-Type: multipart/digest; boundary=b\r\n\r\n",
        b"Content-Type: message/rfc822\r\n\r\n",
        b"Content-Type: text/html; charset=windows-1258\r\n",
        b"Content-Transfer-Encoding: base64\r\n",
        b"Content-Transfer-Encoding: quoted-printable\r\n",
        b"Content-Transfer-Encoding: x-uuencode\r\n",
        b"Content-Disposition: attachment; filename*0*=utf-8''%E1; filename*1*=%BB%87.txt\r\n",
        b"Content-ID: <a@b>\r\n",
        b"Content-Language: vi, en\r\n",
        b'From: =?utf-8?B?Vmnhu4d0?= <a@b>, (c) "q\\"" <"x y"@z>\r\n',
        b"To: G: a@b, c@d;, e\r\n",
        b"Subject: Re: [x] =?utf-8?Q?a_=E1=BB?= =?utf-8?Q?=87?= (fwd)\r\n",
        b"Date: Thu, 4 Jan 2024 10:00:00 +0700\r\n",
        b"References: <a@b> <c\r\n d>\r\n",
        b" folded\r\n",
        b"=E1=BB=87=\r\n",
        b"Vmnhu4d0\r\n",
        b"<p>&#7879;</p><script>",
        b"\xe1\xbb\x87",
        b"\xff\x00",
        b'"',
        b"(",
        b"\\",
    ]
)
MAIL = st.lists(st.one_of(PIECES, st.binary(max_size=8)), max_size=40).map(b"".join)


def check(raw: bytes, scanned: Scanned) -> None:
    assert scanned.size == len(raw)
    assert 0 <= scanned.decoded_size <= len(raw)
    assert 0 <= scanned.header_size <= len(raw)
    imaplist.check_envelope(imaplist.parse(scanned.envelope))
    imaplist.check_body(imaplist.parse(scanned.bodystructure), extended=True)
    imaplist.check_body(imaplist.parse(scanned.body), extended=False)
    assert scanned.envelope.isascii() and scanned.bodystructure.isascii()
    root = scanned.structure.root
    assert root.header == (0, scanned.header_size)
    assert root.body == (scanned.header_size, len(raw))
    for part in scanned.structure.walk():
        check_part(part)
        if part.path:
            assert scanned.structure.section(part.path) is not None


def check_part(part: Part) -> None:
    assert part.header[0] <= part.header[1] == part.body[0] <= part.body[1]
    at = part.body[0]
    for child in part.children:
        assert at <= child.header[0] and child.body[1] <= part.body[1]
        at = child.body[1]
    if part.message is not None:
        assert (part.message.header[0], part.message.body[1]) == part.body
    for text in (part.filename, part.charset, part.content_id, part.disposition):
        if text is not None:
            assert "\0" not in text
            text.encode()


@given(MAIL)
def test_any_octets_give_sound_answers(raw: bytes) -> None:
    scanned = scan(raw)
    check(raw, scanned)
    assert Structure.decode(scanned.structure.encode()) == scanned.structure


@given(st.binary(max_size=2_000))
def test_noise_gives_sound_answers(raw: bytes) -> None:
    check(raw, scan(raw))


@given(MAIL)
def test_texts_can_be_stored(raw: bytes) -> None:
    scanned = scan(raw)
    found = searchable_text(raw, scanned)
    addresses = (*scanned.from_, *scanned.to, *scanned.cc, *scanned.bcc, *scanned.sender, *scanned.reply_to)
    texts = [scanned.subject, scanned.base_subject, found.head, found.body, found.preview]
    texts += [address.display for address in addresses]
    texts += [*scanned.references, *scanned.in_reply_to, scanned.message_id or ""]
    for text in texts:
        assert "\0" not in text
        text.encode()
    assert "\n" not in scanned.subject
    assert len(found.preview) <= 200
