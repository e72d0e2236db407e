"""Office papers as PDF and DOCX, made from a seed: with marks in the ways people set them, and innocent ones.

Each says what should be found in it. The texts, names and numbers are those of `sentences`.
"""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

from docx import Document as new_docx
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import parse_xml
from docx.shared import Pt
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from mailbox_policies.forbidden.finding import Kind
from routing.papers.layout import register_fonts
from tests.support import oldencodings, sentences

LEVELS: Final = {"MẬT": Kind.SECRET, "TỐI MẬT": Kind.TOP_SECRET, "TUYỆT MẬT": Kind.MOST_SECRET}
DOCX: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
INNOCENT_SUBJECTS: Final = (
    "V/v nuôi ong lấy mật, quảng bá mật ong rừng", "V/v bảo mật thông tin, đổi mật khẩu hộp thư",
    "V/v điều chỉnh mật độ xây dựng khu trung tâm", "V/v gặp mặt thân mật đầu xuân",
    "V/v phổ biến Luật Bảo vệ bí mật nhà nước", "V/v tập huấn xác định độ mật, đóng dấu MẬT, TỐI MẬT, TUYỆT MẬT",
    "Báo cáo công tác giải quyết khiếu nại, tố cáo quý III", "V/v phổ biến Luật Khiếu nại, Luật Tố cáo",
    "V/v lịch tiếp công dân định kỳ", "V/v chấn chỉnh, phê bình đích danh đơn vị chậm báo cáo",
    "V/v quy định xử lý thư gửi đích danh tại văn thư", "V/v mật mía và đường phên Bàu Tre", "V/v cấp mật mã",
    "V/v kiến nghị của cử tri trước kỳ họp", "V/v phòng, chống bão; mật độ mưa lớn", "V/v quy hoạch phân khu",
)  # fmt: skip
INNOCENT_LINES: Final = (
    "Độ mật: Thường", "Độ mật: Không", "(Không mật)", "Độ khẩn: Hỏa tốc", "LƯU HÀNH NỘI BỘ", "HỎA TỐC", "KHẨN",
    "HỢP TÁC XÃ MẬT ONG BÀU TRE", "BAN CƠ YẾU – MẬT MÃ", "CHỈ LƯU HÀNH NỘI BỘ", "TÀI LIỆU HỌP", "BẢO MẬT", "MẬT KHẨU",
    "Mật khẩu", "DỰ THẢO", "MẬT ĐỘ XÂY DỰNG", "Bản sao", "HỘI NGHỊ CÔNG TÁC KHIẾU NẠI, TỐ CÁO", "BẢN TIN",
)  # fmt: skip
INNOCENT_TEXT: Final = (
    "Sản lượng mật ong năm nay đạt khá, giá mật ổn định.", "Không được tiết lộ bí mật nhà nước, bí mật công tác.",
    "Mỗi người tự đổi mật khẩu và giữ bảo mật thông tin.", "Mật độ xây dựng tối đa là 60%, hệ số sử dụng đất 3,2 lần.",
    "Tài liệu có độ mật phải đóng dấu MẬT, TỐI MẬT hoặc TUYỆT MẬT ở góc trái, dưới số ký hiệu.",
    "Thư gửi đích danh thì văn thư không bóc bì mà chuyển cho người nhận.", "Buổi gặp mặt diễn ra thân mật, tiết kiệm.",
    "Đơn khiếu nại, tố cáo gửi về Ban Tiếp công dân, không gửi qua hệ thống.",
    "Văn bản mật không được gửi qua thư điện tử.",
    "Dự thảo Luật quy định việc giải quyết tố cáo của cơ quan thanh tra.",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Paper:
    """name: of the file. kind: what is to be found, None for nothing. how: in words, for reports."""

    name: str
    media_type: str
    data: bytes
    kind: Kind | None
    how: str


@dataclass(slots=True)
class _Sheet:
    """The lines of a page by where they stand."""

    corner: list[str] = field(default_factory=list)  # above everything
    left: list[str] = field(default_factory=list)
    right: list[str] = field(default_factory=list)
    middle: list[str] = field(default_factory=list)  # below the head, centred
    title: list[str] = field(default_factory=list)
    addressee: str = ""
    body: list[str] = field(default_factory=list)
    boxed: bool = False
    floating: list[str] = field(default_factory=list)
    turned: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)  # a table behind the text


