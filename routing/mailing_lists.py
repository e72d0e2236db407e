"""Distribution lists, as people see and keep them; rights are asked here, whatever the door.

| who | sees | does |
|---|---|---|
| the agency | that there is the list, who answers for it, who may write to it | leaves it, where it may |
| who the list shows them to | its members | |
| its owners | everything | settings, members, who may write |
| administrators | everything | that, owners, members elsewhere, new lists, closing |
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from mailserver.actor import Actor
from mailserver.directory import mailing_changes, mailing_import, mailing_lists, principals
from mailserver.directory.errors import NoSuchPrincipal
from mailserver.directory.expansion import behind
from mailserver.directory.mailing_changes import Wanted
from mailserver.directory.mailing_import import Row
from mailserver.directory.mailing_lists import Member, Role, Settings, ShownTo
from mailserver.directory.records import Kind, Principal, Status
from mailserver.store import auditsearch
from mailserver.store.auditrecords import Record
from mailserver.store.database import Tx
from mailserver.store.errors import Forbidden
from routing.staff import CAPABILITY
from routing.standing import standing_of

# Changes of a list that its page tells.
MOST_HISTORY = 30


@dataclass(frozen=True, slots=True)
class Line:
    """A list among the others. count: mailboxes behind it, and members elsewhere."""

    who: Principal
    settings: Settings
    count: int
    owners: tuple[Principal, ...]
    may_post: bool
    is_member: bool
    keeps: bool

    @property
    def open(self) -> bool:
        return self.who.status is Status.ACTIVE


@dataclass(frozen=True, slots=True)
class Page:
    """One list. members, outsiders: None for who may not see them. administers: may also do what only administrators
    do. direct: whether who looks is a member by their own name. names: of those in the history."""

    line: Line
    members: tuple[Member, ...] | None
    outsiders: tuple[str, ...] | None
    posters: tuple[Principal, ...]
    administers: bool
    direct: bool
    history: tuple[Record, ...] = ()
    names: dict[int, str] | None = None


@dataclass(frozen=True, slots=True)
class _Rights:
    """agency_id: of who asks. administers: all of its lists."""

    agency_id: int
    administers: bool


def overview(conn: Connection, actor: Actor, now: datetime) -> tuple[list[Line], bool]:
    """The lists of the actor's agency, closed ones only for who keeps them; whether they may make new ones."""
    rights = _rights(conn, actor, now)
    found = mailing_lists.lists(conn, rights.agency_id)
    lines = _lines(conn, actor, now, rights, found)
    return [one for one in lines if one.open or one.keeps], rights.administers


def administers(conn: Connection, actor: Actor, now: datetime) -> bool:
    """Whether somebody makes and closes the lists of their agency. Raises Forbidden to who has none."""
    return _rights(conn, actor, now).administers


def look(conn: Connection, actor: Actor, now: datetime, list_id: int) -> Page:
    """Raises Forbidden: there is no such list in the actor's agency."""
    rights = _rights(conn, actor, now)
    (line,) = _lines(conn, actor, now, rights, [_own(conn, rights, list_id)])
    members = mailing_lists.members(conn, list_id)
    direct = any(one.who.id == actor.principal_id for one in members)
    posters = mailing_lists.holders(conn, (list_id,), Role.POSTER)[list_id]
    shown = line.keeps or line.settings.shown_to is ShownTo.AGENCY
    shown = shown or (line.settings.shown_to is ShownTo.MEMBERS and line.is_member)
    outsiders = mailing_lists.outsiders(conn, (list_id,))[list_id]
    page = Page(
        line,
        tuple(members) if shown else None,
        tuple(outsiders) if shown else None,
        tuple(posters) if line.keeps else (),
        rights.administers,
        direct,
    )
    return _with_history(conn, rights, page) if line.keeps else page


def create_tx(tx: Tx, title: str, local_part: str, settings: Settings) -> int:
    """Raises Forbidden, AddressTaken, AddressInvalid."""
    rights = _rights(tx.conn, tx.actor, tx.now)
    if not rights.administers:
        raise Forbidden("a")
    return mailing_changes.create_tx(tx, rights.agency_id, title, local_part, settings)


def change_tx(tx: Tx, list_id: int, title: str, settings: Settings) -> bool:
    """Whether that is anything new. Only administrators let members elsewhere in. Raises Forbidden."""
    rights, before = _keeper(tx, list_id)
    if not rights.administers:
        settings = replace(settings, takes_outside=before.takes_outside)
    return mailing_changes.change_tx(tx, list_id, title, settings)


def add_tx(tx: Tx, list_id: int, rows: Sequence[Row]) -> list[Wanted]:
    """Add who was looked at by `preview`; who is new. Raises Forbidden."""
    _keeper(tx, list_id)
    return mailing_import.add_tx(tx, list_id, rows)


