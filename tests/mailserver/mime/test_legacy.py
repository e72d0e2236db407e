"""Text from before Unicode: read as it was meant; text that is right: not touched."""

from __future__ import annotations

from base64 import b64encode
from random import Random

import pytest

from mailserver.mime.body import searchable_text, text_of
from mailserver.mime.charsets import decode, decoded
from mailserver.mime.legacy import repair
from mailserver.mime.legacy_case import restore_capitals
from mailserver.mime.legacy_tables import BY_NAME
from mailserver.mime.scan import scan
from mailserver.mime.words import decode_text, read_words
from tests.bench import encoding_repair
from tests.support import oldencodings, sentences
from tests.support.steps import grows_linearly

# The sentence of the Universal Declaration's heading in each encoding, typed by hand from the fonts' charts.
CHARTS = {
    "TCVN3": (
        b"C\xe9ng h\xdfa x\xb7 h\xe9i ch\xf1 ngh\xdca, n\xad\xedc \xae\xd6p",
        "Cộng hòa xã hội chủ nghĩa, nước đệp",
    ),
    "VNI": (b"Xin cha\xf8o ca\xf9c ba\xefn, n\xf6\xf4\xf9c \xf1e\xefp", "Xin chào các bạn, nước đẹp"),
    "VISCII": (b"C\xb5ng h\xf2a x\xe3 h\xb5i, n\xdf\xbec \xf0\xa9p", "Cộng hòa xã hội, nước đẹp"),
    "VPS": (b"C\xb6ng h\xf2a x\xe3 h\xb6i, n\xdc\xa7c \xc7\xcbp", "Cộng hòa xã hội, nước đẹp"),
    "VIQR": (b"Co^.ng ho`a xa~ ho^.i, nu+o+'c dde.p", "Cộng hòa xã hội, nước đẹp"),
}


@pytest.mark.parametrize("name", CHARTS)
def test_each_encoding_is_recognised_however_it_is_labelled(name: str) -> None:
    octets, text = CHARTS[name]
    for label in (None, "us-ascii", "iso-8859-1", "windows-1252", "windows-1258", "x-unknown"):
        assert decode(octets, label) == text, label
    found = decoded(oldencodings.re_encoded(octets), "utf-8")
    assert found.text == text and found.repaired is not None and found.repaired.encoding == name


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("viscii", "VISCII"),
        ("VIQR", "VIQR"),
        ("x-viet-vps", "VPS"),
        ("x-viet-tcvn5712", "TCVN3"),
        ("x-viet-vni", "VNI"),
    ],
)
def test_a_label_is_believed_without_a_look_at_the_words(label: str, name: str) -> None:
    word = {"VIQR": "a'"}.get(name) or oldencodings.ALL[name]("á").decode("cp1252")
    assert decode(word.encode("cp1252"), label) == "á"


def test_viqr_that_is_declared_may_hide_a_sign_behind_a_backslash() -> None:
    assert decode(rb"DDa^y la` gi`\? O+? dda^y\.", "viqr") == "Đây là gì? Ở đây."


@pytest.mark.parametrize("encoding", oldencodings.ALL)
@pytest.mark.parametrize("label", ["utf-8", "iso-8859-1", ""])
def test_of_made_sentences_nearly_all_are_put_right(encoding: str, label: str) -> None:
    row = encoding_repair.repaired(encoding, label, 60, seed=20261)
    assert row.right >= 0.99 * row.total - 1, row.wrong


def test_windows_1258_stays_what_it_is_with_and_without_its_label() -> None:
    row = encoding_repair.untouched(0, "windows-1258", 60, seed=20263)
    assert row.right == row.total, row.wrong
    text = "Đề nghị các phòng gửi báo cáo trước thứ Sáu."
    assert decode(oldencodings.cp1258(text), None) == text


@pytest.mark.parametrize("kind", range(4))
@pytest.mark.parametrize("label", ["utf-8", "windows-1252"])
def test_of_valid_sentences_none_is_touched(kind: int, label: str) -> None:
    row = encoding_repair.untouched(kind, label, 60, seed=20262)
    assert row.right == row.total, row.wrong


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("NguyÔn V¨n A", "Nguyễn Văn A"),
        ("ViÖt Nam", "Việt Nam"),
        ("HTX Bµu Tre", "HTX Bàu Tre"),
        ("B¸o c¸o th¸ng 10.doc", "Báo cáo tháng 10.doc"),
        ("27/CV-HTX: V/v ®Êu nèi cÊp n\xadíc", "27/CV-HTX: V/v đấu nối cấp nước"),
        ("CéNG HßA X· HéI CHñ NGHÜA VIÖT NAM", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"),
        ("Leâ Ngoïc AÙnh", "Lê Ngọc Ánh"),
        ("Ná»™i dung cuá»™c há»\x8dp", "Nội dung cuộc họp"),
    ],
)
def test_names_and_titles_are_recognised_by_few_words(text: str, meant: str) -> None:
    found = repair(text)
    assert found is not None and found.text == meant


@pytest.mark.parametrize(
    "text",
    [
        "", "Báo cáo tháng sáu", "tôi có bé", "Haï", "où ?", "Noël", "§ 5", "20µm, 5°", "Nike®", "L’été", "né à Où",
        "Größe", "sí, tú", "I'm out. No. 5", "a^2 + b^2", "address added", "x = a(1) + u+v", "«Bonjour»", "naïve café",
        "Zoë Müller", "Nguyễn V¨n", "Đ", "\xad", "½ × ¾", "C:\\a(b", "Công ty TNHH Ánh Dương",
    ],
)  # fmt: skip
def test_short_valid_texts_stay(text: str) -> None:
    assert repair(text) is None


