"""What can have become of one recipient of a queued message."""

from __future__ import annotations

from enum import StrEnum, unique


@unique
class State(StrEnum):
    """waiting: to be tried at `next_attempt_at`, or being tried now (it has a lease then).

    held: by an administrator, until released. sent: the remote has said 250. failed: for good, and the
    sender was told if told at all. deleted: by an administrator; the sender was not told.
    """

    WAITING = "waiting"
    HELD = "held"
    SENT = "sent"
    FAILED = "failed"
    DELETED = "deleted"


# A message with a recipient in one of these is still wanted.
OPEN = (State.WAITING, State.HELD)


@unique
class Step(StrEnum):
    """What happened, one line in the story of a message; equal to the column value."""

    QUEUED = "queued"
    SENT = "sent"
    DEFERRED = "deferred"
    FAILED = "failed"
    REPORTED = "reported"
    HELD = "held"
    RELEASED = "released"
    RETRIED = "retried"
    DELETED = "deleted"
