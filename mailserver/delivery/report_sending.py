"""Giving a report to the sender it is for, under the null path: into a mailbox of ours, or the queue.

Who wrote under an address elsewhere hears of it here: the way to that address may be what is broken.
"""

from __future__ import annotations

from mailserver.delivery.errors import ExternalRecipientRefused
from mailserver.delivery.mailboxes import NOTICE_KEYWORD, deliver_tx
from mailserver.delivery.outside import Outside, Parcel
from mailserver.delivery.recipients import mailboxes_of
from mailserver.directory import external
from mailserver.directory.resolve import Unknown, resolve
from mailserver.srs.senders import original
from mailserver.store import ingest
from mailserver.store.database import Tx
from mailserver.store.errors import FolderMissing, MoveRefused
from mailserver.store.messages import note_orphan_tx


def send_tx(tx: Tx, to: str, prepared: ingest.Prepared, outside: Outside, queue_id: str, *, asks: bool) -> str:
    """Send a report to `to`, the sender of what it tells of; where it went, in words for a log.

    queue_id: of the message it is about. asks: as `automatic.Letter`. One that nobody takes is dropped: a report is
    not worth a fault.
    """
    # What went on under a rewritten sender is told to whom it stands for.
    to = original(tx.conn, to, tx.now) or to
    found = external.mailbox_of(tx.conn, to) or resolve(tx.conn, to)
    boxes = [box.principal_id for box in mailboxes_of(found)]
    elsewhere = found == Unknown(local=False)
    if elsewhere:
        try:
            outside.check([to])
        except ExternalRecipientRefused:
            return f"<{to}> is outside: no report"
    elif not boxes:
        return f"<{to}> takes no mail any more: no report"
    message_pk = ingest.store_message_tx(tx, prepared)
    if elsewhere:
        scanned = prepared.scanned
        outside.queue_tx(tx, Parcel(message_pk, "", (to,), queue_id, scanned.message_id or "", scanned.size))
        return f"queued for <{to}>"
    try:
        deliver_tx(tx, message_pk, boxes, keywords="" if asks else NOTICE_KEYWORD)
    except (MoveRefused, FolderMissing) as refused:
        note_orphan_tx(tx, message_pk)
        return f"<{to}> refused the report: {refused}"
    return f"<{to}>"
