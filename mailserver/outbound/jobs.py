"""What travels between the queue and those who send."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from mailserver.delivery.envelope import Notify, Wish


def written(notify: Collection[Notify] | None) -> str:
    """NOTIFY as it is kept and sent, "" if none was given."""
    return ",".join(sorted(one.value for one in notify)) if notify is not None else ""


@dataclass(frozen=True, slots=True)
class Addressee:
    """One recipient of a job. attempts: that failed before. delay_told: the sender has heard of the delay."""

    recipient_id: int
    address: str
    attempts: int
    wish: Wish
    delay_told: bool = False


@dataclass(frozen=True, slots=True)
class Job:
    """One message for recipients of one destination, leased to who holds this.

    sender: "" for the null path. size: octets as stored. envid, ret: of RFC 3461, "" if not given.
    queued_at: aware, UTC.
    """

    outbound_id: int
    message_pk: int
    queue_id: str
    message_id: str
    sender: str
    size: int
    envid: str
    ret: str
    agency_id: int | None
    queued_at: datetime
    destination: str
    addressees: tuple[Addressee, ...]

    @property
    def ids(self) -> list[int]:
        return [one.recipient_id for one in self.addressees]
