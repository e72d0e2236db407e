"""What administrators do with waiting mail. Each act is a step of its story and a record of the audit."""

from __future__ import annotations

from enum import StrEnum, unique

from mailserver.outbound.listing import NoSuchOutgoing
from mailserver.outbound.recording import finish_tx, lock_tx
from mailserver.outbound.states import Step
from mailserver.outbound.steps import add_step_tx
from mailserver.store import audit, raw
from mailserver.store.database import Tx


@unique
class Act(StrEnum):
    """RETRY: try what waits now. HOLD: send nothing until RELEASE. DELETE: give up, and tell nobody."""

    RETRY = "retry"
    HOLD = "hold"
    RELEASE = "release"
    DELETE = "delete"


# Act: the state it begins from, what it sets, how the story calls it. A lease is left alone: whoever is
# sending at this moment finishes, and what the remote has taken counts as sent.
_ACTS = {
    Act.RETRY: ("'waiting'", "next_attempt_at = ?", Step.RETRIED),
    Act.HOLD: ("'waiting'", "state = 'held', next_attempt_at = ?", Step.HELD),
    Act.RELEASE: ("'held'", "state = 'waiting', next_attempt_at = ?", Step.RELEASED),
    Act.DELETE: ("'waiting', 'held'", "state = 'deleted', finished_at = ?", Step.DELETED),
}


def act_tx(tx: Tx, act: Act, outbound_id: int, agency_id: int | None = None) -> int:
    """Do it to every recipient of an outgoing message that it can be done to; how many.

    agency_id: the message must have been sent by its people; None: any. Raises NoSuchOutgoing.
    """
    lock_tx(tx, [outbound_id])
    found = raw.row(tx.conn, "SELECT agency_id FROM outbound_message WHERE id = ?", (outbound_id,))
    if found is None or (agency_id is not None and found[0] != agency_id):
        raise NoSuchOutgoing(outbound_id)
    states, change, step = _ACTS[act]
    query = f"UPDATE outbound_recipient SET {change} WHERE outbound_id = ? AND state IN ({states}) RETURNING id"
    changed = [row[0] for row in raw.rows(tx.conn, query, (tx.now_ms, outbound_id))]
    for recipient_id in changed:
        add_step_tx(tx, outbound_id, step, recipient_id)
    if changed:
        audit.record_tx(tx, f"queue.{act.value}", outbound_id=outbound_id, recipients=len(changed))
        finish_tx(tx, outbound_id, tx.now)
        tx.emit(f"outbound.{step.value}", outbound_id=outbound_id)
    return len(changed)


def retry_all_tx(tx: Tx) -> int:
    """Try everything that waits now; how many recipients."""
    query = "UPDATE outbound_recipient SET next_attempt_at = ? WHERE finished_at IS NULL AND state = 'waiting'"
    count = raw.run(tx.conn, query, (tx.now_ms,))
    if count:
        audit.record_tx(tx, "queue.retry", recipients=count)
        tx.emit(f"outbound.{Step.RETRIED.value}")
    return count
