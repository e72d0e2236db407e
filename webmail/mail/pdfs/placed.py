"""The pictures that the pages of a PDF draw: how large, and what PDFium makes of their octets."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Container, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import pypdfium2
import pypdfium2.raw as pdfium

from webmail.mail.pdfs.samples import Picture

POINTS_AN_INCH: Final = 72
# Components of a pixel by PDFium's word for the colours; a picture in any other is left alone.
_COMPONENTS: Final = {
    pdfium.FPDF_COLORSPACE_DEVICEGRAY: frozenset({1}),
    pdfium.FPDF_COLORSPACE_CALGRAY: frozenset({1}),
    pdfium.FPDF_COLORSPACE_DEVICERGB: frozenset({3}),
    pdfium.FPDF_COLORSPACE_CALRGB: frozenset({3}),
    pdfium.FPDF_COLORSPACE_DEVICECMYK: frozenset({4}),
    pdfium.FPDF_COLORSPACE_ICCBASED: frozenset({1, 3, 4}),
}


@dataclass(slots=True)
class Placed:
    """One picture, wherever it is drawn. inches: the largest size; pages: where, from 0."""

    inches: tuple[float, float] = (0.0, 0.0)
    pages: list[int] = field(default_factory=list)


def key_of(data: bytes, pixels: tuple[int, int]) -> bytes:
    """PDFium does not tell the number of a picture's object: its octets in the file and its size do."""
    return hashlib.sha256(b"%d %d " % pixels + data).digest()


def placed(document: pypdfium2.PdfDocument, wanted: Container[bytes]) -> dict[bytes, Placed]:
    """Those of these keys that are drawn, also inside of forms."""
    found: dict[bytes, Placed] = {}
    for index in range(len(document)):
        for key, drawn in _of_page(document, index, wanted):
            one = found.setdefault(key, Placed())
            wide, high = _inches(drawn)
            one.inches = max(one.inches[0], wide), max(one.inches[1], high)
            if one.pages[-1:] != [index]:
                one.pages.append(index)
    return found


def pictures(document: pypdfium2.PdfDocument, found: dict[bytes, Placed]) -> Iterator[tuple[bytes, Picture]]:
    """Each of them once, with its octets, as far as PDFium undoes their packing and knows the colours."""
    left = dict(found)
    for index in sorted({one.pages[0] for one in found.values()}):
        for key, drawn in _of_page(document, index, left):
            one = left.pop(key, None)
            picture = _picture(drawn, one.inches) if one else None
            if picture is not None:
                yield key, picture


def _of_page(document: pypdfium2.PdfDocument, index: int, wanted: Container[bytes]) -> Iterator[tuple[bytes, Any]]:
    page = document[index]
    for drawn in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE]):
        key = key_of(bytes(drawn.get_data()), drawn.get_px_size())
        if key in wanted:
            yield key, drawn
    page.close()


def _inches(drawn: Any) -> tuple[float, float]:
    """Width and height on the page; the forms around it have matrices of their own (ISO 32000-1 §8.10.1)."""
    matrix, around = drawn.get_matrix(), drawn.container
    while around is not None:
        matrix, around = matrix.multiply(around.get_matrix()), around.container
    return math.hypot(matrix.a, matrix.b) / POINTS_AN_INCH, math.hypot(matrix.c, matrix.d) / POINTS_AN_INCH


def _picture(drawn: Any, inches: tuple[float, float]) -> Picture | None:
    packed = drawn.get_filters(skip_simple=True)
    components = _COMPONENTS.get(drawn.get_metadata().colorspace)
    if components is None or packed not in ([], ["DCTDecode"]):
        return None
    width, height = drawn.get_px_size()
    return Picture(width, height, inches, components, bytes(drawn.get_data(decode_simple=True)), bool(packed))
