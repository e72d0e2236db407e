"""Rows of `step`: the journey as it is kept."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, select, update

from mailserver.store.database import Tx
from mailserver.store.schema import entry, folder
from routing.errors import DocumentMissing
from routing.incoming.journey import Place
from routing.schema import step
from routing.types import Action, MessageRef, State, StepRole, StepState

StepRow = Row[Any]


def get(conn: Connection, step_id: int) -> StepRow:
    """Raises DocumentMissing."""
    row = conn.execute(select(step).where(step.c.id == step_id)).first()
    if row is None:
        raise DocumentMissing()
    return row


def of_document(conn: Connection, document_id: int) -> list[StepRow]:
    """All steps, oldest first."""
    return list(conn.execute(select(step).where(step.c.document_id == document_id).order_by(step.c.id)))


def of_message(conn: Connection, message_pk: int, owner_id: int) -> StepRow | None:
    """The step that a message in this mailbox carries, or None."""
    return conn.execute(select(step).where(step.c.message_pk == message_pk, step.c.assignee_id == owner_id)).first()


def by_token(conn: Connection, token: str) -> list[StepRow]:
    """The steps whose messages ask for answers under this token (several cc's may share one)."""
    return list(conn.execute(select(step).where(step.c.token == token)))


def close_tx(tx: Tx, step_id: int, state: StepState, closed_by: int | None, note: str = "") -> None:
    values = {"state": state.value, "closed_at": tx.now, "closed_by_id": closed_by, "close_note": note}
    tx.conn.execute(update(step).where(step.c.id == step_id).values(**values))


def mark_read_tx(tx: Tx, row: StepRow) -> None:
    """Note the first opening; a cc is read then."""
    values: dict[str, Any] = {}
    if row.read_at is None:
        values["read_at"] = tx.now
    if row.role == StepRole.CC.value and row.state == StepState.PENDING.value:
        values["state"] = StepState.READ.value
    if values:
        tx.conn.execute(update(step).where(step.c.id == row.id).values(**values))


def place_of(row: StepRow, kind: str, unit_id: int | None) -> Place:
    """Where a main step puts the document. kind: of its assignee; unit_id: see `Place`."""
    return Place(state_of(row, kind), row.assignee_id, row.stage, unit_id, step_id=row.id)


def state_of(row: StepRow, kind: str) -> State:
    if row.stage is not None:
        return State.AWAITING
    if row.action == Action.RETURN.value and kind == "agency":
        return State.REGISTERED
    return State.WITH_UNIT if kind == "unit" else State.WITH_HANDLER


def mail_refs(conn: Connection, rows: list[StepRow]) -> dict[int, MessageRef]:
    """Step id to where its message lies in the assignee's mailbox now; one query."""
    wanted = {(row.message_pk, row.assignee_id): row.id for row in rows if row.message_pk is not None}
    query = (
        select(entry.c.message_pk, folder.c.owner_id, entry.c.folder_id, entry.c.uid)
        .join(folder, folder.c.id == entry.c.folder_id)
        .where(entry.c.message_pk.in_({pk for pk, _owner in wanted}))
        .order_by(entry.c.save_date)
    )
    found: dict[int, MessageRef] = {}
    for row in conn.execute(query):
        step_id = wanted.get((row.message_pk, row.owner_id))
        if step_id is not None:
            found[step_id] = MessageRef(row.folder_id, row.uid)
    return found


def mail_ref(conn: Connection, message_pk: int, owner_id: int) -> MessageRef | None:
    """Where a message lies in a mailbox now; the latest place if there are several."""
    query = (
        select(entry.c.folder_id, entry.c.uid)
        .join(folder, folder.c.id == entry.c.folder_id)
        .where(entry.c.message_pk == message_pk, folder.c.owner_id == owner_id)
        .order_by(entry.c.save_date.desc())
    )
    row = conn.execute(query).first()
    return None if row is None else MessageRef(row.folder_id, row.uid)
