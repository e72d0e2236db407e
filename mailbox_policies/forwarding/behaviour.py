"""The address that takes answers of original senders: mail to dong-y+TOKEN@… (see `door`) says yes or no.

The token was sent to the original sender alone. Who was signed in when sending must be that sender, or act for them;
mail from outside must come from the address that was asked, and must not be known to be forged.
"""

from __future__ import annotations

from mailbox_policies.forwarding import letters, requests
from mailbox_policies.forwarding.consent import Consents
from mailbox_policies.forwarding.errors import AnsweredBefore, ConsentError, NoSuchQuestion, NotForYou
from mailbox_policies.forwarding.replies import agreed
from mailbox_policies.forwarding.requests import Way
from mailserver.delivery import automatic
from mailserver.directory import principals
from mailserver.directory.addresses import lookup_key
from mailserver.mime.header import Header
from mailserver.mime.scan import scan
from mailserver.senderauth.header import read_ours
from mailserver.store import messages
from mailserver.store.behaviours import How, Passing
from mailserver.store.blobs import BlobStore
from mailserver.store.contents import own_text
from mailserver.store.tx import Tx

# Octets of a reply's text that are looked at.
MOST_TEXT = 100_000


class Answers:
    """The INBOX of the address. What cannot be taken stays there, and its author hears why."""

    def __init__(self, blobs: BlobStore, consents: Consents) -> None:
        self._blobs = blobs
        self._consents = consents

    def entering(self, tx: Tx, passing: Passing) -> None:
        if passing.how is How.DELIVER:
            for message_pk in passing.message_pks:
                self._take_tx(tx, passing, message_pk)

    def leaving(self, tx: Tx, passing: Passing) -> None:
        """Nobody works in this mailbox."""

    def _take_tx(self, tx: Tx, passing: Passing, message_pk: int) -> None:
        token = passing.recipient_detail
        info = messages.info(tx.conn, message_pk)
        if (Header(info.header).get(b"Auto-Submitted") or b"no").strip().lower() != b"no":
            return  # an absence notice is nobody's consent (RFC 3834 §5)
        author = _author(tx, info.header)
        if not author:
            return
        try:
            _require_vouched(tx, info.header, author, token)
            answer = agreed(own_text(tx.conn, self._blobs, message_pk, info.structure, MOST_TEXT))
            if answer is None:
                raise Unclear
            self._consents.answer_tx(tx, token, answer, Way.MAIL)
        except ConsentError as refusal:
            assert passing.target is not None
            local, _, domain = principals.get(tx.conn, passing.target.owner_id).address.rpartition("@")
            why = letters.why_not(_WORDS[type(refusal)])
            self._consents.tell_unread_tx(tx, author, automatic.program(domain, local), why)


class Unclear(ConsentError):
    """Neither yes nor no."""


_WORDS = {
    NoSuchQuestion: "unknown",
    AnsweredBefore: "answered",
    NotForYou: "not-yours",
    Unclear: "unclear",
}


def _author(tx: Tx, header: bytes) -> str:
    """The address of who wrote: signed in, or the only one in From."""
    if tx.actor.principal_id is not None:
        return principals.get(tx.conn, tx.actor.principal_id).address
    authors = scan(header).from_
    return authors[0].addr if len(authors) == 1 else ""


def _require_vouched(tx: Tx, header: bytes, author: str, token: str) -> None:
    """Raises NoSuchQuestion, NotForYou."""
    question = requests.by_token(tx.conn, token)
    if question is None:
        raise NoSuchQuestion
    if tx.actor.principal_id is not None:
        return  # `answer_tx` looks at who is signed in
    found = read_ours(header)
    forged = found is not None and not found.aligned
    if forged or lookup_key(author) != question.author or principals.by_address(tx.conn, author) is not None:
        raise NotForYou  # one of ours is signed in when writing
