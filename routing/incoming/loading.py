"""A document with its journey, as one actor finds it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Connection, literal, select

from mailserver.actor import Actor
from mailserver.directory.principals import agency_mailbox, get_many, office_day
from mailserver.directory.records import Kind
from mailserver.directory.schema import person
from routing import documents, steps
from routing.documents import DocumentRow
from routing.errors import DocumentMissing
from routing.incoming.journey import Journey, Place
from routing.profile import profile_of
from routing.schema import case_file_document, document_file, opinion
from routing.standing import Standing, standing_of
from routing.steps import StepRow
from routing.types import Role, State, StepRole, StepState


@dataclass(frozen=True, slots=True)
class Loaded:
    """steps: all, oldest first. current: the pending main step, None before and after the journey.

    roles: what the actor is to this document. part: the step whose assignee's part the actor plays
    in it: the holder's, else the latest that concerns the actor.
    """

    document: DocumentRow
    journey: Journey
    steps: Sequence[StepRow]
    current: StepRow | None
    standing: Standing
    roles: frozenset[Role]
    part: StepRow | None
    now: datetime

    @property
    def today(self) -> date:
        """The day of the agency's calendar."""
        return office_day(self.now)

    @property
    def acting_for(self) -> int | None:
        """The post, unit or person the actor stands for; None: for nobody else."""
        assignee = self.part.assignee_id if self.part is not None else None
        return None if assignee == self.standing.person_id else assignee


def load(conn: Connection, document_id: int, actor: Actor, now: datetime, *, lock: bool = False) -> Loaded:
    """The document if the actor may see it. Raises DocumentMissing, also for a stranger.

    lock: hold the document's row until the end of the transaction; the first thing every act does.
    """
    row = documents.lock(conn, document_id) if lock else documents.get(conn, document_id)
    standing = standing_of(conn, actor, now)
    all_steps = steps.of_document(conn, document_id)
    current = next((one for one in all_steps if _is_pending_main(one)), None)
    journey = _journey(conn, row, all_steps, current)
    roles = _roles(journey, all_steps, current, standing, row.agency_id)
    if roles == {Role.STRANGER} and not standing.can("view_all_documents", row.agency_id):
        raise DocumentMissing()
    part = _part(all_steps, current, standing)
    return Loaded(row, journey, all_steps, current, standing, roles, part, now)


def _journey(conn: Connection, row: DocumentRow, all_steps: Sequence[StepRow], current: StepRow | None) -> Journey:
    places = _places(conn, row, all_steps, current)
    return Journey(
        place=places[-1],
        trail=tuple(places[:-1]),
        fields=documents.fields_from(row),
        rules=profile_of(conn, row.agency_id).incoming,
        filed=_exists(conn, case_file_document.c.document_id == row.id),
        answered=current is not None and _exists(conn, opinion.c.step_id == current.id),
        files=1 if _exists(conn, document_file.c.document_id == row.id) else 0,
        number=row.register_number,
        deadline=(current.due_on if current is not None else None) or row.deadline,
        limit=row.deadline,
    )


def _places(conn: Connection, row: DocumentRow, all_steps: Sequence[StepRow], current: StepRow | None) -> list[Place]:
    """From the register to where the document is now, along the parents of the current or last step."""
    start = Place(State.REGISTERED, agency_mailbox(conn, row.agency_id).id)
    finished = [Place(State.FINISHED)] if row.state == State.FINISHED.value else []
    chain = _chain(all_steps, current or (_last_main(all_steps) if finished else None))
    kinds = get_many(conn, {one.assignee_id for one in chain})
    units = _units_of(conn, {one.assignee_id for one in chain})
    places = [
        steps.place_of(one, kinds[one.assignee_id].kind.value, _unit(one, kinds[one.assignee_id].kind, units))
        for one in chain
    ]
    return [*(places if places and places[0].state is State.REGISTERED else [start, *places]), *finished]


