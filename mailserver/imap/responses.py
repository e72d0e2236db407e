"""Writing what a client reads: strings, flag lists, sets, dates and status lines (RFC 3501 §7)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum, unique
from functools import lru_cache

from mailserver.imap import mutf7
from mailserver.store.flags import NAMES

_ATOM = re.compile(rb"[!#$&'+,\-./0-9:;<=>?@A-Z\[^_`a-z|}~]+")
_UNSAFE = re.compile(rb'[\r\n\x00\x80-\xff"\\]')
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
# Text of one status line; longer sentences are cut so that no name can flood a log or a client.
MAX_TEXT = 800
_EPOCH = date(1970, 1, 1).toordinal()
_LAST_SECOND = 253_402_000_000  # in the year 9999
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@unique
class Status(Enum):
    """The tagged results (RFC 3501 §7.1)."""

    OK = b"OK"
    NO = b"NO"
    BAD = b"BAD"


@dataclass(frozen=True, slots=True)
class Reply:
    """The tagged end of a command: status, response code without brackets ("" for none), text."""

    status: Status
    text: str
    code: bytes = b""

    def line(self, tag: bytes) -> bytes:
        return b"%b %b %b\r\n" % (tag, self.status.value, status_text(self.text, self.code))


def ok(text: str, code: bytes = b"") -> Reply:
    return Reply(Status.OK, text, code)


def no(text: str, code: bytes = b"") -> Reply:
    return Reply(Status.NO, text, code)


def bad(text: str, code: bytes = b"") -> Reply:
    return Reply(Status.BAD, text, code)


def status_text(text: str, code: bytes = b"") -> bytes:
    """Code in brackets and text, on one line whatever the text holds.

    The text is never empty: some clients refuse a response code with nothing behind it
    (modern-email/defects README).
    """
    clean = _CONTROL.sub(" ", text).strip()[:MAX_TEXT] or "Done"
    octets = clean.encode("utf-8", "replace")
    return b"[%b] %b" % (code, octets) if code else octets


def untagged(status: Status, text: str, code: bytes = b"") -> bytes:
    """As in `* OK [UIDNEXT 4] Predicted next UID`."""
    return b"* %b %b\r\n" % (status.value, status_text(text, code))


def bye(text: str, code: bytes = b"") -> bytes:
    return b"* BYE %b\r\n" % status_text(text, code)


def quoted(raw: bytes) -> bytes:
    return b'"%b"' % raw.replace(b"\\", b"\\\\").replace(b'"', b'\\"')


def literal(raw: bytes) -> bytes:
    return b"{%d}\r\n%b" % (len(raw), raw)


def binary_literal(raw: bytes) -> bytes:
    """A literal, or a literal8 where it has to be (RFC 3516 §4.3)."""
    return b"~" + literal(raw) if b"\0" in raw else literal(raw)


def string(raw: bytes) -> bytes:
    """A quoted string where that is safe, else a literal (RFC 3501 §4.3)."""
    if len(raw) <= 1000:
        unsafe = _UNSAFE.search(raw)
        if unsafe is None:
            return b'"%b"' % raw
        if unsafe.group() in b'"\\' and not re.search(rb"[\r\n\x00\x80-\xff]", raw):
            return quoted(raw)
    return literal(raw)


def astring(raw: bytes) -> bytes:
    """An atom where possible; NIL is quoted, so that nobody reads it as nothing."""
    if _ATOM.fullmatch(raw) and raw.upper() != b"NIL":
        return raw
    return string(raw)


def mailbox(name: str, utf8: bool = False) -> bytes:
    """A mailbox name in modified UTF-7, or in UTF-8; quoted unless it is a plain word.

    Handlers use `Session.mailbox`, which knows what the client has enabled.
    """
    raw = name.encode() if utf8 else mutf7.encode(name)
    if raw.isalnum() and raw.upper() != b"NIL":
        return raw
    return quoted(raw)


def parenthesised(items: Iterable[bytes]) -> bytes:
    return b"(%b)" % b" ".join(items)


@lru_cache(maxsize=4096)
def flag_list(bits: int, keywords: str, recent: bool) -> bytes:
    """As in `(\\Seen $Label1)`. bits, keywords: as the store keeps them."""
    names = [name.encode() for name, flag in NAMES.items() if bits & flag]
    if keywords:
        names.append(keywords.encode())
    if recent:
        names.append(b"\\Recent")
    return parenthesised(names)


def ranges_text(ranges: Sequence[range]) -> bytes:
    """Ranges that are not empty, as a set: 1:3,7."""
    return b",".join(
        b"%d" % span.start if len(span) == 1 else b"%d:%d" % (span.start, span.stop - 1) for span in ranges
    )


def number_set(numbers: Sequence[int]) -> bytes:
    """Numbers in the order given, ascending neighbours as ranges: 1,2,3,7 gives 1:3,7."""
    out: list[bytes] = []
    at, end = 0, len(numbers)
    while at < end:
        last = at
        while last + 1 < end and numbers[last + 1] == numbers[last] + 1:
            last += 1
        first_number, last_number = numbers[at], numbers[last]
        out.append(b"%d" % first_number if last == at else b"%d:%d" % (first_number, last_number))
        at = last + 1
    return b",".join(out)


@lru_cache(maxsize=4096)
def _day(number: int) -> bytes:
    """The day `number` days after 1970-01-01, as in "17-Jul-1996"."""
    day = date.fromordinal(_EPOCH + number)
    return b"%2d-%b-%04d" % (day.day, MONTHS[day.month - 1].encode("ascii"), day.year)


@lru_cache(maxsize=16)
def _zone(offset_minutes: int) -> bytes:
    return b"%b%02d%02d" % (b"-" if offset_minutes < 0 else b"+", *divmod(abs(offset_minutes), 60))


_TIMES = tuple(b"%02d:%02d" % divmod(minute, 60) for minute in range(24 * 60))


def date_times(moments: Iterable[int], offset_minutes: int) -> list[bytes]:
    """Each as `date-time` of RFC 3501 §9, as in "17-Jul-1996 02:44:25 -0700".

    moments: seconds since 1970 in UTC. offset_minutes: east of UTC, of the zone to write them in. A listing
    has one for every message, so no datetime is made.
    """
    ahead, zone, times = offset_minutes * 60, _zone(offset_minutes), _TIMES
    found = []
    for moment in moments:
        if not 0 <= moment <= _LAST_SECOND:
            moment = min(max(moment, 0), _LAST_SECOND)
        day, second = divmod(moment + ahead, 86_400)
        found.append(b'"%b %b:%02d %b"' % (_day(day), times[second // 60], second % 60, zone))
    return found
