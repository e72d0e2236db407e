"""How many octets something has, as people write it: on pages and in letters alike."""

from __future__ import annotations

import re

_UNITS = ("KB", "MB", "GB", "TB")
_WRITTEN = re.compile(r"([0-9]{1,15}(?:[.,][0-9]{1,3})?)\s*(B|BYTES?|KB|MB|GB|TB)?")
# Octets; smaller numbers without a unit are taken for a unit that was forgotten.
LEAST_BARE = 65536


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


def exact(octets: int) -> str:
    """In the largest unit that leaves no rest: "10 MB", "5000 B"; "0". `read` takes it back."""
    if octets == 0:
        return "0"
    power = next(power for power in range(len(_UNITS), -1, -1) if octets % 1024**power == 0)
    return f"{octets // 1024**power} {_UNITS[power - 1] if power else 'B'}"


def read(text: str) -> int:
    """Octets as a person writes them: "10 MB", "1,5 gb", "5000 B", "0".

    A number without a unit is one of octets if no smaller one could be meant. Raises ValueError: who writes "10" for
    ten megabytes must not get ten octets.
    """
    found = _WRITTEN.fullmatch(text.strip().upper())
    if found is None:
        raise ValueError(text)
    number, unit = float(found[1].replace(",", ".")), found[2]
    if not unit:
        if 0 < number < LEAST_BARE or not number.is_integer():
            raise ValueError(text)
        return int(number)
    power = _UNITS.index(unit) + 1 if unit in _UNITS else 0
    return round(number * (1 << 10 * power))