def papers(count: int, seed: int) -> list[Paper]:
    """Half of them are innocent; of the others two thirds bear a secrecy mark."""
    chance = Random(seed)
    return [_paper(chance, number) for number in range(count)]


def _paper(chance: Random, number: int) -> Paper:
    sheet, kind, how = _ordinary(chance), None, "plain"
    draw = chance.random()
    if draw < 0.5:
        how = chance.choice(_INNOCENT)(chance, sheet)
    elif draw < 0.84:
        level = chance.choice(list(LEVELS))
        kind = LEVELS[level]
        how = chance.choice(_MARKED)(chance, sheet, level)
    elif draw < 0.90:
        kind, how = Kind.COMPLAINT, _complaint(chance, sheet)
    elif draw < 0.95:
        kind, how = Kind.SETTLEMENT, _settlement(chance, sheet)
    else:
        kind, how = Kind.PERSONAL, _personal(chance, sheet)
    write, suffix, media = (_pdf, "pdf", "application/pdf") if chance.random() < 0.55 else (_docx, "docx", DOCX)
    encode: Callable[[str], str] = str
    if suffix == "docx" and chance.random() < 0.08:
        encode, how = (lambda text: oldencodings.tcvn3(text.replace("–", "-")).decode("cp1252")), how + ", TCVN3"
    elif suffix == "docx" and chance.random() < 0.1:
        encode, how = (lambda text: unicodedata.normalize("NFD", text)), how + ", NFD"
    return Paper(f"van-ban-{number}.{suffix}", media, write(chance, sheet, encode), kind, f"{suffix}: {how}")


def _ordinary(chance: Random) -> _Sheet:
    subject = chance.choice(sentences.TOPICS)
    office = chance.choice(sentences.OFFICES).upper()
    day = (
        f"{chance.choice(sentences.PLACES)}, ngày {chance.randint(1, 28):02} tháng {chance.randint(1, 12):02} năm 2026"
    )
    sheet = _Sheet()
    sheet.left = ["TỈNH HƯNG BÌNH", office, f"Số: {sentences.code(chance)}"]
    sheet.right = ["CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập – Tự do – Hạnh phúc", day]
    if chance.random() < 0.5:
        sheet.left.append(f"V/v {subject}")
    else:
        sheet.title = [
            chance.choice(("BÁO CÁO", "KẾ HOẠCH", "THÔNG BÁO", "TỜ TRÌNH", "QUYẾT ĐỊNH")),
            f"Về việc {subject}",
        ]
    if chance.random() < 0.7:
        sheet.addressee = f"Kính gửi: {chance.choice(sentences.OFFICES)}"
    sheet.body = [sentences.vietnamese(chance) for _ in range(chance.randint(2, 9))]
    sheet.body.insert(0, f"Căn cứ Quyết định số {sentences.code(chance)}, {chance.choice(sentences.ACTS)} như sau:")
    for _ in range(chance.randint(0, 2)):
        sheet.body.insert(chance.randint(1, len(sheet.body)), chance.choice(INNOCENT_TEXT))
    return sheet


def _stamp(chance: Random, level: str) -> str:
    """A stamp as people type it."""
    draw = chance.random()
    if draw < 0.2:
        return "  ".join(" ".join(word) for word in level.split())
    if draw < 0.3:
        return f"[{level}]"
    if draw < 0.36:
        return f"*** {level} ***"
    if draw < 0.42:
        return f"( {level} )"
    return level


def _at_left(chance: Random, sheet: _Sheet, level: str) -> str:
    sheet.left.append(_stamp(chance, level))
    sheet.boxed = chance.random() < 0.5
    return "stamp below the number"


def _at_corner(chance: Random, sheet: _Sheet, level: str) -> str:
    sheet.corner.append(_stamp(chance, level))
    return "stamp above everything"


