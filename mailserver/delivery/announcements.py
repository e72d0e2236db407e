"""Short mail that the program itself writes to people of ours, inside a transaction of the caller's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mailserver.delivery import automatic
from mailserver.directory.records import Principal
from mailserver.store.blobs import BlobStore
from mailserver.store.database import Tx


@dataclass(frozen=True, slots=True)
class Said:
    """Subject and text in each language."""

    vietnamese: tuple[str, str]
    english: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Notice:
    """sender: in whose name. to: whose address stands in To; None: that of the first who gets it."""

    sender: Principal
    subject: str
    text: str
    to: Principal | None = None


def notify_tx(tx: Tx, blobs: BlobStore, notice: Notice, people: Sequence[Principal]) -> None:
    """Put one message into the INBOX of each; nothing for nobody. Raises MoveRefused, FolderMissing."""
    receivers = list({one.id: one for one in people}.values())
    if not receivers:
        return
    sender, to = automatic.address(notice.sender), automatic.address(notice.to or receivers[0])
    letter = automatic.Letter(sender, to, notice.subject, notice.text)
    automatic.deliver_own_tx(tx, blobs, letter, [one.id for one in receivers])


def tell_tx(
    tx: Tx, blobs: BlobStore, sender: Principal, said: Said, people: Sequence[Principal], to: Principal | None = None
) -> None:
    """As `notify_tx`, to each in their own language."""
    english = [one for one in people if one.reads_english]
    others = [one for one in people if one not in english]
    for (subject, text), readers in ((said.vietnamese, others), (said.english, english)):
        notify_tx(tx, blobs, Notice(sender, subject, text, to), readers)
