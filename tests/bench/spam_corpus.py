"""Sets of wanted and unwanted mail, in order of time: from an archive or a folder, or made up in Vietnamese."""

from __future__ import annotations

import random
import re
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path, PurePosixPath
from typing import Final

from mailserver.text import fold

# Servers of those who collected the public SpamAssassin corpus: all of its mail passed by them, and
# they tell the folders apart by when each was collected. Their fields are no part of the mail.
COLLECTOR: Final = re.compile(
    rb"spamassassin\.taint\.org|jmason\.org|netnoteinc|slashnull|webnote\.net|localhost|fetchmail", re.IGNORECASE
)
_ADDED_AT_DELIVERY: Final = (b"delivered-to:", b"return-path:", b"status:", b"x-status:")
_FIELD: Final = re.compile(rb"\n(?![ \t])")


@dataclass(frozen=True, slots=True)
class Sample:
    """A message and what it is. Samples of one kind stand in the order in which they came."""

    spam: bool
    name: str
    raw: bytes


def read(path: Path) -> list[Sample]:
    """All messages of a .tar archive or a folder: in folders with "spam" in their name, or "ham".

    Their names keep the order of time.
    """
    found = sorted(_files(path), key=lambda one: str(one[0]))
    return [
        Sample("spam" in name.parent.name, str(name), masked(raw))
        for name, raw in found
        if "spam" in name.parent.name or "ham" in name.parent.name
    ]


def _files(path: Path) -> Iterator[tuple[PurePosixPath, bytes]]:
    if path.is_dir():
        for file in path.rglob("*"):
            if file.is_file():
                yield PurePosixPath(file.relative_to(path.parent)), file.read_bytes()
        return
    with tarfile.open(path) as archive:
        for member in archive:
            content = archive.extractfile(member) if member.isfile() else None
            if content is not None:
                yield PurePosixPath(member.name), content.read()


def masked(raw: bytes) -> bytes:
    """The message without what its collection added: mbox line, fields of the last delivery, hops there."""
    if raw.startswith(b"From "):
        raw = raw.partition(b"\n")[2]
    head, gap, body = raw.partition(b"\n\n")
    kept = [one for one in _FIELD.split(head) if not _is_added(one.lower(), one)]
    return b"\n".join(kept) + gap + body


def _is_added(lower: bytes, field: bytes) -> bool:
    return lower.startswith(_ADDED_AT_DELIVERY) or (
        lower.startswith(b"received:") and COLLECTOR.search(field) is not None
    )


_UNITS: Final = ("Văn phòng", "Thanh tra", "Phòng Kế hoạch", "Phòng Tổ chức", "Phòng Nghiệp vụ", "Trung tâm", "Chi cục")
_NAMES: Final = ("Nguyễn Văn An", "Trần Thị Bình", "Lê Hoàng Cường", "Phạm Thu Dung", "Vũ Minh Đức", "Hoàng Lan Anh")
_MATTERS: Final = (
    "báo cáo quý {n}", "lịch công tác tuần {n}", "dự thảo quyết định số {n}", "thông báo tập huấn ngày {n}/11",
    "giấy mời họp lúc {n} giờ", "góp ý dự thảo nghị quyết",
    "danh sách đề nghị khen thưởng", "số liệu giải ngân tháng {n}",
    "hồ sơ thanh toán công tác phí", "kế hoạch chuyển đổi số", "khuyến mại: quy định mới về hội chợ thương mại",
)  # fmt: skip
_OFFICE: Final = (
    "Kính gửi các đồng chí, {unit} gửi {matter} để xem xét, cho ý kiến.",
    "Đề nghị đơn vị gửi về {unit} trước ngày {n}/12 để tổng hợp, trình lãnh đạo.",
    "Văn bản này thay cho văn bản số {n} đã gửi tuần trước.",
    "Anh chị kiểm tra giúp em phần biểu số liệu ở trang {n}, em thấy chưa khớp.",
    "Em đã sửa theo ý kiến của anh tại cuộc họp, nhờ anh xem lại trước khi trình ký.",
    "Cuộc họp bắt đầu lúc {n} giờ tại phòng họp tầng 2, đề nghị tham dự đầy đủ.",
    "Kinh phí lấy từ nguồn dự toán đã giao, chi tiết theo phụ lục kèm theo.",
    "Trân trọng cảm ơn sự phối hợp của quý cơ quan.",
)
_OFFERS: Final = (
    "bảo hiểm trọn đời", "vay tiền nhanh", "căn hộ cao cấp", "khoá học làm giàu", "thực phẩm chức năng",
    "tên miền giá rẻ", "hoá đơn giá trị gia tăng", "sim số đẹp", "đầu tư tiền ảo", "trúng thưởng xe máy",
)  # fmt: skip
_PUSH: Final = (
    "Cơ hội cuối cùng để nhận {offer} với ưu đãi {n}0%, chỉ trong hôm nay!",
    "Liên hệ ngay hotline 09{n}00000 để được tư vấn miễn phí về {offer}.",
    "Bấm vào đây http://uu-dai{n}.example/dang-ky để nhận quà tặng.",
    "Chúc mừng quý khách đã được chọn nhận {offer} trị giá {n}.000.000đ!!!",
    "Cam kết lợi nhuận {n}% mỗi tháng, không cần vốn, không rủi ro.",
    "Tài khoản của quý khách sẽ bị khoá, xác nhận tại http://xac-minh{n}.example/login",
    "Giải ngân trong {n} phút, không thế chấp, không gọi người thân.",
    "Trân trọng cảm ơn quý khách đã quan tâm.",
)


