"""Many members at once: a text with one address on each line, looked through before anything is changed."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum, unique

from sqlalchemy import Connection

from mailserver.directory import groups, mailing_changes, mailing_lists
from mailserver.directory.errors import AddressInvalid, MembershipCycle, NoSuchPrincipal, NotElsewhere
from mailserver.directory.mailing_changes import MOST_OUTSIDERS, OutsideNotTaken, Wanted
from mailserver.directory.mailing_lists import Reach
from mailserver.directory.principals import by_address
from mailserver.directory.records import Kind
from mailserver.store.database import Tx

# Lines that are looked at; more are left out, and the last row says so.
MOST_ROWS = 5_000
# What a unit stands for, as people write it behind its address.
_REACH = {
    "": Reach.MAILBOX,
    "hộp thư": Reach.MAILBOX,
    "mailbox": Reach.MAILBOX,
    "người": Reach.PEOPLE,
    "people": Reach.PEOPLE,
    "cả cấp dưới": Reach.BELOW,
    "below": Reach.BELOW,
}


@unique
class Outcome(StrEnum):
    """What becomes of a line."""

    NEW = "new"
    CHANGED = "changed"  # a unit that is to stand for something else
    MEMBER = "member"  # already, or named by a line before
    UNKNOWN = "unknown"  # nobody of ours has this address
    INVALID = "invalid"
    NO_REACH = "no-reach"  # the word behind the address is none that is known
    NOT_TAKEN = "not-taken"  # elsewhere, and the list takes nobody from there, or has too many
    CYCLE = "cycle"  # the list itself, or one that it is in
    TOO_MANY = "too-many"

    @property
    def does(self) -> bool:
        return self in (Outcome.NEW, Outcome.CHANGED)


@dataclass(frozen=True, slots=True)
class Row:
    """One line. number: from 1. name: of who is meant, "" where that is nobody of ours."""

    number: int
    text: str
    outcome: Outcome
    name: str = ""
    wanted: Wanted | None = None


def look(conn: Connection, list_id: int, text: str) -> list[Row]:
    """What would become of each line that is not empty. Raises NoSuchPrincipal."""
    _who, settings = mailing_lists.get(conn, list_id)
    known: dict[int | str, Reach] = {one.who.id: one.reach for one in mailing_lists.members(conn, list_id)}
    elsewhere = mailing_lists.outsiders(conn, (list_id,))[list_id]
    known |= dict.fromkeys(elsewhere, Reach.MAILBOX)
    room = MOST_OUTSIDERS - len(elsewhere) if settings.takes_outside else 0
    found: list[Row] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        if len(found) == MOST_ROWS:
            found.append(Row(number, line.strip(), Outcome.TOO_MANY))
            break
        row = _row(conn, list_id, number, line.strip(), known)
        if row.outcome is Outcome.NEW and row.wanted is not None and row.wanted.outsider:
            room -= 1
            if room < 0:
                row = Row(number, row.text, Outcome.NOT_TAKEN)
        if row.outcome.does and row.wanted is not None:
            known[row.wanted.member_id or row.wanted.outsider] = row.wanted.reach
        found.append(row)
    return found


def add_tx(tx: Tx, list_id: int, rows: Sequence[Row]) -> list[Wanted]:
    """Do what was looked at, as far as it still holds; who is new. Raises NoSuchPrincipal."""
    added = []
    for row in rows:
        if row.outcome.does and row.wanted is not None:
            try:
                if mailing_changes.add_tx(tx, list_id, row.wanted) and row.outcome is Outcome.NEW:
                    added.append(row.wanted)
            except (MembershipCycle, OutsideNotTaken):
                continue  # it was neither when it was looked at
    return added


def meant(conn: Connection, text: str, reach: Reach = Reach.MAILBOX) -> tuple[Wanted, str]:
    """Who is meant by an address, and their name. Raises NoSuchPrincipal (of ours, nobody's), AddressInvalid."""
    found = by_address(conn, text)
    if found is not None:
        return Wanted(found.id, reach if found.kind is Kind.UNIT else Reach.MAILBOX), found.name
    try:
        return Wanted(outsider=mailing_changes.elsewhere(conn, text)), ""
    except NotElsewhere:
        raise NoSuchPrincipal(text) from None


def _row(conn: Connection, list_id: int, number: int, line: str, known: dict[int | str, Reach]) -> Row:
    cells = [cell.strip() for cell in next(csv.reader([line], delimiter=";" if ";" in line else ","))]
    reach = _REACH.get(cells[1].casefold() if len(cells) > 1 else "")
    try:
        wanted, name = meant(conn, cells[0], reach or Reach.MAILBOX)
    except NoSuchPrincipal:
        return Row(number, line, Outcome.UNKNOWN)
    except AddressInvalid:
        return Row(number, line, Outcome.INVALID)
    if reach is None:
        return Row(number, line, Outcome.NO_REACH, name)
    if wanted.member_id is not None and groups.would_cycle(conn, list_id, wanted.member_id):
        return Row(number, line, Outcome.CYCLE, name)
    before = known.get(wanted.member_id or wanted.outsider)
    outcome = Outcome.NEW if before is None else Outcome.MEMBER if before is wanted.reach else Outcome.CHANGED
    return Row(number, line, outcome, name, wanted)
