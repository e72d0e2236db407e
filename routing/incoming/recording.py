"""Writing down what `advance` decided: document, steps, messages, history, events. All `_tx`."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from sqlalchemy import insert, select, update

from mailserver.directory import absences
from mailserver.directory.records import office_day
from mailserver.store import audit, entries
from mailserver.store.database import Tx
from mailserver.store.flags import Flag
from mailserver.store.ingest import store_message_tx
from mailserver.store.schema import entry
from routing import setup, steps
from routing.incoming.journey import Act, Advanced, Entry, Send
from routing.incoming.loading import Loaded
from routing.incoming.mailing import Ready
from routing.rows import insert_tx
from routing.schema import direction, document, history, step
from routing.types import Action, DueBy, Role, State, StepRole, StepState, Urgency

_CLOSING = {Action.RETURN: StepState.RETURNED}
# A leader's words on a document (132/QĐ-STTTT, Điều 8): kept apart, never changed.
_DIRECTING = (Action.DIRECT, Action.ASSIGN)
EVENTS = {
    Action.REGISTER: "document.registered",
    Action.SUBMIT: "document.submitted",
    Action.DIRECT: "document.directed",
    Action.ASSIGN: "document.assigned",
    Action.RETURN: "document.returned",
    Action.OPINE: "document.opinion",
    Action.NOTIFY: "document.notified",
    Action.FILE: "document.filed",
    Action.FINISH: "document.finished",
    Action.REOPEN: "document.reopened",
    Action.ASK_TIME: "document.time_asked",
    Action.GRANT_TIME: "document.time_granted",
    Action.REFUSE_TIME: "document.time_refused",
}


def record_tx(
    tx: Tx, loaded: Loaded, act: Act, advanced: Advanced, ready: Sequence[Ready], *, put_away: bool = True
) -> list[int]:
    """Store everything that follows from an act; the new steps' ids, the main handler's first.

    put_away: False when the door itself is moving the finished step's message.
    """
    moves = advanced.journey.place != loaded.journey.place
    if moves and loaded.current is not None:
        _close_current_tx(tx, loaded, act, put_away)
    made = [step_id for one in ready for step_id in _send_tx(tx, loaded, act, advanced, one)]
    _update_document_tx(tx, loaded, act, advanced)
    if act.action in _DIRECTING:
        _direct_tx(tx, loaded, act)
    step_id = made[0] if made else (loaded.current.id if loaded.current else None)
    write_history_tx(tx, loaded.document.id, step_id, advanced.entry)
    _tell_tx(tx, loaded, act, made)
    return made


def write_history_tx(tx: Tx, document_id: int, step_id: int | None, line: Entry, **detail: Any) -> None:
    """Append a line to the document's history (never changed, never removed)."""
    tx.conn.execute(
        insert(history).values(
            document_id=document_id,
            step_id=step_id,
            at=line.at,
            actor_id=line.actor_id,
            on_behalf_of_id=line.on_behalf_of,
            action=line.action.value,
            from_state=line.before.value,
            to_state=line.after.value,
            target_id=line.target_id,
            note=line.note,
            door=tx.actor.door,
            detail=detail,
        )
    )
    audit.record_tx(
        tx,
        f"document.{line.action.value}",
        owner_id=line.target_id,
        on_behalf_of_id=line.on_behalf_of,
        document=document_id,
        state=line.after.value,
        # The chain seals the words without repeating them.
        note=sha256(line.note.encode()).hexdigest(),
    )


def _close_current_tx(tx: Tx, loaded: Loaded, act: Act, put_away: bool) -> None:
    assert loaded.current is not None
    state = _CLOSING.get(act.action, StepState.DONE)
    if loaded.current.assignee_id not in loaded.standing.acts_for:
        state = StepState.WITHDRAWN
    note = act.text if act.action in (Action.FINISH, Action.RETURN) else ""
    steps.close_tx(tx, loaded.current.id, state, act.actor_id, note)
    if put_away:
        put_away_tx(tx, loaded.current)


def put_away_tx(tx: Tx, row: steps.StepRow) -> None:
    """Move a closed step's message from Chờ xử lý to Kết thúc of the same mailbox."""
    pending = setup.folder_of(tx.conn, row.assignee_id, setup.PENDING)
    if pending is None or row.message_pk is None:
        return
    here = (entry.c.folder_id == pending, entry.c.message_pk == row.message_pk)
    uids = list(tx.conn.execute(select(entry.c.uid).where(*here)).scalars())
    if uids:
        finished = setup.folder_tx(tx, row.assignee_id, setup.FINISHED)
        entries.move_tx(tx, pending, uids, finished, guarded=False)


