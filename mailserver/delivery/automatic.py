"""Mail that the program itself writes: notices, questions, answers. Composed here and nowhere else.

No program answers it: it says that no person wrote it (RFC 3834 §5), it leaves under the null path, and it names
what it answers. Reports of delivery have a form of their own (`reports`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, unique

from mailserver.delivery import report_sending
from mailserver.delivery.mailboxes import NOTICE_KEYWORD, deliver_tx
from mailserver.delivery.outside import Outside
from mailserver.directory.records import OFFICE_ZONE, Principal
from mailserver.mime.address import Address
from mailserver.mime.compose import Draft, compose, new_message_id
from mailserver.store import ingest
from mailserver.store.blobs import BlobStore
from mailserver.store.database import Tx

# Local part of who writes where nobody is to be answered.
NOBODY = "postmaster"
# Characters of a subject, which often quotes another's.
MOST_SUBJECT = 150


@unique
class Auto(Enum):
    """Why no person wrote it (RFC 3834 §5): it tells of something, or it answers a message."""

    GENERATED = "auto-generated"
    REPLIED = "auto-replied"


@dataclass(frozen=True, slots=True)
class Letter:
    """What the program has to say. subject: any text, put on one line and cut. text: lines end in LF.

    reply_to: where answers are read, if anywhere. answers: the Message-ID, without angle brackets, of the message that
    this is the answer to. asks: whoever gets it has to do something; only then it is work of a unit that gets it.
    """

    sender: Address
    to: Address
    subject: str
    text: str
    auto: Auto = Auto.GENERATED
    reply_to: Address | None = None
    answers: str | None = None
    asks: bool = False


def program(domain: str, local: str = NOBODY) -> Address:
    """The program as a sender. domain: of an agency, or of this server."""
    return Address("Vanthu", local, domain)


def address(of: str | Principal) -> Address:
    """Where a letter goes: a mailbox of ours by its name, or an address alone."""
    local, _, domain = (of if isinstance(of, str) else of.address).rpartition("@")
    return Address("" if isinstance(of, str) else of.name, local, domain)


def both(vietnamese: str, english: str) -> str:
    """A text for somebody whose language is not known."""
    return f"{vietnamese.rstrip()}\n\n{english.rstrip()}\n"


def one_line(text: str) -> str:
    """A quoted text without line ends and control characters: it can neither add a field nor hide."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def composed(letter: Letter, now: datetime) -> bytes:
    """The octets. now: aware."""
    return compose(
        Draft(
            from_=letter.sender,
            to=(letter.to,),
            cc=(),
            bcc=(),
            subject=one_line(letter.subject)[:MOST_SUBJECT].rstrip(": "),
            text=letter.text,
            date=now.astimezone(OFFICE_ZONE),
            message_id=new_message_id(letter.sender.domain),
            in_reply_to=letter.answers,
            references=(letter.answers,) if letter.answers else (),
            reply_to=letter.reply_to,
            # The second one is what Exchange looks at before it answers.
            extra_headers=(("Auto-Submitted", letter.auto.value), ("X-Auto-Response-Suppress", "All")),
        )
    )


def deliver_own_tx(tx: Tx, blobs: BlobStore, letter: Letter, owner_ids: Sequence[int]) -> int:
    """Put one letter into the INBOX of each of ours; the stored message's number. Raises FolderMissing, MoveRefused."""
    # Small: no blob is written, so this may be done inside the transaction.
    message_pk = ingest.store_message_tx(tx, ingest.prepare(composed(letter, tx.now), blobs))
    deliver_tx(tx, message_pk, owner_ids, keywords="" if letter.asks else NOTICE_KEYWORD)
    return message_pk


def send_tx(tx: Tx, blobs: BlobStore, outside: Outside, letter: Letter, queue_id: str = "") -> str:
    """Send one to its address, ours or not; where it went, in words for a log. Nobody takes it: it is dropped.

    queue_id: of the message it is about.
    """
    prepared = ingest.prepare(composed(letter, tx.now), blobs)
    return report_sending.send_tx(tx, letter.to.addr, prepared, outside, queue_id, asks=letter.asks)
