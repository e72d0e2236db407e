"""What happens to recipients who are not ours: refused, or handed to the queue of outgoing mail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from mailserver.delivery.envelope import NO_WISHES, Wishes
from mailserver.delivery.errors import ExternalRecipientRefused
from mailserver.store.database import Tx


@dataclass(frozen=True, slots=True)
class Parcel:
    """A stored message with the envelope under which it leaves.

    sender: "" for the null path. recipients: addresses of other domains. queue_id: as in our Received field.
    message_id: without angle brackets, "" for none. size: octets as stored. redirect_id: by which redirect it leaves,
    None: by nobody's. agency_id: whose administrators see it, None: those of who sends it.
    """

    message_pk: int
    sender: str
    recipients: tuple[str, ...]
    queue_id: str
    message_id: str
    size: int
    wishes: Wishes = NO_WISHES
    redirect_id: int | None = None
    agency_id: int | None = None


class Outside(Protocol):
    """The way out of this server."""

    def check(self, addresses: Sequence[str]) -> None:
        """Asked with the addresses outside before anything is stored; raises to refuse the whole message."""
        ...

    def queue_tx(self, tx: Tx, parcel: Parcel) -> None:
        """Take the message, in the transaction that delivers it to recipients of ours."""
        ...


class NoWayOut:
    """Sending outside is not switched on."""

    def check(self, addresses: Sequence[str]) -> None:
        """Raises ExternalRecipientRefused."""
        raise ExternalRecipientRefused(addresses)

    def queue_tx(self, tx: Tx, parcel: Parcel) -> None:
        raise ExternalRecipientRefused(parcel.recipients)
