"""An official document on paper: PDF laid out in the zones of 30/2020/NĐ-CP, Phụ lục I.

A4, Times (Tinos) 13–14 pt, margins 20 mm above and below, 30 left, 18 right. The numbers in the
comments are those of the zones in Phụ lục I, hình 1.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import Any

from reportlab.lib.enums import TA_CENTER, TA_JUSTIFY
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Flowable, HRFlowable, Paragraph, SimpleDocTemplate, Spacer, Table

FACES = {"Tinos": "Regular", "Tinos-Bold": "Bold", "Tinos-Italic": "Italic"}
MOTTO = ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập – Tự do – Hạnh phúc")
LEFT_WIDTH, RIGHT_WIDTH = 63 * mm, 99 * mm


@dataclass(frozen=True, slots=True)
class Sheet:
    """What stands on the paper. type_name: "" for a công văn. signer: capacity, position, name."""

    superior: str
    agency: str
    number: str
    place: str
    on: date
    type_name: str
    subject: str
    addressee: str
    body: Sequence[str]
    signer: tuple[str, str, str]
    copies_to: Sequence[str]
    urgency: str = ""


def render(sheet: Sheet) -> bytes:
    """The PDF's octets; the same for the same sheet."""
    register_fonts()
    out = io.BytesIO()
    page = SimpleDocTemplate(
        out,
        pagesize=A4,
        topMargin=20 * mm,
        bottomMargin=20 * mm,
        leftMargin=30 * mm,
        rightMargin=18 * mm,
        title=f"{sheet.number} {sheet.subject}",
        author=sheet.agency,
        invariant=1,
    )
    page.build(_story(sheet))
    return out.getvalue()


def _story(sheet: Sheet) -> list[Flowable]:
    parts = [_head(sheet), Spacer(1, 5 * mm)]
    if sheet.urgency:
        parts += [_stamp(sheet.urgency), Spacer(1, 4 * mm)]
    if sheet.type_name:  # zone 5a
        title = sheet.subject.removeprefix(sheet.type_name).strip()
        parts += [_text(sheet.type_name.upper(), 14, bold=True, centred=True)]
        parts += [_text(title[:1].upper() + title[1:], 14, bold=True, centred=True), _rule(35 * mm), Spacer(1, 4 * mm)]
    if sheet.addressee:  # zone 9a
        parts += [_text(f"Kính gửi: {sheet.addressee}", 14, centred=True), Spacer(1, 4 * mm)]
    for paragraph in sheet.body:  # zone 6
        parts += [_text(paragraph, 14, indented=True), Spacer(1, 2 * mm)]
    return [*parts, Spacer(1, 6 * mm), _foot(sheet)]


def _head(sheet: Sheet) -> Flowable:
    """Zones 1 (quốc hiệu, tiêu ngữ), 2 (agency), 3 (number), 4 (place and date), 5b (V/v)."""
    left: list[Flowable] = [_text(sheet.superior, 12, centred=True)] if sheet.superior else []
    left += [_text(sheet.agency, 12, bold=True, centred=True), _rule(18 * mm), Spacer(1, 2 * mm)]
    left += [_text(f"Số: {sheet.number}", 13, centred=True)]
    if not sheet.type_name:
        left += [_text(sheet.subject, 12, centred=True)]
    when = f"{sheet.place}, ngày {sheet.on.day:02} tháng {sheet.on.month:02} năm {sheet.on.year}"
    right: list[Flowable] = [
        _text(MOTTO[0], 12, bold=True, centred=True),
        _text(MOTTO[1], 13, bold=True, centred=True),
        _rule(50 * mm),
        Spacer(1, 2 * mm),
        _text(when, 13, italic=True, centred=True),
    ]
    return _two_columns(left, right)


def _foot(sheet: Sheet) -> Flowable:
    """Zones 9b (nơi nhận) and 7 (signature)."""
    left: list[Flowable] = [_text("<b><i>Nơi nhận:</i></b>", 12)]
    left += [_text(f"- {one};", 11) for one in sheet.copies_to]
    capacity, position, name = sheet.signer
    right: list[Flowable] = [_text(capacity, 13, bold=True, centred=True)] if capacity else []
    right += [_text(position, 13, bold=True, centred=True), Spacer(1, 8 * mm)]
    right += [_text("(đã ký)", 12, italic=True, centred=True), Spacer(1, 8 * mm)]
    right += [_text(name, 14, bold=True, centred=True)]
    return _two_columns(left, right)


def _two_columns(left: list[Flowable], right: list[Flowable]) -> Flowable:
    whole = ((0, 0), (-1, -1))
    style = [
        ("VALIGN", *whole, "TOP"),
        ("ALIGN", *whole, "CENTER"),
        ("LEFTPADDING", *whole, 0),
        ("RIGHTPADDING", *whole, 0),
    ]
    return Table([[left, right]], colWidths=[LEFT_WIDTH, RIGHT_WIDTH], style=style)


def _stamp(urgency: str) -> Flowable:
    """Zone 10b: the urgency mark, boxed in red."""
    mark = _text(f'<font color="#c00000">{urgency}</font>', 14, bold=True, centred=True)
    box = [("BOX", (0, 0), (-1, -1), 1.2, "#c00000")]
    return Table([[mark]], colWidths=[40 * mm], hAlign="LEFT", style=box)


def _rule(width: float) -> Flowable:
    return HRFlowable(width=width, thickness=0.6, color="black", spaceBefore=1, spaceAfter=1)


def _text(
    text: str, size: int, *, bold: bool = False, italic: bool = False, centred: bool = False, indented: bool = False
) -> Flowable:
    face = "Tinos-Bold" if bold else "Tinos-Italic" if italic else "Tinos"
    style = ParagraphStyle(
        "vanthu",
        fontName=face,
        fontSize=size,
        leading=size * 1.3,
        alignment=TA_CENTER if centred else TA_JUSTIFY,
        firstLineIndent=10 * mm if indented else 0,
    )
    return Paragraph(text, style)


@cache
def register_fonts() -> None:
    folder: Any = resources.files("deploy.demo").joinpath("fonts")
    for face, weight in FACES.items():
        with resources.as_file(folder.joinpath(f"Tinos-{weight}.ttf")) as path:
            pdfmetrics.registerFont(TTFont(face, str(path)))
    pdfmetrics.registerFontFamily(
        "Tinos", normal="Tinos", bold="Tinos-Bold", italic="Tinos-Italic", boldItalic="Tinos-Bold"
    )
