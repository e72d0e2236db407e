"""Correcting the register: a new entry that says what stood there, never a silent change.

The number in the register is not corrected: it stays with its document (132/QĐ-STTTT, Điều 14 khoản 4).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields as fields_of
from dataclasses import replace
from typing import Any

from sqlalchemy import insert, update

from mailserver.actor import Actor
from mailserver.store.database import Tx
from mailserver.store.store import Store
from routing import documents
from routing.errors import Incomplete, NotYourTurn
from routing.incoming.acts import act_of, words
from routing.incoming.journey import Journey
from routing.incoming.loading import Loaded, load
from routing.incoming.transitions import FIELDS
from routing.schema import correction, document, history
from routing.types import Action, DueBy, Fields, Role

ACTION = "correct"


def correct(store: Store, actor: Actor, document_id: int, changes: Mapping[str, Any], reason: str) -> Fields:
    """Change fields of a registered document; what they are then.

    changes: by the names of `types.Fields`; reason: required. Raises NotYourTurn, Incomplete,
    DocumentMissing.
    """

    def work(tx: Tx) -> Fields:
        loaded = load(tx.conn, document_id, tx.actor, tx.now, lock=True)
        if Role.CLERK not in loaded.roles:
            raise NotYourTurn("not-yours-to-correct")
        if not reason.strip():
            raise Incomplete("reason")
        before = loaded.journey.fields
        after = documents.cleaned(replace(before, **_known(changes)))
        _check(loaded, after)
        _correct_tx(tx, loaded, before, after, words(reason))
        return after

    return store.db.write(work, actor)


def _known(changes: Mapping[str, Any]) -> Mapping[str, Any]:
    names = {field.name for field in fields_of(Fields)}
    for name in changes:
        if name not in names:
            raise Incomplete(name, "refused")
    return changes


def _check(loaded: Loaded, after: Fields) -> None:
    journey: Journey = replace(loaded.journey, fields=after)
    for guard in FIELDS:
        guard(journey, act_of(loaded, Action.REGISTER, ""))


def _correct_tx(tx: Tx, loaded: Loaded, before: Fields, after: Fields, reason: str) -> None:
    changed = [f.name for f in fields_of(Fields) if getattr(before, f.name) != getattr(after, f.name)]
    if not changed:
        return
    by = {"corrected_by_id": loaded.standing.person_id, "at": tx.now, "reason": reason}
    for name in changed:
        was, now = (str(getattr(value, name)) for value in (before, after))
        tx.conn.execute(
            insert(correction).values(document_id=loaded.document.id, field=name, before=was, after=now, **by)
        )
    values: dict[str, Any] = documents.columns_of(after, loaded.document.arrived_on)
    if "due_on" in changed and loaded.document.deadline == before.due_on:
        values |= {"deadline": after.due_on, "due_by": (DueBy.DOCUMENT if after.due_on else DueBy.NONE).value}
    here = document.c.id == loaded.document.id
    tx.conn.execute(update(document).where(here).values(**values, version=document.c.version + 1))
    state = loaded.journey.place.state.value
    tx.conn.execute(
        insert(history).values(
            document_id=loaded.document.id,
            at=tx.now,
            actor_id=loaded.standing.person_id,
            action=ACTION,
            from_state=state,
            to_state=state,
            note=reason,
            door=tx.actor.door,
            detail={"fields": changed},
        )
    )
    tx.emit("document.corrected", owner_id=loaded.standing.agency_mailbox, document=loaded.document.id, step=None)
