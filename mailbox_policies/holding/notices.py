"""What the sender of a kept message is told of its fate: a short mail, Vietnamese first, then English."""

from __future__ import annotations

from dataclasses import dataclass

from mailbox_policies.holding.records import KeptMessage, State
from mailserver.delivery import report_sending
from mailserver.delivery.outside import Outside
from mailserver.directory.records import OFFICE_ZONE
from mailserver.mime.address import Address
from mailserver.mime.compose import Draft, compose, new_message_id
from mailserver.store import ingest
from mailserver.store.blobs import BlobStore
from mailserver.store.database import Tx
from mailserver.store.messages import info

MOST_SUBJECT = 120


@dataclass(frozen=True, slots=True)
class Office:
    """What sending a notice takes. hostname: of this server, for senders without a domain of ours."""

    outside: Outside
    blobs: BlobStore
    hostname: str


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
    prepared = ingest.prepare(_composed(tx, office, kept, state, reason, subject), office.blobs)
    return report_sending.send_tx(tx, kept.sender, prepared, office.outside, kept.queue_id)


def _composed(tx: Tx, office: Office, kept: KeptMessage, state: State, reason: str, subject: str) -> bytes:
    title, vi, en = _WORDS[state]
    local, _at, domain = kept.sender.rpartition("@")
    sent = kept.at.astimezone(OFFICE_ZONE).strftime("%H:%M %d/%m/%Y")
    lines = [vi, "", en, "", *(f"  <{one}>" for one in kept.recipients), ""]
    if reason:
        lines += [f"Lý do / Reason: {_one_line(reason)}"]
    if kept.article:
        lines += [f"Căn cứ / Under: {kept.article}"]
    if subject:
        lines += [f"Thư / Message: {_one_line(subject)}"]
    lines += [f"Gửi lúc / Sent at: {sent} (UTC+7)", ""]
    return compose(
        Draft(
            from_=Address("Vanthu", "postmaster", domain or office.hostname),
            to=(Address("", local, domain),),
            cc=(),
            bcc=(),
            subject=f"{title}: {_one_line(subject)}"[:MOST_SUBJECT].rstrip(": "),
            text="\n".join(lines),
            date=tx.now.astimezone(OFFICE_ZONE),
            message_id=new_message_id(domain or office.hostname),
            extra_headers=(("Auto-Submitted", "auto-replied"),),  # RFC 3834 §5
        )
    )


def _one_line(text: str) -> str:
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
