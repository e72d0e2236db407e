"""Who is away from when to when, who acts meanwhile, and what senders are told.

A deputy acts only for what the absent person holds by office or in their own name: deputies have no deputies
of their own (30/2020/NĐ-CP, Điều 13 khoản 3). Everything is computed for the day it is asked for, so the last
day is the end of its effect.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Connection, delete, or_, select, update

from mailserver.directory import offices, posts, rows
from mailserver.directory.absence_schema import absence, absence_answer
from mailserver.directory.alphabet import by_given_name
from mailserver.directory.errors import AbsenceInvalid, NoSuchAbsence, NoSuchPrincipal
from mailserver.directory.people import people, unit_of
from mailserver.directory.records import Kind, Principal, Status, office_day
from mailserver.directory.schema import person, principal
from mailserver.store import audit, raw
from mailserver.store.database import Tx

# Characters of the text.
MAX_TEXT = 4_000
# Why somebody is away: back afterwards, or gone for good.
LEAVE, GONE = "leave", "gone"
# Longer than any leave; a typing error in the year is not to silence somebody for ever.
LONGEST = timedelta(days=3 * 366)
# Who was told of an absence is remembered so long after it: letters may come in late.
ANSWERS_KEPT = timedelta(days=30)

_DEPUTISED = """
    SELECT person_id FROM absence
    WHERE deputy_id = ? AND starts_on <= ? AND ends_on >= ? AND cancelled_at IS NULL"""


@dataclass(frozen=True, slots=True)
class Absence:
    """From the day starts_on to the day ends_on, both included. text: "" tells senders nothing."""

    id: int
    person_id: int
    starts_on: date
    ends_on: date
    deputy_id: int | None
    text: str
    created_at: datetime
    cause: str


@dataclass(frozen=True, slots=True)
class Wish:
    """An absence to be announced; may begin in the past."""

    starts_on: date
    ends_on: date
    deputy_id: int | None = None
    text: str = ""


def announce_tx(tx: Tx, person_id: int, wish: Wish) -> int:
    """Note that a person will be away; returns the absence's id. Emits "absence.changed".

    Raises AbsenceInvalid (with the field that is wrong), NoSuchPrincipal. Nothing has changed then.
    """
    rows.require(tx.conn, person_id, Kind.PERSON)
    _check(tx.conn, person_id, wish, office_day(tx.now))
    made = rows.add(
        tx.conn,
        absence,
        person_id=person_id,
        starts_on=wish.starts_on,
        ends_on=wish.ends_on,
        deputy_id=wish.deputy_id,
        text=wish.text.strip(),
        created_at=tx.now,
        cause=LEAVE,
    )
    days = f"{wish.starts_on}/{wish.ends_on}"
    audit.record_tx(tx, "absence.announced", owner_id=person_id, deputy=wish.deputy_id, days=days)
    tx.emit("absence.changed", owner_id=person_id)
    return made


def depart_tx(tx: Tx, person_id: int, wish: Wish) -> None:
    """Have those who write to somebody who is gone be told so, instead of what they were told until now."""
    open_ones = (absence.c.person_id == person_id, absence.c.ends_on >= wish.starts_on)
    tx.conn.execute(update(absence).where(*open_ones).values(cancelled_at=tx.now))
    days = {"starts_on": wish.starts_on, "ends_on": wish.ends_on}
    rows.add(tx.conn, absence, person_id=person_id, created_at=tx.now, cause=GONE, text=wish.text, **days)
    tx.emit("absence.changed", owner_id=person_id)


def return_tx(tx: Tx, person_id: int, absence_id: int, back_on: date) -> None:
    """The person is back since the day `back_on`, which may be past; an absence that has then no day left
    is taken back altogether. Emits "absence.changed". Raises NoSuchAbsence, AbsenceInvalid ("back_on").
    """
    found = next((one for one in upcoming(tx.conn, person_id, office_day(tx.now)) if one.id == absence_id), None)
    if found is None:
        raise NoSuchAbsence(absence_id)
    if back_on > found.ends_on:
        raise AbsenceInvalid("back_on")
    last = back_on - timedelta(days=1)
    values = {"ends_on": last} if last >= found.starts_on else {"cancelled_at": tx.now}
    tx.conn.execute(update(absence).where(absence.c.id == absence_id).values(**values))
    audit.record_tx(tx, "absence.ended", owner_id=person_id, absence=absence_id, back_on=str(back_on))
    tx.emit("absence.changed", owner_id=person_id)


def upcoming(conn: Connection, person_id: int, today: date) -> list[Absence]:
    """The person's absences that are not over, the next first."""
    return _found(conn, absence.c.person_id == person_id, absence.c.ends_on >= today)


def current(conn: Connection, person_id: int, today: date) -> Absence | None:
    """The absence that this day falls into."""
    return next(iter(among(conn, (person_id,), today).values()), None)


def among(conn: Connection, person_ids: Iterable[int], today: date) -> dict[int, Absence]:
    """Who of these people is away on that day, in one query."""
    return {one.person_id: one for one in _found(conn, absence.c.person_id.in_(set(person_ids)), *_covers(today))}


