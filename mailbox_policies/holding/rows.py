"""Reading kept messages."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, select

from mailbox_policies.holding import circulated
from mailbox_policies.holding.records import KeptMessage, Kind, NoSuchKept, State
from mailbox_policies.schema import kept_message


def get(conn: Connection, kept_id: int, *, lock: bool = False) -> KeptMessage:
    """Raises NoSuchKept. lock: nobody else decides before this transaction ends."""
    query = select(kept_message).where(kept_message.c.id == kept_id)
    row = conn.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise NoSuchKept(kept_id)
    return of(row)


def of(row: Row[Any]) -> KeptMessage:
    return KeptMessage(
        id=row.id,
        agency_id=row.agency_id,
        kind=Kind(row.kind),
        state=State(row.state),
        message_pk=row.message_pk,
        rule=row.rule,
        article=row.article,
        cause=row.cause,
        facts=row.facts,
        further=tuple(row.further),
        submitted=row.stage == "submission",
        queue_id=row.queue_id,
        sender=row.sender,
        recipients=tuple(row.recipients),
        mailboxes=tuple((owner, detail) for owner, detail in row.mailboxes),
        outside=tuple(row.outside),
        wishes=row.wishes,
        lists=circulated.read(row.lists),
        actor_id=row.actor_id,
        message_id=row.message_id,
        size=row.size,
        waits_for=row.waits_for,
        waits_for_id=row.waits_for_id,
        at=row.at,
        expires_at=row.expires_at,
        decided_at=row.decided_at,
        decided_by=row.decided_by,
        reason=row.reason,
    )
