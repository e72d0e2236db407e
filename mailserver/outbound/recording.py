"""Writing down what an attempt brought, in one transaction with the reports it calls for.

What the remote has taken is recorded whoever holds the lease now; everything else only by its holder, so
that a late loser does not undo what the winner wrote.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection

from mailserver.delivery.envelope import Notify
from mailserver.outbound.jobs import Job
from mailserver.outbound.reporting import Written, send_tx
from mailserver.outbound.settling import Settled
from mailserver.outbound.states import OPEN, State
from mailserver.outbound.steps import MAX_ANSWER, add_step_tx
from mailserver.store import raw
from mailserver.store.columns import milliseconds
from mailserver.store.database import Tx
from mailserver.store.messages import unpin_tx
from mailserver.text import storable

_ANSWER = (
    " attempts = attempts + 1, next_attempt_at = ?, last_code = ?, last_status = ?, last_answer = ?, last_host = ?,"
    " delay_told = ?, lease_owner = NULL, lease_until = NULL"
)
_SENT = f"UPDATE outbound_recipient SET state = 'sent', finished_at = ?,{_ANSWER} WHERE id = ? AND state <> 'sent'"
_OTHER = (
    f"UPDATE outbound_recipient SET state = CASE WHEN state = 'held' AND ? = 'waiting' THEN state ELSE ? END,"
    f" finished_at = ?,{_ANSWER} WHERE id = ? AND state IN ('waiting', 'held') AND lease_owner = ?"
)


def lock_tx(tx: Tx, outbound_ids: Iterable[int]) -> None:
    """Lock outgoing messages, the first in the order of locks; two who finish one see each other then."""
    ids = sorted(set(outbound_ids))
    if not raw.is_sqlite(tx.conn) and ids:
        condition, numbers = raw.among(tx.conn, "id", ids)
        raw.rows(tx.conn, f"SELECT id FROM outbound_message WHERE {condition} ORDER BY id FOR UPDATE", (numbers,))


def record_tx(
    tx: Tx, job: Job, owner: str, settled: Sequence[Settled], reports: Sequence[Written], now: datetime
) -> None:
    """Record the outcome of a job and send its reports. owner: of the lease. now: aware, UTC.

    A report goes out only if all it tells of was recorded here: nobody hears of a failure twice.
    """
    lock_tx(tx, [job.outbound_id])
    recorded = {one.addressee.recipient_id for one in settled if _record_one_tx(tx, job, owner, one, now)}
    for report in reports:
        if recorded.issuperset(report.recipient_ids):
            words = send_tx(tx, job, report)
            add_step_tx(tx, job.outbound_id, report.step, answer=words)
    finish_tx(tx, job.outbound_id, now)
    tx.emit("outbound.attempted", outbound_id=job.outbound_id, recipients=len(settled))


def _record_one_tx(tx: Tx, job: Job, owner: str, one: Settled, now: datetime) -> bool:
    outcome, recipient_id = one.outcome, one.addressee.recipient_id
    told = one.addressee.delay_told or one.tell is Notify.DELAY
    words = storable(outcome.words)[:MAX_ANSWER]
    answer = (milliseconds(one.next_attempt_at), outcome.code, outcome.status, words, outcome.host[:255], told)
    finished = None if one.state in OPEN else milliseconds(now)
    if one.state is State.SENT:
        count = raw.run(tx.conn, _SENT, (finished, *answer, recipient_id))
    else:
        state = one.state.value
        count = raw.run(tx.conn, _OTHER, (state, state, finished, *answer, recipient_id, owner))
    if count:
        add_step_tx(tx, job.outbound_id, one.step, recipient_id, outcome.host, outcome.answer)
    return bool(count)


def finish_tx(tx: Tx, outbound_id: int, now: datetime) -> None:
    """Let go of the stored message if no recipient wants it any more. The outgoing message is locked."""
    found = raw.row(tx.conn, "SELECT message_pk FROM outbound_message WHERE id = ?", (outbound_id,))
    if found is None or found[0] is None or _is_open(tx.conn, outbound_id):
        return
    query = "UPDATE outbound_message SET message_pk = NULL, finished_at = ? WHERE id = ?"
    raw.run(tx.conn, query, (milliseconds(now), outbound_id))
    unpin_tx(tx, found[0])


def _is_open(conn: Connection, outbound_id: int) -> bool:
    query = "SELECT 1 FROM outbound_recipient WHERE outbound_id = ? AND state IN ('waiting', 'held') LIMIT 1"
    return raw.row(conn, query, (outbound_id,)) is not None
