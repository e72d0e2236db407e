"""Dates of SEARCH and APPEND (RFC 3501 §9: date, date-time)."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone

from mailserver.imap.parser.cursor import Cursor
from mailserver.imap.parser.errors import ParseError
from mailserver.imap.responses import MONTHS

_MONTH = {name.upper(): number for number, name in enumerate(MONTHS, 1)}
_DATE = re.compile(rb'("?)([0-9]{1,2})-([A-Za-z]{3})-([0-9]{4})\1')
# The day may lack its leading space: Outlook for Android (Zimbra ImapRequest.java:800).
_DATE_TIME = re.compile(
    rb'" ?([0-9]{1,2})-([A-Za-z]{3})-([0-9]{4}) ([0-9]{2}):([0-9]{2}):([0-9]{2}) ([+-])([0-9]{2})([0-9]{2})"'
)


def _month(raw: bytes) -> int:
    try:
        return _MONTH[raw.decode("ascii").upper()]
    except KeyError:
        raise ParseError("Invalid month") from None


def parse_date(cursor: Cursor) -> date:
    match = _DATE.match(cursor.data, cursor.at)
    if match is None:
        raise ParseError("Expected a date")
    cursor.at = match.end()
    try:
        return date(int(match.group(4)), _month(match.group(3)), int(match.group(2)))
    except ValueError as error:
        raise ParseError("Invalid date") from error


def parse_date_time(cursor: Cursor) -> datetime:
    """An aware datetime, in UTC."""
    match = _DATE_TIME.match(cursor.data, cursor.at)
    if match is None:
        raise ParseError("Expected a date and time")
    cursor.at = match.end()
    day, month, year, hour, minute, second, sign, zone_hours, zone_minutes = match.groups()
    offset = timedelta(hours=int(zone_hours), minutes=int(zone_minutes))
    try:
        zone = timezone(-offset if sign == b"-" else offset)
        local = datetime(int(year), _month(month), int(day), int(hour), int(minute), min(int(second), 59), tzinfo=zone)
        return local.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ParseError("Invalid date and time") from error
