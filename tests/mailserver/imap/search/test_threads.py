"""Threading as pure functions: shapes, awkward references, and how the work grows."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from types import FrameType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailserver.imap.search import threads
from mailserver.imap.search.threads import Forest, ordered_subject, references, render


def threaded(ancestries: Sequence[Sequence[int]], subjects: Sequence[str] = (), answers: Sequence[int] = ()) -> Forest:
    """Messages in the order of their dates; without subjects, each has its own."""
    count = len(ancestries)
    named = list(subjects) or [f"s{index}" for index in range(count)]
    return references(ancestries, named, set(answers).__contains__, range(count))


def shape(forest: Forest) -> bytes:
    return render(forest, [b"%d" % (index + 1) for index in range(forest.count)])


@pytest.mark.parametrize(
    ("ancestries", "wire"),
    [
        ([], b""),
        ([[1]], b"(1)"),
        ([[1], [2, 1], [3, 2]], b"(1 2 3)"),
        ([[1], [2, 1], [3, 1]], b"(1 (2)(3))"),
        # The order of arrival does not matter, nor that one in between is missing.
        ([[3, 1, 2], [1], [2, 1]], b"(2 3 1)"),
        ([[1], [3, 1, 2]], b"(1 2)"),
        # What is only referred to holds those together that refer to it, if there are several.
        ([[2, 1]], b"(1)"),
        ([[2, 1], [3, 1]], b"((1)(2))"),
        ([[2, 9, 8], [3, 9, 7]], b"((1)(2))"),
        ([[2, 9], [3, 9], [4, 2]], b"((1 3)(2))"),
        # No Message-ID, and one that occurs twice: the first has it.
        ([[0], [0], [0, 5], [5]], b"(1)(2)(4 3)"),
        ([[1], [1], [2, 1]], b"(1 3)(2)"),
        # A later message knows better whom it answers than others do.
        ([[3, 1, 2], [2, 9], [1]], b"(2 1)(3)"),
        # Without references it answers nobody, whatever was said before.
        ([[3, 1, 2], [1], [2]], b"(2)(3 1)"),
        # Loops.
        ([[1, 1]], b"(1)"),
        ([[1, 2], [2, 1]], b"(2 1)"),
        ([[1, 3], [2, 1], [3, 2]], b"(3 1 2)"),
        ([[1, 2, 3, 2, 3]], b"(1)"),
    ],
)
def test_references(ancestries: Sequence[Sequence[int]], wire: bytes) -> None:
    assert shape(threaded(ancestries)) == wire


@pytest.mark.parametrize(
    ("ancestries", "subjects", "answers", "wire"),
    [
        # A reply goes under what it may answer.
        ([[1], [2]], ["a", "a"], [1], b"(1 2)"),
        ([[1], [2]], ["a", "a"], [0], b"(2 1)"),
        # Two of a kind lie beside one another.
        ([[1], [2]], ["a", "a"], [], b"((1)(2))"),
        ([[1], [2]], ["a", "a"], [0, 1], b"((1)(2))"),
        ([[1], [2], [3]], ["a", "a", "a"], [], b"((1)(2)(3))"),
        # Nobody's children join them, and threads that are nobody's become one.
        ([[1], [2, 9], [3, 9]], ["a", "a", "b"], [], b"((1)(2)(3))"),
        ([[2, 9], [3, 9], [4, 8], [5, 8]], ["a", "b", "a", "c"], [], b"((1)(2)(3)(4))"),
        # A subject of nothing joins nothing.
        ([[1], [2]], ["", ""], [], b"(1)(2)"),
        # Only roots are joined: what already has its place keeps it.
        ([[1], [2, 1], [3]], ["a", "b", "b"], [], b"(1 2)(3)"),
    ],
)
def test_subjects(
    ancestries: Sequence[Sequence[int]], subjects: Sequence[str], answers: Sequence[int], wire: bytes
) -> None:
    assert shape(threaded(ancestries, subjects, answers)) == wire


def test_siblings_and_roots_are_in_the_order_of_their_dates() -> None:
    ancestries = [[1], [2, 1], [3, 1], [4, 9], [5, 9]]
    forest = references(ancestries, ["a", "b", "c", "d", "e"], lambda _node: False, [3, 2, 1, 4, 0])
    assert shape(forest) == b"((5)(4))(1 (3)(2))"
    assert shape(ordered_subject(["x", "y", "x", "y", "x"], [3, 2, 1, 4, 0])) == b"(5 (3)(1))(2 4)"


IDS = st.integers(min_value=0, max_value=12)
MAILBOXES = st.lists(
    st.tuples(st.lists(IDS.filter(bool), max_size=5), IDS, st.sampled_from(["", "a", "b", "c"]), st.booleans()),
    max_size=12,
)


@settings(deadline=None)
@given(MAILBOXES)
def test_every_message_is_shown_once_whatever_the_references(
    mailbox: list[tuple[list[int], int, str, bool]],
) -> None:
    forest = references(
        [[own, *above] for above, own, _, _ in mailbox],
        [subject for _, _, subject, _ in mailbox],
        lambda node: mailbox[node][3],
        range(len(mailbox)),
    )
    wire = shape(forest)
    numbers = wire.replace(b"(", b" ").replace(b")", b" ").split()
    assert sorted(map(int, numbers)) == list(range(1, len(mailbox) + 1))
    assert wire.count(b"(") == wire.count(b")")
    assert b"()" not in wire and b" )" not in wire and b"( " not in wire


def steps(ancestries: Sequence[Sequence[int]]) -> int:
    """Lines of the threading code that run for a mailbox."""
    count = 0

    def trace(frame: FrameType, _event: str, _argument: object) -> Any:
        nonlocal count
        count += 1
        return trace if frame.f_code.co_filename == threads.__file__ else None

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        shape(threaded(ancestries))
    finally:
        sys.settrace(before)
    return count


@pytest.mark.parametrize("kind", ["chain", "backwards", "missing", "loop", "star"])
def test_work_grows_with_the_references_and_not_faster(kind: str) -> None:
    """A mailbox of a hostile sender costs in proportion to what they sent."""

    def mailbox(count: int) -> list[list[int]]:
        chain = [[index, *range(max(1, index - 5), index)] for index in range(1, count + 1)]
        return {
            "chain": chain,
            "backwards": chain[::-1],
            "missing": [[index, 10**6 + index, 10**6 + index + 1] for index in range(count)],
            "loop": [[index, index % count + 1] for index in range(1, count + 1)],
            "star": [[index, 1] for index in range(1, count + 1)],
        }[kind]

    assert steps(mailbox(600)) < 2.5 * steps(mailbox(300))
