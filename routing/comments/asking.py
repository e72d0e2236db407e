"""Asking: the check, the mails made beforehand, and the one transaction that sends them all.

Raises Incomplete (naming the field), DocumentMissing, NotYourTurn, NoSuchMove; then nothing has changed.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, insert

from mailserver.actor import Actor
from mailserver.boards.kinds import BoardKind
from mailserver.delivery.mailboxes import deliver_tx
from mailserver.delivery.sentcopy import SentCopy
from mailserver.directory import principals
from mailserver.directory.records import Kind, Principal, Status
from mailserver.mime.compose import Attachment, new_message_id
from mailserver.store import audit, messages
from mailserver.store.contents import content
from mailserver.store.database import Tx
from mailserver.store.ingest import Prepared, prepare, store_message_tx
from mailserver.store.store import Store
from mailserver.text import nfc
from routing import boards, cases
from routing.comments import access, letters
from routing.comments.letters import Asking
from routing.comments.requests import Request, Wish
from routing.comments.schema import comment_invitee, comment_request
from routing.comments.states import Act, State, advance, check_due, remind_at
from routing.errors import DocumentMissing, Incomplete
from routing.files import attachments
from routing.profile import profile_of
from routing.rows import insert_tx
from routing.standing import standing_of

MOST_SUBJECT, MOST_QUESTION = 200, 20_000  # characters
MOST_PEOPLE = 300
TOKEN_OCTETS = 16
_ASKABLE = (Kind.PERSON, Kind.UNIT, Kind.POST)


@dataclass(frozen=True, slots=True)
class _Invitation:
    """A mail to one of the invited, its octets durable."""

    to: Principal
    token: str
    message_id: str
    prepared: Prepared


def ask(store: Store, actor: Actor, wish: Wish, now: datetime) -> int:
    """Lấy ý kiến một số người; the request's number. Each gets a mail of their own; the asker's copy goes to Sent."""
    clean = replace(wish, subject=nfc(" ".join(wish.subject.split())), question=nfc(wish.question.strip()))
    asking, invited = store.db.read(lambda conn: _checked(conn, actor, clean, now))
    copy = SentCopy.prepare(store, letters.asker_copy(asking, invited, now))
    mails = _invitations(store, asking, invited, now)

    def work(tx: Tx) -> int:
        _checked(tx.conn, tx.actor, clean, tx.now)
        remind_hours = profile_of(tx.conn, asking.asker.agency_id).comments.remind_hours
        copy.file_tx(tx, asking.asker.id)
        assert copy.message_pk is not None
        messages.pin_tx(tx, copy.message_pk)
        request_id = insert_tx(
            tx,
            comment_request,
            agency_id=asking.asker.agency_id,
            asker_id=asking.asker.id,
            subject=clean.subject,
            question=clean.question,
            case_id=clean.case_id,
            due_at=clean.due_at,
            remind_at=remind_at(tx.now, clean.due_at, remind_hours),
            state=State.OPEN.value,
            asked_at=tx.now,
            message_pk=copy.message_pk,
            thread_root=asking.thread_root,
        )
        _invite_tx(tx, request_id, mails)
        _copy_head_tx(tx, asking.asker, copy.message_pk)
        audit.record_tx(tx, "comments.asked", request=request_id, people=[one.to.id for one in mails])
        return request_id

    return store.db.write(work, actor)


def add(store: Store, actor: Actor, request_id: int, people: Sequence[int], now: datetime) -> int:
    """Ask more people the same; how many of these had not been asked yet."""

    def read(conn: Connection) -> tuple[Asking, list[Principal]]:
        found = access.see(conn, standing_of(conn, actor, now), request_id, now).request
        return asking_of(conn, found, files_of(store, conn, found)), _new(conn, found, people)

    asking, invited = store.db.read(read)
    mails = _invitations(store, asking, invited, now)

    def work(tx: Tx) -> int:
        request = access.manage_tx(tx.conn, standing_of(tx.conn, tx.actor, tx.now), request_id, tx.now)
        advance(request.state_at(tx.now), Act.ADD)
        new = {one.id for one in _new(tx.conn, request, people)}
        if not new:
            raise Incomplete("people", "comments-people")
        _require_some(tx.conn, tx.actor, tx.now, asking.asker, [*(one.principal_id for one in request.invitees), *new])
        _invite_tx(tx, request_id, [one for one in mails if one.to.id in new])
        audit.record_tx(tx, "comments.added", request=request_id, people=sorted(new))
        return len(new)

    return store.db.write(work, actor)


def asking_of(conn: Connection, request: Request, files: tuple[Attachment, ...] = ()) -> Asking:
    """A request as its mails have it."""
    asker = principals.get(conn, request.asker_id)
    domain = principals.agency_by_id(conn, request.agency_id).domain
    return Asking(request.subject, request.question, request.due_at, asker, domain, request.thread_root, files)


def files_of(store: Store, conn: Connection, request: Request) -> tuple[Attachment, ...]:
    """The files that were sent along, out of the asker's copy."""
    structure = messages.info(conn, request.message_pk).structure
    return tuple(
        Attachment(part.filename or "", part.media_type, content(conn, store.blobs, request.message_pk, part))
        for part in attachments(list(structure.walk()))
    )