def preview(conn: Connection, actor: Actor, now: datetime, list_id: int, text: str) -> list[Row]:
    """What would become of each line. Raises Forbidden."""
    _require_keeper(conn, actor, now, list_id)
    return mailing_import.look(conn, list_id, text)


def put_tx(tx: Tx, list_id: int, wanted: Sequence[Wanted], *, back: bool) -> int:
    """Take members out, or put them back; how many. Raises Forbidden, and as `mailing_changes.add_tx`."""
    _keeper(tx, list_id)
    act = mailing_changes.add_tx if back else mailing_changes.remove_tx
    return sum(act(tx, list_id, one) for one in wanted)


def leave_tx(tx: Tx, list_id: int, *, back: bool = False) -> None:
    """Take the actor out of a list, or undo that. Raises Forbidden: the list does not let its members go."""
    _own(tx.conn, _rights(tx.conn, tx.actor, tx.now), list_id)
    _who, settings = mailing_lists.get(tx.conn, list_id)
    if not settings.may_leave or tx.actor.principal_id is None:
        raise Forbidden("a")
    act = mailing_changes.add_tx if back else mailing_changes.remove_tx
    act(tx, list_id, Wanted(tx.actor.principal_id))


def role_tx(tx: Tx, list_id: int, address: str, role: Role, *, remove: bool) -> bool:
    """Give or take a role; owners are the administrators' to name. Raises Forbidden, NoSuchPrincipal."""
    rights, _settings = _keeper(tx, list_id)
    if role is Role.OWNER and not rights.administers:
        raise Forbidden("a")
    found = principals.by_address(tx.conn, address)
    if found is None or found.kind not in (Kind.PERSON, Kind.POST, Kind.UNIT, Kind.GROUP):
        raise NoSuchPrincipal(address)
    act = mailing_changes.take_role_tx if remove else mailing_changes.give_role_tx
    return act(tx, list_id, found.id, role)


def close_tx(tx: Tx, list_id: int, *, back: bool) -> None:
    """Close a list, or open it again. Raises Forbidden."""
    rights, _settings = _keeper(tx, list_id)
    if not rights.administers:
        raise Forbidden("a")
    if back:
        mailing_changes.reopen_tx(tx, list_id)
    else:
        mailing_changes.close_tx(tx, list_id, "")


def _rights(conn: Connection, actor: Actor, now: datetime) -> _Rights:
    standing = standing_of(conn, actor, now)
    if standing.agency_id is None:
        raise Forbidden("a")
    return _Rights(standing.agency_id, standing.can(CAPABILITY, standing.agency_id))


def _own(conn: Connection, rights: _Rights, list_id: int) -> Principal:
    """A list of the actor's agency. Raises Forbidden."""
    try:
        found, _settings = mailing_lists.get(conn, list_id)
    except NoSuchPrincipal:
        raise Forbidden("l") from None
    if found.agency_id != rights.agency_id:
        raise Forbidden("l")
    return found


def _require_keeper(conn: Connection, actor: Actor, now: datetime, list_id: int) -> _Rights:
    rights = _rights(conn, actor, now)
    _own(conn, rights, list_id)
    if not (rights.administers or mailing_lists.owns(conn, actor, list_id, now)):
        raise Forbidden("a")
    return rights


def _keeper(tx: Tx, list_id: int) -> tuple[_Rights, Settings]:
    rights = _require_keeper(tx.conn, tx.actor, tx.now, list_id)
    return rights, mailing_lists.get(tx.conn, list_id)[1]


def _lines(conn: Connection, actor: Actor, now: datetime, rights: _Rights, found: Sequence[Principal]) -> list[Line]:
    ids = [one.id for one in found]
    inside = behind(conn, ids)
    terms = mailing_lists.terms_of(conn, {list_id: one.groups for list_id, one in inside.items()})
    settings, owners = mailing_lists.settings_of(conn, ids), mailing_lists.holders(conn, ids, Role.OWNER)
    faces = mailing_lists.faces_of(conn, actor, now)
    return [
        Line(
            one,
            settings.get(one.id, mailing_lists.OPEN),
            len(inside[one.id].mailboxes) + (len(terms[one.id].outsiders) if one.id in terms else 0),
            tuple(owners[one.id]),
            one.id not in terms or mailing_lists.may_post(conn, actor, terms[one.id], inside[one.id].mailboxes, now),
            not faces.isdisjoint(inside[one.id].mailboxes),
            rights.administers or any(owner.id in faces for owner in owners[one.id]),
        )
        for one in found
    ]


def _with_history(conn: Connection, rights: _Rights, page: Page) -> Page:
    query = auditsearch.Query(rights.agency_id, owner_id=page.line.who.id)
    found = auditsearch.find(conn, query, MOST_HISTORY)
    ids = {one.actor_id for one in found} | {one.detail.get("member_id") for one in found}
    known = principals.get_many(conn, {one for one in ids if isinstance(one, int)})
    return replace(page, history=tuple(found), names={key: one.name for key, one in known.items()})
