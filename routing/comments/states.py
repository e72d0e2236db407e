"""The life of a comment request as one table. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum, unique

from routing.errors import Incomplete, NoSuchMove

LONGEST = timedelta(days=366)


@unique
class State(StrEnum):
    """OVERDUE is never stored: an open request is overdue from its due moment on."""

    OPEN = "open"  # đang lấy ý kiến
    OVERDUE = "overdue"  # quá hạn
    CLOSED = "closed"  # đã tổng hợp
    WITHDRAWN = "withdrawn"  # đã rút


@unique
class Act(StrEnum):
    ANSWER = "answer"  # gửi ý kiến, or "không có ý kiến" with a reason
    EXTEND = "extend"  # đổi hạn
    ADD = "add"  # hỏi thêm người
    CLOSE = "close"  # tổng hợp
    REOPEN = "reopen"  # mở lại
    WITHDRAW = "withdraw"  # rút


@dataclass(frozen=True, slots=True)
class Row:
    """goes_to: the stored state afterwards."""

    state: State
    act: Act
    goes_to: State


# 132/QĐ-STTTT, Điều 7 khoản 5 (DOMAIN 2.3, C1–C4). ANSWER is the invitee's; all else the asker's.
ROWS = (
    Row(State.OPEN, Act.ANSWER, State.OPEN),
    Row(State.OPEN, Act.EXTEND, State.OPEN),
    Row(State.OPEN, Act.ADD, State.OPEN),
    Row(State.OPEN, Act.CLOSE, State.CLOSED),
    Row(State.OPEN, Act.WITHDRAW, State.WITHDRAWN),
    # The first answer only: what was said in time is not changed any more (C2). See `check_answer`.
    Row(State.OVERDUE, Act.ANSWER, State.OPEN),
    Row(State.OVERDUE, Act.EXTEND, State.OPEN),
    Row(State.OVERDUE, Act.CLOSE, State.CLOSED),
    Row(State.OVERDUE, Act.WITHDRAW, State.WITHDRAWN),
    Row(State.CLOSED, Act.REOPEN, State.OPEN),
    Row(State.WITHDRAWN, Act.REOPEN, State.OPEN),
)


def state_at(stored: State, due_at: datetime, now: datetime) -> State:
    """What a request is at `now`. stored: never OVERDUE."""
    return State.OVERDUE if stored is State.OPEN and now >= due_at else stored


def advance(state: State, act: Act) -> State:
    """The stored state after `act`. Raises NoSuchMove."""
    for row in ROWS:
        if (row.state, row.act) == (state, act):
            return row.goes_to
    raise NoSuchMove("comments-over")


def acts_in(state: State) -> frozenset[Act]:
    return frozenset(row.act for row in ROWS if row.state is state)


def may_answer(state: State, *, answered: bool) -> bool:
    """Amendable until due; who is silent then may still answer, late, until the asker sums up."""
    return Act.ANSWER in acts_in(state) and not (answered and state is State.OVERDUE)


def check_answer(state: State, *, answered: bool) -> None:
    """Raises NoSuchMove."""
    if not may_answer(state, answered=answered):
        raise NoSuchMove("comments-late" if state is State.OVERDUE else "comments-over")


def check_due(due_at: datetime, now: datetime) -> None:
    """Raises Incomplete: "due"."""
    if not now < due_at <= now + LONGEST:
        raise Incomplete("due", "comments-due")


def remind_at(asked_at: datetime, due_at: datetime, hours: int) -> datetime:
    """When the silent are reminded: so many hours before; of a short period, when half of it is over."""
    return max(due_at - timedelta(hours=hours), asked_at + (due_at - asked_at) / 2)
