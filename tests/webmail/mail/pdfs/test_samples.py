"""How many pixels a picture needs."""

from __future__ import annotations

import pytest

from webmail.mail.pdfs.samples import Picture, fitting, smaller


@pytest.mark.parametrize(
    ("pixels", "inches", "fit"),
    [
        ((2480, 3508), (8.27, 11.69), (1654, 2340)),  # A4, 300 dots an inch
        ((1654, 2339), (8.27, 11.69), (1654, 2339)),
        ((1800, 2546), (8.27, 11.69), (1800, 2546)),  # 218 of them are near enough
        ((600, 600), (10, 10), (600, 600)),
        ((1000, 1000), (1, 2.5), (500, 500)),  # drawn taller than it is: the taller side counts
        ((4000, 10), (0.1, 0.1), (4000, 10)),
        ((4000, 4000), (0, 0), (1, 1)),
    ],
)
def test_the_larger_need_decides_and_nothing_grows(
    pixels: tuple[int, int], inches: tuple[float, float], fit: tuple[int, int]
) -> None:
    assert fitting(pixels, inches) == fit


def test_samples_that_are_not_as_many_as_they_should_be_are_no_picture() -> None:
    for data in (b"", b"x" * 29, b"x" * 31, b"x" * 20):
        assert smaller(Picture(5, 2, (0.01, 0.01), frozenset({1, 3}), data, jpeg=False), 10**6) is None
    assert smaller(Picture(5, 2, (0.01, 0.01), frozenset({1, 3}), b"x" * 30, jpeg=False), 10**6) is not None
    assert smaller(Picture(0, 2, (1, 1), frozenset({1}), b"", jpeg=False), 10) is None
