"""The short answer to a reply that could not be taken."""

from __future__ import annotations

from collections.abc import Callable

from mailserver.delivery import automatic
from mailserver.directory.principals import Principal, agency_by_id
from mailserver.store.blobs import BlobStore
from mailserver.store.database import Tx
from mailserver.store.messages import MessageInfo
from routing.stepmail import REPLY_LOCAL_PART


def answer_tx(tx: Tx, blobs: BlobStore, author: Principal, reply: MessageInfo, words: Callable[[str], str]) -> None:
    """Tell the author, in both languages, that the reply changed nothing, and why. words: by locale."""
    letter = automatic.Letter(
        automatic.program(agency_by_id(tx.conn, author.agency_id).domain, REPLY_LOCAL_PART),
        automatic.address(author),
        f"Chưa ghi được ý kiến: {reply.subject}",
        automatic.both(words("vi"), words("en")),
        automatic.Auto.REPLIED,
        answers=reply.message_id,
        asks=True,
    )
    automatic.deliver_own_tx(tx, blobs, letter, [author.id])
