"""Taking mail into the queue: rows beside those of the delivery, in its transaction."""

from __future__ import annotations

from collections.abc import Sequence

from mailserver.delivery.outside import Parcel
from mailserver.directory import external
from mailserver.outbound.destinations import destination_of, via
from mailserver.outbound.jobs import written
from mailserver.outbound.states import State, Step
from mailserver.outbound.steps import add_step_tx
from mailserver.store import raw
from mailserver.store.database import Tx
from mailserver.store.messages import pin_tx

_INSERT_MESSAGE = (
    "INSERT INTO outbound_message (message_pk, queue_id, sender, message_id, size, envid, ret, actor_id, agency_id,"
    " created_at, redirect_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id"
)
_INSERT_RECIPIENT = (
    "INSERT INTO outbound_recipient (outbound_id, address, destination, state, next_attempt_at, notify, orcpt,"
    " delay_told) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)


class Queue:
    """The way out where sending outside is switched on; given to `Delivery` by the composition root."""

    def check(self, addresses: Sequence[str]) -> None:
        """Anybody outside may be written to; what cannot be reached comes back as a report."""

    def queue_tx(self, tx: Tx, parcel: Parcel) -> None:
        enqueue_tx(tx, parcel)


def enqueue_tx(tx: Tx, parcel: Parcel) -> int:
    """Put a stored message into the queue for its recipients, each once; the id of the outgoing message.

    Durable with the caller's commit; "outbound.queued" wakes the outbound process after it.
    """
    envelope = (parcel.message_pk, parcel.queue_id, parcel.sender, parcel.message_id, parcel.size)
    wishes = parcel.wishes
    ret = "" if wishes.ret is None else wishes.ret.value
    # What goes on by a redirect is not its writer's, who is not to learn where.
    writer_id = tx.actor.principal_id if parcel.redirect_id is None else None
    by = (writer_id, parcel.agency_id or tx.actor.agency_id)
    made = raw.row(tx.conn, _INSERT_MESSAGE, (*envelope, wishes.envid, ret, *by, tx.now_ms, parcel.redirect_id))
    assert made is not None
    outbound_id = int(made[0])
    identity_id = external.identity_of(tx.conn, parcel.sender) if parcel.sender else None
    rows = []
    for address in dict.fromkeys(parcel.recipients):
        wish = wishes.for_(address)
        destination = destination_of(address) if identity_id is None else via(identity_id)
        due = (destination, State.WAITING.value, tx.now_ms)
        rows.append((outbound_id, address, *due, written(wish.notify), wish.orcpt, False))
    raw.run_many(tx.conn, _INSERT_RECIPIENT, rows)
    pin_tx(tx, parcel.message_pk)
    add_step_tx(tx, outbound_id, Step.QUEUED)
    tx.emit("outbound.queued", outbound_id=outbound_id, recipients=len(rows))
    return outbound_id
