from __future__ import annotations

import pytest

from mailserver.sizes import in_words

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
