"""Making the accounts of a whole office from a list of its staff.

The same list may be imported again: who is there already, by staff code, by address, or by name, birth
date and unit, gets no second account (123/QĐ-SCT, Điều 4 khoản 1), only what the list says otherwise now; an
empty cell says nothing. Every row is a transaction of its own; a broken row breaks no other. A dry run does
the very same and takes it back, so that what it shows is what will happen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum, unique
from pathlib import Path

from sqlalchemy import Connection

from mailserver.actor import Actor
from mailserver.directory import agencies, changing, credentials, existing, namesakes, naming, passwords, people, rows
from mailserver.directory.addresses import lookup_key
from mailserver.directory.changing import Change
from mailserver.directory.errors import (
    AddressInvalid,
    AddressTaken,
    DirectoryError,
    Sentence,
    StaffCodeTaken,
    WeakPassword,
)
from mailserver.directory.people_files import BAD_DATE, BAD_ROLE, LONG_CODE, LONG_NAME, NO_NAME, PersonRow, read_people
from mailserver.directory.posts import Unit
from mailserver.directory.records import PersonData, Status
from mailserver.store.database import Database, Tx

Progress = Callable[[int, int], None]
# What another room adds to a new mailbox, inside the same transaction.
Prepare = Callable[[Tx, int], None]
# The row of the same list in which a person stood before, by person.
Seen = Mapping[int, int]

NO_UNIT = Sentence("Không có đơn vị này.", "There is no such unit.")
TAKEN = Sentence("Địa chỉ đã có người dùng.", "The address is taken.")
INVALID = Sentence("Địa chỉ không hợp lệ.", "The address is not valid.")
UNNAMEABLE = Sentence(
    "Không tạo được tên tài khoản: hãy ghi ở cột tài khoản.", "No account name can be made: type one."
)
LOOK = Sentence("Nên xem lại tên tài khoản.", "The account name should be looked at.")
HAS_LEFT = Sentence("Người này đã rời cơ quan; không đổi gì.", "This person has left; nothing is changed.")
# With the number of the row above.
TWICE = Sentence(
    "Cùng một người với dòng %d; mỗi người chỉ ghi một dòng (nhiều chức vụ: cách nhau bằng dấu phẩy). Không đổi gì.",
    "The same person as in row %d; write each person once (several roles: with commas between). Nothing is changed.",
)
CODE_TAKEN = Sentence("Mã cán bộ này đã có tài khoản khác.", "This staff code has another account.")

# The column of the list (see `people_files.HEADINGS`) that a sentence is about.
COLUMN_OF = {
    NO_UNIT: "unit",
    TAKEN: "address",
    INVALID: "address",
    UNNAMEABLE: "address",
    LOOK: "address",
    BAD_DATE: "birth_date",
    BAD_ROLE: "role",
    NO_NAME: "name",
    LONG_NAME: "name",
    LONG_CODE: "staff_code",
    HAS_LEFT: "name",
    CODE_TAKEN: "staff_code",
}


def column_of(note: Sentence) -> str:
    """What is about no column above says something about the password, or names another row.

    Known by its words: a note that comes back from a run that was kept is equal to what it was, and no more.
    """
    return COLUMN_OF.get(note, "name" if note.vi.startswith(TWICE.vi.partition("%")[0]) else "password")


@unique
class Outcome(StrEnum):
    """EXISTS: there already, and the list says nothing else. CHANGED: there, and otherwise now."""

    CREATED = "created"
    CHANGED = "changed"
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
    changes: tuple[Change, ...] = ()
    person_id: int | None = None


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
    importer = Importer(agency_id, scheme, prepare)
    if dry_run:
        return Report(tuple(importer.tried(db, wanted, actor, progress)), True)
    done: list[Imported] = []
    seen: dict[int, int] = {}
    for row in wanted:
        done.append(_kept(db, importer, row, actor, seen))
        seen.update(seen_in(done[-1:]))
        if progress:
            progress(len(done), len(wanted))
    return Report(tuple(done), False)


def _kept(db: Database, importer: Importer, row: PersonRow, actor: Actor, seen: Seen) -> Imported:
    """One row for good."""
    try:
        first = prepared(row)
        return db.write(lambda tx: importer.import_tx(tx, row, first, seen), actor)
    except DirectoryError as fault:
        return failed(row, fault)


@dataclass(frozen=True, slots=True)
class First:
    """The password of somebody new. plain: "" if the list chose it."""

    plain: str = field(default="", repr=False)
    secret: passwords.Hashed | None = field(default=None, repr=False)


def prepared(row: PersonRow) -> First:
    """The password for a row, hashed outside the transaction: others write meanwhile. Raises WeakPassword."""
    if row.faults:
        return First()
    plain = "" if row.password else passwords.new_first_password()
    return First(plain, passwords.prepare(row.password or plain, (row.address, row.full_name)))


def seen_in(done: Sequence[Imported]) -> dict[int, int]:
    """Whom rows that went well are about, each with the number of the row."""
    return {one.person_id: one.number for one in done if one.person_id is not None}


def failed(row: PersonRow, fault: DirectoryError) -> Imported:
    """What to tell of a row that could not be imported."""
    found = {AddressTaken: TAKEN, AddressInvalid: INVALID, StaffCodeTaken: CODE_TAKEN}
    notes = found.get(type(fault), UNNAMEABLE)
    if isinstance(fault, WeakPassword):
        notes = fault.sentence
    return Imported(row.number, row.full_name, Outcome.FAILED, row.address, notes=(notes,))


@dataclass(frozen=True, slots=True)
class Importer:
    """Imports single rows into one agency."""

    agency_id: int
    scheme: naming.Scheme
    prepare: Prepare | None

    def tried(
        self, db: Database, wanted: Sequence[PersonRow], actor: Actor, progress: Progress | None = None
    ) -> list[Imported]:
        """What would become of all rows; nothing is kept."""

        def work(tx: Tx) -> None:
            found: list[Imported] = []
            seen: dict[int, int] = {}
            for row in wanted:
                found.append(self._tried_row(tx, row, seen))
                seen.update(seen_in(found[-1:]))
                if progress:
                    progress(len(found), len(wanted))
            raise _TakenBack(found)

        try:
            db.write(work, actor)
        except _TakenBack as taken_back:
            return taken_back.found
        raise AssertionError("a dry run always takes back")

    def _tried_row(self, tx: Tx, row: PersonRow, seen: Seen) -> Imported:
        try:
            with tx.conn.begin_nested():
                return self.import_tx(tx, row, First(), seen)
        except DirectoryError as fault:
            return failed(row, fault)

    def import_tx(self, tx: Tx, row: PersonRow, first: First, seen: Seen) -> Imported:
        """Make one person, or change who is there, unless the row is broken, or a row above was about the same
        person: which of the two is right, the list does not say (123/QĐ-SCT, Điều 4 khoản 1)."""
        unit = existing.unit_called(tx.conn, self.agency_id, row.unit)
        faults = row.faults if unit is not None or not row.unit else (*row.faults, NO_UNIT)
        if faults:
            return Imported(row.number, row.full_name, Outcome.FAILED, row.address, notes=faults)
        there = existing.person_of(tx.conn, self.agency_id, row, unit.id if unit else None)
        if there is not None and there in seen:
            twice = Sentence(TWICE.vi % seen[there], TWICE.en % seen[there])
            return Imported(row.number, row.full_name, Outcome.FAILED, row.address, notes=(twice,))
        if there is not None:
            return self._change_tx(tx, there, row, unit)
        return self._create_tx(tx, row, unit, first)

    def _change_tx(self, tx: Tx, person_id: int, row: PersonRow, unit: Unit | None) -> Imported:
        who = rows.require(tx.conn, person_id)
        if who.status is Status.LEFT:
            return Imported(row.number, row.full_name, Outcome.EXISTS, who.address, notes=(HAS_LEFT,))
        old = changing.facts_of(tx.conn, person_id)
        new = existing.as_listed(old, row, unit.id if unit else None)
        changes = changing.change_person_tx(tx, person_id, new)
        outcome = Outcome.CHANGED if changes else Outcome.EXISTS
        return Imported(row.number, row.full_name, outcome, who.address, changes=changes, person_id=person_id)

    def _create_tx(self, tx: Tx, row: PersonRow, unit: Unit | None, first: First) -> Imported:
        parts = naming.NameParts(row.family, row.middle, row.given, row.birth_date)
        scheme = self.scheme.at(unit.code if unit else "")
        proposal = self._proposal(tx.conn, row, parts, scheme)
        unit_id = unit.id if unit else None
        data = PersonData(
            row.family, row.middle, row.given, proposal.name, unit_id, row.staff_code, row.birth_date, row.roles
        )
        person_id = people.create_person_tx(tx, self.agency_id, data)
        if first.secret is not None:
            credentials.set_password_tx(tx, person_id, first.secret, must_change=not row.password)
        if self.prepare is not None:
            self.prepare(tx, person_id)
        renamed = namesakes.rename_rivals_tx(tx, self.agency_id, person_id, parts, scheme) if proposal.stage > 1 else ()
        address = rows.require(tx.conn, person_id).address
        notes = (LOOK,) if proposal.manual else ()
        made = (row.number, row.full_name, Outcome.CREATED, address, first.plain, notes, tuple(renamed))
        return Imported(*made, person_id=person_id)

    def _proposal(
        self, conn: Connection, row: PersonRow, parts: naming.NameParts, scheme: naming.Scheme
    ) -> naming.Proposal:
        """The account name: as the list says, else by the rule."""
        if not row.address:
            return namesakes.propose_name(conn, self.agency_id, parts, scheme)
        local, at, domain = lookup_key(row.address).rpartition("@")
        if at and agencies.agency_of_domain(conn, domain) != self.agency_id:
            raise AddressInvalid(row.address)
        return naming.Proposal(local or domain, manual=False, stage=0)
