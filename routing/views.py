"""Reading: the document page, and where a step or message belongs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from mailserver.actor import Actor
from mailserver.store import audit
from mailserver.store.store import Store
from routing import cases, documents, extensions, steps
from routing.errors import DocumentMissing, Incomplete, RoutingError
from routing.incoming.acts import act_of
from routing.incoming.journey import Place, return_place
from routing.incoming.loading import Loaded, load
from routing.incoming.transitions import advance, open_to
from routing.opinions import level_of
from routing.parties import parties
from routing.schema import document as document_table
from routing.schema import document_file, history, opinion, step
from routing.types import (
    Action,
    DocumentView,
    HistoryLine,
    MessageRef,
    OpenedFile,
    OpinionView,
    Party,
    State,
    StepRole,
    StepState,
    StepView,
)

Known = Mapping[int, Party]


def document(conn: Connection, actor: Actor, document_id: int, now: datetime) -> DocumentView:
    """The document page. Raises DocumentMissing, also for who may not see it."""
    loaded = load(conn, document_id, actor, now)
    opinions = _rows(conn, opinion, document_id)
    lines = _rows(conn, history, document_id)
    known = _known(conn, loaded, opinions, lines)
    views = _steps(conn, loaded, known)
    current = next((v for v in views if loaded.current is not None and v.id == loaded.current.id), None)
    return DocumentView(
        summary=documents.summaries(conn, [loaded.document], now)[0],
        files=tuple(documents.file_view(f) for f in documents.files_of(conn, document_id) if not f.opinion_id),
        steps=tuple(views),
        opinions=tuple(_opinions(conn, opinions, known)),
        history=tuple(_line(row, known) for row in lines),
        cases=tuple(cases.of_document(conn, document_id)),
        current=current,
        my_step=next((v for v in views if loaded.part is not None and v.id == loaded.part.id), None),
        waiting_since=current.opened_at if current else None,
        may=open_to(loaded.journey, loaded.roles),
        blockers=_blockers(loaded, actor),
        source_message=_source(conn, loaded),
        extensions=tuple(extensions.of_document(conn, document_id, loaded.today)),
    )


def document_of_step(conn: Connection, actor: Actor, step_id: int, now: datetime) -> int:
    """The document of a step that the actor may see. Raises DocumentMissing."""
    row = steps.get(conn, step_id)
    return int(load(conn, row.document_id, actor, now).document.id)


def document_of_message(conn: Connection, message_pk: int) -> tuple[int, int | None] | None:
    """(document, step) that a message carries or became; None for an ordinary message."""
    carried = conn.execute(select(step.c.document_id, step.c.id).where(step.c.message_pk == message_pk)).first()
    if carried is not None:
        return carried.document_id, carried.id
    source = conn.execute(select(document_table.c.id).where(document_table.c.message_pk == message_pk)).scalar()
    return None if source is None else (int(source), None)


def open_file(store: Store, actor: Actor, document_id: int, file_id: int, now: datetime) -> OpenedFile:
    """A file of a document with its content. Raises DocumentMissing."""

    def work(conn: Connection) -> Row[Any]:
        load(conn, document_id, actor, now)
        here = (document_file.c.id == file_id, document_file.c.document_id == document_id)
        row = conn.execute(select(document_file).where(*here)).first()
        if row is None:
            raise DocumentMissing()
        return row

    row = store.db.read(work)
    return OpenedFile(row.filename, row.media_type, store.blobs.get(row.digest), row.digest.hex())


def note_saved(store: Store, actor: Actor, document_id: int, file_id: int) -> None:
    """Leave a record that somebody took a copy of a file (123/QĐ-SCT, Điều 9: no copying beyond one's authority)."""
    store.db.write(lambda tx: audit.record_tx(tx, "document.file_saved", document=document_id, file=file_id), actor)


def _rows(conn: Connection, table: Any, document_id: int) -> list[Row[Any]]:
    return list(conn.execute(select(table).where(table.c.document_id == document_id).order_by(table.c.id)))


def _known(conn: Connection, loaded: Loaded, opinions: list[Row[Any]], lines: list[Row[Any]]) -> Known:
    ids: set[int | None] = set()
    for one in loaded.steps:
        ids |= {one.sender_id, one.sender_for_id, one.assignee_id, one.closed_by_id}
    for said in opinions:
        ids |= {said.author_id, said.on_behalf_of_id}
    for line in lines:
        ids |= {line.actor_id, line.on_behalf_of_id, line.target_id}
    return parties(conn, ids, loaded.today)


def _steps(conn: Connection, loaded: Loaded, known: Known) -> list[StepView]:
    mails = steps.mail_refs(conn, list(loaded.steps))
    return [step_view(one, known, mails.get(one.id), loaded.today) for one in loaded.steps]


def step_view(row: steps.StepRow, known: Known, mail: MessageRef | None, today: date) -> StepView:
    assignee = known[row.assignee_id]
    state = StepState(row.state)
    return StepView(
        id=row.id,
        parent_id=row.parent_id,
        role=StepRole(row.role),
        state=state,
        action=Action(row.action),
        sender=known.get(row.sender_id),
        sender_for=known.get(row.sender_for_id),
        assignee=assignee,
        text=row.text,
        due_on=row.due_on,
        opened_at=row.opened_at,
        read_at=row.read_at,
        closed_at=row.closed_at,
        closed_by=known.get(row.closed_by_id),
        close_note=row.close_note,
        level=level_of(row, assignee.kind),
        mail=mail,
        overdue=state is StepState.PENDING and row.due_on is not None and row.due_on < today,
    )


def _opinions(conn: Connection, rows: list[Row[Any]], known: Known) -> list[OpinionView]:
    query = select(document_file).where(document_file.c.opinion_id.in_([row.id for row in rows]))
    attached: dict[int, list[Row[Any]]] = {}
    for one in conn.execute(query.order_by(document_file.c.id)):
        attached.setdefault(one.opinion_id, []).append(one)
    return [
        OpinionView(
            id=row.id,
            step_id=row.step_id,
            author=known[row.author_id],
            on_behalf_of=known.get(row.on_behalf_of_id),
            text=row.text,
            by_mail=row.message_pk is not None,
            at=row.at,
            level=row.level,
            files=tuple(documents.file_view(one) for one in attached.get(row.id, [])),
        )
        for row in rows
    ]


def _line(row: Row[Any], known: Known) -> HistoryLine:
    return HistoryLine(
        id=row.id,
        at=row.at,
        actor=known.get(row.actor_id),
        on_behalf_of=known.get(row.on_behalf_of_id),
        action=row.action,
        from_state=row.from_state,
        to_state=row.to_state,
        target=known.get(row.target_id),
        note=row.note,
        door=row.door,
    )


def _blockers(loaded: Loaded, actor: Actor) -> dict[Action, str]:
    """Why finishing or giving back would be refused now, in the reader's language."""
    found: dict[Action, str] = {}
    trials = {Action.FINISH: Place(State.FINISHED), Action.RETURN: return_place(loaded.journey)}
    for action in open_to(loaded.journey, loaded.roles) & trials.keys():
        act = act_of(loaded, action, "thử", to=trials[action])
        try:
            advance(loaded.journey, act, loaded.now)
        except Incomplete as refusal:
            found[action] = refusal.sentence(actor.locale)
        except RoutingError:
            continue
    return found


def _source(conn: Connection, loaded: Loaded) -> MessageRef | None:
    """Where the message it came in lies, for those who keep the agency's mailbox."""
    mailbox = loaded.standing.agency_mailbox
    if loaded.document.message_pk is None or mailbox not in loaded.standing.reads:
        return None
    return steps.mail_ref(conn, loaded.document.message_pk, mailbox)
