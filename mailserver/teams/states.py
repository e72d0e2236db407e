"""The states of a message in a shared mailbox, and who may bring it from one to another (DOMAIN 2.6)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum, unique


@unique
class State(StrEnum):
    """Equal to its word in the database."""

    NEW = "new"
    TAKEN = "taken"
    PASSED = "passed"
    REGISTERED = "registered"
    DONE = "done"


@unique
class Act(Enum):
    TAKE = "take"
    PASS = "pass"
    RELEASE = "release"
    FINISH = "finish"
    REOPEN = "reopen"
    REGISTER = "register"


@unique
class By(Enum):
    """ANYBODY who handles the mailbox; the HANDLER of the message, or who manages the mailbox; the SYSTEM, when
    something else has happened to the message."""

    ANYBODY = "anybody"
    HANDLER = "handler"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Move:
    old: State
    act: Act
    new: State
    by: By


NEW, TAKEN, PASSED, REGISTERED, DONE = State.NEW, State.TAKEN, State.PASSED, State.REGISTERED, State.DONE
OPEN = (TAKEN, PASSED)
ENDED = (REGISTERED, DONE)
MOVES = (
    Move(NEW, Act.TAKE, TAKEN, By.ANYBODY),  # U2
    Move(NEW, Act.PASS, PASSED, By.ANYBODY),  # U3
    *(Move(state, Act.PASS, PASSED, By.HANDLER) for state in OPEN),
    *(Move(state, Act.RELEASE, NEW, By.HANDLER) for state in OPEN),
    Move(NEW, Act.FINISH, DONE, By.ANYBODY),  # taken and answered in one go
    *(Move(state, Act.FINISH, DONE, By.HANDLER) for state in OPEN),  # U5
    Move(DONE, Act.REOPEN, TAKEN, By.ANYBODY),
    *(Move(state, Act.REGISTER, REGISTERED, By.SYSTEM) for state in (NEW, TAKEN, PASSED, DONE)),  # U4
)
_BY_ACT = {(move.old, move.act): move for move in MOVES}


def move_for(state: State, act: Act) -> Move | None:
    """None: the message is in a state from which there is no such move."""
    return _BY_ACT.get((state, act))
