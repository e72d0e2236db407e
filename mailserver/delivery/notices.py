"""Short mail of the server itself to one of its people."""

from __future__ import annotations

from mailserver.delivery.mailboxes import deliver_tx
from mailserver.directory.agencies import agency_by_id
from mailserver.directory.records import Principal
from mailserver.mime.address import Address
from mailserver.mime.compose import Draft, compose, new_message_id
from mailserver.store.blobs import BlobStore
from mailserver.store.database import Tx
from mailserver.store.ingest import prepare, store_message_tx

SENDER = "postmaster"
_END = {
    "vi": "Thư tự động của hệ thống Vanthu, không cần trả lời.",
    "en": "Sent automatically by Vanthu; no answer is needed.",
}


def send_tx(tx: Tx, blobs: BlobStore, to: Principal, subject: str, text: str) -> int:
    """Put a notice into a person's INBOX; the stored message's number. text: in the person's language.

    No auto-reply answers it (RFC 3834 §5). Raises FolderMissing, MoveRefused.
    """
    domain = agency_by_id(tx.conn, to.agency_id).domain
    local, _, host = to.address.rpartition("@")
    end = _END["en" if to.locale.startswith("en") else "vi"]
    draft = Draft(
        from_=Address("Vanthu", SENDER, domain),
        to=(Address(to.name, local, host),),
        cc=(),
        bcc=(),
        subject=subject,
        text=f"{text.rstrip()}\n\n-- \n{end}\n",
        date=tx.now,
        message_id=new_message_id(domain),
        extra_headers=(("Auto-Submitted", "auto-generated"),),
    )
    # Small: no blob is written, so this may be done inside the transaction.
    message_pk = store_message_tx(tx, prepare(compose(draft), blobs))
    deliver_tx(tx, message_pk, [to.id])
    return message_pk
