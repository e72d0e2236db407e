"""Marks are found wherever people set them, and the same words elsewhere are let be."""

from __future__ import annotations

import pytest

from mailbox_policies.forbidden.detector import detect, worth_a_look
from mailbox_policies.forbidden.finding import Document, Finding, Kind, Letter, Place
from tests.bench import forbidden_classes
from tests.support import papers

SECRET = """
[MẬT] Kế hoạch diễn tập|Độ mật: Tối mật|[TUYỆT MẬT] Phương án|TUYỆT MẬT - Phương án A|MẬT: gửi báo cáo
Re: [Mật] kế hoạch
(MẬT) Công điện|Công văn mật số 12/CV|Văn bản tối mật gửi anh|Gửi tài liệu MẬT về phòng thủ khu vực|T Ố I  M Ậ T
Kế hoạch 12/KH-BCH-MẬT|Fwd: 12/BC-UBND (Mật)|[MAT] Ke hoach|Do mat: Toi mat|Phương án B - TỐI MẬT
12/KH-UBND: KẾ HOẠCH PHÒNG THỦ (TUYỆT MẬT)
"""
COMPLAINT = """
Đơn tố cáo ông Nguyễn Văn A|ĐƠN KHIẾU NẠI|V/v đơn kiến nghị của các hộ dân|Gửi đơn tố cáo|Fwd: Đơn phản ánh ô nhiễm
Đơn khiếu nại lần 2
"""
SETTLEMENT = """
Quyết định giải quyết khiếu nại của ông A|12/QĐ-UBND: Quyết định về việc giải quyết khiếu nại lần đầu
Kết luận nội dung tố cáo|Thông báo kết quả giải quyết đơn khiếu nại của bà B|V/v trả lời đơn khiếu nại của bà C
"""
PERSONAL = """
Gửi đích danh PGĐ Tạ Thị Ngọc Diễm|Kính gửi đích danh: ông Trường|Thư gửi đích danh Phó Giám đốc|Chỉ người nhận được mở
Riêng: bà Diễm (không mở)|[Đích danh] PGĐ Tạ Thị Ngọc Diễm
"""
INNOCENT = """
V/v nuôi ong lấy mật|MẬT ONG RỪNG U MINH|Đổi mật khẩu|BẢO MẬT HỆ THỐNG|Mật độ xây dựng|Gặp mặt thân mật|Không mật
Luật Bảo vệ bí mật nhà nước|Độ mật: Thường|Tập huấn phân loại MẬT, TỐI MẬT, TUYỆT MẬT|Hướng dẫn đóng dấu MẬT
Mật mía
Quy định về văn bản mật|Danh mục tài liệu mật|MẬT ĐỘ XÂY DỰNG KHU TRUNG TÂM|Mặt trận Tổ quốc|Thông báo mất thẻ
Mật nghị
Tuần trăng mật|V/v quản lý tài liệu mật năm 2026|Lớp tập huấn soạn thảo văn bản mật|[Mật khẩu] đặt lại
BỘ BÍ MẬT
THÔNG BÁO MẬT KHẨU MỚI|Quán Mật|Thiết bị mật mã|Ong Mật - đặc sản|Mật - đặc sản Bàu Tre|Chế độ mật: kiểm tra
LÀM MẬT ONG
Báo cáo công tác bảo mật: quý III|mat khau moi|Đơn xin nghỉ phép|Gửi mật ong cho chị Hoa|Danh sách nhận mật
Báo cáo công tác giải quyết khiếu nại, tố cáo quý III|Luật Khiếu nại|Mẫu đơn khiếu nại|Tập huấn giải quyết đơn thư
V/v giải quyết kiến nghị của công dân xã Đông Sa về cấp giấy phép xây dựng|V/v kiến nghị của cử tri
Lịch tiếp công dân
Số liệu đơn khiếu nại năm 2026|Đơn kiến nghị các năm trước: thống kê
Quy định xử lý thư gửi đích danh|Khoản riêng: chi phí
Phê bình đích danh đơn vị chậm|Chương trình riêng của ông A
"""
SECRET_NAMES = """
12-KH-UBND (MẬT).pdf|TỐI MẬT_ke hoach.docx|TOI MAT - ke hoach.pdf|Công văn mật 12.pdf|QĐ 12_MẬT.pdf
Văn bản mật.docx|KẾ HOẠCH_MẬT.pdf|[Mật] bản đồ.pdf|độ mật tối mật.pdf
"""
INNOCENT_NAMES = """
mật ong.pdf|MẬT ONG RỪNG.pdf|bao mat.docx|Đổi mật khẩu.pdf|MAT KHAU.pdf|mat bang.pdf|QUY ĐỊNH BẢO MẬT.pdf
Mật độ.xlsx
bi mat nha nuoc.pdf|Danh mục tài liệu mật.xlsx|KẾ HOẠCH MẶT BẰNG.pdf
Mẫu đơn tố cáo.docx|don xin nghi.docx|THẺ MẬT MÃ.pdf
"""
SECRETS = {Kind.SECRET, Kind.TOP_SECRET, Kind.MOST_SECRET}


