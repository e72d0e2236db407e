"""Single accounts, made and changed by administrators; rights are asked here, whatever the door.

Each act names who approved it (123/QĐ-SCT, Điều 5; 132/QĐ-STTTT, Điều 6; 04/2017/QĐ-UBND, Điều 7 khoản 1), and the
audit keeps that with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum, unique

from sqlalchemy import Connection

from mailserver.actor import Actor
from mailserver.directory import (
    changing,
    credentials,
    namesakes,
    naming,
    passkeys,
    passwords,
    people,
    posts,
    principals,
    rows,
)
from mailserver.directory.changing import Change, Facts
from mailserver.directory.errors import NameUnusable, NoSuchPrincipal
from mailserver.directory.records import Kind, PersonData, Principal, Status
from mailserver.store import audit
from mailserver.store.database import Database, Tx
from mailserver.store.store import Store
from routing import setup
from routing.staff import require_administrator, tell_tx
from routing.staff_names import naming_scheme


@unique
class AccountKind(StrEnum):
    """What an account stands for (132/QĐ-STTTT, Điều 3 khoản 3; 04/2017/QĐ-UBND, Điều 7 khoản 2).

    OFFICE: the one account that an agency uses which works little with the system; it has a mailbox that people
    are let into, as a unit has, and no password that goes round.
    """

    PERSON = "person"
    UNIT = "unit"
    OFFICE = "office"
    POST = "post"


@dataclass(frozen=True, slots=True)
class Wanted:
    """An account to be made. name: of a unit, an office or a post; of a person family, middle, given.

    local_part: "" lets the agency's rule choose. code: of a unit; "" makes one of the name's initials.
    """

    kind: AccountKind
    approval: str
    name: str = ""
    family: str = ""
    middle: str = ""
    given: str = ""
    unit_id: int | None = None
    staff_code: str = ""
    birth_date: date | None = None
    role: str = ""
    code: str = ""
    local_part: str = ""

    @property
    def parts(self) -> naming.NameParts:
        return naming.NameParts(self.family, self.middle, self.given, self.birth_date)

    @property
    def full_name(self) -> str:
        return self.parts.full if self.kind is AccountKind.PERSON else self.name.strip()


@dataclass(frozen=True, slots=True)
class Preview:
    """The address that an account would have. doubtful: somebody should look at it. taken: it is not free.

    rivals: those whom the rule would rename because of the same name, as they are called now.
    """

    address: str
    doubtful: bool
    taken: bool = False
    rivals: tuple[str, ...] = ()


def preview(conn: Connection, actor: Actor, now: datetime, wanted: Wanted) -> Preview:
    """What the account would be called. Raises Forbidden, NameUnusable, NoSuchPrincipal (the unit)."""
    agency_id = require_administrator(conn, actor, now)
    local, doubtful = _local_part(conn, agency_id, wanted)
    taken = bool(wanted.local_part or wanted.kind is not AccountKind.PERSON) and namesakes.name_taken(
        conn, agency_id, local
    )
    domain = principals.primary_domain(conn, agency_id)
    return Preview(f"{local}@{domain}", doubtful, taken, _rivals(conn, agency_id, wanted, local))


def add(store: Store, actor: Actor, now: datetime, wanted: Wanted) -> tuple[Principal, str]:
    """Make the account with its mailbox; a person's one-time password is shown this once, "" for others.

    Raises Forbidden, NameUnusable, NoSuchPrincipal, StaffCodeTaken, AddressTaken, AddressInvalid.
    """
    is_person = wanted.kind is AccountKind.PERSON
    plain = passwords.new_first_password() if is_person else ""
    first = passwords.prepare(plain, (wanted.full_name,)) if is_person else None

    def work(tx: Tx) -> Principal:
        agency_id = require_administrator(tx.conn, actor, now)
        made = _make_tx(tx, agency_id, wanted)
        if first is not None:
            credentials.set_password_tx(tx, made, first, must_change=True)
        setup.prepare_mailbox_tx(tx, made)
        audit.record_tx(tx, "account.approved", owner_id=made, approval=wanted.approval, kind=wanted.kind.value)
        return principals.get(tx.conn, made)

    return store.db.write(work, actor), plain


def change(db: Database, actor: Actor, now: datetime, person_id: int, new: Facts, approval: str) -> tuple[Change, ...]:
    """Change what the directory says of a person; what has changed.

    Raises Forbidden, NoSuchPrincipal, StaffCodeTaken.
    """

    def work(tx: Tx) -> tuple[Change, ...]:
        return change_tx(tx, person_id, new, approval, now)

    return db.write(work, actor)


def change_tx(tx: Tx, person_id: int, new: Facts, approval: str, now: datetime) -> tuple[Change, ...]:
    """As `change`, with what else is done in the transaction."""
    require_own(tx.conn, tx.actor, person_id, now)
    made = changing.change_person_tx(tx, person_id, new)
    if made:
        audit.record_tx(tx, "account.approved", owner_id=person_id, approval=approval)
    return made


def lock(store: Store, actor: Actor, now: datetime, person_id: int, reason: str) -> Principal:
    """Shut an account at once, for a reason that the audit keeps (123/QĐ-SCT, Điều 5).

    Mail goes on arriving; `suspension` opens it again. Raises Forbidden, NoSuchPrincipal: of another agency, oneself,
    or who has left.
    """

    def work(tx: Tx) -> Principal:
        who = require_own(tx.conn, actor, person_id, now)
        if who.status is Status.LEFT or who.id == actor.principal_id:
            raise NoSuchPrincipal(person_id)
        people.lock_person_tx(tx, person_id, reason)
        return who

    return store.db.write(work, actor)


def remove_passkeys(store: Store, actor: Actor, now: datetime, person_id: int, reason: str) -> int:
    """Forget all passkeys of a person, who is told by mail; how many there were. They open nothing to an administrator.

    Raises Forbidden, NoSuchPrincipal.
    """

    def work(tx: Tx) -> int:
        who = require_own(tx.conn, actor, person_id, now)
        gone = passkeys.remove_all_tx(tx, who.id)
        if gone and who.status is not Status.LEFT:
            tell_tx(tx, store, who, actor, "passkeys", reason)
        return gone

    return store.db.write(work, actor)


def passkeys_of(conn: Connection, actor: Actor, now: datetime, person_id: int) -> int:
    """How many passkeys a person has. Raises Forbidden, NoSuchPrincipal."""
    return len(passkeys.of(conn, require_own(conn, actor, person_id, now).id))


def facts(conn: Connection, actor: Actor, now: datetime, person_id: int) -> tuple[Principal, Facts]:
    """What the directory says of a person. Raises Forbidden, NoSuchPrincipal."""
    return require_own(conn, actor, person_id, now), changing.facts_of(conn, person_id)


def require_own(conn: Connection, actor: Actor, person_id: int, now: datetime) -> Principal:
    """A person of the administrator's agency. Raises Forbidden, NoSuchPrincipal."""
    agency_id = require_administrator(conn, actor, now)
    who = rows.require(conn, person_id, Kind.PERSON)
    if who.agency_id != agency_id:
        raise NoSuchPrincipal(person_id)
    return who


