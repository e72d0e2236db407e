"""A link in a letter instead of a file: the file is handed over through the system when the letter goes (R-086).

Until then it lies with the files that the writer has not sent yet. Which files stand in a letter is kept in the form by
their numbers, with "," between; the letter itself has a line for each.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from mailbox_policies.rules.sent_files import Settings
from mailbox_policies.sentfiles import coming, ending, handing
from mailbox_policies.sentfiles.coming import Offer
from mailbox_policies.sentfiles.desk import Desk
from mailbox_policies.sentfiles.errors import FileMissing, OutsideReader, SentFileError, TurnedOff
from mailbox_policies.sentfiles.handing import Ready, Wish
from mailbox_policies.sentfiles.terms import days_of, outside_days
from mailserver.delivery.errors import ExternalRecipientRefused
from mailserver.mime.compose import Attachment
from mailserver.mime.contents import Contents
from mailserver.mime.scan import scan
from mailserver.store.database import Tx
from webmail.auth.current import actor
from webmail.formats import day, size
from webmail.i18n import _
from webmail.mail.outgoing import Written
from webmail.sentfiles import words
from webmail.services import services

# Days that a file behind a link is kept, where the agency allows as many.
DAYS = 14
MOST_LINKS = 100


@dataclass(frozen=True, slots=True)
class Linked:
    """A file that is kept, and its line in the letter."""

    id: int
    line: str


def most() -> int:
    """Octets of the largest file that can be linked to; 0 where none can."""
    terms = _terms()
    return 0 if terms is None else terms.limit


def days() -> int:
    """How long a file behind a link is kept, for all who read the letter."""
    terms = _terms()
    if terms is None:
        return 0
    return min(days_of(terms, DAYS), outside_days(terms)) if terms.outside else days_of(terms, DAYS)


def opens_outside() -> bool:
    """Whether people outside can open links."""
    terms = _terms()
    return terms is not None and terms.outside


def _terms() -> Settings | None:
    """What the agency allows; None: nothing."""
    desk = services().sent_files
    with contextlib.suppress(TurnedOff):
        return desk.terms(actor()) if desk else None
    return None


def keep(files: Sequence[Attachment]) -> list[Linked]:
    """Put files where the letter hands them over from. Raises SentFileError: what was kept by then goes by itself."""
    desk, made = services().sent_files, []
    until = day(services().clock() + timedelta(days=days()))
    for file in files:
        if desk is None:
            raise TurnedOff
        offer = Offer(file.filename, file.media_type, len(file.data))
        kept = coming.add_all(desk, actor(), offer, io.BytesIO(file.data).read)
        about = _("%(name)s (%(size)s), tải về đến hết ngày %(day)s", name=kept.name, size=size(kept.size), day=until)
        made.append(Linked(kept.id, about + _address(desk, kept.id)))
    return made


def with_links(text: str, links: Sequence[Linked]) -> str:
    if not links:
        return text
    lines = "\n".join(one.line for one in links)
    return f"{text.rstrip()}\n\n{lines}\n" if text.strip() else f"{lines}\n"


def without_links(text: str, numbers: str) -> str:
    """The text without the lines of these files."""
    desk = services().sent_files
    ends = tuple(_address(desk, one) for one in _ids(numbers)) if desk else ()
    return "\n".join(line for line in text.split("\n") if not (ends and line.endswith(ends)))


def joined(numbers: str, links: Sequence[Linked]) -> str:
    return ",".join([*map(str, _ids(numbers)), *(str(one.id) for one in links)])


def prepare(written: Written, numbers: str | None, confirmed: frozenset[str]) -> list[Ready]:
    """The files that the letter links to, looked at and ready for its recipients.

    Raises OutsideReader, and as `handing.prepare`. A file whose line the writer has taken out is left to go by itself.
    """
    desk = services().sent_files
    if desk is None:
        return []
    named = _named(desk, written.text, numbers)
    wish = Wish(written.recipients, DAYS, "", confirmed, written.message_id)
    try:
        return [handing.prepare(desk, actor(), one, wish) for one in named]
    except ExternalRecipientRefused as refusal:
        raise OutsideReader(refusal.addresses) from refusal


def named_in(desk: Desk, data: bytes, numbers: str) -> list[int]:
    """The files whose lines stand in a composed letter; for who has no request."""
    return _named(desk, Contents(data, scan(data)).text, numbers)


def hand_tx(tx: Tx, files: Sequence[Ready]) -> None:
    """In the transaction that sends the letter: its recipients can fetch what it links to. Raises Changed."""
    for one in files:
        handing.hand_tx(tx, one)


def forget(numbers: str | None) -> None:
    """Throw away files whose letter is not sent; those that were handed over stay."""
    for one in _ids(numbers):
        with contextlib.suppress(FileMissing):
            services().store.db.write(lambda tx, one=one: ending.discard_tx(tx, one), actor())  # type: ignore[misc]


def fault_words(fault: SentFileError) -> str:
    if isinstance(fault, FileMissing):
        return _("Tệp trong đường dẫn không còn. Hãy bấm Lấy lại tệp gốc.")
    if isinstance(fault, OutsideReader):
        who = ", ".join(fault.addresses)
        return _("Người ngoài cơ quan không mở được đường dẫn (%(who)s). Hãy bấm Lấy lại tệp gốc.", who=who)
    return words.fault_words(fault)


def _named(desk: Desk, text: str, numbers: str | None) -> list[int]:
    """Those of the files whose lines stand in a text."""
    lines = [line.rstrip() for line in text.split("\n")]
    return [one for one in _ids(numbers) if any(line.endswith(_address(desk, one)) for line in lines)]


def _address(desk: Desk, number: int) -> str:
    """How the line of a file ends."""
    return f": {desk.page(number)}"


def _ids(numbers: str | None) -> list[int]:
    parts = [one for one in (numbers or "").split(",") if one.isascii() and one.isdecimal() and len(one) < 16]
    return [int(one) for one in parts[:MOST_LINKS]]
