"""Vietnamese words are found however they are typed (MAIL.md, "Vietnamese text"), through IMAP."""

from __future__ import annotations

import io
import unicodedata

import docx
import pytest

from mailserver.imap.search import stored
from tests.mailserver.imap.conftest import Door
from tests.support.dialogue import Client, mail
from tests.support.mail import with_file

# As written in a message, without diacritics, and with the tone marks where others put them.
WORDS = [
    ("việc", "viec", "việc"),
    ("Nguyễn", "nguyen", "NGUYỄN"),
    ("Huệ", "hue", "huệ"),
    ("phối hợp", "phoi hop", "Phối Hợp"),
    ("Đinh", "dinh", "đinh"),
    ("đường", "duong", "ĐƯỜNG"),
    ("đề nghị", "de nghi", "Đề nghị"),
    ("hoà bình", "hoa binh", "hòa bình"),
    ("thủy lợi", "thuy loi", "thuỷ lợi"),
    ("khoẻ", "khoe", "khỏe"),
]
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def spellings(word: tuple[str, str, str]) -> list[str]:
    written, plain, other = word
    return [written, plain, other, unicodedata.normalize("NFD", written), plain.upper()]


async def search(client: Client, key: str, text: str, charset: str = "UTF-8") -> list[int]:
    octets = text.encode({"UTF-8": "utf-8", "WINDOWS-1258": "cp1258"}[charset])
    lines = await client.ok(b"SEARCH CHARSET %b %b {%d+}\r\n%b" % (charset.encode(), key.encode(), len(octets), octets))
    (line,) = [line for line in lines if line.startswith(b"* SEARCH")]
    return list(map(int, line.split()[2:]))


async def put(client: Client, *messages: bytes) -> None:
    for message in messages:
        assert (await client.append("INBOX", message)).startswith(b"OK")


@pytest.mark.parametrize("way", ["read", "looked up"])
async def test_words_are_found_in_every_spelling(door: Door, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if way == "looked up":
        monkeypatch.setattr(stored, "LITTLE", -1)
    client = await door.selected()
    for written, _, _ in WORDS:
        await put(client, mail(subject=f"về {written} nhé", text=f"Kính gửi {written}.", sender="x@a.test"))
    for number, word in enumerate(WORDS, 1):
        for spelling in spellings(word):
            for key in ("SUBJECT", "BODY", "TEXT", "HEADER Subject"):
                assert number in await search(client, key, spelling), (key, spelling)
        assert await search(client, "TEXT", f"x{word[0]}") == []


@pytest.mark.parametrize("between", [1, 8])
async def test_mail_of_another_folder_is_not_found_here(
    door: Door, between: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether the folder's messages are nearly all of their range, or few of it."""
    monkeypatch.setattr(stored, "LITTLE", -1)
    client = await door.selected()
    await client.ok(b"CREATE khac")
    await put(client, mail(subject="về phối hợp", text="đầu"))
    for number in range(between):
        message = mail(subject=f"về phối hợp {number}")
        assert (await client.append("khac", message)).startswith(b"OK")
    await put(client, mail(subject="về phối hợp", text="cuối"))
    assert await search(client, "TEXT", "phoi hop") == [1, 2]
    assert await search(client, "BODY", "cuoi") == [2]
    assert await search(client, "TEXT", "") == [1, 2]


async def test_names_and_addresses_are_found_by_any_part(door: Door) -> None:
    client = await door.selected()
    header = (
        'From: "Đặng Thị Huệ" <hue.dang@sxd.hungbinh.gov.vn>\r\nTo: Phòng Kế hoạch <kehoach@a.test>, b@example.test\r\n'
        'Cc: "Võ, Thuỷ" <vothuy@c.test>\r\nBcc: kin@d.test\r\nSubject: về (lịch) họp\r\n\r\n'
    )
    await put(client, header.encode(), mail())
    for key, text in [
        ("FROM", "dang thi"), ("FROM", "ặng t"), ("FROM", "Huệ <hue"), ("FROM", "ungbinh.go"), ("TO", "ehoach@a"),
        ("TO", "xampl"), ("TO", "phong ke"), ("CC", "vo, thủy"), ("CC", "othuy@"), ("BCC", "IN@D"),
        ("HEADER From", "ungbinh"), ("HEADER FROM", '"đặng'), ("HEADER SUBJECT", "(lịch"), ("HEADER Cc", "thuy"),
        ("HEADER subject", "ịch) họ"), ("TEXT", "đặng thị huệ"), ("TEXT", "vothuy@c.test"),
    ]:  # fmt: skip
        assert await search(client, key, text) == [1], (key, text)


async def test_a_query_in_the_old_charset_of_windows_is_understood(door: Door) -> None:
    client = await door.selected()
    await put(client, mail(subject="Phối hợp"))
    combined = "".join(
        unicodedata.normalize("NFC", unicodedata.normalize("NFD", letter)[:2])
        + unicodedata.normalize("NFD", letter)[2:]
        for letter in "Phối hợp"
    )
    assert await search(client, "SUBJECT", combined, "WINDOWS-1258") == [1]


async def test_entities_of_html_are_letters(door: Door) -> None:
    """s1t5/mail-archiver #451."""
    client = await door.selected()
    text = "<p>K&iacute;nh g&#7917;i &#x110;&#7891;ng ch&iacute;,<br>b&aacute;o&nbsp;c&aacute;o <b>qu</b>&yacute;</p>"
    message = mail(text=text).replace(b"text/plain", b"text/html")
    await put(client, message)
    for query in ("kính gửi đồng chí", "kinh gui dong chi", "báo cáo quý"):
        assert await search(client, "BODY", query) == [1]
    assert await search(client, "BODY", "nbsp") == []


async def test_attached_documents_are_searched_the_moment_they_are_delivered(door: Door) -> None:
    client = await door.selected()
    made = docx.Document()
    made.add_paragraph("Quyết định nâng bậc lương cho bà Đinh Thị Thuỷ")
    stream = io.BytesIO()
    made.save(stream)
    sender = await door.client()
    await put(sender, mail(), with_file(stream.getvalue(), name="qd.docx", media=DOCX))
    assert await search(client, "BODY", "bà đinh thị thủy") == [2]
    assert await search(client, "TEXT", "nang bac") == [2]
