"""How many octets something has, as people write it: on pages and in letters alike."""

from __future__ import annotations

_UNITS = ("KB", "MB", "GB", "TB")


def in_words(octets: int, *, vi: bool) -> str:
    """ "812 B", "24 KB", "1.2 MB", "3.4 GB"; in Vietnamese with a decimal comma. A unit has 1024 of the one before;
    what would be written as 1024 of one is written as one of the next."""
    if octets < 1024:
        return f"{octets} B"
    size, unit = octets / 1024, 0
    while size >= 1023.95 or (unit == 0 and round(size) >= 1024):
        size, unit = size / 1024, unit + 1
        if unit == len(_UNITS) - 1:
            break
    text = f"{size:.0f} {_UNITS[unit]}" if unit == 0 else f"{size:.1f} {_UNITS[unit]}"
    return text.replace(".", ",") if vi else text
