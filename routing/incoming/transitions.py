"""The transitions of an incoming document: one table for every door.

Mail, web and schedule call the services, the services call `advance`, and `advance` knows nothing
but this table. A move that is not in it raises and changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from routing.errors import NoSuchMove, NotYourTurn
from routing.incoming import guards as g
from routing.incoming.journey import Act, Advanced, Entry, Journey, Place, Send
from routing.types import Action, Role, State, StepRole

NEW, REGISTERED, AWAITING = State.NEW, State.REGISTERED, State.AWAITING
WITH_UNIT, WITH_HANDLER, FINISHED = State.WITH_UNIT, State.WITH_HANDLER, State.FINISHED
CLERK, DECIDER, HEAD, HANDLER = Role.CLERK, Role.DECIDER, Role.UNIT_HEAD, Role.HANDLER
SUPERVISOR, OVERSEER, READER = Role.SUPERVISOR, Role.OVERSEER, Role.READER
REGISTER, SUBMIT, DIRECT, ASSIGN = Action.REGISTER, Action.SUBMIT, Action.DIRECT, Action.ASSIGN
RETURN, OPINE, NOTIFY, FILE = Action.RETURN, Action.OPINE, Action.NOTIFY, Action.FILE
FINISH, REOPEN = Action.FINISH, Action.REOPEN
ASK_TIME, GRANT_TIME, REFUSE_TIME = Action.ASK_TIME, Action.GRANT_TIME, Action.REFUSE_TIME

QN, GL, KT, DB = "1201/QĐ-SYT", "132/QĐ-STTTT", "04/2017/QĐ-UBND", "123/QĐ-SCT"


@dataclass(frozen=True, slots=True)
class Row:
    """In `state`, one of `by` may do `action`, which leads to `next` once all guards pass."""

    state: State
    action: Action
    next: State
    by: frozenset[Role]
    guards: tuple[g.Guard, ...]
    source: str


def _row(state: State, action: Action, next_: State, by: Role, *guards: g.Guard, source: str) -> Row:
    return Row(state, action, next_, frozenset({by}), guards, source)


# What a line of the register must satisfy, when written and when corrected.
FIELDS = (g.fields_filled, g.fields_fit, g.not_secret, g.summary_says_something)
_GIVEN = (g.instruction_given, g.cc_has_words, g.confirmed, g.due_ahead)
_ENDED = (g.filed_in_case, g.result_given)
_ASKS = (g.reason_given, g.due_given, g.due_ahead, g.later)
_GRANTS = (g.due_given, g.due_ahead, g.later, g.within_the_limit)
_REOPENS = (g.reason_given, g.due_ahead, g.within_the_limit)

_MOVES = (
    _row(NEW, REGISTER, REGISTERED, CLERK, *FIELDS, g.has_files, source=f"{QN}, Điều 5 khoản 1"),
    _row(REGISTERED, SUBMIT, AWAITING, CLERK, source=f"{QN}, Điều 5 khoản 1"),
    _row(AWAITING, DIRECT, AWAITING, DECIDER, g.next_in_route, *_GIVEN, source=f"{QN}, Điều 5 khoản 2"),
    _row(AWAITING, ASSIGN, WITH_UNIT, DECIDER, g.unit_allowed, *_GIVEN, source=f"{QN}, Điều 5 khoản 3"),
    _row(AWAITING, ASSIGN, WITH_HANDLER, DECIDER, g.person_allowed, *_GIVEN, source=f"{GL}, Điều 9 khoản 4"),
    _row(AWAITING, RETURN, AWAITING, DECIDER, g.reason_given, source=f"{KT}, Điều 13 khoản 7"),
    _row(AWAITING, RETURN, REGISTERED, DECIDER, g.reason_given, source=f"{GL}, Điều 14 khoản 4"),
    _row(AWAITING, FINISH, FINISHED, DECIDER, g.for_information, *_ENDED, source=f"{QN}, Điều 5 khoản 6"),
    _row(WITH_UNIT, ASSIGN, WITH_HANDLER, HEAD, g.handler_in_unit, *_GIVEN, source=f"{QN}, Điều 5 khoản 4"),
    _row(WITH_UNIT, RETURN, AWAITING, HEAD, g.reason_given, source=f"{QN}, Điều 5 khoản 6"),
    _row(WITH_UNIT, FINISH, FINISHED, HEAD, *_ENDED, source=f"{GL}, Điều 9 khoản 3"),
    _row(WITH_HANDLER, ASSIGN, WITH_HANDLER, HEAD, g.handler_in_unit, *_GIVEN, source=f"{GL}, Điều 9 khoản 3"),
    _row(WITH_HANDLER, RETURN, WITH_UNIT, HANDLER, g.reason_given, source=f"{QN}, Điều 5 khoản 6"),
    _row(WITH_HANDLER, RETURN, AWAITING, HANDLER, g.reason_given, source=f"{KT}, Điều 13 khoản 7"),
    _row(WITH_HANDLER, FINISH, FINISHED, HANDLER, *_ENDED, source=f"{QN}, Điều 5 khoản 6"),
)  # fmt: skip

# Acts that leave the document where it is.
_SAYS = frozenset({DECIDER, HEAD, HANDLER, SUPERVISOR, READER})
_TELLS = frozenset({DECIDER, HEAD, HANDLER, SUPERVISOR})
_FILES = frozenset({DECIDER, HEAD, HANDLER})
_STAYS = tuple(
    row
    for state in (AWAITING, WITH_UNIT, WITH_HANDLER)
    for row in (
        Row(state, OPINE, state, _SAYS, (g.text_given,), f"{QN}, Điều 5 khoản 6"),
        Row(state, NOTIFY, state, _TELLS, (g.cc_named, g.cc_has_words), f"{KT}, Điều 13 khoản 7"),
        Row(state, FILE, state, _FILES, (), f"{GL}, Điều 9 khoản 5"),
    )
)

# Who has a task asks for more time; who gave it, or a leader, decides.
_MORE_TIME = tuple(
    row
    for state in (WITH_UNIT, WITH_HANDLER)
    for row in (
        Row(state, ASK_TIME, state, frozenset({HEAD, HANDLER}), _ASKS, f"{KT}, Điều 11 khoản 6"),
        Row(state, GRANT_TIME, state, frozenset({OVERSEER}), _GRANTS, f"{KT}, Điều 11 khoản 6"),
        Row(state, REFUSE_TIME, state, frozenset({OVERSEER}), (g.reason_given,), f"{KT}, Điều 11 khoản 6"),
    )
)

# One document in many case files (1201/QĐ-SYT, Điều 8 khoản 1), later too.
_LATER = (Row(FINISHED, FILE, FINISHED, frozenset({SUPERVISOR}), (), f"{QN}, Điều 8 khoản 1"),)

# What was closed to evade goes back to whoever closed it.
_REOPENED = tuple(
    _row(FINISHED, REOPEN, state, OVERSEER, *_REOPENS, source=f"{KT}, Điều 23 khoản 5")
    for state in (AWAITING, WITH_UNIT, WITH_HANDLER)
)

ROWS: tuple[Row, ...] = _MOVES + _STAYS + _MORE_TIME + _LATER + _REOPENED
_BY_KEY = {(row.state, row.action, row.next): row for row in ROWS}


def advance(journey: Journey, act: Act, now: datetime) -> Advanced:
    """The journey after `act`, its history entry, and the messages to send (now: aware, UTC).

    Pure; the caller stores all three parts in one transaction. Raises NoSuchMove (no row),
    NotYourTurn (role), Incomplete (guard; names the field). `journey` itself never changes.
    """
    there = act.to or journey.place
    row = _BY_KEY.get((journey.place.state, act.action, there.state))
    if row is None:
        raise NoSuchMove()
    if not row.by & act.roles:
        raise NotYourTurn()
    for guard in (g.words_fit, *row.guards):
        guard(journey, act)
    moved = replace(journey, place=there, trail=_trail(journey, act.action, there))
    return Advanced(moved, _entry(journey, act, there, now), _sends(journey, act))


def open_to(journey: Journey, roles: frozenset[Role]) -> frozenset[Action]:
    """What these roles may try at this place, guards aside: the buttons of the document page."""
    return frozenset(row.action for row in ROWS if row.state is journey.place.state and row.by & roles)


def _trail(journey: Journey, action: Action, there: Place) -> tuple[Place, ...]:
    """Forward lengthens the trail, giving back and opening again cut it, a change of handler leaves it."""
    if action in (RETURN, REOPEN) and there in journey.trail:
        return journey.trail[: journey.trail.index(there)]
    if action is REOPEN:
        return journey.trail[:-1]
    if action is RETURN or there == journey.place or journey.place.state is there.state is WITH_HANDLER:
        return journey.trail
    return (*journey.trail, journey.place)


def _entry(journey: Journey, act: Act, there: Place, now: datetime) -> Entry:
    target = there.holder if act.to is not None else None
    return Entry(act.action, journey.place.state, there.state, now, act.actor_id, act.on_behalf_of, target, act.text)


def _sends(journey: Journey, act: Act) -> tuple[Send, ...]:
    """A step without a deadline of its own inherits the present one."""
    main: tuple[Send, ...] = ()
    if act.to is not None and act.to.holder is not None:
        main = (Send(StepRole.MAIN, act.to.holder, act.text, act.due_on or journey.deadline, act.to.stage),)
    return main + tuple(Send(StepRole.CC, cc.principal_id, cc.text, None) for cc in act.cc)
