"""Whether a new PDF is still the old one: as many pages, of the same size, with the same words, and the same look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import pypdfium2
import pypdfium2.raw as pdfium
from PIL import Image, ImageChops, ImageStat

# The longer side of a page that is looked at, in pixels.
LOOK: Final = 600
# Pixels a side that are taken together, so that noise is not taken for a difference.
TOGETHER: Final = 4
# Of 255, over a whole page: compressing changes noise by less than 1, a scan that is gone changes 10 and more.
MEAN: Final = 2.0
# The same for the worst of TILES × TILES: a stamp that is gone is small beside its page.
WORST: Final = 8.0
TILES: Final = 16


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a page is beside its pictures. size: in tenths of a point; links: with all other annotations."""

    size: tuple[int, int]
    rotation: int
    label: str
    links: int
    text: str


def same(old: pypdfium2.PdfDocument, new: pypdfium2.PdfDocument, look: Sequence[int]) -> bool:
    """look: pages to be compared by their look, from 0. Raises what PDFium says of a page that it cannot read."""
    if len(old) != len(new) or _outline(old) != _outline(new):
        return False
    if any(sheet(old, index) != sheet(new, index) for index in range(len(old))):
        return False
    return all(alike(seen(old, index), seen(new, index)) for index in look)


def sheet(document: pypdfium2.PdfDocument, index: int) -> Sheet:
    page = document[index]
    wide, high = page.get_size()
    words = page.get_textpage()
    found = Sheet(
        (round(wide * 10), round(high * 10)),
        page.get_rotation(),
        document.get_page_label(index),
        pdfium.FPDFPage_GetAnnotCount(page),
        words.get_text_range(),
    )
    words.close()
    page.close()
    return found


def seen(document: pypdfium2.PdfDocument, index: int) -> Image.Image:
    page = document[index]
    image: Image.Image = page.render(scale=LOOK / max(*page.get_size(), 1)).to_pil().convert("RGB")
    page.close()
    return image


def alike(one: Image.Image, other: Image.Image) -> bool:
    if one.size != other.size:
        return False
    difference = ImageChops.difference(one.reduce(TOGETHER), other.reduce(TOGETHER))
    tiles = difference.resize((TILES, TILES), Image.Resampling.BOX)
    worst = max(high for _low, high in tiles.getextrema())  # type: ignore[misc]
    return max(ImageStat.Stat(difference).mean) <= MEAN and worst <= WORST


def _outline(document: pypdfium2.PdfDocument) -> list[tuple[Any, ...]]:
    found = []
    for one in document.get_toc():
        target = one.get_dest()
        found.append((one.level, one.get_title(), target.get_index() if target else None))
    return found
