from __future__ import annotations

from datetime import date

import pytest

from routing import reading
from routing.document_types import type_of_notation
from routing.suggest import Source, suggest
from routing.types import Secrecy, Treatment, Urgency

PAGE = """ỦY BAN NHÂN DÂN        CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
TỈNH HƯNG BÌNH            Độc lập - Tự do - Hạnh phúc
Số: 1482/UBND-KTN     Hưng Bình, ngày 02 tháng 11 năm 2026
V/v rà soát quy hoạch phân khu
ven sông Lệ

KHẨN
Kính gửi: Sở Xây dựng
Thực hiện Công văn số 99/BXD-QHKT ngày 01 tháng 10 năm 2026, đề nghị báo cáo trước ngày 20/11/2026.

Nơi nhận:
- Như trên;
- Lưu: VT, KTN.
Nguyễn Văn An
"""
DECISION = """SỞ Y TẾ
Số: 1201/QĐ-SYT     Quảng Ngãi, ngày 28 tháng 8 năm 2014

QUYẾT ĐỊNH
Ban hành Quy chế quản lý và sử dụng
phần mềm Văn phòng điện tử
--------
Căn cứ Luật
"""


def best(source: Source) -> dict[str, object]:
    found: dict[str, object] = {}
    for one in suggest(source):
        found.setdefault(one.field, one.value)
    return found


def test_the_page_itself_is_trusted_before_its_wrapping() -> None:
    source = Source("Fwd: 9/UBND V/v khác", "", "Văn thư UBND", ["77_CĐ-UBND.pdf"], [("a.pdf", PAGE)])
    assert best(source) == {
        "number": "1482",
        "notation": "UBND-KTN",
        "type_name": "Công văn",
        "issued_on": date(2026, 11, 2),
        "summary": "V/v rà soát quy hoạch phân khu ven sông Lệ",
        "due_on": date(2026, 11, 20),
        "urgency": Urgency.URGENT,
        "issuer": "Ủy ban nhân dân tỉnh Hưng Bình",
        "signer": "Nguyễn Văn An",
    }
    first = suggest(source)[0]
    assert (first.source, first.confidence > 0.8, first.excerpt != "") == ("text:a.pdf", True, True)


def test_a_decision_has_its_type_in_capitals_and_its_subject_below() -> None:
    found = best(Source("", "", "", [], [("a.pdf", DECISION)]))
    assert (found["type_name"], found["number"], found["issuer"]) == ("Quyết định", "1201", "Sở Y tế")
    assert found["summary"] == "Ban hành Quy chế quản lý và sử dụng phần mềm Văn phòng điện tử"


def test_without_a_readable_file_subject_and_name_serve() -> None:
    found = best(Source("Fwd: TR: 905/STC-NS V/v góp ý dự thảo dự toán", "", "Sở Tài chính", [], []))
    assert found == {
        "number": "905",
        "notation": "STC-NS",
        "type_name": "Công văn",
        "summary": "V/v góp ý dự thảo dự toán",
        "treatment": Treatment.COMMENT,
        "issuer": "Sở Tài chính",
    }


@pytest.mark.parametrize(
    ("name", "number", "notation"),
    [
        ("1482_UBND-KTN.pdf", "1482", "UBND-KTN"),
        ("12-2026-NQ-HĐND_signed.pdf", "12/2026", "NQ-HĐND"),
        ("Cong van 77 CĐ-UBND.pdf", "77", "CĐ-UBND"),
    ],
)
def test_file_names_carry_numbers(name: str, number: str, notation: str) -> None:
    found = reading.code_in_filename(name)
    assert found is not None and found[:2] == (number, notation)
    assert reading.code_in_filename("scan0001.pdf") is None


@pytest.mark.parametrize(
    ("text", "number", "notation"),
    [
        ("Số: 04 /2017/QĐ-UBND", "04/2017", "QĐ-UBND"),
        ("Số 30/NĐ-CP ngày", "30", "NĐ-CP"),
        ("Số: 1117/UBND-VX", "1117", "UBND-VX"),
        ("Số:216/GM-UBND", "216", "GM-UBND"),
    ],
)
def test_numbers_on_a_page(text: str, number: str, notation: str) -> None:
    found = reading.code_in(text, labelled=True)
    assert found is not None and found[:2] == (number, notation)


@pytest.mark.parametrize(
    ("notation", "name"),
    [
        ("QĐ-UBND", "Quyết định"),
        ("QD-UBND", "Quyết định"),
        ("TTr-UBND", "Tờ trình"),
        ("GM-UBND", "Giấy mời"),
        ("UBND-KTN", "Công văn"),
        ("NQ-HĐND", "Nghị quyết"),
        ("", "Công văn"),
    ],
)
def test_the_sign_names_the_type(notation: str, name: str) -> None:
    assert type_of_notation(notation) == name


def test_a_secrecy_mark_is_seen_and_the_word_in_a_sentence_is_not() -> None:
    marked = reading.secrecy_in("SỞ Y TẾ\n  TỐI MẬT \nSố: 1/A-B")
    assert marked is not None and marked.value is Secrecy.TOP_SECRET
    assert reading.secrecy_in("bảo mật thông tin, MẬT khẩu") is None


def test_impossible_dates_propose_nothing() -> None:
    assert reading.date_in("ngày 31 tháng 02 năm 2026") is None
    assert reading.due_in("trước ngày 45/13/2026") is None


@pytest.mark.timeout(30)
def test_hostile_text_holds_nobody_up() -> None:
    suggest(Source("V/v " * 20_000, "Số " * 50_000, "", ["1 " * 2_000], [("a", "V/v " * 50_000 + "A" * 50_000)]))


# What a renderer with two columns gives: the left one whole, then Quốc hiệu and tiêu ngữ.
COLUMNS = """UBND TỈNH HƯNG BÌNH
 Số: 1502/UBND-KTN
V/v đẩy nhanh tiến độ lập quy hoạch
 chung đô thị Bàu Tre
 CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
 Độc lập – Tự do – Hạnh phúc
 Hưng Bình, ngày 22 tháng 11 năm 2026
 Kính gửi: Sở Xây dựng
"""


def test_the_summary_ends_where_the_other_column_begins() -> None:
    summary, issuer = reading.summary_in(COLUMNS), reading.issuer_in(COLUMNS)
    assert summary is not None and summary.value == "V/v đẩy nhanh tiến độ lập quy hoạch chung đô thị Bàu Tre"
    assert issuer is not None and issuer.value == "UBND tỉnh Hưng Bình"
