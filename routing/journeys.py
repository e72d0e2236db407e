"""The services of an incoming document's journey: what web, mail and command line call.

Each checks rights, table and guards, and commits state, messages, history and events in one
transaction. Raises NotYourTurn, NoSuchMove, StepClosed, Incomplete, DocumentMissing, NobodyInRole;
after any of them nothing has changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import Connection

from mailserver.actor import Actor
from mailserver.store.database import Tx
from mailserver.store.store import Store
from routing import steps
from routing.errors import Incomplete, NoSuchMove
from routing.files import insert_files_tx, keep_uploads
from routing.incoming.acts import (
    act_of,
    finishing,
    place_for,
    receiver,
    registry_told,
    reopening_place,
    with_skipped_head,
)
from routing.incoming.journey import Act, return_place
from routing.incoming.loading import Loaded, load
from routing.incoming.mailing import Planned, plan_opinion
from routing.incoming.performing import MakeAct, Wanted, perform
from routing.incoming.stages import stage_receiver
from routing.opinions import insert_opinion_tx
from routing.types import Action, Cc, State, Upload


def submit(store: Store, actor: Actor, document_id: int, *, note: str = "", to: int | None = None) -> int:
    """Trình: put a registered document before the first stage of the agency's route.

    to: another post or person of that stage (a deputy); None: the profile's. Returns the step.
    """

    def make_act(conn: Connection, loaded: Loaded) -> Act:
        place = stage_receiver(conn, loaded.document.agency_id, loaded.journey.rules, 0, loaded.today, to)
        return act_of(loaded, Action.SUBMIT, note, to=place, due_on=loaded.document.deadline)

    return perform(store, actor, Wanted(document_id, None, make_act))[0]


def direct(
    store: Store,
    actor: Actor,
    step_id: int,
    text: str,
    *,
    due_on: date | None = None,
    cc: Sequence[Cc] = (),
) -> int:
    """Cho ý kiến, chuyển: write a direction and pass the document to the next stage of the route."""

    def make_act(conn: Connection, loaded: Loaded) -> Act:
        stage = (loaded.journey.place.stage or 0) + 1
        if loaded.journey.place.state is not State.AWAITING:
            raise NoSuchMove()
        if stage >= len(loaded.journey.rules.route):
            raise Incomplete("main", "route-ends")
        place = stage_receiver(conn, loaded.document.agency_id, loaded.journey.rules, stage, loaded.today)
        return act_of(loaded, Action.DIRECT, text, to=place, due_on=due_on, cc=tuple(cc))

    return perform(store, actor, _at_step(store, step_id, make_act))[0]


def assign(
    store: Store,
    actor: Actor,
    step_id: int,
    main: int,
    instruction: str,
    *,
    cc: Sequence[Cc] = (),
    due_on: date | None = None,
) -> int:
    """Giao xử lý: to one unit or one person, with others in copy.

    For a leader, a chief of office, the head of a unit inside it, and again by the head while a
    handler has it. A person chosen over the head of their unit: the unit gets a notice.
    """

    def make_act(conn: Connection, loaded: Loaded) -> Act:
        chosen = receiver(conn, main, loaded.document.agency_id)
        place = place_for(conn, chosen)
        readers = with_skipped_head(loaded, place, chosen, tuple(cc))
        return act_of(loaded, Action.ASSIGN, instruction, to=place, due_on=due_on, cc=readers)

    return perform(store, actor, _at_step(store, step_id, make_act))[0]


def give_back(store: Store, actor: Actor, step_id: int, reason: str) -> int:
    """Trả lại, to whom the agency's rule says, with the reason."""

    def make_act(conn: Connection, loaded: Loaded) -> Act:
        place = return_place(loaded.journey)
        if place is None:
            raise NoSuchMove()
        return act_of(loaded, Action.RETURN, reason, to=place)

    return perform(store, actor, _at_step(store, step_id, make_act))[0]


def finish(store: Store, actor: Actor, step_id: int, result: str = "") -> None:
    """Kết thúc: the document is settled; the step's message moves to Kết thúc."""
    perform(store, actor, _at_step(store, step_id, finishing(result)))


def reopen(store: Store, actor: Actor, document_id: int, reason: str, *, due_on: date | None = None) -> int:
    """Mở lại: what was closed goes back to whoever closed it, and the registry hears of it; the step.

    04/2017/QĐ-UBND, Điều 23 khoản 5. due_on: None leaves the old deadline.
    """

    def make_act(conn: Connection, loaded: Loaded) -> Act:
        to = reopening_place(conn, loaded)
        return act_of(loaded, Action.REOPEN, reason, to=to, due_on=due_on, cc=registry_told(loaded, to, reason))

    return perform(store, actor, Wanted(document_id, None, make_act))[0]


def notify(store: Store, actor: Actor, document_id: int, cc: Sequence[Cc]) -> None:
    """Thông báo: let others know; adds readers, never handlers."""

    def make_act(conn: Connection, loaded: Loaded) -> Act:
        for one in cc:
            receiver(conn, one.principal_id, loaded.document.agency_id)
        return act_of(loaded, Action.NOTIFY, "", cc=tuple(cc))

    perform(store, actor, Wanted(document_id, None, make_act))


def add_opinion(store: Store, actor: Actor, document_id: int, text: str, *, uploads: Sequence[Upload] = ()) -> int:
    """Thêm ý kiến xử lý; returns the opinion's id.

    The holder of the document finds it in Để biết; the holder's own goes to whoever gave the task.
    """
    kept = keep_uploads(store.blobs, uploads)
    made: list[int] = []

    def extra(tx: Tx, loaded: Loaded, _steps: list[int]) -> None:
        opinion_id = insert_opinion_tx(tx, loaded, text)
        insert_files_tx(tx, document_id, kept, opinion_id=opinion_id)
        made.append(opinion_id)

    def make_act(conn: Connection, loaded: Loaded) -> Act:
        return act_of(loaded, Action.OPINE, text)

    def notices(conn: Connection, loaded: Loaded, act: Act, now: datetime) -> list[Planned]:
        return plan_opinion(conn, loaded, act, kept, now)

    perform(store, actor, Wanted(document_id, None, make_act, notices), extra)
    return made[-1]


def mark_read(store: Store, actor: Actor, step_id: int) -> None:
    """Note that the assignee has opened a step; a cc is read then. Silent for anybody else who may see it."""

    def work(tx: Tx) -> None:
        row = steps.get(tx.conn, step_id)
        loaded = load(tx.conn, row.document_id, tx.actor, tx.now)
        if row.assignee_id in loaded.standing.acts_for:
            steps.mark_read_tx(tx, row)

    store.db.write(work, actor)


def _at_step(store: Store, step_id: int, make_act: MakeAct) -> Wanted:
    row = store.db.read(lambda conn: steps.get(conn, step_id))
    return Wanted(row.document_id, step_id, make_act)
