"""The one way an act on a document is done, whatever the door.

First, outside any write transaction: find the document, ask `advance`, compose the messages and make
their octets durable. Then, in one transaction: lock the document, find it unchanged, ask `advance`
again, and store state, steps, messages, history and events together. If somebody acted in between,
begin again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection

from mailserver.actor import Actor
from mailserver.directory.principals import office_day
from mailserver.directory.records import OFFICE_ZONE
from mailserver.store.database import Tx
from mailserver.store.store import Store
from routing.errors import NoSuchMove, NotYourTurn, StepClosed
from routing.incoming.journey import Act, Advanced
from routing.incoming.loading import Loaded, load
from routing.incoming.mailing import Planned, Ready, make_ready, plan
from routing.incoming.recording import record_tx
from routing.incoming.transitions import advance
from routing.parties import parties
from routing.types import StepRole

ATTEMPTS = 5  # somebody else acting on the same document in the same milliseconds, several times over

MakeAct = Callable[[Connection, Loaded], Act]
# More to write in the same transaction, given the new steps.
Extra = Callable[[Tx, Loaded, list[int]], None]
Notices = Callable[[Connection, Loaded, Act, datetime], list[Planned]]


@dataclass(frozen=True, slots=True)
class Wanted:
    """step_id: the step the actor sees as current, None where that does not matter.

    notices: messages to send besides those that carry steps.
    """

    document_id: int
    step_id: int | None
    make_act: MakeAct
    notices: Notices | None = None


class _Changed(Exception):
    """The document is not as it was when the messages were composed."""


def perform(store: Store, actor: Actor, wanted: Wanted, extra: Extra | None = None) -> list[int]:
    """Do an act; the ids of the new steps, the main handler's first.

    extra: more to write in the same transaction. Raises what `advance` raises, DocumentMissing and
    StepClosed; nothing has changed then.
    """
    for attempt in range(ATTEMPTS):
        version, planned = store.db.read(lambda conn: _prepare(conn, actor, wanted))
        ready = make_ready(store.blobs, planned)
        try:
            return store.db.write(lambda tx: _store_tx(tx, wanted, version, ready, extra), actor)  # noqa: B023
        except _Changed:
            if attempt == ATTEMPTS - 1:
                raise StepClosed() from None
    raise AssertionError("unreachable")


def _prepare(conn: Connection, actor: Actor, wanted: Wanted) -> tuple[int, list[Planned]]:
    now = datetime.now(UTC)
    loaded = load(conn, wanted.document_id, actor, now)
    act, advanced = decide(conn, loaded, wanted, now)
    planned = plan(conn, loaded, act, advanced, actor.principal_id, now)
    if wanted.notices is not None:
        planned += wanted.notices(conn, loaded, act, now)
    return loaded.document.version, planned


def _store_tx(tx: Tx, wanted: Wanted, version: int, ready: list[Ready], extra: Extra | None) -> list[int]:
    loaded = load(tx.conn, wanted.document_id, tx.actor, tx.now, lock=True)
    act, advanced = decide(tx.conn, loaded, wanted, tx.now)
    if loaded.document.version != version:
        raise _Changed
    made = record_tx(tx, loaded, act, advanced, ready)
    if extra is not None:
        extra(tx, loaded, made)
    return made


def decide(conn: Connection, loaded: Loaded, wanted: Wanted, now: datetime) -> tuple[Act, Advanced]:
    """The act and what follows from it, refusals with the names of those concerned."""
    if wanted.step_id is not None:
        _require_open(conn, loaded, wanted.step_id, now)
    act = wanted.make_act(conn, loaded)
    try:
        return act, advance(loaded.journey, act, now)
    except NotYourTurn as refusal:
        if refusal.facts:
            raise
        raise NotYourTurn(holder=_holder_name(conn, loaded, now)) from None


def _require_open(conn: Connection, loaded: Loaded, step_id: int, now: datetime) -> None:
    """Raises StepClosed with who closed the step and when; NoSuchMove for a cc."""
    if loaded.current is not None and loaded.current.id == step_id:
        return
    row = next((one for one in loaded.steps if one.id == step_id), None)
    if row is None or row.role != StepRole.MAIN.value:
        raise NoSuchMove()
    who = parties(conn, [row.closed_by_id], office_day(now)).get(row.closed_by_id)
    raise StepClosed(who=who.name if who else "…", at=_clock(row.closed_at or now))


def _clock(at: datetime) -> str:
    return f"{at.astimezone(OFFICE_ZONE):%H:%M %d/%m/%Y}"


def _holder_name(conn: Connection, loaded: Loaded, now: datetime) -> str:
    holder = loaded.journey.place.holder
    found = parties(conn, [holder], office_day(now)).get(holder) if holder is not None else None
    return (f"{found.name} ({found.holder})" if found.holder else found.name) if found else "—"
