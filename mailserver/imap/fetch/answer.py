"""Sending the answer to a FETCH: in chunks, with back-pressure, large messages piece by piece."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from typing import Any, NamedTuple

import structlog
from sqlalchemy import Connection as DatabaseConnection

from mailserver.imap import responses
from mailserver.imap.connection import PeerGone
from mailserver.imap.fetch import binary
from mailserver.imap.fetch import plan as plans
from mailserver.imap.fetch.items import Form, Octets
from mailserver.imap.fetch.plan import Plan, Run
from mailserver.imap.fetch.render import Sources, chosen_fields, clip, columns_for, locate, render
from mailserver.imap.session import Session
from mailserver.mime.structure import Structure
from mailserver.store import messages, octets
from mailserver.store.blobs import BlobStore
from mailserver.store.errors import StoreError

CHUNK = 1000  # messages rendered and written at a time
SMALL = 64 * 1024  # octets of a message that is read whole with its neighbours
GROUP = 1024 * 1024  # octets of such neighbours in memory at once
PIECE = 256 * 1024

_log = structlog.get_logger()


class Wanted(NamedTuple):
    """Messages to render, as columns of equal length. sizes: octets; dates: seconds since 1970."""

    uids: Sequence[int]
    pks: Sequence[int]
    sizes: Sequence[int]
    dates: Sequence[int]

    def only(self, places: Sequence[int]) -> Wanted:
        return Wanted(*([column[place] for place in places] for column in self))

    def among(self, found: Container[int]) -> Wanted:
        """Those whose message_pk was found."""
        places = [place for place, pk in enumerate(self.pks) if pk in found]
        return self if len(places) == len(self.pks) else self.only(places)


class Answer:
    """One FETCH being answered."""

    def __init__(self, session: Session, plan: Plan) -> None:
        self.session = session
        self.plan = plan
        self.offset = session.services.settings.utc_offset_minutes

    async def send(self, span: range) -> None:
        """The lines of all messages of `span`, which stays valid: nothing is told meanwhile."""
        for start in range(span.start, span.stop, CHUNK):
            chunk = range(start, min(start + CHUNK, span.stop))
            for group, small in self._groups(chunk):
                await (self._send_small(group) if small else self._send_large(group.start))

    def _groups(self, chunk: range) -> Iterator[tuple[range, bool]]:
        """Neighbours that may be read together, and each large message alone."""
        if not self.plan.needs_body:
            yield chunk, True
            return
        sizes, start, octets_so_far = self.session.view.rows.sizes, chunk.start, 0
        for index in chunk:
            if sizes[index] > SMALL:
                if start < index:
                    yield range(start, index), True
                yield range(index, index + 1), False
                start, octets_so_far = index + 1, 0
            elif (octets_so_far := octets_so_far + sizes[index]) > GROUP and start < index:
                yield range(start, index), True
                start, octets_so_far = index, sizes[index]
        if start < chunk.stop:
            yield range(start, chunk.stop), True

    async def _send_small(self, span: range) -> None:
        view = self.session.view
        cells: list[list[bytes | None]] = [await self._cells(run, span) for run in self.plan.runs]
        if any(None in column for column in cells):
            present = [i for i, row in enumerate(zip(*cells, strict=True)) if None not in row]
            lines = [
                line
                for part in plans.spans([span.start + i for i in present])
                for line in plans.lines(self.plan, view, part, self.offset, _part(cells, span, part))
            ]
        else:
            lines = plans.lines(self.plan, view, span, self.offset, cells)
        await self.session.say_much(b"".join(lines))

    async def _cells(self, run: Run, span: range) -> list[bytes | None]:
        """A run's cell for each message; None where the message is gone for good."""
        uids = self.session.view.rows.uids[span.start : span.stop]
        if run.needs_body:
            return list(map((await self._render(run, span)).get, uids))
        cache = self.session.services.cache
        table = cache.table(self.session.selected.folder.id, run)
        kept = table.cells
        found = list(map(kept.get, uids))
        if None not in found:
            return found
        missing = [index for index, cell in zip(span, found, strict=True) if cell is None]
        fresh = await self._render(run, span if len(missing) == len(span) else missing)
        cache.add(table, fresh)
        return [cell or fresh.get(uid) for cell, uid in zip(found, uids, strict=True)]

    async def _render(self, run: Run, indexes: Sequence[int]) -> dict[int, bytes]:
        """By uid; rendered in the thread that reads, so that other sessions go on meanwhile."""
        rows, offset, blobs = self.session.view.rows, self.offset, self.session.services.store.blobs
        columns = rows.uids, rows.pks, rows.sizes, rows.dates
        if isinstance(indexes, range):
            wanted = Wanted(*(column[indexes.start : indexes.stop] for column in columns))
        else:
            wanted = Wanted(*columns).only(indexes)
        return await self.session.read(lambda conn: _load(conn, blobs, run, wanted, offset))

    async def _send_large(self, index: int) -> None:
        """One message, its items one after another, its octets piece by piece: a stalled reader costs
        one piece, whatever the message's size."""
        rows = self.session.view.rows
        pk, size = rows.pks[index], rows.sizes[index]
        columns = columns_for(self.plan.items)
        loaded = await self.session.read(lambda conn: messages.load_many(conn, [pk], columns))
        if pk not in loaded:
            return
        values: dict[str, Any] = {column: [value] for column, value in zip(columns, loaded[pk], strict=True)}
        source = Sources([size], [rows.dates[index]], self.offset, **values)
        binary.check(self.plan.items, *(source.structure or (b"",)))
        mark = self.session.mark()
        try:
            await self._say_large(index, source, pk)
        except StoreError as error:
            if self.session.take_back(mark):
                raise
            # Half of a literal has been sent, and whatever is said now would be taken for the rest of it.
            _log.warning("imap_fetch_broke_off", error=repr(error))
            self.session.connection.abort()
            raise PeerGone from error

    async def _say_large(self, index: int, source: Sources, pk: int) -> None:
        self.session.say(b"* %d FETCH (" % (index + 1))
        for number, column in enumerate(self.plan.columns):
            if number:
                self.session.say(b" ")
            if isinstance(column, Run):
                await self._send_run(column, source, pk)
            else:
                self.session.say(plans.cell(column, self.session.view, index, self.offset))
        await self.session.say_much(b")\r\n")

    async def _send_run(self, run: Run, source: Sources, pk: int) -> None:
        """source: of one message."""
        for number, item in enumerate(run.items):
            if number:
                self.session.say(b" ")
            if isinstance(item, Octets) and item.form is not Form.WIRE:
                await binary.send(self.session, item, source.structure[0], pk, source.sizes[0])
            elif isinstance(item, Octets) and not plans.is_header(item):
                await self._send_octets(item, source, pk)
            else:
                self.session.say(*render((item,), source))

    async def _send_octets(self, item: Octets, source: Sources, pk: int) -> None:
        found: tuple[int, int] | None = (0, source.sizes[0])
        if source.structure:
            found = locate(item.section, Structure.decode(source.structure[0]))
        if found is None:
            self.session.say(item.label, b" NIL")
            return
        if item.section.fields:  # of the header of a message inside; never large
            content = clip(chosen_fields(item.section, await self._read(pk, *found)), item.partial)
            self.session.say(item.label, b" ", responses.literal(content))
            return
        start, end = found
        if item.partial is not None:
            start, end = min(start + item.partial[0], end), min(start + sum(item.partial), end)
        self.session.say(item.label, b" {%d}\r\n" % (end - start))
        for at in range(start, end, PIECE):
            await self.session.say_much(await self._read(pk, at, min(at + PIECE, end)))

    async def _read(self, pk: int, start: int, end: int) -> bytes:
        blobs = self.session.services.store.blobs
        return await self.session.read(lambda conn: messages.read_octets(conn, blobs, pk, start, end))


