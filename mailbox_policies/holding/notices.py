"""What the sender of a kept message is told of its fate: a short mail, Vietnamese first, then English."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from mailbox_policies.holding.moderating import Owners
from mailbox_policies.holding.records import KeptMessage, State
from mailserver.delivery import automatic
from mailserver.delivery.outside import Outside
from mailserver.directory.records import OFFICE_ZONE
from mailserver.store.blobs import BlobStore
from mailserver.store.database import Tx
from mailserver.store.messages import info

# Called with a number and what its rule said, as `keeper.described`, when one rule has let a message go to the next.
GoesOn = Callable[[Tx, int, Mapping[str, Any]], None]


def nobody(tx: Tx, kept_id: int, reason: Mapping[str, Any]) -> None:
    """Of an office whose rules ask nobody."""


@dataclass(frozen=True, slots=True)
class Office:
    """What sending a notice takes. hostname: of this server, for senders without a domain of ours. goes_on: who has
    to know of mail that waits for one more rule. web: the address of the pages, "" for none."""

    outside: Outside
    blobs: BlobStore
    hostname: str
    goes_on: GoesOn = nobody
    web: str = ""

    @property
    def owners(self) -> Owners:
        """Who has to know of mail that waits for a list's owner."""
        return Owners(self.blobs, self.web)


# Subject, then a sentence in each language.
_WORDS = {
    State.RELEASED: (
        "Thư đã được gửi đi / Released",
        "Thư của bạn đã được đồng ý và vừa gửi tới những người nhận sau.",
        "Your message was approved and has just been sent to the recipients below.",
    ),
    State.REFUSED: (
        "Thư không được gửi / Refused",
        "Thư của bạn KHÔNG được đồng ý gửi tới những người nhận sau.",
        "Your message was NOT approved and has not been sent to the recipients below.",
    ),
    State.DESTROYED: (
        "Thư không được gửi / Refused",
        "Thư của bạn KHÔNG được gửi tới những người nhận sau, và đã bị hủy theo quy định.",
        "Your message has NOT been sent to the recipients below and was destroyed under the regulation.",
    ),
    State.EXPIRED: (
        "Thư quá hạn chờ / Expired",
        "Không ai trả lời trong thời hạn, nên thư của bạn KHÔNG được gửi tới những người nhận sau.",
        "Nobody answered in time, so your message has NOT been sent to the recipients below.",
    ),
}


def tell_tx(tx: Tx, office: Office, kept: KeptMessage, state: State, reason: str = "") -> str:
    """Send the notice; where it went, in words for a log. Only a sender of ours is told: anybody may have
    written the sender of mail from outside. Call it before the message is destroyed."""
    if not (kept.submitted and kept.sender):
        return "nobody is told"
    subject = ""
    if kept.message_pk is not None and state is not State.DESTROYED:
        subject = info(tx.conn, kept.message_pk).subject
    letter = _letter(office, kept, state, reason, subject)
    return automatic.send_tx(tx, office.blobs, office.outside, letter, kept.queue_id)


def _letter(office: Office, kept: KeptMessage, state: State, reason: str, subject: str) -> automatic.Letter:
    title, vi, en = _WORDS[state]
    sent = kept.at.astimezone(OFFICE_ZONE).strftime("%H:%M %d/%m/%Y")
    lines = [vi, "", en, "", *(f"  <{one}>" for one in kept.addressed), ""]
    if reason:
        lines += [f"Lý do / Reason: {automatic.one_line(reason)}"]
    if kept.article:
        lines += [f"Căn cứ / Under: {kept.article}"]
    if subject:
        lines += [f"Thư / Message: {automatic.one_line(subject)}"]
    lines += [f"Gửi lúc / Sent at: {sent} (UTC+7)", ""]
    to = automatic.address(kept.sender)
    sender = automatic.program(to.domain or office.hostname)
    text, asks = "\n".join(lines), state is not State.RELEASED  # like a report that a message was not delivered
    return automatic.Letter(sender, to, f"{title}: {subject}", text, automatic.Auto.REPLIED, asks=asks)
