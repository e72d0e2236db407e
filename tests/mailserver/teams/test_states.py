"""The table of moves: each state and act has one row, or none."""

from __future__ import annotations

from collections import Counter

from mailserver.teams.states import ENDED, MOVES, NEW, OPEN, REGISTERED, Act, By, State, move_for


def test_each_state_and_act_lead_to_one_place() -> None:
    assert max(Counter((move.old, move.act) for move in MOVES).values()) == 1
    for state in State:
        for act in Act:
            found = move_for(state, act)
            assert found is None or (found.old, found.act) == (state, act)


def test_what_has_become_a_document_stays_one() -> None:
    assert all(move_for(REGISTERED, act) is None for act in Act)


def test_only_what_nobody_has_can_be_taken_by_anybody() -> None:
    takers = {move.old for move in MOVES if move.act in (Act.TAKE, Act.PASS) and move.by is By.ANYBODY}
    assert takers == {NEW}
    assert all(move.by is not By.ANYBODY for move in MOVES if move.old in OPEN)
    assert {move.new for move in MOVES if move.act in (Act.FINISH, Act.REGISTER)} == set(ENDED)
