"""Rights on a mailbox without sharing its password.

Some are granted for a time (`mailbox_grant`); others follow from an office and need no row: the
holder of a post has its mailbox, the head of a unit the unit's (123/QĐ-SCT, Điều 6 khoản 2), the registry
clerk works in the agency's. A grant on a mailbox gives nothing on what its owner may open: there
are no chains. A grant may leave folders out (`Part`); `mailserver.store.access` sees to that. Every answer
is computed from the tables at the moment it is asked for, so the end of a grant is the end of its effect.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, or_, select, update

from mailserver.directory import offices, rows
from mailserver.directory.errors import GrantInvalid, NoSuchGrant, NotAllowed
from mailserver.directory.posts import held_by
from mailserver.directory.records import Kind, office_day
from mailserver.directory.rights import Right, Rights, completed, parsed
from mailserver.directory.schema import mailbox_grant
from mailserver.directory.version import bump_tx
from mailserver.store import audit, raw
from mailserver.store.columns import milliseconds
from mailserver.store.database import Tx

__all__ = [
    "Grant",
    "Part",
    "Reach",
    "Right",
    "Rights",
    "charge_of",
    "close_tx",
    "coming_grants_on",
    "effective_rights",
    "everybody",
    "grant_tx",
    "grants_of",
    "grants_on",
    "in_charge",
    "numbers",
    "reach_of",
    "require_granter",
    "revoke_tx",
    "spelled",
]


_ACTIVE = """
    SELECT person.unit_id, office.id FROM principal LEFT JOIN person ON person.principal_id = principal.id
    LEFT JOIN principal office ON office.agency_id = principal.agency_id AND office.kind = 'agency'
    WHERE principal.id = ? AND principal.status = 'active'"""
# Beyond all numbers of principals, so that those in charge of an agency's mailbox are not its `everybody`.
_IN_CHARGE = 1 << 40
_IN_FORCE = "revoked_at IS NULL AND starts_at <= ? AND (ends_at IS NULL OR ends_at > ?)"


@dataclass(frozen=True, slots=True)
class Grant:
    """One granted right; in force from starts_at until just before ends_at (None: no end)."""

    id: int
    owner_id: int
    grantee_id: int
    rights: Rights
    starts_at: datetime
    ends_at: datetime | None
    granted_by_id: int | None
    closed: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Part:
    """What a grant gives that leaves folders out. closed: their ids; what lies below them is left out too."""

    owner_id: int
    rights: Rights
    closed: frozenset[int]


def grant_tx(
    tx: Tx,
    owner_id: int,
    grantee_id: int,
    rights: Iterable[str],
    starts_at: datetime,
    ends_at: datetime | None = None,
    granted_by: int | None = None,
    closed: Iterable[int] = (),
) -> int:
    """Grant rights on the mailbox of owner_id; returns the grant's id. Emits "grant.changed"
    (many: the grantee is not one person).

    grantee_id: a person; or a unit, post or group, which stands for whoever is in it at the time.
    closed: ids of folders that it leaves out, see `Part`. Whether the actor may grant is checked before, see
    `require_granter`.
    Raises GrantInvalid, NoSuchPrincipal.
    """
    bump_tx(tx)
    wanted = parsed(rights)
    if owner_id == grantee_id or (ends_at is not None and ends_at <= starts_at):
        raise GrantInvalid(owner_id)
    rows.require(tx.conn, owner_id)
    grantee = rows.require(tx.conn, grantee_id, Kind.PERSON, Kind.UNIT, Kind.POST, Kind.GROUP)
    values = {
        "owner_id": owner_id,
        "grantee_id": grantee_id,
        "rights": " ".join(sorted(wanted)),
        "starts_at": starts_at,
        "ends_at": ends_at,
        "granted_by_id": granted_by,
        "created_at": tx.now,
        "closed_folders": spelled(closed),
    }
    grant_id = rows.add(tx.conn, mailbox_grant, **values)
    tx.emit("grant.changed", owner_id=owner_id, grantee_id=grantee_id, many=grantee.kind is not Kind.PERSON)
    audit.record_tx(
        tx,
        "grant.given",
        owner_id=owner_id,
        grantee_id=grantee_id,
        grant_id=grant_id,
        rights=sorted(wanted),
        starts_at=starts_at.isoformat(),
        ends_at=None if ends_at is None else ends_at.isoformat(),
        closed=sorted(closed),
    )
    return grant_id


def close_tx(tx: Tx, grant_id: int, closed: Iterable[int]) -> None:
    """Leave out these folders from now on, and no others. Emits "grant.changed". Raises NoSuchGrant."""
    bump_tx(tx)
    open_one = (mailbox_grant.c.id == grant_id, mailbox_grant.c.revoked_at.is_(None))
    row = tx.conn.execute(select(mailbox_grant).where(*open_one)).first()
    if row is None:
        raise NoSuchGrant(grant_id)
    values = {"closed_folders": spelled(closed)}
    tx.conn.execute(update(mailbox_grant).where(mailbox_grant.c.id == grant_id).values(**values))
    tx.emit("grant.changed", owner_id=row.owner_id, grantee_id=row.grantee_id)
    audit.record_tx(
        tx,
        "grant.closed",
        owner_id=row.owner_id,
        grantee_id=row.grantee_id,
        grant_id=grant_id,
        was=sorted(numbers(row.closed_folders)),
        closed=sorted(closed),
    )


def spelled(folder_ids: Iterable[int]) -> str:
    """Ids of folders as a column keeps them."""
    return " ".join(str(one) for one in sorted(folder_ids))


def numbers(text: str) -> frozenset[int]:
    """As `spelled`, read back."""
    return frozenset(int(word) for word in text.split())


def revoke_tx(tx: Tx, grant_id: int) -> None:
    """End a grant now. Emits "grant.changed". Raises NoSuchGrant (unknown, or revoked before)."""
    bump_tx(tx)
    open_one = (mailbox_grant.c.id == grant_id, mailbox_grant.c.revoked_at.is_(None))
    row = tx.conn.execute(select(mailbox_grant).where(*open_one)).first()
    if row is None:
        raise NoSuchGrant(grant_id)
    tx.conn.execute(update(mailbox_grant).where(mailbox_grant.c.id == grant_id).values(revoked_at=tx.now))
    tx.emit("grant.changed", owner_id=row.owner_id, grantee_id=row.grantee_id)
    audit.record_tx(tx, "grant.revoked", owner_id=row.owner_id, grantee_id=row.grantee_id, grant_id=grant_id)


def require_granter(conn: Connection, person_id: int, owner_id: int, now: datetime) -> None:
    """Let pass the owner, and whoever manages the mailbox by office; raises NotAllowed for others.

    A granted "manage" does not allow granting on: the unit's head authorises, nobody else
    (123/QĐ-SCT, Điều 6 khoản 2).
    """
    if person_id != owner_id and Right.MANAGE not in offices.implied_rights(conn, person_id, now).get(owner_id, ()):
        raise NotAllowed(owner_id)


def grants_on(conn: Connection, owner_id: int, now: datetime) -> list[Grant]:
    """The grants in force on a mailbox."""
    return _grants(conn, mailbox_grant.c.owner_id == owner_id, in_force(now))


def grants_of(conn: Connection, grantee_id: int, now: datetime) -> list[Grant]:
    """The grants in force that name this principal itself."""
    return _grants(conn, mailbox_grant.c.grantee_id == grantee_id, in_force(now))


def coming_grants_on(conn: Connection, owner_id: int, now: datetime) -> list[Grant]:
    """The grants on a mailbox that begin later."""
    open_ones = (mailbox_grant.c.revoked_at.is_(None), mailbox_grant.c.starts_at > now)
    return _grants(conn, mailbox_grant.c.owner_id == owner_id, *open_ones)


@dataclass(frozen=True, slots=True)
class Reach:
    """What a person may do outside the own mailbox.

    faces: as whom (see `_faces`, `in_charge`). rights: by mailbox, granted and implied ones with all they carry;
    entire: of these, what holds in all folders; parts: what holds but in some, see `Part`.
    led: the mailboxes that the person manages by office, and so may share with others (see `require_granter`).
    """

    faces: frozenset[int]
    rights: Mapping[int, Rights]
    led: frozenset[int]
    entire: Mapping[int, Rights]
    parts: tuple[Part, ...] = ()


def reach_of(conn: Connection, person_id: int, now: datetime) -> Reach:
    """Nothing for a person who is locked or has left. Mailboxes of people who have left stay open to
    those with a right: that is how they are handed over (04/2017/QĐ-UBND, Điều 11 khoản 1).
    """
    faces = _faces(conn, person_id, now)
    if not faces:
        return Reach(frozenset(), {}, frozenset(), {})
    found: dict[int, set[Right]] = {}
    everywhere: dict[int, set[Right]] = {}
    trusted: set[int] = set()
    partly: list[Part] = []
    for owner_id, words, closed in _granted(conn, faces, now):
        granted = parsed(words.split())
        found.setdefault(owner_id, set()).update(granted)
        if closed:
            partly.append(Part(owner_id, granted, numbers(closed)))
        else:
            everywhere.setdefault(owner_id, set()).update(granted)
        if not granted.isdisjoint((Right.HANDLE, Right.MANAGE)):
            trusted.add(owner_id)
    offices_held = offices.implied_rights(conn, person_id, now)
    for owner_id, implied in offices_held.items():
        found.setdefault(owner_id, set()).update(implied)
        everywhere.setdefault(owner_id, set()).update(implied)
    condition, owners = raw.among(conn, "id", found)
    kinds = raw.rows(conn, f"SELECT id, kind FROM principal WHERE {condition}", (owners,)) if found else ()
    others = {owner_id: Kind(kind) for owner_id, kind in kinds if owner_id != person_id}
    rights = {owner_id: completed(found[owner_id], kind) for owner_id, kind in others.items()}
    entire = {one: completed(everywhere[one], kind) for one, kind in others.items() if one in everywhere}
    parts = [
        replace(one, rights=completed(one.rights, others[one.owner_id])) for one in partly if one.owner_id in others
    ]
    led = frozenset(owner_id for owner_id, implied in offices_held.items() if Right.MANAGE in implied)
    charged = {in_charge(owner_id) for owner_id in led | trusted}
    return Reach(frozenset(faces | charged), rights, led, entire if partly else rights, tuple(parts))


def effective_rights(conn: Connection, person_id: int, now: datetime) -> Mapping[int, Rights]:
    """The mailboxes a person may open besides the own one, each with all rights, implied ones too."""
    return reach_of(conn, person_id, now).rights


def in_force(now: datetime) -> ColumnElement[bool]:
    """The condition on `mailbox_grant` that a grant has begun, has not ended, and was not revoked."""
    begun = (mailbox_grant.c.starts_at <= now) & mailbox_grant.c.revoked_at.is_(None)
    return begun & or_(mailbox_grant.c.ends_at.is_(None), mailbox_grant.c.ends_at > now)


def _faces(conn: Connection, person_id: int, now: datetime) -> set[int]:
    """As whom a person may be granted something: self, unit, posts held, the groups of these, and as one of
    all who work in the agency (`everybody`).

    Empty for a person who may not sign in.
    """
    working = raw.row(conn, _ACTIVE, (person_id,))
    if working is None:
        return set()
    unit_id, office_id = working
    faces = {person_id, *held_by(conn, person_id, office_day(now))} | ({unit_id} if unit_id is not None else set())
    condition, members = raw.among(conn, "member_id", faces)
    groups = raw.rows(conn, f"SELECT group_id FROM membership WHERE {condition}", (members,))
    everyone = {everybody(office_id)} if office_id is not None else set()
    return faces | everyone | {group_id for (group_id,) in groups}


def everybody(office_id: int) -> int:
    """The number that stands for all who work in an agency, from that of the agency's own principal: the
    principal itself is its mailbox."""
    return -office_id


def in_charge(owner_id: int) -> int:
    """The number that stands for whoever manages the mailbox of a post or a unit by office, and their delegates who
    handle it: for lists that must not be changed when an office or a delegation begins or ends."""
    return -_IN_CHARGE - owner_id


def charge_of(number: int) -> int | None:
    """The mailbox that a number of `in_charge` is about; None for any other number."""
    return -_IN_CHARGE - number if number < -_IN_CHARGE else None


def _granted(conn: Connection, faces: set[int], now: datetime) -> list[tuple[int, str, str]]:
    """(owner, rights, folders left out) of the grants in force to any of these; as `in_force`, for the hot path."""
    condition, grantees = raw.among(conn, "grantee_id", faces)
    at = milliseconds(now)
    return raw.rows(
        conn,
        f"SELECT owner_id, rights, closed_folders FROM mailbox_grant WHERE {condition} AND {_IN_FORCE}",
        (grantees, at, at),
    )


def _grants(conn: Connection, *conditions: ColumnElement[bool]) -> list[Grant]:
    table = mailbox_grant.c
    columns = (table.id, table.owner_id, table.grantee_id, table.rights, table.starts_at, table.ends_at)
    query = (
        select(*columns, table.granted_by_id, table.closed_folders)
        .where(*conditions)
        .order_by(table.starts_at, table.id)
    )
    return [
        Grant(grant_id, owner_id, grantee_id, parsed(words.split()), starts_at, ends_at, granted_by, numbers(closed))
        for grant_id, owner_id, grantee_id, words, starts_at, ends_at, granted_by, closed in conn.execute(query)
    ]
