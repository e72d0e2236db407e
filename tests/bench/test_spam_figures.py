"""The figures by which spam filters are compared."""

from __future__ import annotations

import pytest

from tests.bench.spam_figures import area_lost, drawn, folds, in_time, recall

PERFECT = [(0.1, False), (0.2, False), (0.8, True), (0.9, True)]


def test_area_counts_the_pairs_in_the_wrong_order_ties_half() -> None:
    assert area_lost(PERFECT) == 0.0
    assert area_lost([(score, not spam) for score, spam in PERFECT]) == 1.0
    assert area_lost([(0.5, False), (0.5, True)]) == pytest.approx(0.5)


def test_recall_allows_the_false_alarms_of_the_rate_and_no_more() -> None:
    judged = [(float(number), False) for number in range(1_000)] + [(998.5, True), (2_000.0, True)]
    assert recall(judged, 0.0) == 0.5
    assert recall(judged, 0.001) == 1.0


def test_in_time_learns_the_first_of_each_kind() -> None:
    split = in_time([False, True, False, True], 0.5)
    assert (split.train, split.test) == ([0, 1], [2, 3])


def test_each_sample_is_judged_in_one_fold_and_learned_in_the_others() -> None:
    kinds = [False] * 20 + [True] * 10
    found = list(folds(kinds, 5))
    assert sorted(index for split in found for index in split.test) == list(range(30))
    assert all(not set(split.train) & set(split.test) and len(split.train) == 24 for split in found)


def test_so_many_of_each_kind_are_drawn_and_all_others_judged() -> None:
    kinds = [False] * 20 + [True] * 10
    split = drawn(kinds, 5, 2, seed=1)
    assert [kinds[index] for index in split.train] == [False] * 5 + [True] * 2
    assert sorted([*split.train, *split.test]) == list(range(30))
    assert drawn(kinds, 5, 2, seed=1) == split != drawn(kinds, 5, 2, seed=2)
