"""The extension point for redirects: what of a delivery goes on to elsewhere, by the wish of whose mailbox it is.

Looked at before the transaction, for rules read files; queued in the transaction that puts the message into the
mailbox, so that it goes on once or not at all.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from mailserver.delivery.envelope import Wishes
from mailserver.delivery.mailboxes import Inbox, Junk
from mailserver.policy import Case, Verdict
from mailserver.store.database import Tx


@dataclass(frozen=True, slots=True)
class Arriving:
    """A message that comes into mailboxes.

    data: as it was sent, without our trace fields. sender: of the envelope. outsider: it is from outside, by whatever
    way it came; proven: who is in From wrote it, as far as DNS can tell. answers: what the policy was asked, contents
    included, and said. junk: who finds it in Junk. queue_id: as in our Received field.
    """

    data: bytes
    sender: str
    outsider: bool
    proven: bool
    boxes: Sequence[Inbox]
    answers: Sequence[tuple[Case, Verdict]]
    junk: Junk
    queue_id: str
    wishes: Wishes


@dataclass(frozen=True, slots=True)
class Onward:
    """What is to become of one mailbox's copy. targets: addresses elsewhere. mark: what says that it was here.

    why: the reason for which it stays here only, "" if it goes. author, subject: what its owner is told then.
    """

    redirect_id: int
    owner_id: int
    agency_id: int
    domain: str
    mark: str
    targets: tuple[str, ...]
    sender: str
    queue_id: str
    message_id: str
    wishes: Wishes
    why: str = ""
    author: str = ""
    subject: str = ""


class Redirecting(Protocol):
    """Sends on what comes into mailboxes."""

    def concerns(self, agencies: Collection[int]) -> bool:
        """Whether mail of these agencies may go on at all; asked for every message, so from memory."""
        ...

    def look(self, arriving: Arriving) -> Sequence[Onward]:
        """What goes on, and what does not though it should. Blocks. Raises StoreUnavailable."""
        ...

    def send_tx(self, tx: Tx, message_pk: int, onward: Sequence[Onward], owners: Collection[int]) -> None:
        """Queue what goes on of the mailboxes of these owners, in the transaction that gives them the message."""
        ...


class NothingGoesOn:
    """Of a server without redirects."""

    def concerns(self, agencies: Collection[int]) -> bool:
        return False

    def look(self, arriving: Arriving) -> Sequence[Onward]:
        return ()

    def send_tx(self, tx: Tx, message_pk: int, onward: Sequence[Onward], owners: Collection[int]) -> None:
        """There is nothing to send."""
