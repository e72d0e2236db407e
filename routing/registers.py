"""Registers: numbers without gaps, and the pages of the incoming book."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, select, update

from mailserver.actor import Actor
from mailserver.store.database import Tx
from mailserver.store.upsert import insert
from routing import documents
from routing.envelopes import ranges
from routing.errors import NotYourTurn
from routing.schema import document, register
from routing.standing import standing_of
from routing.types import Page


def open_book_tx(tx: Tx, agency_id: int, kind: str, book: str, year: int) -> None:
    """Make the register of a year unless it is there."""
    values = {"agency_id": agency_id, "kind": kind, "book": book, "year": year}
    tx.conn.execute(insert(tx.conn, register).values(**values).on_conflict_do_nothing())


def take_number_tx(tx: Tx, agency_id: int, kind: str, book: str, year: int) -> tuple[int, int]:
    """(register id, number): the next number of the book, this transaction's from now on.

    The row stays locked until the commit; a rollback gives the number back, so there are no gaps
    (30/2020/NĐ-CP, Điều 15, 22) but those that belong to a paper book (`envelopes.ranges`).
    """
    here = _book(agency_id, kind, book, year)
    take = update(register).where(here).values(next_number=register.c.next_number + 1)
    taking = take.returning(register.c.id, register.c.next_number)
    row = tx.conn.execute(taking).first()
    if row is None:
        open_book_tx(tx, agency_id, kind, book, year)
        row = tx.conn.execute(taking).one()
    taken = row.next_number - 1
    number = ranges.beyond(taken, ranges.of(tx.conn, agency_id, kind, book, year))
    if number != taken:
        tx.conn.execute(update(register).where(here).values(next_number=number + 1))
    return row.id, number


def lock_book_tx(tx: Tx, agency_id: int, kind: str, book: str, year: int) -> int:
    """The number that the book would give next; nobody takes one before this transaction ends."""
    open_book_tx(tx, agency_id, kind, book, year)
    query = select(register.c.next_number).where(_book(agency_id, kind, book, year))
    return int(tx.conn.execute(query.with_for_update()).scalar_one())


def next_number(conn: Connection, agency_id: int, kind: str, book: str, year: int) -> int:
    """What the register would give now; nothing is taken."""
    found = conn.execute(select(register.c.next_number).where(_book(agency_id, kind, book, year))).scalar()
    return ranges.beyond(1 if found is None else int(found), ranges.of(conn, agency_id, kind, book, year))


def _book(agency_id: int, kind: str, book: str, year: int) -> ColumnElement[bool]:
    return (
        (register.c.agency_id == agency_id)
        & (register.c.kind == kind)
        & (register.c.book == book)
        & (register.c.year == year)
    )


def years(conn: Connection, actor: Actor) -> list[int]:
    """Years of the actor's agency that have a register, the latest first."""
    query = select(register.c.year).where(register.c.agency_id == actor.agency_id).distinct()
    return list(conn.execute(query.order_by(register.c.year.desc())).scalars())


def listing(conn: Connection, actor: Actor, year: int, *, now: datetime, offset: int = 0, limit: int = 50) -> Page:
    """A page of the incoming register, the latest number first. Raises NotYourTurn without the right."""
    standing = standing_of(conn, actor, now)
    if "view_register" not in standing.capabilities:
        raise NotYourTurn("not-a-clerk")
    here = (
        (document.c.agency_id == standing.agency_id)
        & (document.c.kind == documents.INCOMING)
        & (document.c.register_year == year)
    )
    total = conn.execute(select(func.count()).select_from(document).where(here)).scalar_one()
    query = select(document).where(here).order_by(document.c.register_number.desc(), document.c.id.desc())
    rows = list(conn.execute(query.offset(offset).limit(limit)))
    return Page(tuple(documents.summaries(conn, rows, now)), total)
