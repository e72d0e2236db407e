"""Lists of staff that wait to be imported, and are imported a few rows at a time.

A list is put down, tried as often as one likes, and then done row after row: each row, what became of it and
how far the list is are one transaction, so that whoever is cut off goes on where it ended, and two who go on
at the same time do nothing twice. First passwords are handed out once and forgotten.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert, select, update

from mailserver.actor import Actor
from mailserver.directory import rows
from mailserver.directory.changing import Change
from mailserver.directory.errors import DirectoryError, NoSuchList, Sentence
from mailserver.directory.importing import Imported, Importer, Outcome, failed, prepared, seen_in
from mailserver.directory.lists_schema import staff_list, staff_list_row
from mailserver.directory.people_files import PersonRow
from mailserver.store import audit
from mailserver.store.database import Database, Tx
from mailserver.vault import Vault, WrongKey

# A list nobody went on with is forgotten, and first passwords that nobody asked for.
KEPT = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class StaffList:
    """One list. rows: () once they are forgotten. done: how many of them, from the first on."""

    id: int
    agency_id: int
    created_at: datetime
    file_name: str
    approval: str
    total: int
    done: int
    handed_at: datetime | None
    rows: tuple[PersonRow, ...] = field(repr=False)

    @property
    def is_done(self) -> bool:
        return self.done == self.total


def put_tx(tx: Tx, agency_id: int, file_name: str, approval: str, people: Sequence[PersonRow], vault: Vault) -> int:
    """Put a list down; its id. approval: who decided it (123/QĐ-SCT, Điều 5; 132/QĐ-STTTT, Điều 6)."""
    sealed = vault.lock(json.dumps([asdict(row) for row in people], default=str, ensure_ascii=False))
    made = rows.add(
        tx.conn,
        staff_list,
        agency_id=agency_id,
        created_by_id=tx.actor.principal_id,
        created_at=tx.now,
        file_name=file_name[:200],
        approval=approval,
        sealed=sealed,
        total=len(people),
        done=0,
    )
    audit.record_tx(tx, "staff_list.put", list=made, file=file_name[:200], rows=len(people), approval=approval)
    return made


def get(conn: Connection, list_id: int, agency_id: int, vault: Vault) -> StaffList:
    """Raises NoSuchList: unknown, or of another agency."""
    table = staff_list.c
    columns = (table.id, table.agency_id, table.created_at, table.file_name, table.approval, table.total, table.done)
    query = select(*columns, table.handed_at, table.sealed).where(table.id == list_id, table.agency_id == agency_id)
    row = conn.execute(query).first()
    if row is None:
        raise NoSuchList(list_id)
    return StaffList(*row[:8], _rows(row.sealed, vault))


def go_on(db: Database, found: StaffList, importer: Importer, vault: Vault, actor: Actor, most: int) -> list[Imported]:
    """Do the next `most` rows of a list, each in a transaction of its own; what became of those done here."""
    made = []
    for place in range(found.done, min(found.total, found.done + most)):
        result = _do(db, found, place, importer, vault, actor)
        if result is not None:
            made.append(result)
    return made


def results(conn: Connection, list_id: int) -> list[Imported]:
    """What became of the rows that are done, without passwords."""
    table = staff_list_row.c
    query = select(table.outcome, table.person_id, table.told).where(table.list_id == list_id).order_by(table.place)
    return [_imported(row.outcome, row.person_id, row.told) for row in conn.execute(query)]


def has_passwords(conn: Connection, list_id: int) -> bool:
    """Whether first passwords of this list wait to be handed out."""
    query = select(staff_list_row.c.place).where(staff_list_row.c.list_id == list_id)
    return conn.execute(query.where(staff_list_row.c.sealed.is_not(None)).limit(1)).first() is not None


def hand_out_tx(tx: Tx, found: StaffList, vault: Vault) -> list[Imported]:
    """The rows with first passwords, which are forgotten with this commit; [] if there are none."""
    table = staff_list_row.c
    waiting = (table.list_id == found.id, table.sealed.is_not(None))
    columns = (table.place, table.outcome, table.person_id, table.told, table.sealed)
    query = select(*columns).where(*waiting).order_by(table.place).with_for_update()
    handed = []
    for row in tx.conn.execute(query).all():
        plain = vault.open(row.sealed)
        handed.append(replace(_imported(row.outcome, row.person_id, row.told), password=plain))
    if handed:
        tx.conn.execute(update(staff_list_row).where(*waiting).values(sealed=None))
        tx.conn.execute(update(staff_list).where(staff_list.c.id == found.id).values(handed_at=tx.now))
        audit.record_tx(tx, "staff_list.passwords_handed_out", list=found.id, count=len(handed))
    return handed


def forget_tx(tx: Tx) -> int:
    """Forget what is secret in lists older than KEPT; how many lists that was."""
    old = select(staff_list.c.id).where(staff_list.c.created_at < tx.now - KEPT)
    secret = (staff_list_row.c.list_id.in_(old), staff_list_row.c.sealed.is_not(None))
    tx.conn.execute(update(staff_list_row).where(*secret).values(sealed=None))
    gone = update(staff_list).where(staff_list.c.id.in_(old), staff_list.c.sealed.is_not(None)).values(sealed=None)
    return int(tx.conn.execute(gone).rowcount)


def _do(db: Database, found: StaffList, place: int, importer: Importer, vault: Vault, actor: Actor) -> Imported | None:
    """One row; None if somebody else did it meanwhile."""
    row = found.rows[place]

    def work(tx: Tx) -> Imported:
        _claim_tx(tx, found, place)
        return _keep_tx(tx, found, place, importer.import_tx(tx, row, first, _seen(tx, found.id)), vault)

    def give_up(tx: Tx) -> Imported:
        _claim_tx(tx, found, place)
        return _keep_tx(tx, found, place, result, vault)

    try:
        try:
            first = prepared(row)
            return db.write(work, actor)
        except DirectoryError as fault:
            result = failed(row, fault)
        return db.write(give_up, actor)
    except _Overtaken:
        return None


class _Overtaken(Exception):
    """Somebody else did this row, or does it: nothing has been done here."""


def _claim_tx(tx: Tx, found: StaffList, place: int) -> None:
    """Take the next row; whoever is second waits here for the first. The last one lets the rows be forgotten."""
    here = (staff_list.c.id == found.id, staff_list.c.done == place)
    forgotten = {"sealed": None} if place + 1 == found.total else {}
    if tx.conn.execute(update(staff_list).where(*here).values(done=place + 1, **forgotten)).rowcount == 0:
        raise _Overtaken


def _seen(tx: Tx, list_id: int) -> dict[int, int]:
    """Whom the rows that are done are about, each with its row."""
    return seen_in(results(tx.conn, list_id))


def _keep_tx(tx: Tx, found: StaffList, place: int, result: Imported, vault: Vault) -> Imported:
    told = {
        "number": result.number,
        "name": result.name,
        "address": result.address,
        "notes": [[note.vi, note.en] for note in result.notes],
        "renamed": [list(pair) for pair in result.renamed],
        "changes": [[one.field, one.old, one.new] for one in result.changes],
    }
    sealed = vault.lock(result.password) if result.password else None
    keys = {"list_id": found.id, "place": place, "outcome": result.outcome.value, "person_id": result.person_id}
    tx.conn.execute(insert(staff_list_row).values(**keys, told=told, sealed=sealed))
    if result.person_id is not None and result.outcome in (Outcome.CREATED, Outcome.CHANGED):
        audit.record_tx(tx, "account.approved", owner_id=result.person_id, approval=found.approval, list=found.id)
    return result


def _imported(outcome: str, person_id: int | None, told: dict[str, Any]) -> Imported:
    return Imported(
        number=told["number"],
        name=told["name"],
        outcome=Outcome(outcome),
        address=told["address"],
        notes=tuple(Sentence(*note) for note in told["notes"]),
        renamed=tuple((old, new) for old, new in told["renamed"]),
        changes=tuple(Change(*one) for one in told["changes"]),
        person_id=person_id,
    )


def _rows(sealed: bytes | None, vault: Vault) -> tuple[PersonRow, ...]:
    """The rows; () if they are forgotten, or the key is another one now."""
    if sealed is None:
        return ()
    try:
        kept = json.loads(vault.open(sealed))
    except WrongKey:
        return ()
    return tuple(_row(one) for one in kept)


def _row(kept: dict[str, Any]) -> PersonRow:
    born = kept["birth_date"]
    faults = tuple(Sentence(**one) for one in kept["faults"])
    known = {**kept, "birth_date": born and date.fromisoformat(born), "roles": tuple(kept["roles"]), "faults": faults}
    return PersonRow(**known)
