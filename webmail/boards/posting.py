"""A post as mail: written on the page of its folder, put up for all who read there.

It is asked about as a letter is that somebody sends: a shared folder is no way around the rules of mail.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import request
from sqlalchemy import Connection

from mailserver.delivery.errors import PolicyRefused
from mailserver.directory.records import OFFICE_ZONE
from mailserver.mime.address import Address
from mailserver.mime.compose import Attachment, Draft, compose, new_message_id
from mailserver.mime.contents import Contents
from mailserver.mime.scan import scan
from mailserver.policy import Case, Stage
from mailserver.scanning.scanners import of_files
from mailserver.store.ingest import Prepared, prepare
from mailserver.store.messages import read_octets
from webmail import uploads
from webmail.auth.current import actor, current_user
from webmail.formats import number
from webmail.i18n import _
from webmail.mail import reading
from webmail.mail.refusals import place_of, policy_words
from webmail.services import services

MOST_SUBJECT, MOST_TEXT = 200, 100_000


class NotPosted(Exception):
    """What is missing, or why it is refused, for the writer. field: "subject", "text" or "files"."""

    def __init__(self, field: str, words: str) -> None:
        super().__init__(words)
        self.field = field


@dataclass(frozen=True, slots=True)
class Former:
    """A post that is being changed. files: those it has, each to be kept or left out."""

    uid: int
    subject: str
    text: str
    files: tuple[reading.File, ...]


def former(conn: Connection, folder_id: int, uid: int) -> Former:
    """Raises FolderMissing for a post that is not there, or that the reader may not read."""
    opened = reading.open_message(conn, actor(), folder_id, uid)
    octets = read_octets(conn, services().store.blobs, opened.line.message_pk)
    text = Contents(octets, scan(octets)).text.replace("\r\n", "\n").strip()
    return Former(uid, opened.info.subject, text[:MOST_TEXT], reading.files_of(opened.info.structure))


def kept_files(conn: Connection, folder_id: int, uid: int) -> list[Attachment]:
    """The files that a new version takes over: those left ticked on the form; all, where the form had no such choice.

    Raises FolderMissing as `former`.
    """
    opened = reading.open_message(conn, actor(), folder_id, uid)
    files = reading.files_of(opened.info.structure)
    if request.form.get("chosen"):
        wanted = set(request.form.getlist("keep"))
        files = tuple(one for one in files if one.part in wanted)
    blobs = services().store.blobs
    parts = [(one, reading.content(conn, blobs, opened, reading.part_of(opened, one.part))) for one in files]
    return [Attachment(one.filename, one.media_type, data) for one, data in parts]


def written(kept: Sequence[Attachment] = ()) -> Prepared:
    """What the form (subject, text, files) says, with the files of a former version. Raises NotPosted."""
    subject, text = request.form.get("subject", "").strip(), request.form.get("text", "").strip()
    if not subject:
        raise NotPosted("subject", _("Hãy ghi tiêu đề."))
    for field, words, most in (("subject", subject, MOST_SUBJECT), ("text", text, MOST_TEXT)):
        if len(words) > most:
            raise NotPosted(field, _("Dài quá %(most)s ký tự.", most=number(most)))
    files = [*kept, *uploads.read(request.files.getlist("files"))]
    if not text and not files:
        raise NotPosted("text", _("Hãy viết nội dung, hoặc đính kèm tệp."))
    who = current_user()
    local, _at, domain = who.address.rpartition("@")
    draft = Draft(
        from_=Address(who.name, local, domain),
        to=(),
        cc=(),
        bcc=(),
        subject=" ".join(subject.split()),
        text=text,
        date=services().clock().astimezone(OFFICE_ZONE),
        message_id=new_message_id(domain),
        attachments=files,
    )
    octets = compose(draft)
    _ask(octets, files)
    return prepare(octets, services().store.blobs)


def _ask(octets: bytes, files: Sequence[Attachment]) -> None:
    """Ask the agency's rules. What a rule refuses, or only notes, is an event; what one would hold is refused, as
    nobody waits for a post. Raises NotPosted."""
    scanned, delivery, who = scan(octets), services().delivery, current_user()
    case = Case(
        stage=Stage.SUBMISSION,
        actor=actor(),
        agency_id=who.agency_id,
        sender=who.address,
        size=scanned.size,
        decoded_size=scanned.decoded_size,
        scanned=scanned,
        contents=Contents(octets, scanned),
        scans=of_files(delivery.scanners, [one.data for one in files]),
    )
    verdict = delivery.policy(case)
    refused = PolicyRefused(verdict, case)
    if verdict.rule:
        services().store.db.write(refused.record_tx, actor())
    if verdict.stops:
        # A post has no recipients to choose: what is said of them stands with the text.
        field = place_of(refused)
        raise NotPosted("text" if field == "to" else field, policy_words(refused))
