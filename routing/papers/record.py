"""A biên bản: who, what, in parts, with places to sign (30/2020/NĐ-CP, Phụ lục III, mẫu 1.10)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from reportlab.lib.units import mm
from reportlab.platypus import Flowable, KeepTogether, Spacer

from mailserver.directory.records import OFFICE_ZONE
from routing.papers import layout
from routing.papers.layout import MOTTO, plain, rule, table, text, two_columns


@dataclass(frozen=True, slots=True)
class Grid:
    """widths: millimetres, 162 in all."""

    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    widths: Sequence[float]


@dataclass(frozen=True, slots=True)
class Part:
    """A headed part: what there is of lines and of a table. empty: said where there is neither."""

    head: str
    lines: Sequence[str] = ()
    grid: Grid | None = None
    empty: str = "Không có."


@dataclass(frozen=True, slots=True)
class Record:
    """All of it is plain text. facts: name and value. seals: what shows that the paper is of the records of the
    system. signers: under whose words people sign."""

    agency: str
    title: str
    about: str
    made_at: datetime
    facts: Sequence[tuple[str, str]]
    parts: Sequence[Part]
    seals: Sequence[str]
    signers: tuple[str, str]


def as_pdf(record: Record) -> bytes:
    """The octets; the same for the same record. The number is left to the clerk, who gives it in the register."""
    layout.register_fonts()
    story: list[Flowable] = [_head(record), Spacer(1, 6 * mm)]
    story += [text("BIÊN BẢN", 14, bold=True, centred=True), text(plain(record.title), 14, bold=True, centred=True)]
    story += [text(plain(record.about), 13, centred=True), rule(35 * mm), Spacer(1, 4 * mm)]
    for name, value in record.facts:
        story += [text(f"{plain(name)}: {plain(value)}", 13, indented=True), Spacer(1, 1 * mm)]
    for part in record.parts:
        story += [Spacer(1, 3 * mm), *_part(part)]
    story += [Spacer(1, 4 * mm), *(text(plain(one), 10, ragged=True) for one in record.seals)]
    story += [Spacer(1, 8 * mm), KeepTogether([_signatures(record.signers)])]
    return layout.render(story, f"Biên bản {record.title.lower()}, {record.about}", record.agency, numbered=True)


def _head(record: Record) -> Flowable:
    """Zones 1 to 4."""
    day = record.made_at.astimezone(OFFICE_ZONE)
    left = [text(plain(record.agency.upper()), 12, bold=True, centred=True), rule(18 * mm), Spacer(1, 2 * mm)]
    left += [text("Số: ……/BB-……", 13, centred=True)]
    right = [text(MOTTO[0], 12, bold=True, centred=True), text(MOTTO[1], 13, bold=True, centred=True), rule(50 * mm)]
    when = f"……………, ngày {day.day:02} tháng {day.month:02} năm {day.year}"
    right += [Spacer(1, 2 * mm), text(when, 13, italic=True, centred=True)]
    return two_columns(left, right)


def _part(part: Part) -> list[Flowable]:
    story: list[Flowable] = [text(plain(part.head), 13, bold=True), Spacer(1, 1.5 * mm)]
    story += [text(f"- {plain(line)}", 13, ragged=True) for line in part.lines]
    if part.grid is not None and part.grid.rows:
        story += [table(part.grid.heads, part.grid.rows, part.grid.widths)]
    elif not part.lines:
        story += [text(plain(part.empty), 13)]
    return story


def _signatures(signers: tuple[str, str]) -> Flowable:
    sides = [
        [
            text(plain(one.upper()), 13, bold=True, centred=True),
            text("(Ký, ghi rõ họ tên)", 12, italic=True, centred=True),
        ]
        for one in signers
    ]
    return two_columns(*sides)
