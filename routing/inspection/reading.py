"""What an inspector sees: lists, searches, messages and files of the order, never the folders themselves.

Each look is in the audit, on disk, before it is answered; with it the SHA-256 of the octets that were handed out.
All raise DocumentMissing where the person may not read by this order now, or there is no such item or file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection

from mailbox_policies.retention import holds
from mailserver.actor import Actor
from mailserver.mime.structure import Part, Structure
from mailserver.store import audit, contents, messages, raw
from mailserver.store.database import Tx
from mailserver.store.search import SearchIndex
from mailserver.store.store import Store
from routing.errors import DocumentMissing
from routing.inspection import access
from routing.inspection.access import Act
from routing.inspection.orders import Order
from routing.standing import standing_of

PAGE = 50
# Octets of a message's own text that are shown.
MOST_TEXT = 3_000_000
# Containers as deep as this are files.
DEEPEST = 30


@dataclass(frozen=True, slots=True)
class Line:
    """One item of an order. number: within the order, from 1. arrived: aware, UTC. opened: by an inspector before.
    held: kept under an order too, so that it stays when the inspection is over."""

    number: int
    folder: str
    arrived: datetime
    size: int
    sender: str
    subject: str
    attachments: int
    opened: bool
    held: bool


@dataclass(frozen=True, slots=True)
class Lines:
    """A page of the list. total: how many there are in all."""

    order: Order
    lines: tuple[Line, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Opened:
    """A message. digest: SHA-256 of its octets, hexadecimal. text: what its writer wrote, without tags."""

    order: Order
    line: Line
    structure: Structure
    to: str
    text: str
    digest: str


@dataclass(frozen=True, slots=True)
class File:
    """A file handed out. message_digest: as `Opened.digest`."""

    octets: bytes
    part: Part
    message_digest: str


def look(store: Store, actor: Actor, order_id: int, words: str = "", page: int = 1) -> Lines:
    """A page of the list, or of what a search in it finds. words: "" for all; page: from 1."""
    skip = (max(page, 1) - 1) * PAGE

    def work(tx: Tx) -> Lines:
        order = _may(tx.conn, actor, order_id, tx.now)
        found = _searched(tx.conn, order_id, words)
        lines, total = _lines(tx.conn, order, found, skip)
        numbers = [one.number for one in lines]
        facts: dict[str, Any] = {"words": words} if words else {}
        _record_tx(tx, "searched" if words else "listed", order, total=total, items=_ranges(numbers), **facts)
        return Lines(order, lines, total)

    return store.db.write(work, actor)


def open_message(store: Store, actor: Actor, order_id: int, number: int) -> Opened:
    """A message, as its text and the names of its files. The first opening marks the item, not the message."""

    def read(conn: Connection) -> Opened:
        order = _may(conn, actor, order_id, datetime.now(UTC))
        line, message_pk = _item(conn, order, number)
        info = messages.info(conn, message_pk)
        octets = messages.read_octets(conn, store.blobs, message_pk)
        text = contents.own_text(conn, store.blobs, message_pk, info.structure, MOST_TEXT)
        (to,) = messages.load_many(conn, [message_pk], ["recipient"])[message_pk]
        return Opened(order, line, info.structure, to, text, hashlib.sha256(octets).hexdigest())

    opened = store.db.read(read)
    _note(store, actor, order_id, number, "opened", sha256=opened.digest)
    return opened


def download(store: Store, actor: Actor, order_id: int, number: int) -> bytes:
    """The message as it came in, octet for octet."""

    def read(conn: Connection) -> bytes:
        order = _may(conn, actor, order_id, datetime.now(UTC))
        return messages.read_octets(conn, store.blobs, _item(conn, order, number)[1])

    octets = store.db.read(read)
    _note(store, actor, order_id, number, "downloaded", sha256=hashlib.sha256(octets).hexdigest(), size=len(octets))
    return octets


def open_file(store: Store, actor: Actor, order_id: int, number: int, part_number: str) -> File:
    """One file of a message; part_number: of IMAP, "1.2"."""

    def read(conn: Connection) -> File:
        order = _may(conn, actor, order_id, datetime.now(UTC))
        _line, message_pk = _item(conn, order, number)
        part = _part(messages.info(conn, message_pk).structure, part_number)
        whole = hashlib.sha256(messages.read_octets(conn, store.blobs, message_pk)).hexdigest()
        return File(contents.content(conn, store.blobs, message_pk, part), part, whole)

    file = store.db.read(read)
    digest, name = hashlib.sha256(file.octets).hexdigest(), file.part.filename or ""
    facts = {"part": part_number, "name": name, "file_sha256": digest, "size": len(file.octets)}
    _note(store, actor, order_id, number, "file", sha256=file.message_digest, **facts)
    return file


def opened(conn: Connection, order_id: int) -> int:
    """How many messages have been opened by an order."""
    query = "SELECT count(*) FROM inspection_item WHERE order_id = ? AND opened_at IS NOT NULL"
    (count,) = raw.row(conn, query, (order_id,)) or (0,)
    return int(count)


def _note(store: Store, actor: Actor, order_id: int, number: int, what: str, **detail: Any) -> None:
    """In the audit; again asked for the right, since the order may have ended meanwhile."""

    def work(tx: Tx) -> None:
        order = _may(tx.conn, actor, order_id, tx.now)
        first = "UPDATE inspection_item SET opened_at = ? WHERE order_id = ? AND number = ? AND opened_at IS NULL"
        raw.run(tx.conn, first, (tx.now_ms, order_id, number))
        line, _message_pk = _item(tx.conn, order, number)
        _record_tx(tx, what, order, item=number, folder=line.folder, subject=line.subject, **detail)

    store.db.write(work, actor)


def _record_tx(tx: Tx, what: str, order: Order, **detail: Any) -> None:
    audit.record_tx(tx, f"inspection.{what}", owner_id=order.wish.owner_id, order=order.id, **detail)


def _may(conn: Connection, actor: Actor, order_id: int, now: datetime) -> Order:
    return access.must(conn, standing_of(conn, actor, now), order_id, Act.READ, now)


_SELECT = (
    "SELECT i.number, i.folder, i.internal_date, m.size, m.sender, m.subject, m.attachments, i.opened_at, m.id"
    " FROM inspection_item i JOIN message m ON m.id = i.message_pk WHERE i.order_id = ? AND i.held"
)


def _searched(conn: Connection, order_id: int, words: str) -> set[int] | None:
    """The messages of the order that hold the words; None: all."""
    if not words.strip():
        return None
    items = raw.rows(conn, "SELECT message_pk FROM inspection_item WHERE order_id = ? AND held", (order_id,))
    return SearchIndex().within(conn, [message_pk for (message_pk,) in items], words, "text")


def _lines(conn: Connection, order: Order, found: set[int] | None, skip: int) -> tuple[tuple[Line, ...], int]:
    if found is not None and not found:
        return (), 0
    condition, numbers = ("", ()) if found is None else _among(conn, found)
    (total,) = raw.row(
        conn, f"SELECT count(*) FROM inspection_item i WHERE i.order_id = ? AND i.held{condition}", (order.id, *numbers)
    ) or (0,)
    query = f"{_SELECT}{condition} ORDER BY i.number DESC LIMIT ? OFFSET ?"
    rows = raw.rows(conn, query, (order.id, *numbers, PAGE, skip))
    return tuple(_told(conn, order, rows)), int(total)


def _among(conn: Connection, found: set[int]) -> tuple[str, tuple[Any, ...]]:
    condition, numbers = raw.among(conn, "i.message_pk", found)
    return f" AND {condition}", (numbers,)


def _item(conn: Connection, order: Order, number: int) -> tuple[Line, int]:
    """The line and its message. Raises DocumentMissing."""
    row = raw.row(conn, f"{_SELECT} AND i.number = ?", (order.id, number))
    if row is None:
        raise DocumentMissing()
    return _told(conn, order, [row])[0], int(row[8])


def _told(conn: Connection, order: Order, rows: Sequence[Sequence[Any]]) -> list[Line]:
    owner_id = order.wish.owner_id
    held = holds.held_among(conn, order.agency_id, [(owner_id, row[8]) for row in rows])
    return [_line(row, (owner_id, row[8]) in held) for row in rows]


def _line(row: Sequence[Any], held: bool) -> Line:
    number, folder, internal_date, size, sender, subject, attachments, opened_at = row[:8]
    arrived = datetime.fromtimestamp(internal_date, UTC)
    return Line(number, folder, arrived, size, sender, subject, attachments, opened_at is not None, held)


def _part(structure: Structure, number: str) -> Part:
    """Raises DocumentMissing for no such part, and for one that only holds others."""
    try:
        path = tuple(int(step) for step in number.split("."))
    except ValueError:
        raise DocumentMissing() from None
    part = structure.section(path) if len(path) <= DEEPEST else None
    if part is None or (part.children and len(path) < DEEPEST):
        raise DocumentMissing()
    return part


def _ranges(numbers: Sequence[int]) -> str:
    """The numbers in short: "1-50, 52"."""
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in runs)
