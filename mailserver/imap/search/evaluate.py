"""Running a search program: over the folder's rows where they know, else through the store (`stored`).

Everything works on sets of indexes. Keys that the rows answer run first; what needs the store is asked
once for the whole folder (an index, or one column of all its messages) and cut with the rest.
"""

from __future__ import annotations

from datetime import UTC, date, datetime

from sqlalchemy import Connection

from mailserver.imap.search import dates
from mailserver.imap.search.frozen import Frozen
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
from mailserver.imap.search.stored import Indexes, Stored, where
from mailserver.store.flags import Flag


def evaluate(conn: Connection, frozen: Frozen, program: Key) -> list[int]:
    """Indexes of the messages that match, ascending."""
    everything = set(range(len(frozen.uids)))
    return sorted(_Search(conn, frozen).match(program, everything))


class _Search:
    def __init__(self, conn: Connection, frozen: Frozen) -> None:
        self.frozen = frozen
        self.stored = Stored(conn, frozen)

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
                return among & where(bool(bits & bit) is wanted for bits in frozen.flags)
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
                return self.stored.contains(key, among)
            case HeaderContains():
                return self.stored.header(key, among)
        raise AssertionError(f"unknown search key {key!r}")

    def _recent(self, key: Recent, among: Indexes) -> Indexes:
        frozen = self.frozen
        found = {i for i in among if (frozen.uids[i] >= frozen.recent_from) is key.wanted}
        return {i for i in found if not frozen.flags[i] & Flag.SEEN} if key.unseen_only else found

    def _has_id(self, key: HasId, among: Indexes) -> Indexes:
        if key.thread:
            return self.stored.by_column("thread_id", among, lambda number: number == key.number)
        return among & where(pk == key.number for pk in self.frozen.pks)

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

        return self.stored.by_column("envelope", among, lambda envelope: fits(dates.sent_on(envelope)))


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