def _send_tx(tx: Tx, loaded: Loaded, act: Act, advanced: Advanced, ready: Ready) -> list[int]:
    """The steps of one message, and the message in the mailbox of each assignee."""
    message_pk = store_message_tx(tx, ready.prepared)
    made = [_step_tx(tx, loaded, act, advanced, send, message_pk, ready.token) for send in ready.sends]
    flags = Flag.FLAGGED if loaded.document.urgency >= Urgency.VERY_URGENT else Flag(0)
    targets = [
        entries.Target(setup.folder_tx(tx, send.principal_id, _FOLDER[send.role]), flags=int(flags))
        for send in ready.sends
    ]
    also = [*ready.notify, *_deputies(tx, ready.sends)]
    targets += [entries.Target(setup.folder_tx(tx, one, setup.COPY)) for one in also]
    entries.deliver_tx(tx, message_pk, targets, tx.now_s)
    return made


def _deputies(tx: Tx, sends: Sequence[Send]) -> list[int]:
    """Who acts today for receivers who are away, and so has to know (1201/QĐ-SYT, Điều 5; see `standing`)."""
    today = office_day(tx.now)
    found = [absences.deputy_of(tx.conn, send.principal_id, today) for send in sends if send.role is StepRole.MAIN]
    return [one for one in found if one is not None]


_FOLDER = {StepRole.MAIN: setup.PENDING, StepRole.CC: setup.COPY}


def _step_tx(tx: Tx, loaded: Loaded, act: Act, advanced: Advanced, send: Send, message_pk: int, token: str) -> int:
    main = send.role is StepRole.MAIN
    trail = advanced.journey.trail
    parent = trail[-1].step_id if main and trail else (loaded.current.id if loaded.current else None)
    return insert_tx(
        tx,
        step,
        document_id=loaded.document.id,
        parent_id=parent,
        role=send.role.value,
        state=StepState.PENDING.value,
        action=(act.action if main else Action.NOTIFY).value,
        sender_id=act.actor_id,
        sender_for_id=act.on_behalf_of,
        assignee_id=send.principal_id,
        stage=send.stage,
        text=send.text,
        due_on=send.due_on,
        opened_at=tx.now,
        message_pk=message_pk,
        token=token,
    )


def _update_document_tx(tx: Tx, loaded: Loaded, act: Act, advanced: Advanced) -> None:
    place = advanced.journey.place
    values: dict[str, Any] = {
        "state": place.state.value,
        "stage": place.stage,
        "holder_id": place.holder,
        "version": document.c.version + 1,
    }
    if place.state is not loaded.journey.place.state:
        values["finished_at"] = tx.now if place.state is State.FINISHED else None
    values |= _deadline(loaded, act)
    tx.conn.execute(update(document).where(document.c.id == loaded.document.id).values(**values))


def _deadline(loaded: Loaded, act: Act) -> dict[str, Any]:
    """The deadline of the whole document is the leaders'; a head's date is that of the unit's own step."""
    limit = loaded.journey.limit
    if act.due_on is None:
        return {}
    if act.action is Action.GRANT_TIME:
        further = Role.LEADER in act.roles and (limit is None or act.due_on > limit)
        return {"deadline": act.due_on, "due_by": DueBy.EXTENSION.value} if further else {}
    sets = Role.DECIDER in act.roles or (Role.LEADER in act.roles and act.action is Action.REOPEN)
    changes = sets and act.due_on != limit
    return {"deadline": act.due_on, "due_by": DueBy.LEADER.value} if changes else {}


def _direct_tx(tx: Tx, loaded: Loaded, act: Act) -> None:
    if loaded.current is None or act.to is None:
        return
    tx.conn.execute(
        insert(direction).values(
            document_id=loaded.document.id,
            step_id=loaded.current.id,
            author_id=act.actor_id,
            on_behalf_of_id=act.on_behalf_of,
            text=act.text,
            main_id=act.to.holder,
            due_on=act.due_on,
            at=tx.now,
        )
    )


def _tell_tx(tx: Tx, loaded: Loaded, act: Act, made: list[int]) -> None:
    """Events for all mailboxes that should look: those who get it, who gave it, and the registry."""
    kind = EVENTS[act.action]
    rows = steps.of_document(tx.conn, loaded.document.id)
    told = {row.assignee_id: row.id for row in rows if row.id in made}
    if loaded.current is not None:
        told.setdefault(loaded.current.assignee_id, loaded.current.id)
        for giver in (loaded.current.sender_for_id, loaded.current.sender_id):
            if giver is not None:
                told.setdefault(giver, loaded.current.id)
    start = loaded.journey.trail[0] if loaded.journey.trail else loaded.journey.place
    if start.holder is not None:
        told.setdefault(start.holder, made[0] if made else None)
    for row in rows:
        if row.id in made and (deputy := absences.deputy_of(tx.conn, row.assignee_id, office_day(tx.now))) is not None:
            told.setdefault(deputy, row.id)
    for owner_id, step_id in told.items():
        tx.emit(kind, owner_id=owner_id, document=loaded.document.id, step=step_id)
