"""The keys of a search program that need the store: texts through the index, or one column of all the messages.

Each is asked once for the whole folder and cut with what is looked for.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from functools import cached_property
from itertools import compress, count
from typing import Any

from sqlalchemy import Connection

from mailserver.imap.search.frozen import Frozen
from mailserver.imap.search.program import Contains, Field, HeaderContains
from mailserver.mime.header import Header, decode_text
from mailserver.store import messages
from mailserver.store.matching import containing, containing_in_range, span
from mailserver.store.search import SearchIndex
from mailserver.text import fold

Indexes = set[int]  # of messages in a view
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


class Stored:
    """The messages of one search, of which the store knows more; what all its keys need is found out once."""

    def __init__(self, conn: Connection, frozen: Frozen) -> None:
        self.conn = conn
        self.frozen = frozen

    @cached_property
    def span_of_all(self) -> tuple[int, int] | None:
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

    def contains(self, key: Contains, among: Indexes) -> Indexes:
        if key.field in (Field.TEXT, Field.BODY):
            return self._with_pks(self._texts(key, among), among)
        column, wanted, range_ = _COLUMN[key.field], fold(key.text), self.span_of_all
        if range_ is not None and range_[1] - range_[0] < 2 * len(among):
            return self._with_pks(containing_in_range(self.conn, range_, column, wanted), among)
        return self._with_pks(containing(self.conn, self._pks(among), column, wanted), among)

    def _pks(self, among: Indexes) -> Collection[int]:
        pks = self.frozen.pks
        return pks if len(among) == len(pks) else {pks[index] for index in among}

    def _texts(self, key: Contains, among: Indexes) -> set[int]:
        """Through the index; where there is little text, by reading it, which finds parts of words too."""
        kept = "text" if key.field is Field.TEXT else "body"
        if self._is_little(among):
            return SearchIndex().within(self.conn, self._pks(among), key.text, kept)
        if self.span_of_all is not None:  # as in an archive that was copied in at once
            return SearchIndex().match_in_range(self.conn, self.span_of_all, key.text, kept)
        return SearchIndex().match(self.conn, self.frozen.folder_id, key.text, kept)

    def _is_little(self, among: Indexes) -> bool:
        """Whether the messages have so little text that reading it is quick; stops to count where they have more."""
        sizes = self.frozen.sizes
        if self.octets - (len(sizes) - len(among)) * MOST_TEXT > LITTLE:
            return False  # however large those are that are not among them
        return _octets(map(sizes.__getitem__, among), LITTLE) <= LITTLE

    def header(self, key: HeaderContains, among: Indexes) -> Indexes:
        name, wanted = key.name.encode("ascii", "replace"), fold(key.text)
        field = _SAME_AS.get(name.lower())
        if wanted and field is not None and _NOT_KEPT.isdisjoint(wanted):
            return self.contains(Contains(field, key.text), among)
        if wanted and name.lower() == b"message-id":  # what clients look for after sending
            return self.by_column("message_id", among, lambda kept: kept and wanted in f"<{fold(kept)}>")

        def fits(block: bytes | None) -> bool:  # a message without an octet has no segment
            return any(wanted in fold(decode_text(value)) for value in Header(block or b"").all(name))

        return self.by_column("header", among, fits)

    def _with_pks(self, pks: set[int], among: Indexes) -> Indexes:
        """Those of `among` that are one of the messages, which may be of other folders too."""
        if len(pks) < len(self.frozen.pks) // FEW and (positions := self.positions) is not None:
            return among.intersection([positions[pk] for pk in pks if pk in positions])
        return among & where(map(pks.__contains__, self.frozen.pks))

    def by_column(self, column: str, among: Indexes, fits: Callable[[Any], bool]) -> Indexes:
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


def where(fits: Iterable[bool]) -> Indexes:
    """The indexes at which it is true."""
    return set(compress(count(), fits))
