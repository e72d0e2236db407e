"""Sequence numbers of one session while others change the folder: tables, no server."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from mailserver.imap.folder_state import FolderState
from mailserver.imap.parser.cursor import Cursor
from mailserver.imap.parser.sequence import SequenceSet
from mailserver.imap.rows import Rows
from mailserver.imap.view import BeyondEnd, Updates, View
from mailserver.store.entries import Row

Expected = tuple[list[int], int | None, list[int]]


def entry(uid: int, modseq: int = 1, flags: int = 0) -> Row:
    return Row(uid, uid + 1000, flags, "", 0, 0, modseq, 100)


def folder_of(*uids: int) -> FolderState:
    rows = Rows()
    for uid in uids:
        rows.append(entry(uid))
    return FolderState(1, rows, 1)


def told(updates: Updates) -> Expected:
    return updates.expunged, updates.exists, list(updates.changed)


@pytest.mark.parametrize(
    ("wire", "uid", "indexes"),
    [
        ("1:*", False, [0, 1, 2, 3]),
        ("*", False, [3]),
        ("2,4", False, [1, 3]),
        ("3:1", False, [0, 1, 2]),
        ("1:*", True, [0, 1, 2, 3]),
        ("5:8", True, [1, 2]),
        ("100:*", True, [3]),
        ("6", True, []),
        ("*:6", True, [2, 3]),
    ],
)
def test_a_set_means_these_messages(wire: str, uid: bool, indexes: list[int]) -> None:
    view = View(folder_of(2, 5, 8, 9), 1)
    found = view.resolve(SequenceSet.parse(Cursor(wire.encode())), uid)
    assert [index for span in found for index in span] == indexes


@pytest.mark.parametrize(
    ("saved", "ranges"),
    [([], []), ([2, 5, 9], [range(2), range(3, 4)]), ([1, 8], [range(2, 3)]), ([100], [])],
)
def test_what_was_saved_means_what_is_left_of_it(saved: Sequence[int], ranges: list[range]) -> None:
    view = View(folder_of(2, 5, 8, 9), 1)
    view.saved = saved
    for uid in (True, False):
        assert view.resolve(SequenceSet((), saved=True), uid) == ranges


@pytest.mark.parametrize(("uids", "wire"), [((), "1"), ((), "*"), ((), "1:*"), ((4, 5), "3"), ((4, 5), "1:3")])
def test_a_number_beyond_the_last_is_refused_but_tolerated_by_search(uids: Sequence[int], wire: str) -> None:
    view = View(folder_of(*uids), 1)
    numbers = SequenceSet.parse(Cursor(wire.encode()))
    with pytest.raises(BeyondEnd):
        view.resolve(numbers, uid=False)
    found = view.resolve(numbers, uid=False, strict=False)
    assert all(span.stop <= len(uids) for span in found)


def test_nothing_is_pending_at_first() -> None:
    assert not View(folder_of(1, 2), 1).pending()


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ([([entry(4, 2)], [])], ([], 4, [])),
        ([([], [2])], ([2], None, [])),
        ([([], [1, 2])], ([1, 1], None, [])),
        ([([], [1, 3])], ([1, 2], None, [])),
        ([([], [2]), ([entry(4, 3)], [])], ([2], 3, [])),
        ([([entry(2, 2, 1)], [])], ([], None, [1])),
        ([([entry(2, 2, 1)], []), ([], [1])], ([1], None, [0])),
        ([([entry(4, 2)], []), ([], [4])], ([], None, [])),  # came and went unseen
        ([([entry(4, 2)], []), ([], [4]), ([entry(5, 4)], [])], ([], 4, [])),
        ([([], [9])], ([], None, [])),
    ],
)
def test_what_others_did_is_told_once(changes: list[tuple[list[Row], list[int]]], expected: Expected) -> None:
    state = folder_of(1, 2, 3)
    view = View(state, 1)
    for number, (changed, expunged) in enumerate(changes, 2):
        state.apply(changed, expunged, number)
    assert told(view.catch_up(expunges=True)) == expected
    assert not view.pending()
    assert told(view.catch_up(expunges=True)) == ([], None, [])


def test_an_expunge_waits_and_so_does_what_comes_after() -> None:
    """No EXPUNGE during FETCH, STORE or SEARCH by number (RFC 3501 §7.4.1)."""
    state = folder_of(1, 2, 3)
    view = View(state, 1)
    state.apply([entry(3, 2, 1)], [], 2)
    state.apply([], [2], 3)
    state.apply([entry(4, 4)], [], 4)
    assert told(view.catch_up(expunges=False)) == ([], None, [2])
    assert list(view.rows.uids[: view.count]) == [1, 2, 3]
    assert view.row(1)[0].pks[view.row(1)[1]] == 1002  # still readable
    assert told(view.catch_up(expunges=True)) == ([2], 3, [])
    assert list(view.rows.uids[: view.count]) == [1, 3, 4]


def test_the_flags_of_other_messages_are_the_newest_even_before_an_expunge_is_told() -> None:
    state = folder_of(1, 2, 3)
    view = View(state, 1)
    state.apply([], [1], 2)
    state.apply([entry(3, 3, 4)], [], 3)
    rows, index = view.row(2)
    assert rows.flags[index] == 4


def test_one_s_own_change_is_not_told_again_but_others_hear_of_it() -> None:
    state = folder_of(1, 2)
    mine, other = View(state, 1), View(state, 1)
    me = object()
    state.apply([entry(1, 2, 1)], [], 2, origin=me)
    assert told(mine.catch_up(True, origin=me)) == ([], None, [])
    assert told(other.catch_up(True, origin=object())) == ([], None, [0])


def test_the_same_news_twice_changes_nothing() -> None:
    state = folder_of(1, 2)
    assert state.apply([entry(3, 2)], [1], 2)
    assert not state.apply([entry(3, 2)], [1], 2)
    assert list(state.rows.uids) == [2, 3]


def test_old_news_does_not_bring_back_what_has_gone_since() -> None:
    state = folder_of(1)
    state.apply([entry(2, 2)], [], 2)
    state.apply([], [2], 3)
    assert not state.apply([entry(2, 2)], [], 2)
    assert list(state.rows.uids) == [1]


def test_sessions_share_the_rows() -> None:
    state = folder_of(*range(1, 1001))
    views = [View(state, 1) for _ in range(3)]
    state.apply([entry(2000, 2)], [], 2)
    assert all(view.rows is state.rows for view in views)
    state.apply([], [7], 3)
    for view in views:
        view.catch_up(expunges=True)
    assert all(view.rows is state.rows for view in views)


def test_recent_counts_from_the_first_uid_not_yet_told_to_anybody() -> None:
    view = View(folder_of(1, 5, 9), recent_from=5)
    assert view.recent() == 2


def test_what_vanished_is_told_by_uid_too() -> None:
    """RFC 7162 §3.2.10: the uids of those whose numbers EXPUNGE would tell."""
    state = folder_of(2, 5, 8, 9)
    view = View(state, 1)
    state.apply([], [9, 2], 2)
    state.apply([entry(11, 3)], [8, 77], 3)
    updates = view.catch_up(expunges=True)
    assert (updates.expunged, updates.vanished, updates.exists) == ([1, 2, 2], [2, 8, 9], 2)