def _part(cells: list[list[bytes | None]], span: range, part: range) -> list[list[bytes]]:
    low, high = part.start - span.start, part.stop - span.start
    return [[cell or b"" for cell in column[low:high]] for column in cells]


def _load(conn: DatabaseConnection, blobs: BlobStore, run: Run, wanted: Wanted, offset: int) -> dict[int, bytes]:
    """The rendered run of each message that still exists, by uid."""
    columns = columns_for(run.items)
    values: dict[str, Sequence[Any]] = {}
    if run.needs_body:
        whole = octets.read_many(conn, blobs, wanted.pks)
        wanted = wanted.among(whole)
        values["octets"] = [whole[pk] for pk in wanted.pks]
    if columns:
        wanted, found = _aligned(wanted, messages.load_rows(conn, wanted.pks, columns))
        values.update(zip(columns, found, strict=False))  # none where no message was found
    cells = render(run.items, Sources(wanted.sizes, wanted.dates, offset, **values))
    return dict(zip(wanted.uids, cells, strict=True))


def _aligned(wanted: Wanted, rows: list[Any]) -> tuple[Wanted, list[tuple[Any, ...]]]:
    """The messages that were found, and the columns of their rows (message_pk first) in the same order."""
    if [row[0] for row in rows] != list(wanted.pks):
        by_pk = {row[0]: row for row in rows}
        wanted = wanted.among(by_pk)
        rows = [by_pk[pk] for pk in wanted.pks]
    return wanted, list(zip(*rows, strict=True))[1:]
