"""The day that a message's Date field shows, read from its ENVELOPE."""

from __future__ import annotations

import re
from datetime import date

from mailserver.imap.responses import MONTHS

_MONTH = {name.upper().encode(): number for number, name in enumerate(MONTHS, 1)}
_DAY = re.compile(rb"(?:[A-Za-z]{3,9}, *)?([0-9]{1,2}) +([A-Za-z]{3})[a-z]* +([0-9]{2,4})")


def sent_on(envelope: bytes) -> date | None:
    """The date as written, in the sender's zone (RFC 3501 §6.4.4: disregarding time and zone).

    None if there is no Date field, or none that can be read.
    """
    start = 2 if envelope[1:2] == b'"' else envelope.find(b"\n") + 1
    if envelope[1:4] == b"NIL" or not start:
        return None
    match = _DAY.match(envelope, start)
    if match is None:
        return None
    year = int(match.group(3))
    if len(match.group(3)) < 4:  # RFC 5322 §4.3
        year += 2000 if year < 50 else 1900
    try:
        return date(year, _MONTH[match.group(2).upper()], int(match.group(1)))
    except (KeyError, ValueError):
        return None
