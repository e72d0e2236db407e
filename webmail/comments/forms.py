"""What the forms of these pages say, read and checked for nonsense."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import request
from werkzeug.exceptions import UnprocessableEntity

from mailserver.directory.records import OFFICE_ZONE
from mailserver.mime.compose import Attachment
from routing.comments.requests import Wish
from routing.errors import Incomplete
from webmail import uploads
from webmail.auth.current import actor, current_user
from webmail.i18n import _
from webmail.identifiers import identifier
from webmail.mail import outgoing
from webmail.services import services

MOST_CHOSEN = 500


class Refused(Exception):
    """The text is for the writer: why the files cannot be sent."""


def wish() -> Wish:
    """Form: subject, question, due, people (many), case, carry (files of a mail), files. Raises Refused, Incomplete."""
    form = request.form
    return Wish(
        subject=form.get("subject", ""),
        question=form.get("question", "").replace("\r\n", "\n"),
        due_at=due(),
        people=people(),
        files=(*_carried(), *files()),
        case_id=number(form.get("case")) or None,
    )


def due() -> datetime:
    """As `<input type=datetime-local>` has it, of the office's clock. Raises Incomplete."""
    try:
        read = datetime.fromisoformat(request.form.get("due", "").strip())
        return (read if read.tzinfo else read.replace(tzinfo=OFFICE_ZONE)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Incomplete("due", "comments-due") from None


def people() -> tuple[int, ...]:
    return tuple(dict.fromkeys(number(one) for one in request.form.getlist("people")[:MOST_CHOSEN]))


def files() -> tuple[Attachment, ...]:
    """Those that were chosen now. Raises Refused."""
    found = uploads.read(request.files.getlist("files"))
    _check_size(found)
    refused = uploads.refusal(found)
    if refused:
        raise Refused(refused)
    return tuple(found)


def _carried() -> tuple[Attachment, ...]:
    """Files of a mail that the writer may read. Raises FolderMissing for others."""
    who, blobs, keys = actor(), services().store.blobs, request.form.getlist("carry")
    found = services().store.db.read(lambda conn: outgoing.load_carried(conn, blobs, who, keys))
    _check_size(found)
    return found


def _check_size(found: tuple[Attachment, ...] | list[Attachment]) -> None:
    limit = services().size_limit(current_user().agency_id)
    if limit and sum(len(one.data) for one in found) > limit:
        raise Refused(_("Tệp đính kèm vượt quá cỡ thư mà cơ quan cho phép."))


def number(text: str | None) -> int:
    """Of a field. Raises UnprocessableEntity."""
    try:
        return identifier(text)
    except ValueError:
        raise UnprocessableEntity from None
