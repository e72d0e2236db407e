"""People: making them, closing and opening their accounts."""

from __future__ import annotations

from sqlalchemy import Connection, select, update

from mailserver.directory import namesakes, naming, rows, websessions
from mailserver.directory.alphabet import by_given_name
from mailserver.directory.creating import NewPrincipal, create_principal_tx
from mailserver.directory.departure_schema import departure
from mailserver.directory.errors import StaffCodeTaken
from mailserver.directory.records import Kind, PersonData, Principal, Status
from mailserver.directory.schema import person, person_role, principal
from mailserver.directory.version import bump_tx
from mailserver.store import audit
from mailserver.store.database import Tx
from mailserver.text import nfc


def create_person_tx(tx: Tx, agency_id: int, data: PersonData, scheme: naming.Scheme = naming.GIALAI) -> int:
    """Make a person's account; returns the principal's id. There is no password yet.

    scheme: the naming rule used where data.local_part is None.
    Raises StaffCodeTaken, AddressTaken, AddressInvalid, NameUnusable, NoSuchPrincipal (the unit).
    """
    bump_tx(tx)
    if data.unit_id is not None:
        rows.require(tx.conn, data.unit_id, Kind.UNIT)
    _refuse_second_account(tx.conn, agency_id, data.staff_code)
    parts = naming.NameParts(nfc(data.family), nfc(data.middle), nfc(data.given), data.birth_date)
    local = data.local_part or namesakes.propose_name(tx.conn, agency_id, parts, scheme).name
    person_id = create_principal_tx(tx, NewPrincipal(agency_id, Kind.PERSON, parts.full, local))
    rows.add(
        tx.conn,
        person,
        principal_id=person_id,
        unit_id=data.unit_id,
        family_name=parts.family,
        middle_name=parts.middle,
        given_name=parts.given,
        staff_code=data.staff_code or None,
        birth_date=data.birth_date,
        agency_id=agency_id,
    )
    for role in data.roles:
        rows.add(tx.conn, person_role, person_id=person_id, role=role, unit_id=data.unit_id)
    return person_id


def _refuse_second_account(conn: Connection, agency_id: int, staff_code: str | None) -> None:
    if staff_code and person_by_staff_code(conn, agency_id, staff_code) is not None:
        raise StaffCodeTaken(staff_code)


def person_by_staff_code(conn: Connection, agency_id: int, staff_code: str) -> int | None:
    """The person with this staff code, also one who has left."""
    own = person.c.agency_id == agency_id
    return conn.execute(select(person.c.principal_id).where(own, person.c.staff_code == staff_code)).scalar()


def lock_person_tx(tx: Tx, person_id: int, reason: str = "") -> None:
    """Shut the account at once: no door lets it in, open web sessions end, mail still arrives.

    For a leaked password (132/QĐ-STTTT, Điều 6 khoản 5). Emits "principal.locked": doors end open sessions.
    """
    _set_status_tx(tx, person_id, Status.LOCKED, reason, Kind.PERSON)


def unlock_person_tx(tx: Tx, person_id: int, reason: str = "") -> None:
    """Open a locked account again; also one whose person has come back, or a closed unit."""
    _set_status_tx(tx, person_id, Status.ACTIVE, reason)


def leave_tx(tx: Tx, person_id: int, reason: str = "") -> None:
    """The person has left (123/QĐ-SCT, Điều 5): as locked, and the addresses take no mail any more.

    Mailbox and addresses stay: nobody else ever gets them.
    """
    _set_status_tx(tx, person_id, Status.LEFT, reason, Kind.PERSON)


def close_tx(tx: Tx, principal_id: int, reason: str = "") -> None:
    """Close a unit, post, group or service: its addresses take no mail; what is in it stays."""
    _set_status_tx(tx, principal_id, Status.LOCKED, reason, Kind.UNIT, Kind.POST, Kind.GROUP, Kind.SERVICE)


def reopen_tx(tx: Tx, principal_id: int, reason: str = "") -> None:
    """Undo `close_tx`."""
    _set_status_tx(tx, principal_id, Status.ACTIVE, reason, Kind.UNIT, Kind.POST, Kind.GROUP, Kind.SERVICE)


def _set_status_tx(tx: Tx, principal_id: int, status: Status, reason: str, *kinds: Kind) -> None:
    bump_tx(tx)
    rows.require(tx.conn, principal_id, *kinds)
    tx.conn.execute(update(principal).where(principal.c.id == principal_id).values(status=status.value))
    act = "principal.unlocked" if status is Status.ACTIVE else "principal.locked"
    if status is not Status.ACTIVE:
        websessions.close_all_tx(tx, principal_id)
    tx.emit(act, owner_id=principal_id, status=status.value)
    audit.record_tx(tx, act, owner_id=principal_id, status=status.value, reason=reason)


def set_locale_tx(tx: Tx, person_id: int, locale: str) -> None:
    """Have pages and refusals speak this language ("vi", "en") to the person from now on."""
    bump_tx(tx)
    rows.require(tx.conn, person_id, Kind.PERSON)
    tx.conn.execute(update(principal).where(principal.c.id == person_id).values(locale=locale))


def people(conn: Connection, agency_id: int, *, with_left: bool = False) -> list[Principal]:
    """The people of an agency by unit, then name; those of no unit first."""
    query = rows.principals().add_columns(person.c.unit_id).join(person, person.c.principal_id == principal.c.id)
    query = query.where(principal.c.agency_id == agency_id)
    if not with_left:
        gone = select(departure.c.person_id).where(departure.c.done_at.is_not(None))
        query = query.where(principal.c.status != Status.LEFT.value, principal.c.id.not_in(gone))
    found = sorted(conn.execute(query), key=lambda row: (row.unit_id or 0, by_given_name(row.name), row.id))
    return [rows.to_principal(row) for row in found]


def unit_of(conn: Connection, person_id: int) -> int | None:
    """The unit a person works in; None: none, or not a person."""
    return conn.execute(select(person.c.unit_id).where(person.c.principal_id == person_id)).scalar()
