"""The form of an official paper as PDF: zones and types of 30/2020/NĐ-CP, Phụ lục I, Mục I and hình 1.

A4, Times (Tinos, which has all Vietnamese letters) 12–14 pt, margins 20 mm above and below, 30 left, 18 right.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.enums import TA_CENTER, TA_JUSTIFY, TA_LEFT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, HRFlowable, Paragraph, SimpleDocTemplate, Table

FACES = {"Tinos": "Regular", "Tinos-Bold": "Bold", "Tinos-Italic": "Italic"}
MOTTO = ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập – Tự do – Hạnh phúc")
LEFT_WIDTH, RIGHT_WIDTH = 63 * mm, 99 * mm


def render(story: list[Flowable], title: str, author: str, *, numbered: bool = False) -> bytes:
    """The PDF's octets; the same for the same story. numbered: pages from the second on, in the middle above
    (Phụ lục I, Mục I, khoản 7)."""
    register_fonts()
    out = io.BytesIO()
    page = SimpleDocTemplate(
        out,
        pagesize=A4,
        topMargin=20 * mm,
        bottomMargin=20 * mm,
        leftMargin=30 * mm,
        rightMargin=18 * mm,
        title=title,
        author=author,
        invariant=1,
    )
    page.build(story, onLaterPages=_number if numbered else _nothing)
    return out.getvalue()


def two_columns(left: list[Flowable], right: list[Flowable]) -> Flowable:
    whole = ((0, 0), (-1, -1))
    style = [
        ("VALIGN", *whole, "TOP"),
        ("ALIGN", *whole, "CENTER"),
        ("LEFTPADDING", *whole, 0),
        ("RIGHTPADDING", *whole, 0),
    ]
    return Table([[left, right]], colWidths=[LEFT_WIDTH, RIGHT_WIDTH], style=style)


def rule(width: float) -> Flowable:
    return HRFlowable(width=width, thickness=0.6, color="black", spaceBefore=1, spaceAfter=1)


def text(
    said: str,
    size: int,
    *,
    bold: bool = False,
    italic: bool = False,
    centred: bool = False,
    indented: bool = False,
    ragged: bool = False,
) -> Flowable:
    """One paragraph. said: with the markup of reportlab; what others wrote goes through `plain` first."""
    face = "Tinos-Bold" if bold else "Tinos-Italic" if italic else "Tinos"
    style = ParagraphStyle(
        "vanthu",
        fontName=face,
        fontSize=size,
        leading=size * 1.3,
        alignment=TA_CENTER if centred else TA_LEFT if ragged else TA_JUSTIFY,
        firstLineIndent=10 * mm if indented else 0,
        splitLongWords=True,
    )
    return Paragraph(said, style)


def plain(said: str) -> str:
    """A text of others as it stands: no markup of theirs, no control characters."""
    return escape("".join(letter if letter.isprintable() else " " for letter in said))


def table(heads: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[float]) -> Flowable:
    """A grid whose head stands on every page. rows: texts of others; widths: millimetres."""
    register_fonts()
    cells = [[text(plain(one), 11, bold=True, centred=True) for one in heads]]
    cells += [[text(plain(one), 11, ragged=True) for one in row] for row in rows]
    whole = ((0, 0), (-1, -1))
    style = [("GRID", *whole, 0.5, "black"), ("VALIGN", *whole, "TOP"), ("TOPPADDING", *whole, 2)]
    # A subject of hundreds of words may be longer than a page.
    return Table(cells, colWidths=[one * mm for one in widths], style=style, repeatRows=1, splitInRow=1)


@cache
def register_fonts() -> None:
    folder: Any = resources.files("routing.papers").joinpath("fonts")
    for face, weight in FACES.items():
        with resources.as_file(folder.joinpath(f"Tinos-{weight}.ttf")) as path:
            pdfmetrics.registerFont(TTFont(face, str(path)))
    pdfmetrics.registerFontFamily(
        "Tinos", normal="Tinos", bold="Tinos-Bold", italic="Tinos-Italic", boldItalic="Tinos-Bold"
    )


def _number(canvas: Canvas, page: Any) -> None:
    canvas.setFont("Tinos", 13)
    canvas.drawCentredString(A4[0] / 2, A4[1] - 14 * mm, str(page.page))


def _nothing(_canvas: Canvas, _page: Any) -> None:
    pass
