"""The journey of an incoming document as values: where it is, what is done, what follows."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from routing.profile import Incoming
from routing.types import Action, Cc, Fields, Role, State, StepRole


@dataclass(frozen=True, slots=True)
class Place:
    """Where the main line stands. holder: the principal whose turn it is, None when nobody's.

    stage: index into the profile's route, for State.AWAITING only. unit_id: the unit that a
    handler belongs to, or the holder itself for a unit. step_id: the step that put it there.
    """

    state: State
    holder: int | None = None
    stage: int | None = None
    unit_id: int | None = None
    step_id: int | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Journey:
    """What the guards need to know of a document.

    trail: the places it came through, oldest first, without the present one; giving back goes along
    it. filed: in at least one case file. answered: the holder has given an opinion at this step.
    number: số đến, None before registration. deadline: the present one, of step or document; limit: that of
    the document, which only leaders move.
    """

    place: Place
    fields: Fields
    rules: Incoming
    trail: tuple[Place, ...] = ()
    filed: bool = False
    answered: bool = False
    files: int = 0
    number: int | None = None
    deadline: date | None = None
    limit: date | None = None


@dataclass(frozen=True, slots=True)
class Act:
    """What somebody wants to do.

    roles: all that the actor is to this document. to: where the main line shall go; None: it stays.
    text: instruction, reason, opinion or result. today: a day of the agency's calendar.
    """

    action: Action
    roles: frozenset[Role]
    actor_id: int | None
    today: date
    to: Place | None = None
    text: str = ""
    cc: tuple[Cc, ...] = ()
    due_on: date | None = None
    on_behalf_of: int | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of history."""

    action: Action
    before: State
    after: State
    at: datetime
    actor_id: int | None
    on_behalf_of: int | None
    target_id: int | None
    note: str


@dataclass(frozen=True, slots=True)
class Send:
    """A step to make and its message to put into a mailbox."""

    role: StepRole
    principal_id: int
    text: str
    due_on: date | None
    stage: int | None = None


@dataclass(frozen=True, slots=True)
class Advanced:
    """What follows from an act: the caller stores all three parts in one transaction."""

    journey: Journey
    entry: Entry
    send: tuple[Send, ...] = field(default=())


def return_place(journey: Journey) -> Place | None:
    """Where giving back leads by the agency's rule, or None when there is nobody to give back to.

    Along the trail to whoever gave it (1201/QĐ-SYT, Điều 5 khoản 6: the direct superior), or to the
    chief of office (04/2017/QĐ-UBND, Điều 13 khoản 7).
    """
    here, rules = journey.place, journey.rules
    if rules.return_to == "chief_of_office" and here.state in (State.WITH_UNIT, State.WITH_HANDLER):
        return _last_stage(journey, "chief_of_office") or _sender(journey)
    skipped_head = here.state is State.WITH_HANDLER and here.unit_id is not None
    if rules.return_to == "direct_superior" and skipped_head:
        return Place(State.WITH_UNIT, holder=here.unit_id, unit_id=here.unit_id)
    return _sender(journey)


def _sender(journey: Journey) -> Place | None:
    return journey.trail[-1] if journey.trail else None


def _last_stage(journey: Journey, role: str) -> Place | None:
    for place in reversed(journey.trail):
        if place.stage is not None and journey.rules.route[place.stage].role == role:
            return place
    return None
