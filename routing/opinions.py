"""Opinions: written once, kept with the level of whoever gave them."""

from __future__ import annotations

from sqlalchemy import Connection

from mailserver.directory.principals import get
from mailserver.store import messages
from mailserver.store.database import Tx
from routing.incoming.loading import Loaded
from routing.quoting import MAX_OPINION
from routing.rows import insert_tx
from routing.schema import opinion
from routing.steps import StepRow
from routing.types import Role

LEADER, UNIT, SPECIALIST, REGISTRY = "leader", "unit", "specialist", "registry"


def insert_opinion_tx(tx: Tx, loaded: Loaded, text: str, message_pk: int | None = None) -> int:
    """Write an opinion of the actor of `loaded`; message_pk: the reply it came in, pinned here."""
    if message_pk is not None:
        messages.pin_tx(tx, message_pk)
    return insert_tx(
        tx,
        opinion,
        document_id=loaded.document.id,
        step_id=loaded.part.id if loaded.part is not None else None,
        author_id=loaded.standing.person_id,
        on_behalf_of_id=loaded.acting_for,
        level=level(tx.conn, loaded),
        text=text.strip()[:MAX_OPINION],
        message_pk=message_pk,
        at=tx.now,
    )


def level(conn: Connection, loaded: Loaded) -> str:
    """The level at which the actor of `loaded` speaks (30/2020/NĐ-CP, Phụ lục IV.VII)."""
    if loaded.part is not None:
        return level_of(loaded.part, get(conn, loaded.part.assignee_id).kind.value)
    return REGISTRY if Role.CLERK in loaded.roles else SPECIALIST


def level_of(step: StepRow, kind: str) -> str:
    """kind: of the step's assignee."""
    if step.stage is not None or kind == "post":
        return LEADER
    return {"unit": UNIT, "agency": REGISTRY}.get(kind, SPECIALIST)
