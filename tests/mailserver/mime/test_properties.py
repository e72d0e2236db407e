"""What holds for any octets whatever."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mailserver.mime.body import searchable_text
from mailserver.mime.contents import Contents
from mailserver.mime.scan import scan
from tests.mailserver.mime import soundness

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


@given(MAIL)
def test_any_octets_give_sound_answers(raw: bytes) -> None:
    soundness.check(raw, scan(raw))


@given(st.binary(max_size=2_000))
def test_noise_gives_sound_answers(raw: bytes) -> None:
    soundness.check(raw, scan(raw))


@given(MAIL)
def test_texts_can_be_stored(raw: bytes) -> None:
    scanned = scan(raw)
    found = searchable_text(raw, scanned)
    soundness.check_storable([*soundness.texts_of(scanned), found.head, found.body, found.preview])
    assert "\n" not in scanned.subject
    assert len(found.preview) <= 200


@given(MAIL)
def test_the_index_reads_the_same_from_what_was_read_for_the_rules(raw: bytes) -> None:
    scanned, front = scan(raw), b"X-Spam-Flag: NO\r\n"
    seen = Contents(raw, scanned)
    assert [seen.text, *(file.text() for file in seen.files if file.part.type == "text")]
    marked, behind = front + raw, scanned.behind(len(front))
    assert searchable_text(marked, behind, readings=seen.readings) == searchable_text(marked, behind)
