"""Running a search program: over the folder's rows where they know, else through the store.

Everything works on sets of indexes. Keys that the rows answer run first; what needs the store is asked
once for the whole folder (an index, or one column of all its messages) and cut with the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from itertools import compress, count
from typing import Any

from sqlalchemy import Connection

from mailserver.imap.search import dates
from mailserver.imap.search.program import (
    Aged,
    All,
    And,
    Clock,
    Contains,
    Dated,
    Field,
    HasFlag,
    HasId,
    HasKeyword,
    HeaderContains,
    Key,
    Messages,
    ModSeq,
    Not,
    Or,
    Recent,
    Size,
    When,
)
from mailserver.imap.view import View
from mailserver.mime.header import Header, decode_text
from mailserver.store import messages
from mailserver.store.flags import Flag
from mailserver.store.matching import containing, containing_in_range, span
from mailserver.store.search import SearchIndex
from mailserver.text import fold

Indexes = set[int]
_COLUMN = {
    Field.SUBJECT: "subject_folded",
    Field.FROM: "from_folded",
    Field.TO: "to_folded",
    Field.CC: "cc_folded",
    Field.BCC: "bcc_folded",
}
# Fields of which a column says what the header does, unless quotes or comments are asked for: web mail
# asks for HEADER SUBJECT and HEADER FROM.
_SAME_AS = {b"subject": Field.SUBJECT, b"from": Field.FROM}
_NOT_KEPT = frozenset('"\\()')
# Octets of messages whose text is read rather than looked up, each counted up to MOST_TEXT: as many
# are read in some 10 ms.
LITTLE = 4 * 1024 * 1024
MOST_TEXT = 64 * 1024
FEW = 8  # one in so many messages is looked up one by one
CHUNK = 2000  # messages whose columns are in memory at once


@dataclass(slots=True)
class Frozen:
    """A view's columns as of the moment of the search, safe to read in another thread.

    now: seconds since 1970. offset: minutes east of UTC in which dates are counted as days.
    """

    folder_id: int
    uids: Sequence[int]
    pks: Sequence[int]
    dates: Sequence[int]
    save_dates: Sequence[int]
    sizes: Sequence[int]
    modseqs: Sequence[int]
    flags: bytes
    keywords: list[str]
    recent_from: int
    now: int
    offset: int
    resolve: Callable[[Messages], Iterable[range]]


def freeze(view: View, folder_id: int, now: int, offset: int, resolve: Callable[[Messages], Iterable[range]]) -> Frozen:
    rows, end = view.rows, view.count
    if view.is_current:
        flags, keywords = bytes(rows.flags[:end]), rows.keywords[:end]
        modseqs: Sequence[int] = rows.modseqs[:end]
    else:
        found = [view.row(index) for index in range(end)]
        flags = bytes(at.flags[index] for at, index in found)
        keywords = [at.keywords[index] for at, index in found]
        modseqs = [at.modseqs[index] for at, index in found]
    return Frozen(
        folder_id, rows.uids[:end], rows.pks[:end], rows.dates[:end], rows.save_dates[:end],
        rows.sizes[:end], modseqs, flags, keywords, view.recent_from, now, offset, resolve,
    )  # fmt: skip


def evaluate(conn: Connection, frozen: Frozen, program: Key) -> list[int]:
    """Indexes of the messages that match, ascending."""
    everything = set(range(len(frozen.uids)))
    return sorted(_Search(conn, frozen).match(program, everything))


class _Search:
    def __init__(self, conn: Connection, frozen: Frozen) -> None:
        self.conn = conn
        self.frozen = frozen

    @cached_property
    def range(self) -> tuple[int, int] | None:
        """See `span`; of all messages of the folder."""
        return span(self.frozen.pks)

    @cached_property
    def octets(self) -> int:
        """Of all messages, each counted up to MOST_TEXT; stops to count well above LITTLE."""
        return _octets(self.frozen.sizes, 4 * LITTLE)

    @cached_property
    def positions(self) -> dict[int, int] | None:
        """Index by message; None where a message is in the folder twice."""
        found = dict(zip(self.frozen.pks, count()))
        return found if len(found) == len(self.frozen.pks) else None

    def match(self, key: Key, among: Indexes) -> Indexes:
        """Those of `among` that match. Depth is bounded by the parser."""
        if not among:
            return among
        if isinstance(key, And):
            for inner in sorted(key.keys, key=_cost):
                among = self.match(inner, among)
            return among
        if isinstance(key, Or):
            left = self.match(key.left, among)
            return left | self.match(key.right, among - left)
        if isinstance(key, Not):
            return among - self.match(key.key, among)
        return self._leaf(key, among)

    def _leaf(self, key: Key, among: Indexes) -> Indexes:
        frozen = self.frozen
        match key:
            case All():
                return among
            case HasFlag(flag, wanted):
                bit = int(flag)
                return among & _where(bool(bits & bit) is wanted for bits in frozen.flags)
            case HasKeyword(keyword, wanted):
                folded = keyword.lower()
                return {i for i in among if (folded in frozen.keywords[i].lower().split()) is wanted}
            case Recent():
                return self._recent(key, among)
            case Messages():
                return among & {index for span in frozen.resolve(key) for index in span}
            case Size(larger, octets):
                return {i for i in among if (frozen.sizes[i] > octets if larger else frozen.sizes[i] < octets)}
            case ModSeq(modseq):
                return {i for i in among if frozen.modseqs[i] >= modseq}
            case Dated():
                return self._sent(key, among) if key.clock is Clock.SENT else self._on_day(key, among)
            case Aged(older, seconds):
                since = frozen.now - seconds
                return {i for i in among if (frozen.dates[i] <= since if older else frozen.dates[i] >= since)}
            case HasId():
                return self._has_id(key, among)
            case Contains():
                return self._contains(key, among)
            case HeaderContains():
                return self._header(key, among)
        raise AssertionError(f"unknown search key {key!r}")

    def _recent(self, key: Recent, among: Indexes) -> Indexes:
        frozen = self.frozen
        found = {i for i in among if (frozen.uids[i] >= frozen.recent_from) is key.wanted}
        return {i for i in found if not frozen.flags[i] & Flag.SEEN} if key.unseen_only else found

    def _has_id(self, key: HasId, among: Indexes) -> Indexes:
        if key.thread:
            return self._by_column("thread_id", among, lambda number: number == key.number)
        return among & _where(pk == key.number for pk in self.frozen.pks)

    def _on_day(self, key: Dated, among: Indexes) -> Indexes:
        """Time of day and zone are disregarded (RFC 3501 §6.4.4): days are of the server's zone."""
        start = int(datetime(key.day.year, key.day.month, key.day.day, tzinfo=UTC).timestamp())
        start -= self.frozen.offset * 60
        days = self.frozen.save_dates if key.clock is Clock.SAVED else self.frozen.dates
        if key.when is When.BEFORE:
            return {i for i in among if days[i] < start}
        if key.when is When.SINCE:
            return {i for i in among if days[i] >= start}
        return {i for i in among if start <= days[i] < start + 86_400}

    def _sent(self, key: Dated, among: Indexes) -> Indexes:
        """By the day that the Date field shows, whatever its zone; messages without one never match."""

        def fits(day: date | None) -> bool:
            if day is None:
                return False
            if key.when is When.BEFORE:
                return day < key.day
            return day >= key.day if key.when is When.SINCE else day == key.day

        return self._by_column("envelope", among, lambda envelope: fits(dates.sent_on(envelope)))

    def _contains(self, key: Contains, among: Indexes) -> Indexes:
        if key.field in (Field.TEXT, Field.BODY):
            return self._with_pks(self._texts(key, among), among)
        column, wanted, range_ = _COLUMN[key.field], fold(key.text), self.range
        if range_ is not None and range_[1] - range_[0] < 2 * len(among):
            return self._with_pks(containing_in_range(self.conn, range_, column, wanted), among)
        return self._with_pks(containing(self.conn, self._pks(among), column, wanted), among)

    def _pks(self, among: Indexes) -> Collection[int]:
        pks = self.frozen.pks
        return pks if len(among) == len(pks) else {pks[index] for index in among}

    def _texts(self, key: Contains, among: Indexes) -> set[int]:
        """Through the index; where there is little text, by reading it, which finds parts of words too."""
        where = "text" if key.field is Field.TEXT else "body"
        if self._is_little(among):
            return SearchIndex().within(self.conn, self._pks(among), key.text, where)
        if self.range is not None:  # as in an archive that was copied in at once
            return SearchIndex().match_in_range(self.conn, self.range, key.text, where)
        return SearchIndex().match(self.conn, self.frozen.folder_id, key.text, where)

    def _is_little(self, among: Indexes) -> bool:
        """Whether the messages have so little text that reading it is quick; stops to count where they have more."""
        sizes = self.frozen.sizes
        if self.octets - (len(sizes) - len(among)) * MOST_TEXT > LITTLE:
            return False  # however large those are that are not among them
        return _octets(map(sizes.__getitem__, among), LITTLE) <= LITTLE

    def _header(self, key: HeaderContains, among: Indexes) -> Indexes:
        name, wanted = key.name.encode("ascii", "replace"), fold(key.text)
        field = _SAME_AS.get(name.lower())
        if wanted and field is not None and _NOT_KEPT.isdisjoint(wanted):
            return self._contains(Contains(field, key.text), among)
        if wanted and name.lower() == b"message-id":  # what clients look for after sending
            return self._by_column("message_id", among, lambda kept: kept and wanted in f"<{fold(kept)}>")

        def fits(block: bytes | None) -> bool:  # a message without an octet has no segment
            return any(wanted in fold(decode_text(value)) for value in Header(block or b"").all(name))

        return self._by_column("header", among, fits)

    def _with_pks(self, pks: set[int], among: Indexes) -> Indexes:
        """Those of `among` that are one of the messages, which may be of other folders too."""
        if len(pks) < len(self.frozen.pks) // FEW and (positions := self.positions) is not None:
            return among.intersection([positions[pk] for pk in pks if pk in positions])
        return among & _where(map(pks.__contains__, self.frozen.pks))

    def _by_column(self, column: str, among: Indexes, fits: Callable[[Any], bool]) -> Indexes:
        """Ask one column of the messages; equal messages are asked once."""
        pks = [self.frozen.pks[index] for index in among]
        matching: set[int] = set()
        for start in range(0, len(pks), CHUNK):
            loaded = messages.load_many(self.conn, pks[start : start + CHUNK], [column])
            matching.update(pk for pk, (value,) in loaded.items() if fits(value))
        return self._with_pks(matching, among)


def _octets(sizes: Iterable[int], enough: int) -> int:
    """The sum, each size counted up to MOST_TEXT; of the first only, where they come to more than `enough`."""
    octets = 0
    for size in sizes:
        octets += size if size < MOST_TEXT else MOST_TEXT
        if octets > enough:
            break
    return octets


def _where(fits: Iterable[bool]) -> Indexes:
    return set(compress(count(), fits))


def _cost(key: Key) -> int:
    """Cheap keys first: rows, then the index, then columns, then whole headers."""
    if isinstance(key, (And, Or)):
        inner = key.keys if isinstance(key, And) else (key.left, key.right)
        return max(map(_cost, inner), default=0)
    if isinstance(key, Not):
        return _cost(key.key)
    if isinstance(key, HeaderContains):
        return 3
    if isinstance(key, Contains):
        return 1 if key.field in (Field.TEXT, Field.BODY) else 2
    if isinstance(key, HasId):
        return 2 if key.thread else 0
    return 2 if isinstance(key, Dated) and key.clock is Clock.SENT else 0
