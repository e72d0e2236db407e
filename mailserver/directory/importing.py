"""Making the accounts of a whole office from a list of its staff.

The same list may be imported again: who is there already, by staff code or by name, birth date and
unit, is left alone. Every row is a transaction of its own; a broken row breaks no other. A dry run
does the very same and takes it back, so that what it shows is what will happen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum, unique
from pathlib import Path

from sqlalchemy import Connection

from mailserver.actor import Actor
from mailserver.directory import agencies, credentials, namesakes, naming, passwords, people, posts, principals, rows
from mailserver.directory.addresses import lookup_key
from mailserver.directory.errors import AddressInvalid, AddressTaken, DirectoryError, Sentence, WeakPassword
from mailserver.directory.people_files import PersonRow, read_people
from mailserver.directory.records import Kind, PersonData
from mailserver.store.database import Database, Tx
from mailserver.text import fold

Progress = Callable[[int, int], None]
# What another room adds to a new mailbox, inside the same transaction.
Prepare = Callable[[Tx, int], None]

NO_UNIT = Sentence("Không có đơn vị này.", "There is no such unit.")
TAKEN = Sentence("Địa chỉ đã có người dùng.", "The address is taken.")
INVALID = Sentence("Địa chỉ không hợp lệ.", "The address is not valid.")
UNNAMEABLE = Sentence(
    "Không tạo được tên tài khoản: hãy ghi ở cột tài khoản.", "No account name can be made: type one."
)
LOOK = Sentence("Nên xem lại tên tài khoản.", "The account name should be looked at.")


@unique
class Outcome(StrEnum):
    CREATED = "created"
    EXISTS = "exists"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of one row. password: the one-time password of a new account, else ""."""

    number: int
    name: str
    outcome: Outcome
    address: str = ""
    password: str = field(default="", repr=False)
    notes: tuple[Sentence, ...] = ()
    # (old address, new address) of namesakes whom the rule renames too; the old one stays an alias.
    renamed: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """All rows, in their order."""

    rows: tuple[Imported, ...]
    dry_run: bool

    def count(self, outcome: Outcome) -> int:
        return sum(row.outcome is outcome for row in self.rows)


class _TakenBack(Exception):
    """Ends a dry run's transaction, carrying what it found."""

    def __init__(self, found: list[Imported]) -> None:
        super().__init__()
        self.found = found


def import_people(
    db: Database,
    path: Path,
    agency_id: int,
    scheme: naming.Scheme,
    actor: Actor,
    *,
    dry_run: bool = False,
    prepare: Prepare | None = None,
    progress: Progress | None = None,
) -> Report:
    """Import a .csv or .xlsx list into an agency.

    progress(done, all) is called after each row. New people get a one-time password, which the
    report shows this once. Raises people_files.Unreadable; nothing has been made then.
    """
    wanted = read_people(path)
    importer = _Importer(agency_id, scheme, prepare)
    if dry_run:
        return Report(tuple(_tried(db, importer, wanted, actor, progress)), True)
    done: list[Imported] = []
    for row in wanted:
        done.append(_kept(db, importer, row, actor))
        if progress:
            progress(len(done), len(wanted))
    return Report(tuple(done), False)


def _kept(db: Database, importer: _Importer, row: PersonRow, actor: Actor) -> Imported:
    """One row for good. The password is hashed outside the transaction: others write meanwhile."""
    first = "" if row.password else passwords.new_first_password()
    try:
        secret = passwords.prepare(row.password or first, (row.address, row.full_name)) if not row.faults else None
        return db.write(lambda tx: importer.import_tx(tx, row, first, secret), actor)
    except DirectoryError as fault:
        return _failed(row, fault)


def _tried(
    db: Database, importer: _Importer, wanted: list[PersonRow], actor: Actor, progress: Progress | None
) -> list[Imported]:
    def work(tx: Tx) -> None:
        found: list[Imported] = []
        for row in wanted:
            found.append(_tried_row(tx, importer, row))
            if progress:
                progress(len(found), len(wanted))
        raise _TakenBack(found)

    try:
        db.write(work, actor)
    except _TakenBack as taken_back:
        return taken_back.found
    raise AssertionError("a dry run always takes back")


