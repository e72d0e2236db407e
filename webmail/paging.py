"""Lists that are shown a page at a time."""

from __future__ import annotations


def last_page(total: int, per_page: int) -> int:
    """The number of the last page, from 1; an empty list has one too."""
    return max(1, -(-total // per_page))