def test_a_tone_typed_before_the_circumflex_is_put_in_its_place() -> None:
    assert decode("tie\u0301\u0302ng vie\u0323\u0302t lo\u031b\u0301p".encode(), "utf-8") == "tiếng việt lớp"


def test_header_fields_say_what_they_said_before() -> None:
    raw = b"V/v \xae\xcau n\xe8i c\xcap n\xad\xedc"
    mojibake = raw.decode("cp1252")
    for value in (
        raw,
        b"=?iso-8859-1?B?" + b64encode(raw) + b"?=",
        b"=?iso-8859-1?Q?V/v_=AE=CAu_n=E8i?= =?iso-8859-1?Q?_c=CAp_n=AD=EDc?=",
        b"=?utf-8?B?" + b64encode(mojibake.encode()) + b"?=",
    ):
        assert decode_text(value) == "V/v đấu nối cấp nước"
        assert read_words(value).stated in (mojibake, raw.decode("cp1258"))


def test_search_text_names_and_subject_of_a_message_are_put_right_and_its_octets_are_not() -> None:
    subject = b64encode(oldencodings.re_encoded(oldencodings.tcvn3("Đấu nối cấp nước sạch")))
    author = b64encode(oldencodings.re_encoded(oldencodings.tcvn3("Hợp tác xã Bàu Tre")))
    data = (
        b"From: =?utf-8?B?" + author + b"?= <a@b>\r\n"
        b"Subject: =?utf-8?B?" + subject + b"?=\r\n"
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
        b"--b\r\nContent-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
        + oldencodings.tcvn3("Kính gửi Sở Xây dựng, đề nghị hướng dẫn thủ tục.")
        + b"\r\n--b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename=\""
        + oldencodings.tcvn3("Đơn đề nghị đấu nối.pdf") + b"\"\r\n\r\nx\r\n--b--\r\n"
    )  # fmt: skip
    scanned = scan(data)
    assert scanned.subject == "Đấu nối cấp nước sạch"
    assert scanned.from_[0].name == "Hợp tác xã Bàu Tre"
    assert [part.filename for part in scanned.structure.walk() if part.filename] == ["Đơn đề nghị đấu nối.pdf"]
    text = searchable_text(data, scanned)
    assert "de nghi huong dan thu tuc" in text.body and "don de nghi dau noi.pdf" in text.body
    assert text.preview.startswith("Kính gửi Sở Xây dựng")
    assert subject in scanned.envelope, "ENVELOPE gives the field as it came"


def test_html_is_read_by_its_fonts_and_its_markup_stays() -> None:
    source = (
        '<p class="a"><font face=".VnTime">C&#171;ng v¨n <b>®Õn</b> &lt;1&gt;</font>'
        ' <font face=".VnTimeH">b¸o c¸o</font> <i style="font-family:VNI-Times">chaøo</i> Ngày</p>'
    )
    part = scan(b"Content-Type: text/html; charset=utf-8\r\n\r\n").structure.root
    assert text_of(source.encode(), part) == (
        '<p class="a"><font face=".VnTime">Công văn <b>đến</b> &lt;1&gt;</font>'
        ' <font face=".VnTimeH">BÁO CÁO</font> <i style="font-family:VNI-Times">chào</i> Ngày</p>'
    )
    for valid in ("<p>L&eacute;t&eacute; à Paris</p>", '<font face=".VnTime">Công văn đến</font>', "<p>a^2</p>"):
        assert text_of(valid.encode(), part) == valid


def test_html_without_fonts_is_read_by_its_words() -> None:
    part = scan(b"Content-Type: text/html; charset=iso-8859-1\r\n\r\n").structure.root
    body = (
        b"<div><p>"
        + oldencodings.tcvn3("Kính gửi quý cơ quan, đề nghị trả lời.")
        + b"</p><a href='http://x'>xem</a></div>"
    )
    assert "<p>Kính gửi quý cơ quan, đề nghị trả lời.</p><a href='http://x'>xem</a>" in text_of(body, part)


def test_capitals_are_those_of_the_words_beside() -> None:
    either = frozenset("ộởốềếủỉ")
    assert restore_capitals("Bộ Xây dựng", either) == "Bộ Xây dựng"
    assert restore_capitals("Sở Y Tế CủA TỉNH", either) == "SỞ Y TẾ CỦA TỈNH"
    assert restore_capitals("THEO Số 12 UBND CÔNG", either) == "THEO SỐ 12 UBND CÔNG"


@pytest.mark.parametrize("name", ["UTF-8", "TCVN3", "VNI", "VISCII", "VPS"])
def test_a_table_leaves_ascii_alone(name: str) -> None:
    ascii_text = "".join(map(chr, range(0x20, 0x7F)))
    assert BY_NAME[name].decode(ascii_text) == ascii_text


@pytest.mark.parametrize(
    "fragment", ["®Êu nèi ", "é", "a^ ", "e'", "aø", "<font face=.VnTime>®", "</b>", "&#171;", "Ã©", "\u0301"]
)
def test_repair_takes_linear_time(fragment: str) -> None:
    part = scan(b"Content-Type: text/html; charset=utf-8\r\n\r\n").structure.root
    fine, counted = grows_linearly(lambda times: text_of((fragment * times).encode(), part), 40)
    assert fine, counted


def test_any_octets_are_read_without_an_error() -> None:
    chance = Random(5)
    for _ in range(300):
        raw = chance.randbytes(chance.randint(0, 60))
        for label in (None, "utf-8", "viscii", "viqr", "x-viet-vni"):
            assert "\0" not in decode(raw, label)
    assert sentences.vietnamese(Random(1)) == sentences.vietnamese(Random(1))
