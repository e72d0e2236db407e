"""An official document on paper: PDF laid out in the zones of 30/2020/NĐ-CP, Phụ lục I.

The numbers in the comments are those of the zones in Phụ lục I, hình 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Spacer, Table

from routing.papers import layout
from routing.papers.layout import MOTTO, rule, text, two_columns


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
    layout.register_fonts()
    return layout.render(_story(sheet), f"{sheet.number} {sheet.subject}", sheet.agency)


def _story(sheet: Sheet) -> list[Flowable]:
    parts = [_head(sheet), Spacer(1, 5 * mm)]
    if sheet.urgency:
        parts += [_stamp(sheet.urgency), Spacer(1, 4 * mm)]
    if sheet.type_name:  # zone 5a
        title = sheet.subject.removeprefix(sheet.type_name).strip()
        parts += [text(sheet.type_name.upper(), 14, bold=True, centred=True)]
        parts += [text(title[:1].upper() + title[1:], 14, bold=True, centred=True), rule(35 * mm), Spacer(1, 4 * mm)]
    if sheet.addressee:  # zone 9a
        parts += [text(f"Kính gửi: {sheet.addressee}", 14, centred=True), Spacer(1, 4 * mm)]
    for paragraph in sheet.body:  # zone 6
        parts += [text(paragraph, 14, indented=True), Spacer(1, 2 * mm)]
    return [*parts, Spacer(1, 6 * mm), _foot(sheet)]


def _head(sheet: Sheet) -> Flowable:
    """Zones 1 (quốc hiệu, tiêu ngữ), 2 (agency), 3 (number), 4 (place and date), 5b (V/v)."""
    left: list[Flowable] = [text(sheet.superior, 12, centred=True)] if sheet.superior else []
    left += [text(sheet.agency, 12, bold=True, centred=True), rule(18 * mm), Spacer(1, 2 * mm)]
    left += [text(f"Số: {sheet.number}", 13, centred=True)]
    if not sheet.type_name:
        left += [text(sheet.subject, 12, centred=True)]
    when = f"{sheet.place}, ngày {sheet.on.day:02} tháng {sheet.on.month:02} năm {sheet.on.year}"
    right: list[Flowable] = [
        text(MOTTO[0], 12, bold=True, centred=True),
        text(MOTTO[1], 13, bold=True, centred=True),
        rule(50 * mm),
        Spacer(1, 2 * mm),
        text(when, 13, italic=True, centred=True),
    ]
    return two_columns(left, right)


def _foot(sheet: Sheet) -> Flowable:
    """Zones 9b (nơi nhận) and 7 (signature)."""
    left: list[Flowable] = [text("<b><i>Nơi nhận:</i></b>", 12)]
    left += [text(f"- {one};", 11) for one in sheet.copies_to]
    capacity, position, name = sheet.signer
    right: list[Flowable] = [text(capacity, 13, bold=True, centred=True)] if capacity else []
    right += [text(position, 13, bold=True, centred=True), Spacer(1, 8 * mm)]
    right += [text("(đã ký)", 12, italic=True, centred=True), Spacer(1, 8 * mm)]
    right += [text(name, 14, bold=True, centred=True)]
    return two_columns(left, right)


def _stamp(urgency: str) -> Flowable:
    """Zone 10b: the urgency mark, boxed in red."""
    mark = text(f'<font color="#c00000">{urgency}</font>', 14, bold=True, centred=True)
    box = [("BOX", (0, 0), (-1, -1), 1.2, "#c00000")]
    return Table([[mark]], colWidths=[40 * mm], hAlign="LEFT", style=box)