def of_agency(conn: Connection, agency_id: int, today: date) -> dict[int, Absence]:
    """Who of an agency is away on that day."""
    people = select(person.c.principal_id).where(person.c.agency_id == agency_id)
    return {one.person_id: one for one in _found(conn, absence.c.person_id.in_(people), *_covers(today))}


def note_answer_tx(tx: Tx, absence_id: int, sender: str) -> bool:
    """Remember that a sender is told of this absence; False if that has happened before."""
    done = raw.run(
        tx.conn,
        "INSERT INTO absence_answer (absence_id, sender, at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        (absence_id, sender[:320], tx.now_ms),
    )
    return done > 0


def forget_answers_tx(tx: Tx) -> int:
    """Forget who was told of absences that are long over; how many."""
    long_over = (absence.c.ends_on < office_day(tx.now - ANSWERS_KEPT), absence.c.cancelled_at < tx.now - ANSWERS_KEPT)
    over = select(absence.c.id).where(or_(*long_over))
    return int(tx.conn.execute(delete(absence_answer).where(absence_answer.c.absence_id.in_(over))).rowcount)


def deputised(conn: Connection, deputy_id: int, now: datetime) -> frozenset[int]:
    """For whom a deputy acts at `now`: the absent people themselves, the posts they hold and the units they head."""
    today = office_day(now).isoformat()
    found: set[int] = set()
    for (person_id,) in raw.rows(conn, _DEPUTISED, (deputy_id, today, today)):
        if rows.require(conn, person_id).status is not Status.ACTIVE:
            continue
        held = offices.implied_rights(conn, person_id, now)
        office = (principal.c.id.in_(held), principal.c.kind.in_((Kind.POST.value, Kind.UNIT.value)))
        found |= {person_id, *conn.execute(select(principal.c.id).where(*office)).scalars()}
    return frozenset(found)


def deputy_of(conn: Connection, principal_id: int, today: date) -> int | None:
    """Who acts today for a person, for the holder of a post or for the head of a unit; None: nobody."""
    who = rows.require(conn, principal_id)
    by_kind = {Kind.POST: posts.holder, Kind.UNIT: posts.head_of}
    person_id = by_kind[who.kind](conn, who.id, today) if who.kind in by_kind else who.id
    away = current(conn, person_id, today) if person_id is not None else None
    return None if away is None else away.deputy_id


def _check(conn: Connection, person_id: int, wish: Wish, today: date) -> None:
    if wish.ends_on < wish.starts_on or wish.ends_on - wish.starts_on > LONGEST:
        raise AbsenceInvalid("ends_on")
    if wish.ends_on < today:
        raise AbsenceInvalid("over")
    if len(wish.text) > MAX_TEXT:
        raise AbsenceInvalid("text")
    if _found(conn, absence.c.person_id == person_id, *_overlaps(wish)):
        raise AbsenceInvalid("starts_on")
    if wish.deputy_id is not None:
        _check_deputy(conn, person_id, wish, today)


def _check_deputy(conn: Connection, person_id: int, wish: Wish, today: date) -> None:
    """Somebody else of the agency who is there; of a head's own unit (132/QĐ-STTTT, Điều 13 khoản 3)."""
    assert wish.deputy_id is not None
    who = rows.require(conn, person_id)
    try:
        deputy = rows.require(conn, wish.deputy_id, Kind.PERSON)
    except NoSuchPrincipal:
        raise AbsenceInvalid("deputy") from None
    if deputy.id == person_id or deputy.agency_id != who.agency_id or deputy.status is not Status.ACTIVE:
        raise AbsenceInvalid("deputy")
    if _found(conn, absence.c.person_id == deputy.id, *_overlaps(wish)):
        raise AbsenceInvalid("deputy_away")
    own = unit_of(conn, person_id)
    if own is not None and posts.head_of(conn, own, today) == person_id and unit_of(conn, deputy.id) != own:
        raise AbsenceInvalid("deputy_unit")


def deputies(conn: Connection, person_id: int, today: date) -> list[Principal]:
    """Who may be named by this person, by name; whether they are away meanwhile is asked when the days are known."""
    who = rows.require(conn, person_id)
    own = unit_of(conn, person_id)
    heads = own is not None and posts.head_of(conn, own, today) == person_id
    found = [
        one
        for one in people(conn, who.agency_id)
        if one.id != person_id and one.status is Status.ACTIVE and (not heads or unit_of(conn, one.id) == own)
    ]
    return sorted(found, key=lambda one: by_given_name(one.name))


def _overlaps(wish: Wish) -> tuple[ColumnElement[bool], ...]:
    return absence.c.starts_on <= wish.ends_on, absence.c.ends_on >= wish.starts_on


def _covers(day: date) -> tuple[ColumnElement[bool], ...]:
    return absence.c.starts_on <= day, absence.c.ends_on >= day


def _found(conn: Connection, *conditions: ColumnElement[bool]) -> list[Absence]:
    table = absence.c
    columns = (table.id, table.person_id, table.starts_on, table.ends_on, table.deputy_id, table.text)
    told = (table.created_at, table.cause)
    query = select(*columns, *told).where(*conditions, table.cancelled_at.is_(None)).order_by(table.starts_on, table.id)
    return [Absence(*row) for row in conn.execute(query)]
