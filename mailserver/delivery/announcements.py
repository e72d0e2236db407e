"""Short mail that the program itself writes to people of ours, inside a transaction of the caller's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mailserver.delivery.mailboxes import deliver_tx
from mailserver.directory.records import OFFICE_ZONE, Principal
from mailserver.mime.address import Address
from mailserver.mime.compose import Draft, compose, new_message_id
from mailserver.store.blobs import BlobStore
from mailserver.store.database import Tx
from mailserver.store.ingest import prepare, store_message_tx

MAX_SUBJECT = 200


@dataclass(frozen=True, slots=True)
class Notice:
    """sender: in whose name. to: whose address stands in To; None: that of the first who gets it."""

    sender: Principal
    subject: str
    text: str
    to: Principal | None = None


def notify_tx(tx: Tx, blobs: BlobStore, notice: Notice, people: Sequence[Principal]) -> None:
    """Put one message into the INBOX of each; nothing for nobody. RFC 3834 §5.1: it says that no person wrote it.

    Raises MoveRefused, FolderMissing.
    """
    receivers = list({one.id: one for one in people}.values())
    if not receivers:
        return
    draft = Draft(
        from_=_address(notice.sender),
        to=(_address(notice.to or receivers[0]),),
        cc=(),
        bcc=(),
        subject=notice.subject[:MAX_SUBJECT],
        text=notice.text,
        date=tx.now.astimezone(OFFICE_ZONE),
        message_id=new_message_id(notice.sender.address.rpartition("@")[2]),
        extra_headers=(("Auto-Submitted", "auto-generated"),),
    )
    # Small: no blob is written, so this may be done inside the transaction.
    message_pk = store_message_tx(tx, prepare(compose(draft), blobs))
    deliver_tx(tx, message_pk, [one.id for one in receivers])


def _address(one: Principal) -> Address:
    local, _, domain = one.address.rpartition("@")
    return Address(one.name, local, domain)
