"""Who may do what with a reported post, by the profile of the agency."""

from __future__ import annotations

import pytest

from routing.moderation.states import DECIDE, MODERATE, ROWS, Act, State, acts_of
from routing.profile import load_profile
from routing.standing import NOBODY, Standing

AGENCY = 7


def somebody(*capabilities: str) -> Standing:
    return Standing(1, AGENCY, frozenset(), frozenset(), frozenset(capabilities), None)


def test_nobody_else_does_anything() -> None:
    for state in State:
        assert acts_of(NOBODY, AGENCY, state) == {}
        assert acts_of(somebody("statistics"), AGENCY, state) == {}
        assert acts_of(somebody(MODERATE, DECIDE), AGENCY + 1, state) == {}


@pytest.mark.parametrize(
    ("state", "administrator", "decider", "both"),
    [
        (State.REPORTED, {Act.HIDE, Act.DISMISS}, set(), {Act.HIDE, Act.DISMISS}),
        (State.HIDDEN, {Act.PROPOSE, Act.SHOW}, {Act.DELETE, Act.SHOW}, {Act.DELETE, Act.SHOW}),
        (State.PROPOSED, {Act.WITHDRAW}, {Act.DELETE, Act.SHOW}, {Act.DELETE, Act.SHOW}),
        (State.DELETED, set(), {Act.SHOW}, {Act.SHOW}),
        (State.STAYS, {Act.HIDE}, set(), {Act.HIDE}),
    ],
)
def test_the_administrator_asks_whoever_decides(
    state: State, administrator: set[Act], decider: set[Act], both: set[Act]
) -> None:
    assert set(acts_of(somebody(MODERATE), AGENCY, state)) == administrator
    assert set(acts_of(somebody(DECIDE), AGENCY, state)) == decider
    assert set(acts_of(somebody(MODERATE, DECIDE), AGENCY, state)) == both


@pytest.mark.parametrize(
    ("decides", "profile"),
    [*(("director", name) for name in ("db", "hungbinh", "gl", "qn")), ("it_admin", "tn"), ("it_admin", "kt")],
)
def test_who_decides_stands_in_the_profile(decides: str, profile: str) -> None:
    roles = load_profile(profile).capabilities
    assert [role for role, granted in roles.items() if DECIDE in granted] == [decides]
    assert [role for role, granted in roles.items() if MODERATE in granted] == ["it_admin"]


def test_no_act_leads_two_ways() -> None:
    ways = {(row.state, row.act): row.next for row in ROWS}
    assert all(ways[row.state, row.act] is row.next for row in ROWS)
