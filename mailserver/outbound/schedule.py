"""When a recipient is tried again, when the sender hears of it, when it is given up. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

FIRST_PAUSE = timedelta(minutes=5)
LONGEST_PAUSE = timedelta(hours=4)
# RFC 5321 §4.5.4.1: "generally at least 4-5 days"; Postfix's maximal_queue_lifetime.
LIFETIME = timedelta(days=5)
# A clock that jumped ahead, or a server that was off for a week, must not give up what it has hardly tried.
LEAST_ATTEMPTS = 5
TELL_AFTER = timedelta(hours=4)


def pause_after(attempts: int) -> timedelta:
    """How long to wait after so many attempts that failed (at least 1): 5, 10, 20 … 240 minutes."""
    doublings: int = min(attempts - 1, 10)
    return min(LONGEST_PAUSE, FIRST_PAUSE * (1 << doublings))


def is_over(queued_at: datetime, attempts: int, now: datetime) -> bool:
    """Whether a recipient that failed for now has failed for good."""
    return attempts >= LEAST_ATTEMPTS and now - queued_at >= LIFETIME


def is_late(queued_at: datetime, now: datetime) -> bool:
    """Whether the sender should hear that the mail has not gone yet."""
    return now - queued_at >= TELL_AFTER
