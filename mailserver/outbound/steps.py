"""The story of an outgoing message, line by line."""

from __future__ import annotations

from mailserver.outbound.states import Step
from mailserver.store import raw
from mailserver.store.database import Tx
from mailserver.text import storable

# Characters kept of what a remote says.
MAX_ANSWER = 1000

_INSERT = (
    "INSERT INTO outbound_step (outbound_id, recipient_id, at, kind, actor_id, host, answer)"
    " VALUES (?, ?, ?, ?, ?, ?, ?)"
)


def add_step_tx(
    tx: Tx, outbound_id: int, kind: Step, recipient_id: int | None = None, host: str = "", answer: str = ""
) -> None:
    """recipient_id: None for the message as a whole."""
    words = storable(answer)[:MAX_ANSWER]
    raw.run(
        tx.conn, _INSERT, (outbound_id, recipient_id, tx.now_ms, kind.value, tx.actor.principal_id, host[:255], words)
    )
