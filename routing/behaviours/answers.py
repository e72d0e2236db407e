"""The short answer to a reply that could not be taken."""

from __future__ import annotations

from collections.abc import Callable

from mailserver.delivery.mailboxes import deliver_tx
from mailserver.directory.principals import Principal, agency_by_id
from mailserver.mime.address import Address
from mailserver.mime.compose import Draft, compose, new_message_id
from mailserver.store.blobs import BlobStore
from mailserver.store.database import Tx
from mailserver.store.ingest import prepare, store_message_tx
from mailserver.store.messages import MessageInfo
from routing.stepmail import REPLY_LOCAL_PART

MAX_SUBJECT = 150


def answer_tx(tx: Tx, blobs: BlobStore, author: Principal, reply: MessageInfo, words: Callable[[str], str]) -> None:
    """Tell the author, in both languages, that the reply changed nothing, and why. words: by locale."""
    domain = agency_by_id(tx.conn, author.agency_id).domain
    local, _, host = author.address.rpartition("@")
    draft = Draft(
        from_=Address("Vanthu", REPLY_LOCAL_PART, domain),
        to=(Address(author.name, local, host),),
        cc=(),
        bcc=(),
        subject=f"Chưa ghi được ý kiến: {reply.subject}"[:MAX_SUBJECT],
        text=f"{words('vi')}\n\n{words('en')}\n",
        date=tx.now,
        message_id=new_message_id(domain),
        in_reply_to=reply.message_id,
        references=(reply.message_id,) if reply.message_id else (),
        extra_headers=(("Auto-Submitted", "auto-replied"),),
    )
    # Small: no blob is written, so this may be done inside the transaction.
    message_pk = store_message_tx(tx, prepare(compose(draft), blobs))
    deliver_tx(tx, message_pk, [author.id])
