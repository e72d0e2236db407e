"""A post as mail: written on the page of its folder, put up for all who read there."""

from __future__ import annotations

from flask import request

from mailserver.directory.records import OFFICE_ZONE
from mailserver.mime.address import Address
from mailserver.mime.compose import Draft, compose, new_message_id
from mailserver.store.ingest import Prepared, prepare
from webmail import uploads
from webmail.auth.current import current_user
from webmail.i18n import _
from webmail.services import services

MOST_SUBJECT, MOST_TEXT = 200, 100_000


class NotPosted(Exception):
    """The text is for the writer: what is missing, or why a file is refused."""


def written() -> Prepared:
    """What the form (subject, text, files) says. Raises NotPosted."""
    subject, text = request.form.get("subject", "").strip(), request.form.get("text", "").strip()
    if not subject:
        raise NotPosted(_("Hãy ghi tiêu đề."))
    if len(subject) > MOST_SUBJECT or len(text) > MOST_TEXT:
        raise NotPosted(_("Tiêu đề hoặc nội dung quá dài."))
    files = uploads.read(request.files.getlist("files"))
    if not text and not files:
        raise NotPosted(_("Hãy viết nội dung, hoặc đính kèm tệp."))
    refused = uploads.refusal(files)
    if refused:
        raise NotPosted(refused)
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
    return prepare(compose(draft), services().store.blobs)
