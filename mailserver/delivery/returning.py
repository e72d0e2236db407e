"""What comes back for a sender whose mail went on from here: a report, sent on to whom the rewritten sender stands for.

No way to write to anybody: it takes an address that we have made in the last weeks (`mailserver/srs/`), the null path
for a sender (RFC 5321 §4.5.5), and a message that says of itself that a program wrote it.
"""

from __future__ import annotations

import re

from mailserver.actor import Actor
from mailserver.delivery.delivery import Delivery
from mailserver.delivery.errors import NotAReport
from mailserver.delivery.incoming import Incoming
from mailserver.delivery.keeping import Notice
from mailserver.delivery.trace import Received
from mailserver.directory.agencies import agency_of_domain
from mailserver.mime.address import AddressBudget, mailboxes, parse_addresses
from mailserver.mime.header import Header, header_end
from mailserver.senderauth.results import Results

# Who signs reports of servers that know no better form (RFC 5321 §4.5.5; qmail).
_SERVERS = re.compile(r"(?:mailer-daemon|postmaster|mail-?delivery(?:-?subsystem)?|double-?bounce)", re.I)


async def deliver(
    delivery: Delivery,
    data: bytes,
    recipient: str,
    original: str,
    actor: Actor,
    trace: Received,
    authenticity: Results | None,
) -> list[Notice]:
    """Queue a report for the original sender, under the null path. recipient: the rewritten sender.

    Raises NotAReport, and as `Delivery.deliver`.
    """
    if not is_report(data):
        raise NotAReport([recipient])
    domain = recipient.rpartition("@")[2]
    agency_id = await delivery.store.db.aread(lambda conn: agency_of_domain(conn, domain))
    facts = data, "", (recipient,), (), actor, trace
    incoming = Incoming(*facts, outside=(original,), authenticity=authenticity, returned_to=agency_id)
    return await delivery.deliver(incoming)


def is_report(data: bytes) -> bool:
    """Whether a message tells what became of another (RFC 3464), or answers for a program (RFC 3834). Linear time."""
    header = Header(data[: header_end(data, 0, len(data))])
    kind = (header.get(b"content-type") or b"").partition(b";")[0].strip().lower()
    automatic = re.split(rb"[;(]", header.get(b"auto-submitted") or b"no", maxsplit=1)[0].strip().lower()
    if kind in (b"multipart/report", b"message/delivery-status") or automatic != b"no":
        return True
    authors = mailboxes(parse_addresses(header.get(b"from") or b"", AddressBudget()))
    return any(_SERVERS.fullmatch(one.addr.rpartition("@")[0]) for one in authors)
