"""Reported posts as records: read, and only by those whom they concern."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, literal, select, tuple_

from mailbox_policies.retention.holds import held_among
from mailserver.store import raw
from mailserver.store.columns import UtcTime
from mailserver.store.folders import Folder, of_ids
from routing.errors import DocumentMissing
from routing.moderation import states
from routing.moderation.schema import board_case, board_case_act
from routing.moderation.states import Act, State
from routing.standing import Standing

MOST_LISTED = 200


@dataclass(frozen=True, slots=True)
class Step:
    """One act on a case. reason: "" for none."""

    act: Act
    actor_id: int
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Case:
    """A reported post. author_id: None for nobody's. forgotten: it cannot be put back any more."""

    id: int
    agency_id: int
    folder_id: int
    message_pk: int
    author_id: int | None
    subject: str
    state: State
    since: datetime
    forgotten: bool


@dataclass(frozen=True, slots=True)
class Seen:
    """A case as one person sees it. acts: what they may do. steps: without who reported it, for its author.

    there: the post still stands in its folder.
    """

    case: Case
    folder: Folder
    acts: frozenset[Act]
    steps: tuple[Step, ...]
    moderates: bool
    there: bool


def may_list(who: Standing) -> bool:
    return who.agency_id is not None and states.sees_all(who, who.agency_id)


def listing(conn: Connection, who: Standing) -> list[Case]:
    """Those of the agency for who moderates or decides, those that wait first; nothing for others."""
    if not may_list(who):
        return []
    found = _select(conn, board_case.c.agency_id == who.agency_id)
    return sorted(found, key=lambda one: (one.state not in states.OPEN, -one.since.timestamp()))


def folder_names(conn: Connection, found: Collection[Case]) -> dict[int, str]:
    return {one.id: one.name for one in of_ids(conn, {case.folder_id for case in found})}


def own_hidden(conn: Connection, person_id: int, folder_id: int) -> list[Case]:
    """Of somebody's own posts of a folder, those that others do not see."""
    unseen = [one.value for one in states.UNSEEN]
    mine = board_case.c.folder_id == folder_id, board_case.c.author_id == person_id
    return _select(conn, *mine, board_case.c.state.in_(unseen), board_case.c.forgotten.is_(False))


def waiting(conn: Connection, who: Standing) -> int:
    """How many cases wait for this person's decision."""
    if who.agency_id is None:
        return 0
    wanted = [one.value for one in _waits_for(who, who.agency_id)]
    if not wanted:
        return 0
    return len(_select(conn, board_case.c.agency_id == who.agency_id, board_case.c.state.in_(wanted)))


def see(conn: Connection, who: Standing, case_id: int) -> Seen:
    """Raises DocumentMissing for who may not know of it."""
    case = by_id(conn, case_id)
    moderates = states.sees_all(who, case.agency_id)
    own = case.author_id == who.person_id and case.state in states.UNSEEN
    if not moderates and not own:
        raise DocumentMissing()
    acts = frozenset(states.acts_of(who, case.agency_id, case.state)) if not case.forgotten else frozenset()
    steps = [one for one in _steps(conn, case_id) if moderates or one.act is not Act.REPORT]
    folder = of_ids(conn, (case.folder_id,))[0]
    return Seen(case, folder, acts, tuple(steps), moderates, _stands(conn, case))


def by_id(conn: Connection, case_id: int, *, lock: bool = False) -> Case:
    """lock: nobody else changes it before the transaction ends. Raises DocumentMissing."""
    found = _select(conn, board_case.c.id == case_id, lock=lock)
    if not found:
        raise DocumentMissing()
    return found[0]


def of_post(conn: Connection, folder_id: int, message_pk: int) -> Case:
    """For a change. Raises DocumentMissing."""
    found = _select(conn, board_case.c.folder_id == folder_id, board_case.c.message_pk == message_pk, lock=True)
    if not found:
        raise DocumentMissing()
    return found[0]


def deleted_before(conn: Connection, when: datetime, most: int) -> list[Case]:
    """Deleted before then, still to be put back, and not kept under an order; the longest ago first, for a change.

    Only these are locked: who puts one of the others back does not wait.
    """
    gone = board_case.c.state == State.DELETED.value, board_case.c.forgotten.is_(False), board_case.c.since < when
    place = tuple_(board_case.c.since, board_case.c.id)
    query = select(board_case).where(*gone).order_by(*place).limit(most)
    free: list[Case] = []
    page = [_case(row) for row in conn.execute(query)]
    while page and len(free) < most:
        free += _not_held(conn, page)
        after = place > tuple_(literal(page[-1].since, UtcTime), page[-1].id)
        page = [_case(row) for row in conn.execute(query.where(after))]
    # In the meantime somebody may have put one back: what is locked is asked once more.
    chosen = select(board_case).where(*gone, board_case.c.id.in_([one.id for one in free[:most]]))
    return [_case(row) for row in conn.execute(chosen.order_by(*place).with_for_update())]


def _not_held(conn: Connection, found: Collection[Case]) -> list[Case]:
    owners = {one.id: one.owner_id for one in of_ids(conn, {case.folder_id for case in found})}
    free = []
    for agency_id in sorted({one.agency_id for one in found}):
        mail = {one.id: (owners[one.folder_id], one.message_pk) for one in found if one.agency_id == agency_id}
        held = held_among(conn, agency_id, mail.values())
        free += [one for one in found if one.id in mail and mail[one.id] not in held]
    return free


def reported_by(conn: Connection, case_id: int, person_id: int, since: datetime) -> bool:
    """Whether somebody has reported it since then already."""
    query = select(board_case_act.c.number).where(
        board_case_act.c.case_id == case_id,
        board_case_act.c.actor_id == person_id,
        board_case_act.c.act == Act.REPORT.value,
        board_case_act.c.at >= since,
    )
    return conn.execute(query.limit(1)).first() is not None


def _waits_for(who: Standing, agency_id: int) -> set[State]:
    wanted: set[State] = set()
    if who.can(states.MODERATE, agency_id):
        wanted |= {State.REPORTED, State.HIDDEN}
    if who.can(states.DECIDE, agency_id):
        wanted.add(State.PROPOSED)
    return wanted


def _steps(conn: Connection, case_id: int) -> list[Step]:
    table = board_case_act
    query = select(table.c.act, table.c.actor_id, table.c.at, table.c.reason).where(table.c.case_id == case_id)
    return [
        Step(Act(row.act), row.actor_id, row.at, row.reason) for row in conn.execute(query.order_by(table.c.number))
    ]


def _stands(conn: Connection, case: Case) -> bool:
    query = "SELECT 1 FROM entry WHERE folder_id = ? AND message_pk = ? LIMIT 1"
    return raw.row(conn, query, (case.folder_id, case.message_pk)) is not None


def _select(
    conn: Connection, *conditions: ColumnElement[bool], most: int = MOST_LISTED, lock: bool = False
) -> list[Case]:
    query = select(board_case).where(*conditions)
    query = query.order_by(board_case.c.since.desc(), board_case.c.id.desc()).limit(most)
    return [_case(row) for row in conn.execute(query.with_for_update() if lock else query)]


def _case(row: Row[Any]) -> Case:
    values = row._asdict()
    return Case(**{**values, "state": State(values["state"])})
