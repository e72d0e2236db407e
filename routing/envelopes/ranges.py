"""Ranges of numbers that belong to a paper book: declared, never given by the system (1201/QĐ-SYT, Điều 6 khoản 4)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, insert, select

from mailserver.store import audit
from mailserver.store.database import Tx
from routing.envelopes.schema import external_range
from routing.errors import Incomplete

# Numbers of one declaration, and the largest number: a typing mistake must not use up a year's numbers.
MOST_NUMBERS, LARGEST = 10_000, 999_999


@dataclass(frozen=True, slots=True)
class Range:
    """first, last: both included."""

    first: int
    last: int


def of(conn: Connection, agency_id: int, kind: str, book: str, year: int) -> list[Range]:
    """In ascending order; they do not overlap."""
    table = external_range.c
    here = (table.agency_id == agency_id, table.kind == kind, table.book == book, table.year == year)
    query = select(table.first, table.last).where(*here).order_by(table.first)
    return [Range(row.first, row.last) for row in conn.execute(query)]


def beyond(number: int, ranges: list[Range]) -> int:
    """The first number from this one on that belongs to no range."""
    for one in ranges:
        if one.first <= number <= one.last:
            number = one.last + 1
    return number


def declare_tx(tx: Tx, agency_id: int, kind: str, book: str, year: int, wanted: Range, next_number: int) -> None:
    """Set a range aside. next_number: what the register would give, its row locked by the caller.

    Raises Incomplete: not a range, numbers that were given already, or that another range has.
    """
    if not 1 <= wanted.first <= wanted.last <= LARGEST or wanted.last - wanted.first >= MOST_NUMBERS:
        raise Incomplete("first", "range-numbers")
    if wanted.first < next_number:
        raise Incomplete("first", "range-given", number=next_number)
    others = of(tx.conn, agency_id, kind, book, year)
    if any(one.first <= wanted.last and wanted.first <= one.last for one in others):
        raise Incomplete("first", "range-taken")
    values = {"agency_id": agency_id, "kind": kind, "book": book, "year": year}
    numbers = {"first": wanted.first, "last": wanted.last}
    by = {"declared_by_id": tx.actor.principal_id, "declared_at": tx.now}
    tx.conn.execute(insert(external_range).values(**values, **numbers, **by))
    audit.record_tx(tx, "register.range_declared", book=book, year=year, **numbers)
