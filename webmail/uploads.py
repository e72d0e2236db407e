"""Files that people upload: nothing that does harm gets into a document (123/QĐ-SCT, Điều 5)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from flask_wtf import FlaskForm
from werkzeug.datastructures import FileStorage
from wtforms import MultipleFileField, ValidationError

from mailserver.delivery.errors import PolicyRefused
from mailserver.mime.address import Address
from mailserver.mime.compose import Attachment, Draft, compose, new_message_id
from mailserver.mime.contents import Contents
from mailserver.mime.scan import scan
from mailserver.policy import Case, Stage
from mailserver.scanning.scanners import of_files
from webmail.auth.current import actor, current_user
from webmail.mail.refusals import policy_words
from webmail.services import services


def harmless(form: FlaskForm, field: MultipleFileField) -> None:
    """A validator: ask the agency's rules about the files."""
    refused = refusal(read(field.data or []))
    if refused:
        raise ValidationError(refused)


def refusal(files: Sequence[Attachment]) -> str:
    """Why a rule refuses these files, "" if none does. What a rule refuses, or only notes, is an event."""
    if not files:
        return ""
    case = _case(files)
    verdict = services().uploads(case)
    refused = PolicyRefused(verdict, case)
    if verdict.rule:
        services().store.db.write(refused.record_tx, actor())
    return policy_words(refused) if verdict.stops else ""


def read(given: Iterable[FileStorage]) -> list[Attachment]:
    """The files of a form; they may be read again."""
    files = []
    for one in given:
        if one.filename:
            files.append(Attachment(one.filename, one.mimetype or "application/octet-stream", one.read()))
            one.seek(0)
    return files


def _case(files: Sequence[Attachment]) -> Case:
    """The files as if somebody sent them, to nobody."""
    who, domain = current_user(), current_user().address.rpartition("@")[2]
    local = who.address.rpartition("@")[0]
    sender = Address(who.name, local, domain)
    octets = compose(Draft(sender, (), (), (), "", "", services().clock(), new_message_id(domain), attachments=files))
    scanned = scan(octets)
    return Case(
        stage=Stage.SUBMISSION,
        actor=actor(),
        agency_id=who.agency_id,
        sender=who.address,
        scanned=scanned,
        contents=Contents(octets, scanned),
        scans=of_files(services().delivery.scanners, [one.data for one in files]),
    )
