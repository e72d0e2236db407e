from __future__ import annotations

import pytest

from mailserver.sizes import exact, in_words, read

KIB, MIB = 1024, 1024 * 1024


@pytest.mark.parametrize(
    ("octets", "vi", "en"),
    [
        (0, "0 B", "0 B"),
        (1023, "1023 B", "1023 B"),
        (1024, "1 KB", "1 KB"),
        (24 * KIB + 300, "24 KB", "24 KB"),
        (1023 * KIB, "1023 KB", "1023 KB"),
        (MIB - 1, "1,0 MB", "1.0 MB"),
        (MIB, "1,0 MB", "1.0 MB"),
        (10 * MIB, "10,0 MB", "10.0 MB"),
        (1024 * MIB - 1, "1,0 GB", "1.0 GB"),
        (5 * 1024**4 * 1024, "5120,0 TB", "5120.0 TB"),
    ],
)
def test_a_size_is_written_in_the_unit_in_which_it_is_short(octets: int, vi: str, en: str) -> None:
    assert (in_words(octets, vi=True), in_words(octets, vi=False)) == (vi, en)


@pytest.mark.parametrize("octets", [0, 1, 5000, KIB, 10 * MIB, 10 * MIB + 1, 3 * 1024**3, 2 * 1024**4])
def test_what_is_written_exactly_is_read_again(octets: int) -> None:
    assert read(exact(octets)) == octets


@pytest.mark.parametrize(
    ("text", "octets"),
    [
        ("10 MB", 10 * MIB),
        (" 1,5mb ", 3 * MIB // 2),
        ("0.5 GB", 512 * MIB),
        ("5000 byte", 5000),
        ("10485760", 10 * MIB),
    ],
)
def test_people_write_sizes_in_several_ways(text: str, octets: int) -> None:
    assert read(text) == octets


@pytest.mark.parametrize("text", ["", "mười", "10", "-1 MB", "10 XB", "1e9", "1.5", "٣ MB", "10 MB MB"])
def test_a_number_that_may_mean_megabytes_is_not_taken_for_octets(text: str) -> None:
    with pytest.raises(ValueError):
        read(text)
