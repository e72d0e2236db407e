"""Into which folders a message goes, and the one transaction that puts it there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection, select

from mailserver.directory.resolve import Mailbox
from mailserver.directory.schema import principal
from mailserver.store import entries, folders
from mailserver.store.database import Tx
from mailserver.store.entries import Delivered, Target
from mailserver.store.errors import FolderMissing
from mailserver.store.folder_names import JUNK
from mailserver.store.schema import folder

# INBOX folders remembered per process: an INBOX is never renamed or deleted while its owner exists.
REMEMBERED = 20_000
# Variables in one statement; SQLite allows 32,766.
BATCH = 5_000


@dataclass(frozen=True, slots=True)
class Inbox:
    """Where one recipient's mail goes, whose it is, and whose rules hold there.

    detail: what stood after "+" in the local part. keywords: what the mail has on it when it comes.
    """

    folder_id: int
    agency_id: int
    owner_id: int
    detail: str = ""
    keywords: str = ""


# What mail programs know unwanted mail by (RFC 5788, "a delivery agent" may set it).
JUNK_KEYWORD = "$Junk"
# On what the program itself writes and nobody has to do anything about: no work of a unit. Not registered.
NOTICE_KEYWORD = "Vanthu-Notice"
# For whom a message goes to Junk: of an agency all (None), or these mailboxes.
Junk = Mapping[int | None, frozenset[int] | None]


class Inboxes:
    """The INBOX folders of principals, looked up once per process."""

    def __init__(self) -> None:
        # Folder and agency by principal; neither ever changes.
        self._known: dict[int, tuple[int, int]] = {}

    def known(self, mailboxes: Iterable[Mailbox]) -> list[Inbox] | None:
        """The folders, each once, if all of them have been looked up before."""
        try:
            return [self._inbox(box) for box in distinct(mailboxes)]
        except KeyError:
            return None

    def find(self, conn: Connection, mailboxes: Iterable[Mailbox]) -> list[Inbox]:
        """The folders, each once. Raises FolderMissing for a principal without INBOX."""
        boxes = distinct(mailboxes)
        missing = sorted({box.principal_id for box in boxes} - self._known.keys())
        if len(self._known) + len(missing) > REMEMBERED:
            self._known.clear()
            missing = sorted({box.principal_id for box in boxes})
        for start in range(0, len(missing), BATCH):
            self._known.update(_inboxes(conn, missing[start : start + BATCH]))
        try:
            return [self._inbox(box) for box in boxes]
        except KeyError as missing_owner:
            raise FolderMissing("INBOX") from missing_owner

    def _inbox(self, box: Mailbox) -> Inbox:
        return Inbox(*self._known[box.principal_id], box.principal_id, box.detail)

    def forget(self) -> None:
        """Look everything up again: a folder that was known is not there any more."""
        self._known.clear()


def distinct(mailboxes: Iterable[Mailbox]) -> list[Mailbox]:
    """Each mailbox once: who is named twice, or through two groups, gets one copy."""
    return list({(box.principal_id, box.detail): box for box in mailboxes}.values())


def _inboxes(conn: Connection, owners: Sequence[int]) -> dict[int, tuple[int, int]]:
    query = (
        select(folder.c.owner_id, folder.c.id, principal.c.agency_id)
        .join(principal, principal.c.id == folder.c.owner_id)
        .where(folder.c.name == "INBOX", folder.c.owner_id.in_(owners))
    )
    return {owner: (folder_id, agency_id) for owner, folder_id, agency_id in conn.execute(query)}


def deliver_tx(
    tx: Tx, message_pk: int, principal_ids: Sequence[int], internal_date: int | None = None, keywords: str = ""
) -> list[Delivered]:
    """Put a stored message into the INBOX of each principal; for callers with a transaction of their own.

    internal_date: seconds since 1970, the transaction's time if None. keywords: as `Inbox`. Folder behaviours are asked
    (How.DELIVER) and may refuse: MoveRefused. Raises FolderMissing.
    """
    found = Inboxes().find(tx.conn, (Mailbox(principal_id, "") for principal_id in principal_ids))
    boxes = [replace(box, keywords=keywords) for box in found]
    return put_tx(tx, message_pk, boxes, tx.now_s if internal_date is None else internal_date)


def in_junk_tx(tx: Tx, boxes: Sequence[Inbox], junk: Junk) -> list[Inbox]:
    """The same recipients, those for whom it is junk with their \\Junk folder; it is made where it is missing."""
    return [_junk_tx(tx, box) if _is_for(box, junk) else box for box in boxes]


def _is_for(box: Inbox, junk: Junk) -> bool:
    if box.agency_id not in junk:
        return False
    named = junk[box.agency_id]
    return named is None or box.owner_id in named


def _junk_tx(tx: Tx, box: Inbox) -> Inbox:
    found = folders.by_special_use(tx.conn, box.owner_id, JUNK) or folders.find(tx.conn, box.owner_id, "Junk")
    found = found or folders.create_tx(tx, box.owner_id, "Junk", special_use=JUNK)
    return replace(box, folder_id=found.id, keywords=JUNK_KEYWORD)


def put_tx(tx: Tx, message_pk: int, boxes: Sequence[Inbox], internal_date: int) -> list[Delivered]:
    """Put a stored message into INBOX folders. Raises MoveRefused, FolderMissing."""
    targets = [Target(box.folder_id, keywords=box.keywords, recipient_detail=box.detail) for box in boxes]
    return entries.deliver_tx(tx, message_pk, targets, internal_date)
