"""NOTIFY=SUCCESS for recipients of ours: told in the transaction that puts the message into their mailboxes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from mailserver.delivery import report_sending
from mailserver.delivery.envelope import Notify, Wishes
from mailserver.delivery.outside import Outside
from mailserver.delivery.reports import Action, Line, Report, compose
from mailserver.mime.scan import Scanned
from mailserver.store import ingest
from mailserver.store.blobs import BlobStore
from mailserver.store.database import Tx

# RFC 3463 §3.2: the address was valid.
DELIVERED = "2.1.5"


def wanting(sender: str, addresses: Sequence[str], wishes: Wishes) -> list[str]:
    """Of whom the sender wants to hear; nobody for the null path (RFC 3461 §5.2.6)."""
    return [one for one in dict.fromkeys(addresses) if sender and wishes.for_(one).wants(Notify.SUCCESS)]


def prepare(
    sender: str,
    told: Sequence[str],
    wishes: Wishes,
    *,
    hostname: str,
    framed: bytes,
    scanned: Scanned,
    now: datetime,
    blobs: BlobStore,
) -> ingest.Prepared:
    """The report that these recipients have the message. framed: as it is stored, scanned; now: aware."""
    report = Report(
        to=sender,
        domain=told[0].rpartition("@")[2] or hostname,
        hostname=hostname,
        original=framed,
        subject=scanned.subject,
        message_id=scanned.message_id or "",
        lines=[Line(one, Action.DELIVERED, DELIVERED, orcpt=wishes.for_(one).orcpt) for one in told],
        queued_at=now,
        now=now,
        envid=wishes.envid,
    )
    return ingest.prepare(compose(report), blobs)


def send_tx(tx: Tx, sender: str, report: ingest.Prepared, outside: Outside, queue_id: str) -> None:
    """Give the report to the sender, and say so in the log of events."""
    words = report_sending.send_tx(tx, sender, report, outside, queue_id, asks=False)
    tx.emit("report.sent", queue_id=queue_id, to=words)
