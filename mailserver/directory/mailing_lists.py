"""Distribution lists: what a list is, who may post to it, who may see its members.

A list is a group with an address. What is for many goes through one, and not to a hundred addresses
(123/QĐ-SCT, Điều 6 khoản 2). Reading is here, changing in `mailing_changes`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum, unique

from sqlalchemy import Connection, select

from mailserver.actor import Actor
from mailserver.directory import grants, posts, rows
from mailserver.directory.expansion import behind
from mailserver.directory.mailing_schema import mailing_list, mailing_list_outsider, mailing_list_role
from mailserver.directory.records import Kind, Principal, Status
from mailserver.directory.schema import membership, principal


@unique
class Posting(StrEnum):
    """Who may write to a list. Its owners always may."""

    ANYONE = "anyone"  # outside too
    AGENCY = "agency"
    MEMBERS = "members"
    POSTERS = "posters"  # who is named


@unique
class ReplyTo(StrEnum):
    """Where an answer goes if its writer does not choose."""

    AUTHOR = "author"
    LIST = "list"


@unique
class ShownTo(StrEnum):
    """Who may see who the members are. Owners and administrators always may."""

    AGENCY = "agency"
    MEMBERS = "members"
    OWNERS = "owners"


@unique
class Reach(StrEnum):
    """What a unit that is a member stands for."""

    MAILBOX = "mailbox"  # the unit's own
    PEOPLE = "people"
    BELOW = "below"  # its people and those of the units below it


@unique
class Role(StrEnum):
    OWNER = "owner"
    POSTER = "poster"


@dataclass(frozen=True, slots=True)
class Settings:
    """How a list takes letters. size_limit: octets, decoded, 0: as everywhere. moderated: letters of those without the
    right wait for an owner."""

    posting: Posting = Posting.AGENCY
    moderated: bool = False
    size_limit: int = 0
    reply_to: ReplyTo = ReplyTo.AUTHOR
    shown_to: ShownTo = ShownTo.MEMBERS
    may_leave: bool = False
    takes_outside: bool = False


# Of groups that nobody has made a list: everybody writes to them, and members get the letter as it is.
OPEN = Settings(posting=Posting.ANYONE)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a door has to know of a list.

    owner: the address that answers for it, and hears of what does not reach members elsewhere. outsiders: members
    elsewhere, those of lists inside it too.
    """

    list_id: int
    agency_id: int
    address: str
    title: str
    settings: Settings
    owner: str
    outsiders: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Member:
    """A direct member of ours."""

    who: Principal
    reach: Reach


def settings_of(conn: Connection, list_ids: Collection[int]) -> dict[int, Settings]:
    """Of each list that has any."""
    found = conn.execute(select(mailing_list).where(mailing_list.c.group_id.in_(list_ids)))
    return {
        row.group_id: Settings(
            Posting(row.posting),
            row.moderated,
            row.size_limit,
            ReplyTo(row.reply_to),
            ShownTo(row.shown_to),
            row.may_leave,
            row.takes_outside,
        )
        for row in found
    }


def get(conn: Connection, list_id: int) -> tuple[Principal, Settings]:
    """Raises NoSuchPrincipal."""
    found = rows.require(conn, list_id, Kind.GROUP)
    return found, settings_of(conn, (list_id,)).get(list_id, OPEN)


def members(conn: Connection, list_id: int) -> list[Member]:
    """The direct members of ours by name."""
    query = rows.principals().add_columns(membership.c.reach).join(membership, membership.c.member_id == principal.c.id)
    found = conn.execute(query.where(membership.c.group_id == list_id).order_by(principal.c.name, principal.c.id))
    return [Member(rows.to_principal(row), Reach(row.reach)) for row in found]


def outsiders(conn: Connection, list_ids: Collection[int]) -> dict[int, list[str]]:
    """The members elsewhere of each list by address."""
    table = mailing_list_outsider.c
    query = select(table.group_id, table.address).where(table.group_id.in_(list_ids)).order_by(table.address)
    found: dict[int, list[str]] = {list_id: [] for list_id in list_ids}
    for list_id, one in conn.execute(query):
        found[list_id].append(one)
    return found