def vietnamese(count: int, seed: int = 1) -> list[Sample]:
    """Made-up mail of an office: `count` wanted and half as many unwanted, a third of those without marks."""
    chance = random.Random(seed)
    made = [Sample(False, f"ham/{number:05}", _office(chance, number)) for number in range(count)]
    made += [Sample(True, f"spam/{number:05}", _offer(chance, number)) for number in range(count // 2)]
    return made


def _office(chance: random.Random, number: int) -> bytes:
    unit, name = chance.choice(_UNITS), chance.choice(_NAMES)
    matter = _filled(chance, chance.choice(_MATTERS))
    lines = [_filled(chance, line, unit=unit, matter=matter) for line in chance.sample(_OFFICE, chance.randint(1, 4))]
    subject = ("Re: " if chance.random() < 0.3 else "") + matter.capitalize()
    host = f"so{chance.randint(1, 8)}.hungbinh.example"
    return _composed(number, f"{name} <u{chance.randint(1, 60)}@{host}>", subject, [*lines, name, unit], plain=True)


def _offer(chance: random.Random, number: int) -> bytes:
    offer = chance.choice(_OFFERS)
    lines = [_filled(chance, line, offer=offer) for line in chance.sample(_PUSH, chance.randint(2, 4))]
    # Offers that hide among office words.
    if chance.random() < 0.3:
        lines.insert(0, _filled(chance, chance.choice(_OFFICE), unit="Công ty", matter=offer))
    subject = f"{offer} - {_filled(chance, 'ưu đãi {n}0%')}"
    if chance.random() < 0.3:
        lines, subject = [fold(line) for line in lines], fold(subject)
    sender = f"Tư vấn <cskh{number}@kh{chance.randint(1, 400)}.example>"
    return _composed(number, sender, subject, lines, plain=chance.random() < 0.5)


def _filled(chance: random.Random, line: str, **words: str) -> str:
    return line.format(n=chance.randint(1, 12), **words)


def _composed(number: int, sender: str, subject: str, lines: list[str], *, plain: bool) -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, "sct@sct.hungbinh.example", subject
    message["Date"] = format_datetime(datetime(2026, 1, 5, tzinfo=UTC) + timedelta(hours=number))
    message["Message-ID"] = f"<{number}@{sender.rpartition('@')[2]}"
    if plain:
        message.set_content("\n\n".join(lines))
    else:
        message.set_content("".join(f"<p><font color=red>{line}</font></p>" for line in lines), subtype="html")
    return message.as_bytes()
