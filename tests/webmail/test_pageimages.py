from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from pypdf import PdfReader, PdfWriter

from tests.webmail.sample import scan
from webmail import pageimages
from webmail.downloads import sniffed
from webmail.pageimages import NotRenderable, PageImages, digest_of

PAPER = scan("ubnd", "1482/UBND-KTN", "V/v rà soát", date(2026, 11, 2), pages=6)


@pytest.fixture
def images(tmp_path: Path) -> PageImages:
    return PageImages(tmp_path / "pages")


def once(data: bytes) -> Callable[[], bytes]:
    """Loads at the first call only: what is kept must not be asked for again."""
    left = [data]
    return lambda: left.pop()


def test_pages_are_counted_and_drawn(images: PageImages) -> None:
    facts = images.facts(digest_of(PAPER), lambda: PAPER)
    assert facts.pages == len(facts.sizes) == len(PdfReader(io.BytesIO(PAPER)).pages)
    image = images.page(digest_of(PAPER), 1, 600, lambda: PAPER)
    assert sniffed(image) == "image/jpeg" and 5_000 < len(image) < 500_000


def test_a_page_is_drawn_once(images: PageImages) -> None:
    load = once(PAPER)
    first = images.page("a" * 64, 1, 600, load)
    assert images.page("a" * 64, 1, 600, load) == first


@pytest.mark.parametrize(("number", "width"), [(0, 600), (-1, 600), (10_000, 600), (1, 601), (1, 10**9)])
def test_only_known_widths_and_pages_are_drawn(images: PageImages, number: int, width: int) -> None:
    with pytest.raises(NotRenderable):
        images.page(digest_of(PAPER), number, width, lambda: PAPER)


def test_a_page_that_is_not_there(images: PageImages) -> None:
    with pytest.raises(NotRenderable):
        images.page(digest_of(PAPER), 99, 600, lambda: PAPER)


def encrypted() -> bytes:
    writer = PdfWriter(clone_from=io.BytesIO(PAPER))
    writer.encrypt("bí mật")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


@pytest.mark.parametrize(
    "data", [b"", b"%PDF-1.4", b"not a pdf", PAPER[:300], bytes(100_000), encrypted()], ids=range(6)
)
def test_a_broken_file_fails_once_and_is_not_tried_again(images: PageImages, data: bytes) -> None:
    load = once(data)
    for _time in range(2):
        with pytest.raises(NotRenderable):
            images.facts("b" * 64, load)


def huge_page() -> bytes:
    writer = PdfWriter()
    writer.add_blank_page(14_400, 14_400)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def test_a_huge_page_is_drawn_small(images: PageImages) -> None:
    data = huge_page()
    assert sniffed(images.page(digest_of(data), 1, 1600, lambda: data)) == "image/jpeg"


def test_a_renderer_that_hangs_is_killed(images: PageImages, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pageimages, "TIMEOUT_S", 0.001)
    with pytest.raises(NotRenderable):
        images.facts(digest_of(PAPER), lambda: PAPER)
