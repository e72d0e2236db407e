"""With which addresses outside an agency has had mail: each once, as a number, no words."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from sqlalchemy import Connection

from mailbox_policies.spam.counts import key
from mailbox_policies.spam.signals import Acquaintance
from mailserver.delivery.logreader import LogReader
from mailserver.directory.addresses import lookup_key
from mailserver.store import raw
from mailserver.store.columns import milliseconds
from mailserver.store.database import Tx
from mailserver.store.events import Event
from mailserver.store.store import Store

# Who has not written for the first time for so long, and was never written to, is a stranger again.
FORGOTTEN_AFTER = timedelta(days=800)
_MET = (
    "INSERT INTO spam_sender (agency_id, address, written_to, at) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (agency_id, address) DO NOTHING"
)
_WRITTEN_TO = _MET.replace("DO NOTHING", "DO UPDATE SET written_to = excluded.written_to, at = excluded.at")


def acquaintance(conn: Connection, agencies: Collection[int], address: str) -> dict[int, Acquaintance]:
    """How well each agency knows an address; one query."""
    known = dict.fromkeys(agencies, Acquaintance.NONE)
    if not agencies or not address:
        return known
    condition, numbers = raw.among(conn, "agency_id", agencies)
    query = f"SELECT agency_id, written_to FROM spam_sender WHERE {condition} AND address = ?"
    for agency_id, written_to in raw.rows(conn, query, (numbers, key(lookup_key(address)))):
        known[agency_id] = Acquaintance.WRITTEN_TO if written_to else Acquaintance.HEARD
    return known


def met_tx(tx: Tx, agency_id: int, address: str) -> None:
    """Note that an address has written to somebody of the agency."""
    raw.run(tx.conn, _MET, (agency_id, key(lookup_key(address)), False, tx.now_ms))


def written_to_tx(tx: Tx, agency_id: int, address: str) -> None:
    """Note that somebody of the agency has written to an address."""
    raw.run(tx.conn, _WRITTEN_TO, (agency_id, key(lookup_key(address)), True, tx.now_ms))


def job() -> LogReader:
    """For the worker: whom our people write to, by the mail that they hand to the queue."""
    return LogReader("spam-written-to", ("outbound.queued",), _written_tx)


def _written_tx(tx: Tx, _store: Store, event: Event) -> None:
    """Reports and notices, which no person sends, make nobody known."""
    query = (
        "SELECT m.agency_id, r.address FROM outbound_recipient r JOIN outbound_message m ON m.id = r.outbound_id"
        " WHERE m.id = ? AND m.sender <> '' AND m.agency_id IS NOT NULL AND m.actor_id IS NOT NULL"
    )
    for agency_id, address in raw.rows(tx.conn, query, (event.data["outbound_id"],)):
        written_to_tx(tx, agency_id, address)


def forget_tx(tx: Tx) -> None:
    """Forget who has only ever been heard of, long ago."""
    before = milliseconds(tx.now - FORGOTTEN_AFTER)
    raw.run(tx.conn, "DELETE FROM spam_sender WHERE NOT written_to AND at < ?", (before,))
