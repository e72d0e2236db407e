"""Short mail of the server itself to one of its people."""

from __future__ import annotations

from mailserver.delivery import automatic
from mailserver.directory.agencies import agency_by_id
from mailserver.directory.records import Principal
from mailserver.store.blobs import BlobStore
from mailserver.store.database import Tx

_END = {
    "vi": "Thư tự động của hệ thống Vanthu, không cần trả lời.",
    "en": "Sent automatically by Vanthu; no answer is needed.",
}


def send_tx(tx: Tx, blobs: BlobStore, to: Principal, subject: str, text: str) -> int:
    """Put a notice into a person's INBOX; the stored message's number. text: in the person's language.

    Raises FolderMissing, MoveRefused.
    """
    sender = automatic.program(agency_by_id(tx.conn, to.agency_id).domain)
    end = _END["en" if to.reads_english else "vi"]
    letter = automatic.Letter(sender, automatic.address(to), subject, f"{text.rstrip()}\n\n-- \n{end}\n")
    return automatic.deliver_own_tx(tx, blobs, letter, [to.id])
