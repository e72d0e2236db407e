"""What accepting a message finds wrong. Each door has one table from these to its own answers."""

from __future__ import annotations

from collections.abc import Sequence

from mailserver.delivery import verdicts
from mailserver.policy import Case, Verdict
from mailserver.store.database import Tx


class DeliveryError(Exception):
    """Base of all: nothing was stored, delivered or sent when one of these is raised."""


class MailLoop(DeliveryError):
    """The message has gone through more servers than a message does (RFC 5321 §6.3)."""


class SeveralAuthors(DeliveryError):
    """More than one From field: readers and filters would see different authors."""


class AuthorMissing(DeliveryError):
    """A message of our own people without one readable From field (RFC 5322 §3.6.2)."""


class SenderNotAllowed(DeliveryError):
    """`address`, in MAIL FROM, From, Sender or their Resent- fields, is not an identity of the person signed in."""

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self.address = address


class RecipientRefused(DeliveryError):
    """Base of refusals of single recipients; `addresses` as they were given."""

    def __init__(self, addresses: Sequence[str]) -> None:
        super().__init__(", ".join(addresses))
        self.addresses = tuple(addresses)


class NoRecipients(DeliveryError):
    """Nobody to deliver to."""


class RecipientUnknown(RecipientRefused):
    """A domain of ours, but nobody there has or had this address."""


class RecipientFormer(RecipientRefused):
    """The address belonged to somebody who has left."""


class RecipientLocked(RecipientRefused):
    """The mailbox takes no mail at present."""


class RecipientFull(RecipientRefused):
    """The mailbox holds as much as it may; it may have room again later."""


class NotAReport(RecipientRefused):
    """To the sender of mail that went on comes back only what reports of it (RFC 3464, RFC 3834)."""


class ExternalRecipientRefused(RecipientRefused):
    """A domain that is not ours, and sending outside is not switched on."""


class PostingRefused(RecipientRefused):
    """The list takes no letters of this writer."""


class ListTooLarge(DeliveryError):
    """The list `address` takes no letters so large. limit: octets, decoded."""

    def __init__(self, address: str, limit: int) -> None:
        super().__init__(address)
        self.address = address
        self.limit = limit


class PolicyWarned(DeliveryError):
    """Rules warn of the letter, and its writer can be asked; `refusals` as if each had refused it."""

    def __init__(self, refusals: Sequence[PolicyRefused]) -> None:
        super().__init__(", ".join(one.verdict.rule for one in refusals))
        self.refusals = tuple(refusals)


class PolicyRefused(DeliveryError):
    """A policy did not accept the message; `verdict` says which rule, and on what ground."""

    def __init__(self, verdict: Verdict, case: Case) -> None:
        super().__init__(verdict.rule)
        self.verdict = verdict
        self.case = case

    def record_tx(self, tx: Tx) -> None:
        """Leave an event: nothing is refused in silence."""
        verdicts.record_tx(tx, self.case, self.verdict)
