"""The demo's mail: neighbouring offices write by SMTP, colleagues through the submission service."""

from __future__ import annotations

import smtplib
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, timezone

from deploy.config_values import Address as Listener
from deploy.demo import paper
from deploy.demo.tables import DemoAgency, DemoDocument, DemoLetter
from mailserver.mime.address import Address
from mailserver.mime.compose import Attachment, Draft, compose
from mailserver.mime.legacy_tables import BY_NAME

SMTP_TIMEOUT_S = 60
OFFICE = timezone(timedelta(hours=7))
STAMPS = {"urgent": "KHẨN", "very_urgent": "THƯỢNG KHẨN", "flash": "HỎA TỐC"}


@dataclass(frozen=True, slots=True)
class Mail:
    """message_id: without angle brackets, the same in every run, so that nothing is sent twice."""

    message_id: str
    sender: str
    recipients: tuple[str, ...]
    octets: bytes


def of_document(document: DemoDocument, demo: DemoAgency) -> Mail:
    """A document as its office mails it: the scan attached under its Vietnamese name.

    An office that still has the fonts of the nineties writes it into the mail itself.
    """
    if document.encoding:
        return _of_old(document, demo)
    recipient = f"{demo.code.lower()}@{demo.domain}"
    message_id = f"demo-{document.slug}@{document.office.address.rpartition('@')[2]}"
    name = f"{document.number.replace('/', '_')} {document.subject}"[:90].strip() + ".pdf"
    draft = Draft(
        from_=_address(document.office.called, document.office.address),
        to=(_address(demo.name, recipient),),
        cc=(),
        bcc=(),
        subject=f"{document.number}: {document.subject}",
        text=_cover(document, demo),
        attachments=(Attachment(name, "application/pdf", paper.render(sheet(document, demo))),),
        date=datetime.combine(document.on, time(8, 30), OFFICE),
        message_id=message_id,
    )
    return Mail(message_id, document.office.address, (recipient,), compose(draft))


def _of_old(document: DemoDocument, demo: DemoAgency) -> Mail:
    """Without a scan, its words as the octets of an old encoding, which the mail program took for windows-1252."""
    recipient = f"{demo.code.lower()}@{demo.domain}"
    message_id = f"demo-{document.slug}@{document.office.address.rpartition('@')[2]}"
    body = "\n\n".join((f"Kính gửi: {demo.name}", *document.body, document.signer[2]))
    draft = Draft(
        from_=_address(old_text(document.office.called, document.encoding), document.office.address),
        to=(_address("", recipient),),
        cc=(),
        bcc=(),
        subject=old_text(f"{document.number}: {document.subject}", document.encoding),
        text=old_text(body, document.encoding) + "\n",
        date=datetime.combine(document.on, time(8, 30), OFFICE),
        message_id=message_id,
    )
    return Mail(message_id, document.office.address, (recipient,), compose(draft))


def old_text(text: str, encoding: str) -> str:
    """What a program of today shows of text typed in an encoding of one octet a letter; capitals without one small."""
    decode = BY_NAME[encoding].decode
    shown = {decode(sign): sign for sign in map(chr, range(0xA0, 0x100)) if decode(sign) != sign}
    return "".join([shown.get(letter) or shown.get(letter.lower(), letter) for letter in text])


def sheet(document: DemoDocument, demo: DemoAgency) -> paper.Sheet:
    return paper.Sheet(
        superior=document.office.superior,
        agency=document.office.name,
        number=document.number,
        place=document.place,
        on=document.on,
        type_name=document.type_name,
        subject=document.subject,
        addressee=demo.name,
        body=document.body,
        signer=document.signer,
        copies_to=("Như trên", "Lưu: VT"),
        urgency=STAMPS.get(document.urgency, ""),
    )


def _cover(document: DemoDocument, demo: DemoAgency) -> str:
    kind = document.type_name or "Công văn"
    day = document.on.strftime("%d/%m/%Y")
    return (
        f"Kính gửi: {demo.name}\n\n{document.office.called} gửi {kind} số {document.number} ngày {day}:\n"
        f"{document.subject}.\n\nBản quét có chữ ký gửi kèm thư này.\n\n"
        f"Trân trọng,\nVăn thư {document.office.called}\n"
    )


def of_letter(letter: DemoLetter, demo: DemoAgency, number: int) -> Mail:
    """A letter between colleagues; `number` tells the letters of the demo apart."""
    person = demo.person(letter.sender)
    to, cc = (tuple(f"{local}@{demo.domain}" for local in group) for group in (letter.to, letter.cc))
    message_id = f"demo-letter-{number}@{demo.domain}"
    draft = Draft(
        from_=_address(person.name, f"{letter.sender}@{demo.domain}"),
        to=tuple(_address("", one) for one in to),
        cc=tuple(_address("", one) for one in cc),
        bcc=(),
        subject=letter.subject,
        text=letter.text,
        date=datetime.now(UTC).astimezone(OFFICE),
        message_id=message_id,
    )
    return Mail(message_id, f"{letter.sender}@{demo.domain}", (*to, *cc), compose(draft))


def send(mail: Mail, mx: Listener) -> None:
    """Hand a mail to the running MX. Raises OSError or smtplib.SMTPException."""
    with smtplib.SMTP(mx.host, mx.port, local_hostname="demo.example", timeout=SMTP_TIMEOUT_S) as client:
        client.sendmail(mail.sender, mail.recipients, mail.octets)


def _address(name: str, address: str) -> Address:
    local, _, domain = address.rpartition("@")
    return Address(name, local, domain)