def holders(conn: Connection, list_ids: Collection[int], role: Role) -> dict[int, list[Principal]]:
    """Who has a role in each list, the first who was given it first."""
    table = mailing_list_role.c
    query = rows.principals().add_columns(table.group_id).join(mailing_list_role, table.principal_id == principal.c.id)
    query = query.where(table.group_id.in_(list_ids), table.role == role.value).order_by(table.since, principal.c.id)
    found: dict[int, list[Principal]] = {list_id: [] for list_id in list_ids}
    for row in conn.execute(query):
        found[row.group_id].append(rows.to_principal(row))
    return found


def terms_of(conn: Connection, inside: Mapping[int, Iterable[int]]) -> dict[int, Terms]:
    """What doors have to know of those groups that are lists. inside: each group with all groups inside it, itself
    included."""
    settings = settings_of(conn, set(inside))
    if not settings:
        return {}
    ids, owners = settings.keys(), holders(conn, settings.keys(), Role.OWNER)
    elsewhere = outsiders(conn, {one for below in inside.values() for one in below})
    found = {}
    for row in conn.execute(rows.principals().where(principal.c.id.in_(ids))):
        one = rows.to_principal(row)
        answering = [owner for owner in owners[one.id] if owner.status is Status.ACTIVE]
        # RFC 5321 §4.5.1: postmaster is somebody in every domain.
        nobody = "postmaster@" + one.address.rpartition("@")[2]
        found[one.id] = Terms(
            one.id,
            one.agency_id,
            one.address,
            one.name,
            settings[one.id],
            answering[0].address if answering else nobody,
            tuple(dict.fromkeys(text for below in inside[one.id] for text in elsewhere[below])),
        )
    return found


def moderator(conn: Connection, list_id: int, on: date) -> str:
    """The address of who decides on that day what waits for a list: the first owner who is a person, or holds a post
    that is one; "" if that is nobody but the administrators."""
    for one in holders(conn, (list_id,), Role.OWNER)[list_id]:
        person_id = posts.holder(conn, one.id, on) if one.kind is Kind.POST else one.id
        who = None if person_id is None else rows.require(conn, person_id)
        if who is not None and who.kind is Kind.PERSON and who.status is Status.ACTIVE:
            return who.address
    return ""


def may_post(conn: Connection, actor: Actor, terms: Terms, boxes: Collection[int], now: datetime) -> bool:
    """Whether a letter of who is signed in may go to a list. boxes: its members' mailboxes.

    Somebody stands for the posts they hold and the unit and groups they are in. The program itself may.
    """
    posting = terms.settings.posting
    if actor.principal_id is None or posting is Posting.ANYONE:
        return True
    if posting is Posting.AGENCY and actor.agency_id == terms.agency_id:
        return True
    faces = faces_of(conn, actor, now)
    if posting is Posting.MEMBERS and not faces.isdisjoint(boxes):
        return True
    roles = [Role.OWNER, Role.POSTER] if posting is Posting.POSTERS else [Role.OWNER]
    return any(one.id in faces for role in roles for one in holders(conn, (terms.list_id,), role)[terms.list_id])


def postable(conn: Connection, actor: Actor, now: datetime) -> tuple[str, ...]:
    """The addresses of the lists of their agency that somebody may write to, by name."""
    named = [one for one in lists(conn, actor.agency_id or 0) if one.status is Status.ACTIVE]
    found = behind(conn, [one.id for one in named])
    terms = terms_of(conn, {list_id: one.groups for list_id, one in found.items()})
    return tuple(
        one.address
        for one in named
        if one.id not in terms or may_post(conn, actor, terms[one.id], found[one.id].mailboxes, now)
    )


def faces_of(conn: Connection, actor: Actor, now: datetime) -> frozenset[int]:
    """As whom somebody is a member or an owner: themselves, their posts, their unit and groups."""
    return frozenset() if actor.principal_id is None else grants.reach_of(conn, actor.principal_id, now).faces


def owns(conn: Connection, actor: Actor, list_id: int, now: datetime) -> bool:
    """Whether who is signed in answers for a list."""
    faces = faces_of(conn, actor, now)
    return any(one.id in faces for one in holders(conn, (list_id,), Role.OWNER)[list_id])


def lists(conn: Connection, agency_id: int) -> list[Principal]:
    """The lists of an agency by name, closed ones last."""
    own = (principal.c.agency_id == agency_id, principal.c.kind == Kind.GROUP.value)
    query = rows.principals().where(*own).order_by(principal.c.status != Status.ACTIVE.value, principal.c.name)
    return [rows.to_principal(row) for row in conn.execute(query)]
