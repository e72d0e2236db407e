"""The samples of one picture of a PDF: fewer of them, as a JPEG."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Final

from PIL import Image

# Dots an inch at the size that a picture has on its page; A4 is 1654 × 2339 then, as in `shrink_child`.
DPI: Final = 200
QUALITY: Final = 75
# A picture of more pixels is left as it is: decoded it would not fit into the memory that the process has.
MOST_PIXELS: Final = 60_000_000
# A new one that saves less than a tenth is not worth the loss.
WORTH: Final = 0.9
# A little too many dots do no harm; scaling by a few of a hundred would blur for nothing.
ENOUGH: Final = 0.9
_MODES: Final = {1: "L", 3: "RGB"}
_COMPONENTS: Final = {"L": 1, "RGB": 3, "CMYK": 4}


@dataclass(frozen=True, slots=True)
class Picture:
    """width, height: in pixels. inches: the largest size that it is drawn at. components: of a pixel, those that its
    colours may have.

    data: samples of eight bits, row by row; or a JPEG.
    """

    width: int
    height: int
    inches: tuple[float, float]
    components: frozenset[int]
    data: bytes
    jpeg: bool


@dataclass(frozen=True, slots=True)
class Smaller:
    """A JPEG, with its size in pixels."""

    width: int
    height: int
    data: bytes


def smaller(picture: Picture, stored: int) -> Smaller | None:
    """A smaller one of the same colours; None if that is not worth it or not safe. stored: octets in the file.

    Raises what a decoder says of what is no picture.
    """
    if not 0 < picture.width * picture.height <= MOST_PIXELS:
        return None
    size = fitting((picture.width, picture.height), picture.inches)
    image = _jpeg(picture, size) if picture.jpeg else _plain(picture)
    if image is None:
        return None
    if image.size != size:
        image = image.resize(size, Image.Resampling.LANCZOS)
    out = io.BytesIO()
    # Pillow turns the samples of CMYK round when it reads and when it writes, so that they stay what they were.
    image.save(out, "JPEG", quality=QUALITY, optimize=True)
    made = out.getvalue()
    return Smaller(*size, made) if len(made) <= WORTH * stored else None


def fitting(pixels: tuple[int, int], inches: tuple[float, float]) -> tuple[int, int]:
    """As many pixels as DPI asks for, with the same proportions; never more than there are."""
    scale = max(max(wanted * DPI, 1) / there for wanted, there in zip(inches, pixels, strict=True))
    if scale > ENOUGH:
        return pixels
    return max(round(pixels[0] * scale), 1), max(round(pixels[1] * scale), 1)


def _jpeg(picture: Picture, size: tuple[int, int]) -> Image.Image | None:
    image = Image.open(io.BytesIO(picture.data), formats=("JPEG",))
    there = _COMPONENTS.get(image.mode)
    if image.size != (picture.width, picture.height) or there not in picture.components:
        return None
    if there == 4 and "adobe" not in image.info:
        return None  # a new one would bear Adobe's mark, which some readers take for colours turned round
    image.draft(image.mode, size)
    image.load()
    return image


def _plain(picture: Picture) -> Image.Image | None:
    pixels = picture.width * picture.height
    there = len(picture.data) // pixels
    if there not in picture.components or there not in _MODES or len(picture.data) != there * pixels:
        return None
    return Image.frombytes(_MODES[there], (picture.width, picture.height), picture.data)