def _chain(all_steps: Sequence[StepRow], last: StepRow | None) -> list[StepRow]:
    """`last` behind those that led to it."""
    by_id = {one.id: one for one in all_steps}
    chain: list[StepRow] = []
    while last is not None:
        chain.insert(0, last)
        last = by_id.get(last.parent_id)
    return chain


def _last_main(all_steps: Sequence[StepRow]) -> StepRow | None:
    return next((one for one in reversed(all_steps) if one.role == StepRole.MAIN.value), None)


def _unit(step: StepRow, kind: Kind, units: dict[int, int]) -> int | None:
    if step.stage is not None:
        return None
    return step.assignee_id if kind is Kind.UNIT else units.get(step.assignee_id)


def _units_of(conn: Connection, person_ids: set[int]) -> dict[int, int]:
    query = select(person.c.principal_id, person.c.unit_id).where(person.c.principal_id.in_(person_ids))
    return {row.principal_id: row.unit_id for row in conn.execute(query) if row.unit_id is not None}


def _roles(
    journey: Journey,
    all_steps: Sequence[StepRow],
    current: StepRow | None,
    standing: Standing,
    agency_id: int,
) -> frozenset[Role]:
    found: set[Role] = set()
    if standing.is_clerk_of(agency_id):
        found.add(Role.CLERK)
    if current is not None and current.assignee_id in standing.acts_for:
        found |= _HOLDERS.get(journey.place.state, frozenset())
    if _heads_the_holders_unit(journey, standing):
        found.add(Role.UNIT_HEAD)
    if any(_is_closed_main(one) and one.assignee_id in standing.acts_for for one in all_steps):
        found.add(Role.SUPERVISOR)
    found |= _above(all_steps, current, standing, agency_id)
    if any(one.assignee_id in standing.reads for one in all_steps):
        found.add(Role.READER)
    return frozenset(found or {Role.STRANGER})


_HOLDERS = {
    State.AWAITING: frozenset({Role.DECIDER}),
    State.WITH_UNIT: frozenset({Role.UNIT_HEAD}),
    State.WITH_HANDLER: frozenset({Role.HANDLER}),
}


def _above(
    all_steps: Sequence[StepRow], current: StepRow | None, standing: Standing, agency_id: int
) -> frozenset[Role]:
    """Who gave the task, or leads the agency, judges what became of it; nobody judges their own task."""
    last = current or _last_main(all_steps)
    if last is None or (last.stage is None and last.assignee_id in standing.acts_for):
        return frozenset()
    given = [one for one in _chain(all_steps, last)[:-1] if one.assignee_id in standing.acts_for]
    if standing.can("view_all_documents", agency_id) or any(one.stage is not None for one in given):
        return frozenset({Role.OVERSEER, Role.LEADER})
    return frozenset({Role.OVERSEER}) if given else frozenset()


def _heads_the_holders_unit(journey: Journey, standing: Standing) -> bool:
    """The unit that gave the document to its handler may give it to another of its people."""
    here, before = journey.place, journey.trail[-1:]
    given_by_unit = bool(before) and before[0].state is State.WITH_UNIT
    return here.state is State.WITH_HANDLER and given_by_unit and before[0].holder in standing.acts_for


def _part(all_steps: Sequence[StepRow], current: StepRow | None, standing: Standing) -> StepRow | None:
    candidates = [current] if current is not None else []
    mine = (one for one in (*candidates, *reversed(all_steps)) if one.assignee_id in standing.acts_for)
    return next(mine, None)


def _is_pending_main(one: StepRow) -> bool:
    return bool(one.role == StepRole.MAIN.value and one.state == StepState.PENDING.value)


def _is_closed_main(one: StepRow) -> bool:
    return bool(one.role == StepRole.MAIN.value and one.state != StepState.PENDING.value)


def _exists(conn: Connection, condition: ColumnElement[bool]) -> bool:
    return conn.execute(select(literal(1)).where(condition).limit(1)).first() is not None
