"""Every (state, action, next, role): a row of the table, or a refusal that changes nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import product

import pytest

from routing.errors import Incomplete, NoSuchMove, NotYourTurn
from routing.incoming.journey import Act, Journey, Place, return_place
from routing.incoming.transitions import ROWS, Row, advance, open_to
from routing.profile import Incoming, Stage, load_profile
from routing.types import Action, Cc, Fields, Role, State, StepRole, Treatment

NOW = datetime(2026, 11, 10, 2, tzinfo=UTC)
TODAY = date(2026, 11, 10)
UNIT, PERSON, DIRECTOR, CHIEF, REGISTRY = 10, 11, 12, 13, 14
RULES = Incoming(
    route=(
        Stage(role="director", assign=("unit", "person")),
        Stage(role="chief_of_office", assign=("unit", "person")),
    ),
    return_to="sender_of_step",
)
PLACES = {
    State.NEW: Place(State.NEW),
    State.REGISTERED: Place(State.REGISTERED, REGISTRY),
    State.AWAITING: Place(State.AWAITING, DIRECTOR, stage=0),
    State.WITH_UNIT: Place(State.WITH_UNIT, UNIT, unit_id=UNIT),
    State.WITH_HANDLER: Place(State.WITH_HANDLER, PERSON, unit_id=UNIT),
    State.FINISHED: Place(State.FINISHED),
}
# Where each place came from, so that every guard about the trail can be satisfied.
TRAILS = {
    State.NEW: (),
    State.REGISTERED: (),
    State.AWAITING: (PLACES[State.REGISTERED],),
    State.WITH_UNIT: (PLACES[State.REGISTERED], PLACES[State.AWAITING]),
    State.WITH_HANDLER: (PLACES[State.REGISTERED], PLACES[State.AWAITING], PLACES[State.WITH_UNIT]),
    State.FINISHED: (PLACES[State.REGISTERED],),
}
FIELDS = Fields(
    issuer="UBND tỉnh",
    summary="V/v rà soát quy hoạch ven sông Lệ",
    number="1482",
    notation="UBND-KTN",
    treatment=Treatment.INFORMATION,
    due_on=date(2026, 11, 20),
)


def journey_in(state: State, **changes: object) -> Journey:
    """One in which no guard objects to anything."""
    fine = Journey(PLACES[state], FIELDS, RULES, TRAILS[state], filed=True, answered=True, files=1, number=1)
    return replace(fine, **changes)


def target_of(state: State, action: Action, next_: State) -> Place | None:
    if action in (Action.OPINE, Action.NOTIFY, Action.FILE):
        return None
    if (state, action, next_) == (State.AWAITING, Action.DIRECT, State.AWAITING):
        return Place(State.AWAITING, CHIEF, stage=1)
    return PLACES[next_]


def act_with(action: Action, role: Role, to: Place | None, **changes: object) -> Act:
    cc = (Cc(99, "Để biết."),) if action is Action.NOTIFY else ()
    fine = Act(action, frozenset({role}), 1, TODAY, to, "Ý kiến.", cc, date(2026, 11, 18))
    return replace(fine, **changes)


@pytest.mark.parametrize(("state", "action", "role"), list(product(State, Action, Role)), ids=lambda one: one.value)
def test_every_state_action_and_role_has_a_row_or_is_refused(state: State, action: Action, role: Role) -> None:
    for next_ in State:
        to = target_of(state, action, next_)
        if to is None and next_ is not state:
            continue
        journey, act = journey_in(state), act_with(action, role, to)
        row = next((r for r in ROWS if (r.state, r.action, r.next) == (state, action, next_)), None)
        if row is None:
            with pytest.raises(NoSuchMove):
                advance(journey, act, NOW)
        elif role not in row.by:
            with pytest.raises(NotYourTurn):
                advance(journey, act, NOW)
        else:
            assert advance(journey, act, NOW).journey.place.state is next_
        assert journey == journey_in(state)


@pytest.mark.parametrize("row", ROWS, ids=lambda r: f"{r.state.value}-{r.action.value}-{r.next.value}")
def test_every_row_cites_its_article_and_its_move_is_unique(row: Row) -> None:
    assert "Điều " in row.source
    assert sum((r.state, r.action, r.next) == (row.state, row.action, row.next) for r in ROWS) == 1


def refused(journey: Journey, act: Act) -> str:
    with pytest.raises(Incomplete) as caught:
        advance(journey, act, NOW)
    assert caught.value.sentence("vi") != caught.value.sentence("en")
    return caught.value.field


TASK = replace(FIELDS, treatment=Treatment.TASK)
GIVE = {"state": State.AWAITING, "action": Action.ASSIGN, "role": Role.DECIDER, "to": PLACES[State.WITH_UNIT]}
END = {"state": State.WITH_HANDLER, "action": Action.FINISH, "role": Role.HANDLER, "to": PLACES[State.FINISHED]}
BACK = {"state": State.WITH_UNIT, "action": Action.RETURN, "role": Role.UNIT_HEAD, "to": PLACES[State.AWAITING]}
NEW = {"state": State.NEW, "action": Action.REGISTER, "role": Role.CLERK, "to": PLACES[State.REGISTERED]}
ANSWER = Incoming(route=RULES.route, finish_requires_result=True)
CONFIRM = Incoming(route=RULES.route, confirm=("subject_field", "due_on"))


@pytest.mark.parametrize(
    ("base", "journey", "act", "field"),
    [
        (NEW, {"fields": replace(FIELDS, summary=" ")}, {}, "summary"),
        (NEW, {"fields": replace(FIELDS, summary="V/v Mời họp")}, {}, "summary"),
        (NEW, {"fields": replace(FIELDS, summary="x" * 501)}, {}, "summary"),
        (NEW, {"fields": replace(FIELDS, issuer="")}, {}, "issuer"),
        (NEW, {"fields": replace(FIELDS, number="12; 13")}, {}, "number"),
        (NEW, {"fields": replace(FIELDS, signer="x" * 51)}, {}, "signer"),
        (NEW, {"files": 0}, {}, "files"),
        (GIVE, {}, {"text": " "}, "instruction"),
        (GIVE, {}, {"text": "x" * 20_001}, "text"),
        (GIVE, {}, {"cc": (Cc(20, ""),)}, "cc"),
        (GIVE, {}, {"cc": (Cc(UNIT, "hai vai"),)}, "cc"),
        (GIVE, {}, {"cc": (Cc(20, "a"), Cc(20, "b"))}, "cc"),
        (GIVE, {}, {"due_on": date(2026, 11, 9)}, "due_on"),
        (GIVE, {"rules": CONFIRM}, {}, "subject_field"),
        (GIVE, {"rules": Incoming(route=(Stage(role="director"),))}, {}, "main"),
        (BACK, {}, {"text": "\n"}, "reason"),
        (END, {"filed": False}, {}, "case"),
        (END, {"fields": TASK, "rules": ANSWER, "answered": False}, {"text": ""}, "result"),
    ],
)
def test_a_guard_names_what_is_missing_and_without_the_fault_the_move_goes_through(
    base: dict[str, object], journey: dict[str, object], act: dict[str, object], field: str
) -> None:
    state, action, role, to = base["state"], base["action"], base["role"], base["to"]
    fine = journey_in(state), act_with(action, role, to)  # type: ignore[arg-type]
    assert advance(*fine, NOW).journey.place == to
    assert refused(replace(fine[0], **journey), replace(fine[1], **act)) == field


def test_a_document_that_asks_for_something_does_not_end_before_it_was_assigned() -> None:
    act = act_with(Action.FINISH, Role.DECIDER, PLACES[State.FINISHED])
    assert advance(journey_in(State.AWAITING), act, NOW).journey.place.state is State.FINISHED
    assert refused(journey_in(State.AWAITING, fields=TASK), act) == "main"


def test_a_head_gives_only_to_people_of_the_unit() -> None:
    act = act_with(Action.ASSIGN, Role.UNIT_HEAD, PLACES[State.WITH_HANDLER])
    assert advance(journey_in(State.WITH_UNIT), act, NOW).journey.place == PLACES[State.WITH_HANDLER]
    stranger = replace(act, to=Place(State.WITH_HANDLER, 77, unit_id=78))
    assert refused(journey_in(State.WITH_UNIT), stranger) == "main"


def test_passing_on_leads_to_the_very_next_stage() -> None:
    act = act_with(Action.DIRECT, Role.DECIDER, Place(State.AWAITING, CHIEF, stage=1))
    assert advance(journey_in(State.AWAITING), act, NOW).journey.place.stage == 1
    assert refused(journey_in(State.AWAITING), replace(act, to=Place(State.AWAITING, CHIEF, stage=2))) == "main"


def test_a_step_inherits_the_deadline_unless_it_gets_its_own() -> None:
    journey = journey_in(State.WITH_UNIT, deadline=date(2026, 11, 20))
    act = act_with(Action.ASSIGN, Role.UNIT_HEAD, PLACES[State.WITH_HANDLER], cc=(Cc(20, "Để biết."),))
    sent = advance(journey, replace(act, due_on=None), NOW).send
    assert [(s.role, s.due_on) for s in sent] == [(StepRole.MAIN, date(2026, 11, 20)), (StepRole.CC, None)]
    assert advance(journey, act, NOW).send[0].due_on == date(2026, 11, 18)


def test_the_trail_grows_forward_stays_on_a_change_of_handler_and_is_cut_by_giving_back() -> None:
    handler = journey_in(State.WITH_HANDLER)
    other = Place(State.WITH_HANDLER, 15, unit_id=UNIT)
    again = advance(handler, act_with(Action.ASSIGN, Role.UNIT_HEAD, other), NOW).journey
    assert (again.place, again.trail) == (other, handler.trail)
    back = advance(again, act_with(Action.RETURN, Role.HANDLER, PLACES[State.WITH_UNIT]), NOW).journey
    assert (back.place, back.trail) == (PLACES[State.WITH_UNIT], TRAILS[State.WITH_UNIT])


@pytest.mark.parametrize(
    ("profile", "state", "expected"),
    [
        ("db", State.WITH_HANDLER, PLACES[State.WITH_UNIT]),
        ("qn", State.WITH_HANDLER, PLACES[State.WITH_UNIT]),
        ("qn", State.WITH_UNIT, PLACES[State.AWAITING]),
        ("qn", State.AWAITING, PLACES[State.REGISTERED]),
        ("kt", State.WITH_HANDLER, PLACES[State.AWAITING]),
        ("kt", State.WITH_UNIT, PLACES[State.AWAITING]),
    ],
)
def test_giving_back_leads_where_the_regulation_says(profile: str, state: State, expected: Place) -> None:
    assert return_place(journey_in(state, rules=load_profile(profile).incoming)) == expected


def test_a_specialist_who_got_it_over_the_head_gives_it_back_to_the_head_where_the_superior_is_meant() -> None:
    skipped = journey_in(State.WITH_HANDLER, trail=TRAILS[State.WITH_UNIT], rules=load_profile("qn").incoming)
    to = return_place(skipped)
    assert to == PLACES[State.WITH_UNIT]
    back = advance(skipped, act_with(Action.RETURN, Role.HANDLER, to), NOW).journey
    assert return_place(back) == PLACES[State.AWAITING]


def test_buttons_are_those_of_the_role() -> None:
    handler = open_to(journey_in(State.WITH_HANDLER), frozenset({Role.HANDLER}))
    assert handler == {Action.FINISH, Action.RETURN, Action.OPINE, Action.NOTIFY, Action.FILE, Action.ASK_TIME}
    assert open_to(journey_in(State.WITH_HANDLER), frozenset({Role.READER})) == {Action.OPINE}
    assert open_to(journey_in(State.FINISHED), frozenset({Role.STRANGER})) == set()
