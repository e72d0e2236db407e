"""Replies to step messages: mail to vb+TOKEN@… becomes an opinion on the document, or an answer of who was asked for
comments (`routing.comments.answering`).

The token says which step; it is not enough: the author must be the step's assignee, or act for it.
Who was signed in when sending is the author; for mail from outside the address in From is, if SPF or
DKIM speak for its domain. Whatever cannot be taken stays in the mailbox, and its author gets a short answer.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from mailserver.actor import Actor
from mailserver.directory.principals import Kind, Principal, by_address, get
from mailserver.mime.header import Header
from mailserver.mime.scan import scan
from mailserver.mime.structure import Structure
from mailserver.senderauth.header import read_ours
from mailserver.store import entries, messages
from mailserver.store.behaviours import How, Passing
from mailserver.store.blobs import BlobStore
from mailserver.store.contents import own_text
from mailserver.store.database import Tx
from routing import setup, steps
from routing.behaviours import answers
from routing.comments import requests
from routing.comments.answering import take_reply_tx
from routing.errors import DocumentMissing, RoutingError
from routing.files import attachments, insert_files_tx, keep_parts
from routing.incoming.acts import act_of
from routing.incoming.loading import Loaded, load
from routing.incoming.mailing import hearer
from routing.incoming.performing import Wanted, decide
from routing.incoming.recording import record_tx
from routing.opinions import insert_opinion_tx
from routing.quoting import new_words
from routing.types import Action, FileRole

MAX_TEXT = 400_000  # octets of a reply's text that are looked at


class Replies:
    """The INBOX of the reply address."""

    def __init__(self, blobs: BlobStore) -> None:
        self._blobs = blobs

    def entering(self, tx: Tx, passing: Passing) -> None:
        if passing.how is How.DELIVER:
            for message_pk in passing.message_pks:
                self._take_tx(tx, message_pk, passing.recipient_detail)

    def leaving(self, tx: Tx, passing: Passing) -> None:
        """Nobody works in this mailbox."""

    def _take_tx(self, tx: Tx, message_pk: int, token: str) -> None:
        info = messages.info(tx.conn, message_pk)
        if _is_automatic(info.header):
            return
        author = _author(tx, info.header)
        if author is None:
            return
        try:
            _require_vouched(tx, info.header)
            asked = requests.invited(tx.conn, token, _answered(info.header))
            if asked is not None:
                take_reply_tx(_as(tx, author), self._blobs, message_pk, info.structure, asked)
            else:
                take_opinion_tx(_as(tx, author), self._blobs, message_pk, info.structure, token)
        except RoutingError as refusal:
            key = {"document-missing": "reply-bad-token", "no-such-move": "reply-closed"}.get(refusal.key, refusal.key)
            answers.answer_tx(tx, self._blobs, author, info, partial(refusal.say, key))


def take_opinion_tx(tx: Tx, blobs: BlobStore, message_pk: int, structure: Structure, token: str) -> None:
    """Record a reply as an opinion of the transaction's actor. Raises RoutingError: nothing is changed then."""
    row, loaded = _step_of(tx, token)
    text = new_words(own_text(tx.conn, blobs, message_pk, structure, MAX_TEXT))
    if not text:
        raise DocumentMissing("reply-empty")
    wanted = Wanted(row.document_id, None, lambda _conn, found: act_of(found, Action.OPINE, text))
    act, advanced = decide(tx.conn, loaded, wanted, tx.now)
    parts = attachments(list(structure.walk()))
    kept = [replace(one, role=FileRole.OPINION) for one in keep_parts(tx.conn, blobs, message_pk, parts)]
    record_tx(tx, loaded, act, advanced, ())
    opinion_id = insert_opinion_tx(tx, loaded, text, message_pk)
    insert_files_tx(tx, row.document_id, kept, opinion_id=opinion_id)
    steps.mark_read_tx(tx, row)
    _pass_on_tx(tx, loaded, message_pk)


def _step_of(tx: Tx, token: str) -> tuple[steps.StepRow, Loaded]:
    """The step that this token asks the actor about. Raises DocumentMissing."""
    for row in steps.by_token(tx.conn, token) if token else ():
        loaded = load(tx.conn, row.document_id, tx.actor, tx.now, lock=True)
        if row.assignee_id in loaded.standing.acts_for:
            return row, replace(loaded, part=row)
    raise DocumentMissing()


def _pass_on_tx(tx: Tx, loaded: Loaded, message_pk: int) -> None:
    """Who must learn of it finds the reply in Để biết: the same stored message, not another one."""
    heard = hearer(loaded)
    if heard is not None:
        target = entries.Target(setup.folder_tx(tx, heard, setup.COPY))
        entries.deliver_tx(tx, message_pk, [target], tx.now_s)


def _author(tx: Tx, header: bytes) -> Principal | None:
    """The person who wrote: signed in, or by the one address in From."""
    if tx.actor.principal_id is not None:
        return get(tx.conn, tx.actor.principal_id)
    authors = scan(header).from_
    found = by_address(tx.conn, authors[0].addr) if len(authors) == 1 else None
    return found if found is not None and found.kind is Kind.PERSON else None


def _answered(header: bytes) -> tuple[str, ...]:
    """The mails that this one says it answers, for programs that lose what stands behind "+" of an address."""
    facts = scan(header)
    return (*facts.in_reply_to, *facts.references)


def _require_vouched(tx: Tx, header: bytes) -> None:
    """Raises DocumentMissing for mail from outside that nobody but itself says is by its author.

    Mail that came over a trusted network was not looked at, and counts as before.
    """
    found = read_ours(header) if tx.actor.principal_id is None else None
    if found is not None and not found.aligned:
        raise DocumentMissing("reply-unverified")


def _as(tx: Tx, author: Principal) -> Tx:
    """The same transaction, its acts done in the name of the author."""
    door = tx.actor.door if tx.actor.principal_id is not None else "mail"
    actor = Actor(author.id, author.agency_id, door, tx.actor.remote, author.locale)
    return replace(tx, actor=actor)


def _is_automatic(header: bytes) -> bool:
    """Absence notices and the like are nobody's opinion (RFC 3834 §5)."""
    fields = Header(header)
    told = (fields.get(b"Auto-Submitted") or b"no").strip().lower()
    return told != b"no" or fields.get(b"List-Id") is not None
