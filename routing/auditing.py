"""Reading the audit: only for who may by the regulation ("view_audit"), and itself a record.

Records of inspections only leaders see who may order them, and nobody those about a mailbox of their own: the owner
learns of an inspection as the profile says (`inspection.telling`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from mailserver.directory import principals
from mailserver.store import audit, auditsearch
from mailserver.store.auditrecords import Record
from mailserver.store.auditsearch import Query
from mailserver.store.database import Tx
from routing.errors import DocumentMissing
from routing.inspection.access import ORDER
from routing.standing import standing_of

VIEW = "view_audit"
_INSPECTIONS = "inspection"


@dataclass(frozen=True, slots=True)
class Found:
    """A page of records, the newest first. names: of the people and mailboxes in them. more: there are older ones."""

    records: tuple[Record, ...]
    names: Mapping[int, str]
    more: bool


def look_tx(tx: Tx, query: Query) -> Found:
    """What fits, of the actor's own agency. Raises DocumentMissing for who may not: for them there is no such page."""
    who = standing_of(tx.conn, tx.actor, tx.now)
    if who.agency_id is None or who.person_id is None or not who.can(VIEW, who.agency_id):
        raise DocumentMissing()
    own = frozenset({who.person_id}) | who.acts_for | who.reads
    hidden = own if ORDER in who.capabilities else None
    limited = replace(query, agency_id=who.agency_id, secret=_INSPECTIONS, not_of=hidden)
    found = auditsearch.find(tx.conn, limited, auditsearch.PAGE + 1)
    shown = found[: auditsearch.PAGE]
    numbers = [shown[-1].id, shown[0].id] if shown else []
    audit.record_tx(tx, "audit.read", records=numbers, **_asked(query))
    ids = {one for record in shown for one in (record.actor_id, record.on_behalf_of_id, record.owner_id)}
    known = principals.get_many(tx.conn, {one for one in ids if one is not None})
    return Found(tuple(shown), {key: one.name for key, one in known.items()}, len(found) > len(shown))


def _asked(query: Query) -> dict[str, Any]:
    """What was looked for, as plain JSON."""
    asked = {
        "actor": query.actor_id,
        "owner": query.owner_id,
        "kind": query.kind,
        "word": query.word,
        "since": query.since and query.since.isoformat(),
        "until": query.until and query.until.isoformat(),
    }
    return {name: value for name, value in asked.items() if value}