def candidates(conn: Connection, asker: Principal) -> list[Principal]:
    """Whom somebody may ask: units, posts and people of the agency, oneself aside."""
    return [one for one in _askable(conn, asker.agency_id) if one.id != asker.id]


def _checked(conn: Connection, actor: Actor, wish: Wish, now: datetime) -> tuple[Asking, list[Principal]]:
    """What is to be sent, and to whom."""
    if actor.principal_id is None:
        raise DocumentMissing()
    asker = principals.get(conn, actor.principal_id)
    if not wish.subject or len(wish.subject) > MOST_SUBJECT:
        raise Incomplete("subject", "comments-subject")
    if len(wish.question) > MOST_QUESTION or not (wish.question or wish.files):
        raise Incomplete("question", "comments-question")
    check_due(wish.due_at, now)
    known = {one.id: one for one in candidates(conn, asker)}
    if not wish.people or len(wish.people) > MOST_PEOPLE or not set(wish.people) <= known.keys():
        raise Incomplete("people", "comments-people")
    _require_some(conn, actor, now, asker, wish.people)
    if wish.case_id is not None and wish.case_id not in {one.id for one in cases.cases(conn, actor)}:
        raise DocumentMissing()
    domain = principals.agency_by_id(conn, asker.agency_id).domain
    asking = Asking(wish.subject, wish.question, wish.due_at, asker, domain, new_message_id(domain), wish.files)
    return asking, [known[one] for one in dict.fromkeys(wish.people)]


def _require_some(conn: Connection, actor: Actor, now: datetime, asker: Principal, people: Iterable[int]) -> None:
    """The whole agency is asked by whom leaders have assigned alone (132/QĐ-STTTT, Điều 7 khoản 5).

    Assigned is who posts in a folder Lấy ý kiến. Raises Incomplete: "people".
    """
    asked = {asker.id, *people}
    everybody = {one.id for one in principals.people(conn, asker.agency_id) if one.status is Status.ACTIVE}
    all_units = {one.principal.id for one in principals.units(conn, asker.agency_id)}
    if not (everybody <= asked or (len(all_units) > 1 and all_units <= asked)):
        return
    mine = boards.boards(conn, actor, now)
    if not any(one.posting and one.kind is BoardKind.COMMENTS for one in mine):
        raise Incomplete("people", "comments-everybody")


def _new(conn: Connection, request: Request, people: Sequence[int]) -> list[Principal]:
    """Those of `people` that are not asked yet. Raises Incomplete, "people", for who cannot be."""
    known = {one.id: one for one in candidates(conn, principals.get(conn, request.asker_id))}
    if not set(people) <= known.keys() or len(people) > MOST_PEOPLE:
        raise Incomplete("people", "comments-people")
    asked = {one.principal_id for one in request.invitees}
    return [known[one] for one in dict.fromkeys(people) if one not in asked]


def _askable(conn: Connection, agency_id: int) -> list[Principal]:
    found = [
        *(one.principal for one in principals.units(conn, agency_id)),
        *(one.principal for one in principals.posts(conn, agency_id)),
        *principals.people(conn, agency_id),
    ]
    return [one for one in found if one.kind in _ASKABLE and one.status is Status.ACTIVE]


def _invitations(store: Store, asking: Asking, invited: Sequence[Principal], now: datetime) -> list[_Invitation]:
    made = []
    for one in invited:
        token, message_id = secrets.token_hex(TOKEN_OCTETS), new_message_id(asking.domain)
        octets = letters.invitation(asking, one, token, message_id, now)
        made.append(_Invitation(one, token, message_id, prepare(octets, store.blobs)))
    return made


def _invite_tx(tx: Tx, request_id: int, mails: Sequence[_Invitation]) -> None:
    for mail in mails:
        values = {"token": mail.token, "message_id": mail.message_id, "asked_at": tx.now}
        row = {"request_id": request_id, "principal_id": mail.to.id, **values}
        tx.conn.execute(insert(comment_invitee).values(row))
        deliver_tx(tx, store_message_tx(tx, mail.prepared), [mail.to.id])


def _copy_head_tx(tx: Tx, asker: Principal, message_pk: int) -> None:
    """Where the regulation sends a draft to the head of the unit with those asked (123/QĐ-SCT, Điều 7 khoản 2)."""
    if not profile_of(tx.conn, asker.agency_id).comments.copies_head:
        return
    head = principals.head_over(tx.conn, asker.id, principals.office_day(tx.now))
    if head is not None and head != asker.id:
        deliver_tx(tx, message_pk, [head])
