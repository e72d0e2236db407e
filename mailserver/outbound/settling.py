"""What follows from an outcome: the recipient's next state, and what the sender is told. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from mailserver.delivery.envelope import Notify
from mailserver.outbound import schedule
from mailserver.outbound.jobs import Addressee, Job
from mailserver.outbound.outcomes import End, Outcome
from mailserver.outbound.states import State, Step

# RFC 3463 §3.5: delivery time expired.
EXPIRED = "5.4.7"


@dataclass(frozen=True, slots=True)
class Settled:
    """One recipient after an attempt. next_attempt_at: for State.WAITING. tell: None for nothing."""

    addressee: Addressee
    outcome: Outcome
    state: State
    next_attempt_at: datetime
    tell: Notify | None

    @property
    def step(self) -> Step:
        return {State.SENT: Step.SENT, State.FAILED: Step.FAILED}.get(self.state, Step.DEFERRED)


def settle(job: Job, addressee: Addressee, outcome: Outcome, now: datetime) -> Settled:
    """now: aware, UTC."""
    attempts = addressee.attempts + 1
    match outcome.end:
        case End.SENT:
            # A host that knows DSN reports success itself (RFC 3461 §5.2.2).
            return _settled(job, addressee, outcome, State.SENT, now, Notify.SUCCESS if outcome.relayed else None)
        case End.FAILED:
            return _settled(job, addressee, outcome, State.FAILED, now, Notify.FAILURE)
        case End.SOON:
            return _settled(job, addressee, outcome, State.WAITING, now, None)
    if schedule.is_over(job.queued_at, attempts, now):
        given_up = replace(outcome, end=End.FAILED, status=EXPIRED)
        return _settled(job, addressee, given_up, State.FAILED, now, Notify.FAILURE)
    late = schedule.is_late(job.queued_at, now) and not addressee.delay_told
    at = now + schedule.pause_after(attempts)
    return _settled(job, addressee, outcome, State.WAITING, at, Notify.DELAY if late else None)


def _settled(
    job: Job, addressee: Addressee, outcome: Outcome, state: State, at: datetime, tell: Notify | None
) -> Settled:
    wanted = tell if tell is not None and job.sender and addressee.wish.wants(tell) else None
    return Settled(addressee, outcome, state, at, wanted)