def _at_right(chance: Random, sheet: _Sheet, level: str) -> str:
    sheet.right.append(_stamp(chance, level))
    return "stamp below the date"


def _in_middle(chance: Random, sheet: _Sheet, level: str) -> str:
    sheet.middle.append(_stamp(chance, level))
    sheet.boxed = chance.random() < 0.5
    return "stamp in the middle"


def _afloat(chance: Random, sheet: _Sheet, level: str) -> str:
    sheet.floating.append(_stamp(chance, level))
    return "stamp in a text box"


def _label(chance: Random, sheet: _Sheet, level: str) -> str:
    label = chance.choice(("Độ mật: {}", "ĐỘ MẬT: {}", "Mức độ mật: {}", "Độ mật - {}"))
    words = level if label.isupper() or chance.random() < 0.3 else level.capitalize()
    chance.choice((sheet.left, sheet.corner, sheet.middle)).append(label.format(words))
    return "label"


def _numbered(chance: Random, sheet: _Sheet, level: str) -> str:
    sheet.left[2] = f"Số: {chance.randint(1, 99):02}/{chance.choice(('BC-UBND', 'KH-BCH', 'TTr-SXD'))}-{level}"
    return "number"


def _headed(chance: Random, sheet: _Sheet, level: str) -> str:
    place = chance.choice((sheet.corner, sheet.middle))
    place.append(f"{chance.choice(('TÀI LIỆU', 'VĂN BẢN', 'HỒ SƠ'))} {level}")
    return "heading"


def _beside(chance: Random, sheet: _Sheet, level: str) -> str:
    sheet.left[2] = f"{sheet.left[2]}{' ' * chance.randint(5, 12)}{level}"
    return "stamp beside the number"


def _small(chance: Random, sheet: _Sheet, level: str) -> str:
    level = level if level == "MẬT" else level.capitalize()
    chance.choice((sheet.left, sheet.corner, sheet.middle)).append(level)
    return "stamp in small letters"


def _turned(chance: Random, sheet: _Sheet, level: str) -> str:
    sheet.turned.append(level)
    return "stamp set aslant"


_MARKED: Final = (
    _beside,
    _small,
    _turned,
    _at_left,
    _at_left,
    _at_corner,
    _at_right,
    _in_middle,
    _afloat,
    _label,
    _numbered,
    _headed,
)


def _innocent_line(chance: Random, sheet: _Sheet) -> str:
    line = chance.choice(INNOCENT_LINES)
    chance.choice((sheet.left, sheet.corner, sheet.middle, sheet.floating)).append(line)
    sheet.boxed = chance.random() < 0.3
    return f"innocent line {line!r}"


def _prices(chance: Random, sheet: _Sheet) -> str:
    sheet.title = ["BẢNG GIÁ", "Mật ong và sản phẩm từ ong"]
    sheet.body = ["Giá bán lẻ tại cửa hàng."]
    sheet.rows = [["Mật ong rừng", "180.000"], ["Mật hoa nhãn", "150.000"], ["MẬT MÍA", "60.000"]]
    return "a list of prices of honey"


def _innocent_subject(chance: Random, sheet: _Sheet) -> str:
    subject = chance.choice(INNOCENT_SUBJECTS)
    if sheet.title:
        sheet.title[1] = subject.upper() if chance.random() < 0.3 else subject
    else:
        sheet.left[3] = subject
    return f"innocent subject {subject!r}"


def _training(chance: Random, sheet: _Sheet) -> str:
    sheet.title = ["TÀI LIỆU TẬP HUẤN", "Phân loại và bảo vệ bí mật nhà nước"]
    sheet.rows = [["Mức", "Dấu"], ["1", "TUYỆT MẬT"], ["2", "TỐI MẬT"], ["3", "MẬT"]]
    if chance.random() < 0.5:
        sheet.title.append("Các độ mật: TUYỆT MẬT, TỐI MẬT, MẬT")
    return "training notes with a table of levels"


