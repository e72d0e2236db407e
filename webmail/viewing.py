"""What the viewer shows of a file: its pages as pictures, itself as a picture, its text, or a download."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from flask import current_app

from webmail.downloads import sniffed
from webmail.i18n import _
from webmail.pageimages import NotRenderable, PageImages, digest_of

# Width of a page in the layout until its picture is there: pixels for a point.
PIXELS_PER_POINT = 1.5
MOST_TEXT = 200_000


@dataclass(frozen=True, slots=True)
class PageImage:
    """One page. url: of its picture, by width."""

    number: int
    width: int
    height: int
    url: Callable[[int], str]


@dataclass(frozen=True, slots=True)
class Source:
    """A file to be shown: where its parts are found.

    page_url: (page, width) to address. digest: SHA-256 in hex where it is known without loading.
    """

    key: str
    filename: str
    media_type: str
    here: str
    download: str
    page_url: Callable[[int, int], str]
    picture_url: str
    load: Callable[[], bytes]
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """A file in the viewer; exactly one of pages, picture, text is set, or none of them."""

    key: str
    filename: str
    media_type: str
    here: str
    download: str
    pages: tuple[PageImage, ...] = ()
    more: bool = False
    picture: str = ""
    text: str | None = None
    why: str = ""


def images() -> PageImages:
    return cast(PageImages, current_app.extensions["vanthu.pages"])


def tab(source: Source) -> Shown:
    """The file as a tab only: nothing is loaded."""
    return Shown(source.key, source.filename, source.media_type, source.here, source.download)


def is_pdf(media_type: str, filename: str) -> bool:
    return media_type == "application/pdf" or filename.casefold().endswith(".pdf")


def shown(source: Source) -> Shown:
    """The file opened. Its type is what its octets say, not what its sender says."""
    base = tab(source)
    if source.digest and is_pdf(source.media_type, source.filename):
        return _pdf(source, base, source.digest)
    data = source.load()
    if data.startswith(b"%PDF") or (is_pdf(source.media_type, source.filename) and b"%PDF" in data[:1024]):
        return _pdf(source, base, digest_of(data))
    if sniffed(data) is not None:
        return Shown(*_identity(base), picture=source.picture_url)
    if source.media_type in ("text/plain", "text/csv"):
        return Shown(*_identity(base), text=data[:MOST_TEXT].decode("utf-8", "replace"))
    return base


def _identity(base: Shown) -> tuple[str, str, str, str, str]:
    return base.key, base.filename, base.media_type, base.here, base.download


def _pdf(source: Source, base: Shown, digest: str) -> Shown:
    try:
        facts = images().facts(digest, source.load)
    except NotRenderable:
        return Shown(*_identity(base), why=_("Tệp PDF hỏng, có mật khẩu, hoặc quá nặng."))
    pages = tuple(_page(source, number, size) for number, size in enumerate(facts.sizes, 1))
    return Shown(*_identity(base), pages=pages, more=facts.pages > len(pages))


def _page(source: Source, number: int, size: tuple[float, float]) -> PageImage:
    width, height = (max(1, round(side * PIXELS_PER_POINT)) for side in size)
    return PageImage(number, width, height, lambda wide: source.page_url(number, wide))
