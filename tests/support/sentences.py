"""Sentences as offices write them, made from a seed: Vietnamese of many kinds, and other languages beside it."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Final


def _words(text: str) -> list[str]:
    return text.split()


FAMILIES: Final = _words(
    "Nguyễn Trần Lê Phạm Hoàng Huỳnh Phan Vũ Võ Đặng Bùi Đỗ Hồ Ngô Dương Lý Đinh Lưu Trịnh Tạ Cao Mai Tô"
)
MIDDLES: Final = _words(
    "Văn Thị Đức Ngọc Thanh Minh Quốc Hữu Xuân Thu Kim Bảo Công Đình Mỹ Phương Thùy Anh Quang Trọng"
)
GIVEN: Final = _words(
    "An Bình Chi Cường Dũng Đạt Giang Hà Hằng Hạnh Hiếu Hòa Hùng Hương Khánh Lan Linh Loan Long Lộc Mai Nam Nga Nghĩa"
    " Ngọc Nhung Phúc Phượng Quân Quyên Sơn Tâm Thảo Thắng Thủy Trang Trung Tuấn Tùng Tuyết Vân Vinh Yến Ước Ánh"
)
OFFICES: Final = (
    "Sở Xây dựng", "Sở Tài chính", "Sở Nội vụ", "Sở Giáo dục và Đào tạo", "Sở Y tế", "Văn phòng", "UBND tỉnh",
    "Ủy ban nhân dân xã Đông Sa", "Ban Quản lý dự án", "phòng Kế hoạch – Tài chính", "phòng Hạ tầng kỹ thuật",
    "Trung tâm Kiểm định chất lượng", "Hợp tác xã Bàu Tre", "Công ty cổ phần Cấp nước", "Thanh tra tỉnh", "HĐND huyện",
    "Bộ Xây dựng", "Chi cục Thuế khu vực", "Công an phường", "Bưu điện", "Kho bạc Nhà nước", "Đoàn Thanh niên",
)  # fmt: skip
TOPICS: Final = (
    "rà soát quy hoạch phân khu ven sông", "góp ý dự thảo dự toán ngân sách", "nghỉ lễ Quốc khánh",
    "phòng, chống dịch bệnh", "đấu nối cấp nước sinh hoạt", "giải phóng mặt bằng đường tránh",
    "bồi dưỡng nghiệp vụ văn thư",
    "đánh giá, xếp loại công chức", "kiểm tra công trình đang thi công", "mua sắm máy vi tính",
    "thẩm định thiết kế cơ sở",
    "chuyển đổi số", "ứng phó bão số 12", "báo cáo nhà ở xã hội", "tiếp công dân định kỳ", "hội nghị tổng kết",
    "quyết toán kinh phí", "bàn giao hồ sơ lưu trữ", "tuyển dụng viên chức", "vệ sinh môi trường", "an toàn thực phẩm",
    "cải cách thủ tục hành chính", "sửa chữa trụ sở làm việc", "khám sức khỏe định kỳ", "phát động thi đua khen thưởng",
    "trồng cây đầu xuân", "quản lý sử dụng đất rừng", "hỗ trợ hộ nghèo", "xử lý nước thải", "cấp giấy phép xây dựng",
)  # fmt: skip
ACTS: Final = (
    "khẩn trương thực hiện", "phối hợp triển khai", "báo cáo kết quả", "gửi ý kiến bằng văn bản", "cử người tham dự",
    "nghiên cứu, đề xuất", "hoàn chỉnh hồ sơ", "tổ chức kiểm tra", "trả lời công dân", "trình lãnh đạo xem xét",
    "chỉ đạo các đơn vị trực thuộc", "cung cấp số liệu", "đôn đốc tiến độ", "lưu trữ theo quy định",
)  # fmt: skip
ENGLISH: Final = _words(
    "email file Excel server online website PDF USB wifi hotline deadline meeting laptop update backup"
)
CODES: Final = _words("UBND-KTN SXD-VP STC-NS QĐ-UBND BC-TTQH GM-UBND TTr-SXD KH-UBND CV-HTX TB-VP NQ-HĐND BXD-QLN")
_TOWNS: Final = "Hà Nội,Đà Nẵng,Huế,Cần Thơ,Hưng Bình,Quảng Ngãi,Buôn Ma Thuột,Kon Tum,Đông Hà,Nha Trang"
PLACES: Final = _TOWNS.split(",")


def name(chance: Random) -> str:
    return f"{chance.choice(FAMILIES)} {chance.choice(MIDDLES)} {chance.choice(GIVEN)}"


def code(chance: Random) -> str:
    return f"{chance.randint(1, 2400):02}/{chance.choice(CODES)}"


def day(chance: Random) -> str:
    d, m, y = chance.randint(1, 28), chance.randint(1, 12), chance.randint(1998, 2027)
    return chance.choice((f"{d:02}/{m:02}/{y}", f"{d}/{m}/{y}", f"ngày {d:02} tháng {m:02} năm {y}", f"{d}.{m}.{y}"))


def _topic(chance: Random) -> str:
    return chance.choice(TOPICS)


def _office(chance: Random) -> str:
    return chance.choice(OFFICES)


def _act(chance: Random) -> str:
    return chance.choice(ACTS)


VIETNAMESE: Final[tuple[Callable[[Random], str], ...]] = (
    lambda c: f"Kính gửi: {_office(c)} và {_office(c)}.",
    lambda c: f"{code(c)}: V/v {_topic(c)}",
    lambda c: f"Thực hiện Công văn số {code(c)} của {_office(c)} về việc {_topic(c)}, đề nghị các đơn vị {_act(c)}.",
    lambda c: f"Căn cứ Quyết định số {code(c)} {day(c)}, {_office(c)} {_act(c)} trước {c.randint(7, 17)}h00.",
    lambda c: f"Đồng chí {name(c)} chủ trì, {_office(c)} {_act(c)} trong tuần này.",
    lambda c: f"Ông {name(c)} và bà {name(c)} được giao nhiệm vụ {_topic(c)} tại {c.choice(PLACES)}.",
    lambda c: f"Cuộc họp về {_topic(c)} dời sang {day(c)}, mong các anh chị thu xếp thời gian.",
    lambda c: f"Em gửi anh {c.choice(GIVEN)} {c.choice(ENGLISH)} báo cáo {_topic(c)} (kèm {c.randint(2, 9)} phụ lục).",
    lambda c: f"Kinh phí {_topic(c)} là {c.randint(1, 999)}.{c.randint(100, 999)}.000 đồng, đã được duyệt {day(c)}.",
    lambda c: f"{c.choice(PLACES)}, {day(c)}. Người ký: {name(c)}.",
    lambda c: f"V/v {_topic(c)} và {_topic(c)}",
    lambda c: f"Xin {c.choice(ENGLISH)} lại nội dung {_topic(c)} theo ý kiến của {_office(c)}.",
    lambda c: f"Phòng họp số {c.randint(1, 9)} bị dột, đề nghị {_office(c)} sửa chữa ngay.",
    lambda c: f"Trả lời đơn của bà {name(c)} về {_topic(c)}: {_office(c)} sẽ {_act(c)}.",
    lambda c: "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM, Độc lập - Tự do - Hạnh phúc",
    lambda c: f"THÔNG BÁO: {_topic(c)} ({day(c)})",
    lambda c: f"Báo cáo {_topic(c)} quý {c.choice(['I', 'II', 'III', 'IV'])} năm {c.randint(1999, 2027)}",
    lambda c: f'Nhờ chị {c.choice(GIVEN)} in giúp {c.randint(2, 40)} bản "{_topic(c)}" trước giờ nghỉ trưa nhé!',
    lambda c: f"Tỷ lệ hoàn thành {_topic(c)} đạt {c.randint(10, 99)},{c.randint(0, 9)}%; còn {c.randint(2, 60)} hồ sơ.",
    lambda c: f"Nguyên nhân chậm {_topic(c)} là do thiếu người, mưa lũ kéo dài và đường hỏng.",
    lambda c: f"Ai giữ chìa khóa tủ hồ sơ {_topic(c)} thì trả lại cho {c.choice(GIVEN)} nhé?",
    lambda c: f"Ý kiến của {_office(c)}: đồng ý với phương án {c.choice('ABC')}, {_act(c)}.",
    lambda c: f"Theo {c.choice(ENGLISH)} của {_office(c)}, việc {_topic(c)} phải xong trước {day(c)}.",
)


def vietnamese(chance: Random) -> str:
    """One sentence in NFC, of three words at least."""
    sentence = chance.choice(VIETNAMESE)(chance)
    return sentence.upper() if chance.random() < 0.06 else sentence


ENGLISH_SENTENCES: Final = (
    "Please find attached the {n} pages of the café’s résumé – it’s “final”.",
    "We met Zoë and André at {n}:00; the naïve façade of their project didn't help.",
    "Dear all, the meeting on {n} May moves to room {n}B (see e-mail).",
    "Add the address to the ledger, it's odd: a^2 + b^2 = c^2 for n = {n}.",
    "Nike® and Microsoft™ raised prices by {n} % (≈ £{n}, about €{n}).",
    "Temperature: {n} °C ± 0.5°, width 20 µm, § {n} of the Act applies.",
    "His coördination of the El Niño survey cost {n} piñatas; Renée paid.",
    "if (a(x) < u+v) {{ printf(\"%d\", o+{n}); }} // see file.c",
    "What's up? I'm in, you're out. Who's next? No. {n}.",
    "Ho Chi Minh City has {n} districts; send the file to Hanoi by noon.",
)  # fmt: skip
FRENCH: Final = (
    "L’été dernier, {n} élèves ont été reçus à l’école – c’était « très réussi ».",
    "Où est né le maître d’œuvre ? À côté du théâtre, près de la forêt.",
    "Veuillez agréer, Monsieur le Préfet, l’expression de ma considération distinguée ({n}).",
    "Le cœur du problème, c’est l’accès à l’eau : {n} m³ par an, coûts élevés.",
    "Noël approche ; la fête aura lieu là-bas, « où » vous savez.",
    "ÉTAT DES LIEUX : bâtiments abîmés, toits percés, {n} fenêtres cassées.",
    "Ça va ? Oui, dès lundi, grâce à vous. Prêt pour le thé de {n} h ?",
    "Haïti, maïs, naïveté, canoë, ambiguë, Saül, Moïse et aiguë.",
    "Là où il y a de la gêne, il n’y a pas de plaisir, dit le curé né à Sèvres.",
    "Réf. n° {n}/2026 : réunion reportée à la mi-août, où l’on décidera.",
    "Lé, thé, né, blé, dé, gré, pré, clé, ré : mots en é.",
)  # fmt: skip
OTHERS: Final = (
    "Größe und Maße prüfen: {n} m² für die Straße, bitte schönen Gruß!",
    "Übermäßig früh kam Herr Müller – „natürlich“ – nach Köln, § {n} BGB.",
    "¿Qué pasó? El año próximo, mañana sí, también tú y él: {n} niños.",
    "Así está más fácil; aquí, allí, además José sabrá cuándo ({n}).",
    "Não há solução: as ações são irmãs, amanhã às {n}h, coração!",
    "È già così: perché però più città, università e caffè per {n}.",
    "Å få være på øya i går, {n} kr; blåbær, fløte, ærlig.",
    "På lördag åker vi hem, kl. {n}; smörgås och kött.",
    "Ő űr, tűz, {n} fő; příliš žluťoučký kůň; zażółć gęślą jaźń.",
    "Привет, {n} писем; 会议在三点，文件见附件。",
)  # fmt: skip


def valid(chance: Random, kind: int) -> str:
    """A sentence that is right as it stands; kind: 0 Vietnamese, 1 English, 2 French, 3 other languages."""
    if kind == 0:
        return vietnamese(chance)
    pool = (ENGLISH_SENTENCES, FRENCH, OTHERS)[kind - 1]
    count = chance.randint(1, 3)
    return " ".join([chance.choice(pool).format(n=chance.randint(2, 99)) for _ in range(count)])