def _form(chance: Random, sheet: _Sheet) -> str:
    matter = chance.choice(("TỐ CÁO", "KHIẾU NẠI", "KIẾN NGHỊ"))
    sheet.corner = [f"Mẫu số {chance.randint(1, 20):02}"]
    sheet.title = [f"ĐƠN {matter}", "(Ban hành kèm theo Nghị định)"]
    return "an empty form"


def _report_on_complaints(chance: Random, sheet: _Sheet) -> str:
    sheet.title = ["BÁO CÁO", "Công tác tiếp công dân, giải quyết khiếu nại, tố cáo năm 2026"]
    return "a report on complaints in general"


def _nothing(chance: Random, sheet: _Sheet) -> str:
    return "plain"


_INNOCENT: Final = (
    _innocent_line, _innocent_line, _innocent_subject, _innocent_subject, _training, _prices, _form,
    _report_on_complaints, _nothing,
)  # fmt: skip


def _complaint(chance: Random, sheet: _Sheet) -> str:
    matter = chance.choice(("TỐ CÁO", "KHIẾU NẠI", "KHIẾU NẠI, TỐ CÁO", "TỐ GIÁC", "KIẾN NGHỊ", "KHIẾU NẠI (LẦN 2)"))
    sheet.left = []
    title = f"ĐƠN {matter}"
    sheet.title = [title if chance.random() < 0.7 else title.capitalize()]
    if chance.random() < 0.5:
        sheet.title.append(f"(Về việc {chance.choice(sentences.TOPICS)})")
    sheet.addressee = f"Kính gửi: {chance.choice(sentences.OFFICES)}"
    sheet.body[0] = f"Tôi tên là {sentences.name(chance)}, sinh năm {chance.randint(1950, 2000)}, trú tại xã Đông Sa."
    return "a complaint"


def _settlement(chance: Random, sheet: _Sheet) -> str:
    kind, what = chance.choice(
        (
            ("QUYẾT ĐỊNH", "Về việc giải quyết khiếu nại của ông {} (lần đầu)"),
            ("KẾT LUẬN", "Nội dung tố cáo đối với ông {}"),
            ("THÔNG BÁO", "Kết quả giải quyết đơn khiếu nại của bà {}"),
            ("THÔNG BÁO", "Về việc thụ lý giải quyết khiếu nại của bà {}"),
        )
    )
    sheet.left = sheet.left[:3]
    sheet.title = [kind, what.format(sentences.name(chance))]
    return "settles a complaint"


def _personal(chance: Random, sheet: _Sheet) -> str:
    who = chance.choice(("ông", "bà", "đồng chí"))
    line = chance.choice(
        (
            f"Kính gửi đích danh: {who} {sentences.name(chance)}",
            f"Gửi đích danh {who} {sentences.name(chance)}",
            f"Gửi riêng: {who} {sentences.name(chance)}",
            "Người nhận trực tiếp mở",
            "Chỉ người có tên mới được bóc bì",
            f"Riêng: {who} {sentences.name(chance)}",
        )
    )
    if line.startswith(("Kính", "Gửi", "Riêng")) and chance.random() < 0.6:
        sheet.addressee = line
    else:
        chance.choice((sheet.corner, sheet.middle)).append(line)
    return "to a named person"


