"""Answering: by a reply from any mail program, or on the web page. Both end in the same rows and in the same mail.

Raises DocumentMissing (not asked, nor acting for who is), NoSuchMove (over, or late), Incomplete (no words, no
reason); then nothing has changed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from mailserver.actor import Actor
from mailserver.delivery.mailboxes import deliver_tx
from mailserver.directory import principals
from mailserver.mime.compose import Attachment, new_message_id
from mailserver.mime.structure import Structure
from mailserver.store import audit, messages
from mailserver.store.blobs import BlobStore
from mailserver.store.contents import own_text
from mailserver.store.database import Tx
from mailserver.store.ingest import prepare, store_message_tx
from mailserver.store.store import Store
from routing.comments import access, letters
from routing.comments.asking import asking_of
from routing.comments.replies import Said, said
from routing.comments.requests import Invitee, Request
from routing.comments.schema import comment_answer
from routing.comments.states import State, check_answer
from routing.errors import DocumentMissing, Incomplete
from routing.files import attachments
from routing.quoting import MAX_OPINION, new_words
from routing.rows import insert_tx
from routing.standing import standing_of

MOST_TEXT = 400_000  # octets of a reply's text that are looked at


@dataclass(frozen=True, slots=True)
class Reply:
    """What the form of the page says. invitee_id: as whom."""

    request_id: int
    invitee_id: int
    said: Said
    files: tuple[Attachment, ...] = ()


def answer(store: Store, actor: Actor, reply: Reply, now: datetime) -> None:
    """Gửi ý kiến on the page. The asker gets it as mail, as if it had been a reply."""
    clean = _checked(reply.said, [one.filename for one in reply.files])

    def read(conn: Connection) -> bytes:
        standing = standing_of(conn, actor, now)
        request = access.see(conn, standing, reply.request_id, now).request
        invitee = request.invitee(reply.invitee_id)
        if standing.person_id is None or invitee.principal_id not in standing.acts_for:
            raise DocumentMissing()
        asking = asking_of(conn, request, reply.files)
        people = principals.get_many(conn, {standing.person_id, invitee.principal_id})
        author, invited = people[standing.person_id], people[invitee.principal_id]
        words = f"Không có ý kiến: {clean.text}" if clean.declined else clean.text
        return letters.answer(asking, author, invited, words, new_message_id(asking.domain), now)

    prepared = prepare(store.db.read(read), store.blobs)

    def work(tx: Tx) -> None:
        standing = standing_of(tx.conn, tx.actor, tx.now)
        request, invitee = access.answers_tx(tx.conn, standing, reply.request_id, reply.invitee_id)
        _record_tx(tx, request, invitee, clean, store_message_tx(tx, prepared))

    store.db.write(work, actor)


def take_reply_tx(tx: Tx, blobs: BlobStore, message_pk: int, structure: Structure, asked: tuple[int, int]) -> None:
    """Record a mail as the answer of an invitee, for whom the transaction's actor must act.

    asked: request and invitee, see `requests.invited`.
    """
    standing = standing_of(tx.conn, tx.actor, tx.now)
    request, invitee = access.answers_tx(tx.conn, standing, *asked)
    words = new_words(own_text(tx.conn, blobs, message_pk, structure, MOST_TEXT))
    files = [part.filename or "" for part in attachments(list(structure.walk()))]
    _record_tx(tx, request, invitee, _checked(said(words), files, "reply-empty"), message_pk)


def _checked(found: Said, files: list[str], empty: str | None = None) -> Said:
    """Raises Incomplete. A file without words is a comment too: many write theirs into the draft itself.

    empty: the key of the sentence for none of both.
    """
    if found.declined and not found.text:
        raise Incomplete("text", "comments-reason")
    if len(found.text) > MAX_OPINION:
        raise Incomplete("text", "too-long", limit=MAX_OPINION)
    text = found.text or (f"(Ý kiến trong tệp: {', '.join(files)})" if files else "")
    if not text:
        raise Incomplete("text", empty)
    return Said(text, found.declined)


def _record_tx(tx: Tx, request: Request, invitee: Invitee, what: Said, message_pk: int) -> None:
    state = request.state_at(tx.now)
    check_answer(state, answered=invitee.answer is not None)
    messages.pin_tx(tx, message_pk)
    insert_tx(
        tx,
        comment_answer,
        invitee_id=invitee.id,
        author_id=tx.actor.principal_id,
        text=what.text,
        declined=what.declined,
        late=state is State.OVERDUE,
        message_pk=message_pk,
        at=tx.now,
    )
    other = invitee.principal_id if invitee.principal_id != tx.actor.principal_id else None
    audit.record_tx(tx, "comments.answered", owner_id=invitee.principal_id, on_behalf_of_id=other, request=request.id)
    deliver_tx(tx, message_pk, [request.asker_id])
