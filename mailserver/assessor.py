"""The extension point for who tells wanted mail from unwanted.

Asked at delivery, about mail from outside: its sender was looked at, or it was collected from a mailbox there. What
comes of an opinion is a rule's business; the opinion itself differs from mailbox to mailbox.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from sqlalchemy import Connection

from mailserver.mime.contents import Contents
from mailserver.mime.scan import Scanned
from mailserver.opinions import Opinion
from mailserver.policy import Case, Verdict
from mailserver.senderauth.results import Results
from mailserver.store.tx import Tx


class Assessor(Protocol):
    """Forms opinions, and keeps what readers are told of them."""

    def asks(self, agencies: Collection[int]) -> bool:
        """Whether any of these agencies wants opinions. Costs nothing."""
        ...

    def opinions(
        self, conn: Connection, contents: Contents, found: Results, mailboxes: Sequence[tuple[int, int]]
    ) -> tuple[Opinion, ...]:
        """One for each mailbox of an agency that wants them. mailboxes: principal and agency. Blocks."""
        ...

    def note_tx(
        self,
        tx: Tx,
        message_pk: int,
        scanned: Scanned,
        answers: Sequence[tuple[Case, Verdict]],
        held: Collection[int],
    ) -> None:
        """Keep what was found, in the transaction that delivers. held: the mailboxes that have the message."""
        ...