def _pdf(chance: Random, sheet: _Sheet, encode: Callable[[str], str]) -> bytes:
    register_fonts()
    out = io.BytesIO()
    page = Canvas(out, pagesize=A4, invariant=1)
    width, height = A4
    y = height - chance.uniform(14, 24) * mm
    size = chance.choice((12, 12.5, 13))

    def put(text: str, x: float, at: float, face: str = "Tinos", points: float = size, *, centred: bool = True) -> None:
        page.setFont(face, points)
        (page.drawCentredString if centred else page.drawString)(x, at, encode(text))

    for line in sheet.corner:
        put(line, chance.choice((45 * mm, width / 2)), y, "Tinos-Bold", size + 1)
        y -= 7 * mm
    lowest = y
    for x, lines in ((52 * mm, sheet.left), (140 * mm, sheet.right)):
        at = y
        for line in lines:
            for piece in _wrapped(line, 34 if x < 100 * mm else 60):
                put(piece, x, at, "Tinos-Bold" if line.isupper() else "Tinos", size - 1)
                at -= chance.choice((5.4, 5.8)) * mm
            if line in LEVELS and sheet.boxed:
                page.rect(x - 16 * mm, at + 3.4 * mm, 32 * mm, 7 * mm)
        lowest = min(lowest, at)
    y = lowest - 4 * mm
    for line in sheet.floating:
        put(line, chance.uniform(45, 150) * mm, y, "Tinos-Bold", 15)
        y -= 9 * mm
    for line in sheet.turned:
        page.saveState()
        page.translate(50 * mm, y - 4 * mm)
        page.rotate(chance.uniform(-14, 14))
        put(line, 0, 0, "Tinos-Bold", 18)
        page.restoreState()
        y -= 16 * mm
    for line in (*sheet.middle, *sheet.title):
        for piece in _wrapped(line, 70):
            put(piece, width / 2, y, "Tinos-Bold", size + 1)
            y -= 6.4 * mm
    y -= 3 * mm
    if sheet.addressee:
        put(sheet.addressee, width / 2, y)
        y -= 9 * mm
    for line in sheet.body:
        for piece in _wrapped(line, 82):
            put(piece, 30 * mm, y, centred=False)
            y -= 6 * mm
    for row in sheet.rows:
        for number, cell in enumerate(row):
            put(cell, (40 + number * 50) * mm, y, centred=False)
        y -= 6 * mm
    page.showPage()
    page.save()
    return out.getvalue()


def _wrapped(line: str, width: int) -> list[str]:
    found, current = [], ""
    for word in line.split(" "):
        if current and len(current) + len(word) >= width:
            found.append(current)
            current = word
        else:
            current = f"{current} {word}" if current else word
    return [*found, current]


_BOX: Final = (
    '<w:r xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    ' xmlns:v="urn:schemas-microsoft-com:vml"><w:pict><v:shape style="position:absolute;width:120pt;height:24pt">'
    "<v:textbox><w:txbxContent><w:p><w:r><w:t>{}</w:t>"
    "</w:r></w:p></w:txbxContent></v:textbox></v:shape></w:pict></w:r>"
)


def _docx(chance: Random, sheet: _Sheet, encode: Callable[[str], str]) -> bytes:
    file = new_docx()

    def add(place: Any, text: str, *, bold: bool = False, centred: bool = True, split: bool = False) -> None:
        paragraph = place.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER if centred else None
        pieces = list(text) if split else [text]
        for piece in pieces:
            run = paragraph.add_run(encode(piece) if not split else piece)
            run.bold, run.font.size = bold, Pt(13)

    in_head = bool(sheet.corner) and chance.random() < 0.5
    for line in sheet.corner:
        add(file.sections[0].header if in_head else file, line, bold=True)
    table = file.add_table(rows=1, cols=2)
    for cell, lines in zip(table.rows[0].cells, (sheet.left, sheet.right), strict=True):
        for line in lines:
            add(cell, line, bold=line.isupper())
    for line in (*sheet.floating, *sheet.turned):
        holder = file.add_paragraph(encode("Nơi lưu: văn thư") if chance.random() < 0.3 else "")
        holder._p.append(parse_xml(_BOX.format(encode(line))))
    if sheet.middle and sheet.boxed:
        frame = file.add_table(rows=len(sheet.middle), cols=1)
        for row, line in zip(frame.rows, sheet.middle, strict=True):
            row.cells[0].text = encode(line)
    else:
        for line in sheet.middle:
            add(file, line, bold=True)
    for line in sheet.title:
        add(file, line, bold=True)
    if sheet.addressee:
        add(file, sheet.addressee)
    for line in sheet.body:
        add(file, line, centred=False)
    if sheet.rows:
        table = file.add_table(rows=0, cols=len(sheet.rows[0]))
        for row in sheet.rows:
            for cell, text in zip(table.add_row().cells, row, strict=True):
                cell.text = encode(text)
    out = io.BytesIO()
    file.save(out)
    return out.getvalue()