def _tried_row(tx: Tx, importer: _Importer, row: PersonRow) -> Imported:
    try:
        with tx.conn.begin_nested():
            return importer.import_tx(tx, row, "", None)
    except DirectoryError as fault:
        return _failed(row, fault)


def _failed(row: PersonRow, fault: DirectoryError) -> Imported:
    notes = {AddressTaken: TAKEN, AddressInvalid: INVALID}.get(type(fault), UNNAMEABLE)
    if isinstance(fault, WeakPassword):
        notes = fault.sentence
    return Imported(row.number, row.full_name, Outcome.FAILED, row.address, notes=(notes,))


@dataclass(frozen=True, slots=True)
class _Importer:
    """Imports single rows into one agency."""

    agency_id: int
    scheme: naming.Scheme
    prepare: Prepare | None

    def import_tx(self, tx: Tx, row: PersonRow, first: str, secret: passwords.Hashed | None) -> Imported:
        """Make one person, unless the row is broken or the person is there."""
        unit_id = self._unit(tx.conn, row.unit)
        faults = row.faults if unit_id is not None or not row.unit else (*row.faults, NO_UNIT)
        if faults:
            return Imported(row.number, row.full_name, Outcome.FAILED, row.address, notes=faults)
        there = self._existing(tx.conn, row, unit_id)
        if there is not None:
            address = rows.require(tx.conn, there).address
            return Imported(row.number, row.full_name, Outcome.EXISTS, address)
        return self._create_tx(tx, row, unit_id, first, secret)

    def _create_tx(
        self, tx: Tx, row: PersonRow, unit_id: int | None, first: str, secret: passwords.Hashed | None
    ) -> Imported:
        parts = naming.NameParts(row.family, row.middle, row.given, row.birth_date)
        proposal = self._proposal(tx.conn, row, parts)
        data = PersonData(
            row.family, row.middle, row.given, proposal.name, unit_id, row.staff_code, row.birth_date, row.roles
        )
        person_id = people.create_person_tx(tx, self.agency_id, data)
        if secret is not None:
            credentials.set_password_tx(tx, person_id, secret, must_change=not row.password)
        if self.prepare is not None:
            self.prepare(tx, person_id)
        renamed = (
            namesakes.rename_rivals_tx(tx, self.agency_id, person_id, parts, self.scheme) if proposal.stage > 1 else ()
        )
        address = rows.require(tx.conn, person_id).address
        notes = (LOOK,) if proposal.manual else ()
        return Imported(row.number, row.full_name, Outcome.CREATED, address, first, notes, tuple(renamed))

    def _proposal(self, conn: Connection, row: PersonRow, parts: naming.NameParts) -> naming.Proposal:
        """The account name: as the list says, else by the rule."""
        if not row.address:
            return namesakes.propose_name(conn, self.agency_id, parts, self.scheme)
        local, at, domain = lookup_key(row.address).rpartition("@")
        if at and agencies.agency_of_domain(conn, domain) != self.agency_id:
            raise AddressInvalid(row.address)
        return naming.Proposal(local or domain, manual=False, stage=0)

    def _unit(self, conn: Connection, wanted: str) -> int | None:
        """A unit by its code, name or address, whatever the case and the diacritics."""
        folded = fold(wanted)
        for unit in posts.units(conn, self.agency_id) if folded else ():
            who = unit.principal
            if folded in (fold(unit.code), fold(who.name), who.local_part, who.address):
                return unit.id
        return None

    def _person_at(self, conn: Connection, written: str) -> int | None:
        """The person of this agency whose address the list names, in full or without the domain."""
        full = written if "@" in written else f"{written}@{agencies.primary_domain(conn, self.agency_id)}"
        found = principals.by_address(conn, full)
        return found.id if found is not None and found.kind is Kind.PERSON else None

    def _existing(self, conn: Connection, row: PersonRow, unit_id: int | None) -> int | None:
        """The person this row is about, if there is one."""
        if row.staff_code:
            return people.person_by_staff_code(conn, self.agency_id, row.staff_code)
        if row.address:
            return self._person_at(conn, row.address)
        for other in namesakes.same_names(conn, self.agency_id, row.full_name):
            if (other.unit_id, other.birth_date) == (unit_id, row.birth_date):
                return other.person_id
        return None
