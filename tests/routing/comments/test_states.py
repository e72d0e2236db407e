"""The table of a comment request's life, and the moments of its reminders."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from routing.comments import states
from routing.comments.states import Act, State
from routing.errors import Incomplete, NoSuchMove

NOW = datetime(2026, 11, 26, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(("state", "act"), list(product(State, Act)))
def test_every_act_is_in_the_table_or_changes_nothing(state: State, act: Act) -> None:
    if act in states.acts_in(state):
        assert states.advance(state, act) is not State.OVERDUE
    else:
        with pytest.raises(NoSuchMove):
            states.advance(state, act)


def test_whatever_ends_a_request_can_be_undone() -> None:
    ends = {row.goes_to for row in states.ROWS} - {State.OPEN}
    assert ends == {State.CLOSED, State.WITHDRAWN}
    assert all(states.acts_in(end) == {Act.REOPEN} for end in ends)


def test_an_open_request_is_overdue_from_its_due_moment_on() -> None:
    found = [states.state_at(State.OPEN, NOW, NOW + step) for step in (-timedelta(milliseconds=1), timedelta(0))]
    assert found == [State.OPEN, State.OVERDUE]
    assert states.state_at(State.CLOSED, NOW, NOW + HOUR) is State.CLOSED


@pytest.mark.parametrize(
    ("state", "answered", "may"),
    [
        (State.OPEN, False, True),
        (State.OPEN, True, True),
        (State.OVERDUE, False, True),
        (State.OVERDUE, True, False),
        (State.CLOSED, False, False),
        (State.WITHDRAWN, False, False),
    ],
)
def test_an_answer_may_be_changed_until_due_and_given_late_until_summed_up(
    state: State, answered: bool, may: bool
) -> None:
    assert states.may_answer(state, answered=answered) is may
    if may:
        states.check_answer(state, answered=answered)
    else:
        with pytest.raises(NoSuchMove):
            states.check_answer(state, answered=answered)


@pytest.mark.parametrize("due", [NOW, NOW - HOUR, NOW + states.LONGEST + HOUR])
def test_the_due_moment_lies_ahead_and_not_too_far(due: datetime) -> None:
    states.check_due(NOW + states.LONGEST, NOW)
    with pytest.raises(Incomplete) as refused:
        states.check_due(due, NOW)
    assert refused.value.field == "due"


@pytest.mark.parametrize(("hours", "before"), [(240, 24), (48, 24), (40, 20), (2, 1)])
def test_reminders_come_a_day_before_or_when_half_of_a_short_period_is_over(hours: int, before: int) -> None:
    due = NOW + hours * HOUR
    assert states.remind_at(NOW, due, 24) == due - before * HOUR
