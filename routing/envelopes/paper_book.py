"""The registry's paper book beside the register of incoming documents: its numbers are set aside, and nothing else."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from mailserver.directory.principals import office_day
from mailserver.store.database import Tx
from routing import documents, registers
from routing.envelopes import ranges
from routing.envelopes.ranges import Range
from routing.errors import NotYourTurn
from routing.profile import profile_of
from routing.standing import standing_of


def declare_tx(tx: Tx, wanted: Range) -> None:
    """Set numbers of this year's book aside, by a clerk. Raises NotYourTurn, Incomplete."""
    who = standing_of(tx.conn, tx.actor, tx.now)
    if who.agency_id is None or not who.is_clerk_of(who.agency_id):
        raise NotYourTurn("not-a-clerk")
    book, year = profile_of(tx.conn, who.agency_id).incoming.book, office_day(tx.now).year
    given = registers.lock_book_tx(tx, who.agency_id, documents.INCOMING, book, year)
    ranges.declare_tx(tx, who.agency_id, documents.INCOMING, book, year, wanted, given)


def declared(conn: Connection, agency_id: int, now: datetime) -> list[Range]:
    """The ranges of this year's book."""
    book = profile_of(conn, agency_id).incoming.book
    return ranges.of(conn, agency_id, documents.INCOMING, book, office_day(now).year)
