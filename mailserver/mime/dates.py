"""The Date field (RFC 5322 §3.3 and §4.3), read as tolerantly as it is written."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

_MONTHS: Final = {
    name: number
    for number, name in enumerate(
        (b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov", b"dec"), 1
    )
}
# RFC 5322 §4.3; the single military letters are to be read as +0000.
_ZONES: Final = {
    b"ut": 0,
    b"gmt": 0,
    b"utc": 0,
    b"est": -300,
    b"edt": -240,
    b"cst": -360,
    b"cdt": -300,
    b"mst": -420,
    b"mdt": -360,
    b"pst": -480,
    b"pdt": -420,
    b"ict": 420,
}
_TIME: Final = rb"([0-9]{1,2})[:.]([0-9]{1,2})(?:[:.]([0-9]{1,2}))?"
_USUAL: Final = re.compile(
    rb"(?<![0-9])([0-9]{1,2})[\s\-]{1,9}([A-Za-z]{3})[A-Za-z]{0,6}\.?[\s\-,]{1,9}([0-9]{2,4})[\s,]{1,9}"
    + _TIME
    + rb"(?:\.[0-9]{1,9})?(?:\s{0,9}([+\-][0-9]{2}:?[0-9]{2}|[A-Za-z]{1,5}))?"
)
# asctime: Thu Jan  4 10:00:00 [zone] 2024
_ASCTIME: Final = re.compile(
    rb"([A-Za-z]{3})\s{1,9}([0-9]{1,2})\s{1,9}" + _TIME + rb"\s{1,9}(?:([+\-][0-9]{4}|[A-Z]{1,5})\s{1,9})?([0-9]{4})"
)
_ISO: Final = re.compile(
    rb"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})[T\s]{1,3}"
    + _TIME
    + rb"(?:\.[0-9]{1,9})?\s{0,3}([+\-][0-9]{2}:?[0-9]{2}|Z)?"
)
_EPOCH_DAY: Final = date(1970, 1, 1).toordinal()
# A date is one line; what is longer is not searched for one.
_LONGEST: Final = 200


def parse_date(value: bytes) -> int | None:
    """Seconds since 1970-01-01T00:00Z of a Date field's value, None if no date can be read in it.

    Without a zone, UTC is taken. Years before 1900 and days that do not exist give None.
    """
    value = value[:_LONGEST]
    if match := _USUAL.search(value):
        day, month, year, hour, minute, second, zone = match.groups()
        return _seconds(_year(year), _MONTHS.get(month.lower()), day, hour, minute, second, zone)
    if match := _ASCTIME.search(value):
        month, day, hour, minute, second, zone, year = match.groups()
        return _seconds(int(year), _MONTHS.get(month.lower()), day, hour, minute, second, zone)
    if match := _ISO.search(value):
        year, month, day, hour, minute, second, zone = match.groups()
        return _seconds(int(year), int(month), day, hour, minute, second, zone)
    return None


def _year(digits: bytes) -> int:
    year = int(digits)
    if len(digits) == 2:
        return year + (2000 if year < 50 else 1900)
    return year + 1900 if len(digits) == 3 else year


def _seconds(
    year: int, month: int | None, day: bytes, hour: bytes, minute: bytes, second: bytes | None, zone: bytes | None
) -> int | None:
    if month is None or year < 1900:
        return None
    try:
        days = date(year, month, int(day)).toordinal() - _EPOCH_DAY
    except ValueError:
        return None
    hours, minutes, seconds = int(hour), int(minute), int(second or 0)
    if hours > 24 or minutes > 59 or seconds > 60:
        return None
    return days * 86_400 + hours * 3_600 + minutes * 60 + seconds - _offset_minutes(zone) * 60


def _offset_minutes(zone: bytes | None) -> int:
    if zone is None:
        return 0
    if zone[0] in b"+-":
        digits = zone[1:].replace(b":", b"")
        offset = int(digits[:2]) * 60 + int(digits[2:])
        return -offset if zone[0] == 0x2D else offset
    return _ZONES.get(zone.lower(), 0)