def _make_tx(tx: Tx, agency_id: int, wanted: Wanted) -> int:
    local, _doubtful = _local_part(tx.conn, agency_id, wanted)
    if wanted.kind is AccountKind.PERSON:
        roles = (wanted.role,) if wanted.role else ()
        names = (wanted.family, wanted.middle, wanted.given)
        data = PersonData(*names, local, wanted.unit_id, wanted.staff_code or None, wanted.birth_date, roles)
        made = people.create_person_tx(tx, agency_id, data)
        scheme = naming_scheme(tx.conn, agency_id).at(_code(tx.conn, agency_id, wanted.unit_id))
        if not wanted.local_part and naming.plain_form(wanted.parts) + scheme.suffix != local:
            namesakes.rename_rivals_tx(tx, agency_id, made, wanted.parts, scheme)
        return made
    if wanted.kind is AccountKind.POST:
        if wanted.unit_id is None:
            raise NoSuchPrincipal(0)
        return posts.create_post_tx(tx, agency_id, wanted.unit_id, wanted.full_name, wanted.role, local)
    code = wanted.code.strip() or local.partition(".")[0].upper()
    return posts.create_unit_tx(tx, agency_id, code[:40], wanted.full_name, local, wanted.unit_id)


def _local_part(conn: Connection, agency_id: int, wanted: Wanted) -> tuple[str, bool]:
    """The local part, and whether somebody should look at it."""
    code = _code(conn, agency_id, wanted.unit_id)
    if wanted.local_part:
        return wanted.local_part.strip().lower(), False
    scheme = naming_scheme(conn, agency_id).at(code)
    if wanted.kind is AccountKind.PERSON:
        proposal = namesakes.propose_name(conn, agency_id, wanted.parts, scheme)
        return proposal.name, proposal.manual
    local = naming.unit_name(scheme, wanted.full_name)
    if local == scheme.suffix:
        raise NameUnusable(wanted.full_name)
    return local, False


def _code(conn: Connection, agency_id: int, unit_id: int | None) -> str:
    """The code of the unit somebody works in, "" for none. Raises NoSuchPrincipal: none of this agency."""
    if unit_id is None:
        return ""
    found = next((one for one in posts.units(conn, agency_id) if one.id == unit_id), None)
    if found is None:
        raise NoSuchPrincipal(unit_id)
    return found.code


def _rivals(conn: Connection, agency_id: int, wanted: Wanted, local: str) -> tuple[str, ...]:
    """Whom the rule of "gl" would rename: the holder of the plain form, if this person gets another."""
    scheme = naming_scheme(conn, agency_id)
    if wanted.kind is not AccountKind.PERSON or wanted.local_part or scheme.rule is not naming.Rule.GL:
        return ()
    plain = naming.plain_form(wanted.parts) + scheme.suffix
    found = principals.by_address(conn, f"{plain}@{principals.primary_domain(conn, agency_id)}")
    return (found.name,) if local != plain and found is not None and found.kind is Kind.PERSON else ()