def each(table: str) -> list[str]:
    return [one for line in table.strip().splitlines() for one in line.split("|")]


def kinds(letter: Letter) -> set[Kind]:
    return {one.kind for one in detect(letter)}


@pytest.mark.parametrize("subject", each(SECRET))
def test_a_subject_that_bears_a_mark(subject: str) -> None:
    assert kinds(Letter(subject)) & SECRETS


@pytest.mark.parametrize("subject", each(INNOCENT))
def test_an_innocent_subject(subject: str) -> None:
    assert detect(Letter(subject)) == ()


@pytest.mark.parametrize(
    ("subject", "kind"),
    [*((one, Kind.COMPLAINT) for one in each(COMPLAINT)), *((one, Kind.SETTLEMENT) for one in each(SETTLEMENT)),
     *((one, Kind.PERSONAL) for one in each(PERSONAL))],
)  # fmt: skip
def test_a_subject_of_another_class(subject: str, kind: Kind) -> None:
    assert kinds(Letter(subject)) == {kind}


@pytest.mark.parametrize("name", each(SECRET_NAMES))
def test_a_file_whose_name_bears_a_mark(name: str) -> None:
    assert kinds(Letter("x", "y", (Document(name),))) & SECRETS


@pytest.mark.parametrize("name", each(INNOCENT_NAMES))
def test_a_file_with_an_innocent_name(name: str) -> None:
    assert detect(Letter("x", "y", (Document(name),))) == ()


@pytest.mark.parametrize("name", ["Đơn tố cáo.pdf", "don_to_cao_ong_A.pdf", "01. Don khieu nai.docx"])
def test_a_file_that_calls_itself_a_complaint(name: str) -> None:
    assert kinds(Letter("x", "y", (Document(name),))) == {Kind.COMPLAINT}


def test_the_levels_are_told_apart_and_the_highest_comes_first() -> None:
    files = (Document("a.pdf", "MẬT\nCăn cứ"), Document("b.pdf", "TUYỆT MẬT\nCăn cứ"))
    found = detect(Letter("Gửi", "Kính gửi", files))
    assert [(one.kind, one.file) for one in found] == [(Kind.MOST_SECRET, "b.pdf"), (Kind.SECRET, "a.pdf")]


def test_a_finding_says_where_it_is() -> None:
    (found,) = detect(Letter("Kế hoạch", "TỐI MẬT\n\nKính gửi anh,"))
    assert found == Finding(Kind.TOP_SECRET, Place.BODY, "TỐI MẬT")


def test_a_citizen_who_complains_in_the_letter_itself() -> None:
    body = "Kính gửi quý cơ quan.\nTôi tên là Nguyễn Văn A, tôi làm đơn này để tố cáo ông B nhận tiền."
    assert kinds(Letter("Kính nhờ xem xét", body)) == {Kind.COMPLAINT}
    assert kinds(Letter("Hỏi thủ tục", "Tôi muốn hỏi cách gửi đơn. Việc tố cáo do ai giải quyết?")) == set()


def test_below_the_upper_zone_words_are_words() -> None:
    text = "BÁO CÁO\nVề tập huấn\nCăn cứ kế hoạch, lớp học nêu các dấu:\nTUYỆT MẬT\nĐƠN TỐ CÁO\n"
    assert detect(Letter("Gửi", "", (Document("a.pdf", text),))) == ()


def test_a_closer_look_is_taken_where_it_may_find_something() -> None:
    assert worth_a_look("Số 12\nM Ậ T\n") and worth_a_look("ĐƠN TỐ CÁO") and worth_a_look("Kính gửi đích danh")
    assert not worth_a_look("Báo cáo tình hình mặt bằng, mất điện")


def test_of_made_papers_those_with_a_mark_are_found_and_no_other() -> None:
    result = forbidden_classes.measure(60, seed=77)
    assert result.found >= 0.99 and result.false_alarms <= 0.005, result.wrong


def test_the_papers_are_many_kinds_of_both() -> None:
    made = papers.papers(60, seed=77)
    assert {paper.kind for paper in made} == {None, *Kind}
    assert len({paper.how for paper in made}) > 30
    assert [paper.data for paper in papers.papers(3, seed=5) if paper.name.endswith("pdf")] == [
        paper.data for paper in papers.papers(3, seed=5) if paper.name.endswith("pdf")
    ]
