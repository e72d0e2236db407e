"""Sending the answer to a FETCH: in chunks, with back-pressure, large messages piece by piece."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection as DatabaseConnection

from mailserver.imap import responses
from mailserver.imap.fetch import binary
from mailserver.imap.fetch import plan as plans
from mailserver.imap.fetch.items import Form, Octets
from mailserver.imap.fetch.plan import Plan, Run
from mailserver.imap.fetch.render import Source, chosen_fields, clip, columns_for, item_renderer, locate, run_renderer
from mailserver.imap.session import Session
from mailserver.mime.structure import Structure
from mailserver.store import messages, octets
from mailserver.store.blobs import BlobStore

T = TypeVar("T")
CHUNK = 1000  # messages rendered and written at a time
SMALL = 64 * 1024  # octets of a message that is read whole with its neighbours
GROUP = 1024 * 1024  # octets of such neighbours in memory at once
PIECE = 256 * 1024


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
            lines = plans.lines(self.plan, view, span, self.offset, _part(cells, span, span))
        await self.session.say_much(b"".join(lines))

    async def _cells(self, run: Run, span: range) -> list[bytes | None]:
        """A run's cell for each message; None where the message is gone for good."""
        uids = self.session.view.rows.uids[span.start : span.stop]
        if run.needs_body:
            return list(map((await self._render(run, list(span))).get, uids))
        cache = self.session.services.cache
        table = cache.table(self.session.selected.folder.id, run)
        kept = table.cells
        missing = [index for index, uid in zip(span, uids, strict=True) if uid not in kept]
        if not missing:
            return list(map(kept.get, uids))
        fresh = await self._render(run, missing)
        found = [kept.get(uid) or fresh.get(uid) for uid in uids]
        cache.add(table, fresh)
        return found

    async def _render(self, run: Run, indexes: Sequence[int]) -> dict[int, bytes]:
        """By uid; rendered in the thread that reads, so that other sessions go on meanwhile."""
        rows, offset = self.session.view.rows, self.offset
        wanted = [(rows.uids[i], rows.pks[i], rows.sizes[i], rows.dates[i]) for i in indexes]
        blobs = self.session.services.store.blobs
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
        source = Source(size, rows.dates[index], self.offset, **dict(zip(columns, loaded[pk], strict=True)))
        binary.check(self.plan.items, source.structure)
        await self.session.say_much(b"* %d FETCH (" % (index + 1))
        for number, column in enumerate(self.plan.columns):
            if number:
                self.session.say(b" ")
            if isinstance(column, Run):
                await self._send_run(column, source, pk)
            else:
                self.session.say(plans.cell(column, self.session.view, index, self.offset))
        await self.session.say_much(b")\r\n")

    async def _send_run(self, run: Run, source: Source, pk: int) -> None:
        for number, item in enumerate(run.items):
            if number:
                self.session.say(b" ")
            if isinstance(item, Octets) and item.form is not Form.WIRE:
                await binary.send(self.session, item, source.structure, pk, source.size)
            elif isinstance(item, Octets) and not plans.is_header(item):
                await self._send_octets(item, source, pk)
            else:
                self.session.say(item_renderer(item)(source))

    async def _send_octets(self, item: Octets, source: Source, pk: int) -> None:
        found: tuple[int, int] | None = (0, source.size)
        if source.structure:
            found = locate(item.section, Structure.decode(source.structure))
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


def _load(
    conn: DatabaseConnection,
    blobs: BlobStore,
    run: Run,
    wanted: list[tuple[int, int, int, int]],
    offset: int,
) -> dict[int, bytes]:
    """wanted: uid, message_pk, size, internal date of each message."""
    columns = columns_for(run.items)
    pks = [pk for _, pk, _, _ in wanted]
    loaded = messages.load_many(conn, pks, columns) if columns else dict.fromkeys(pks, ())
    needs_body, render = run.needs_body, run_renderer(run)
    whole = octets.read_many(conn, blobs, pks) if needs_body else {}
    places = [Source._fields.index(column) - 3 for column in columns]
    rendered: dict[int, bytes] = {}
    for uid, pk, size, date in wanted:
        values = loaded.get(pk)
        if values is None or (needs_body and pk not in whole):
            continue
        fields: list[Any] = [b"", b"", b"", b"", whole.get(pk, b""), "", 0]
        for place, value in zip(places, values, strict=True):
            fields[place] = value
        rendered[uid] = render(Source(size, date, offset, *fields))
    return rendered
