"""Delivery status notifications (RFC 3461, RFC 3462, RFC 3464): what became of a message, for its sender.

Three parts: words for people in Vietnamese and English, fields for programs, and the message itself or its
header. `compose` is pure; who sends a report takes care that none answers a report (RFC 3461 §5.2.6).
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from enum import Enum, unique

from mailserver.delivery import report_words
from mailserver.directory.records import OFFICE_ZONE
from mailserver.mime import fields
from mailserver.mime.address import Address
from mailserver.mime.compose import new_message_id
from mailserver.mime.compose_parts import text_part

# Octets of a message that a report gives back whole; more is in the sender's own folder anyway.
MAX_RETURNED = 1024 * 1024

_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
# What no server says in one breath; a line may have 998 octets (RFC 5322 §2.1.1).
_LONG_WORD = re.compile(r"[^ ]{900}")


@unique
class Action(Enum):
    """What happened to a recipient (RFC 3464 §2.3.3). RELAYED: given to a server that reports nothing itself."""

    FAILED = "failed"
    DELAYED = "delayed"
    DELIVERED = "delivered"
    RELAYED = "relayed"


@dataclass(frozen=True, slots=True)
class Line:
    """One recipient of a report.

    status: RFC 3463. code, words: of the remote's reply; code 0: the words are ours. host: the remote, "" if
    none. orcpt: of RFC 3461 §4.2, decoded. until: when it will be given up, for DELAYED; aware.
    """

    address: str
    action: Action
    status: str
    code: int = 0
    words: str = ""
    host: str = ""
    orcpt: str = ""
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """What is told of one message.

    to: its envelope's sender. domain: under which the report is written. hostname: of this server.
    original: the message as stored. subject, message_id: of it, "" for none. queued_at, now: aware.
    whole: give the whole message back and not its header only (RET=FULL).
    """

    to: str
    domain: str
    hostname: str
    original: bytes
    subject: str
    message_id: str
    lines: Sequence[Line]
    queued_at: datetime
    now: datetime
    envid: str = ""
    whole: bool = False


def compose(report: Report) -> bytes:
    """The octets of the report. All its lines have the same action."""
    action = report.lines[0].action
    header = [
        b"Return-Path: <>\r\n",  # RFC 3464 §2: never a sender that could be answered
        fields.addresses("From", (Address("Vanthu", "postmaster", report.domain),)),
        _to(report.to),
        fields.text("Subject", report_words.subject(action.value, report.subject)),
        fields.date("Date", report.now.astimezone(OFFICE_ZONE)),
        fields.identifiers("Message-ID", (new_message_id(report.domain),)),
        _references(report.message_id),
        fields.text("Auto-Submitted", "auto-replied"),  # RFC 3834 §5
        b"MIME-Version: 1.0\r\n",
    ]
    parts = [text_part("plain", _words(report)), _status(report), _original(report)]
    return b"".join(header) + _multipart(parts)


def _to(address: str) -> bytes:
    local, _, domain = address.rpartition("@")
    try:
        return fields.addresses("To", (Address("", local, domain),))
    except ValueError:  # an envelope may have what no field can name; it alone decides where this goes
        return b""


def _references(message_id: str) -> bytes:
    try:
        return fields.identifiers("In-Reply-To", (message_id,)) if message_id else b""
    except ValueError:  # the original has one that no field can name
        return b""


def _multipart(parts: list[bytes]) -> bytes:
    """multipart/report (RFC 3462 §1)."""
    boundary = b"=_" + secrets.token_hex(16).encode("ascii")
    head = b'Content-Type: multipart/report; report-type=delivery-status;\r\n boundary="%b"\r\n' % boundary
    if not all(part.isascii() for part in parts):  # RFC 2045 §6.4
        head += b"Content-Transfer-Encoding: 8bit\r\n"
    return head + b"\r\n" + b"".join(b"--%b\r\n%b\r\n" % (boundary, part) for part in parts) + b"--%b--\r\n" % boundary


def _words(report: Report) -> str:
    people = [
        report_words.Person(
            one.address,
            f"{one.code} {one.words}" if one.code else one.words,
            one.host if one.code else "",
            one.until,
        )
        for one in report.lines
    ]
    return report_words.text(report.lines[0].action.value, people, report.subject, report.queued_at)


def _status(report: Report) -> bytes:
    """message/delivery-status (RFC 3464 §2): a group for the message, then one for each recipient."""
    group = [("Reporting-MTA", f"dns; {report.hostname}")]
    if report.envid:
        group.append(("Original-Envelope-Id", report.envid))
    group.append(("Arrival-Date", _date(report.queued_at)))
    groups = [group, *(_recipient(one, report.now) for one in report.lines)]
    text = "\r\n".join("".join(f"{name}: {_field(value)}\r\n" for name, value in one) for one in groups)
    return b"Content-Type: message/delivery-status\r\n\r\n" + text.encode("ascii", "replace")


def _recipient(line: Line, now: datetime) -> list[tuple[str, str]]:
    group = []
    if line.orcpt:
        group.append(("Original-Recipient", line.orcpt))
    group += [
        ("Final-Recipient", _typed(line.address)),
        ("Action", line.action.value),
        ("Status", line.status),
    ]
    if line.host:
        group.append(("Remote-MTA", f"dns; {line.host}"))
    if line.code:
        group.append(("Diagnostic-Code", f"smtp; {line.code} {line.words}"))
    group.append(("Last-Attempt-Date", _date(now)))
    if line.until is not None:
        group.append(("Will-Retry-Until", _date(line.until)))
    return group


def _typed(address: str) -> str:
    """The address with its type; outside ASCII in the 7-bit form of RFC 6533 §3."""
    if address.isascii():
        return f"rfc822; {address}"
    return "utf-8; " + "".join(one if one.isascii() else f"\\x{{{ord(one):X}}}" for one in address)


def _field(value: str) -> str:
    """One line, folded at spaces where it is long (RFC 3464 §2.1.1 takes the rules of RFC 5322)."""
    lines, line = [], ""
    for word in _LONG_WORD.sub(r"\g<0> ", _CONTROL.sub(" ", value)).split(" "):
        if line and len(line) + 1 + len(word) > 70:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    return "\r\n ".join([*lines, line])


def _date(at: datetime) -> str:
    return format_datetime(at.astimezone(OFFICE_ZONE))


def _original(report: Report) -> bytes:
    """What the report is about: message/rfc822, or the header alone (RFC 3462 §2)."""
    whole = report.whole and len(report.original) <= MAX_RETURNED
    content = report.original
    if not whole:
        end = content.find(b"\r\n\r\n")
        content = content if end < 0 else content[: end + 2]
    kind = b"message/rfc822" if whole else b"text/rfc822-headers"
    encoding = b"7bit" if content.isascii() else b"8bit"
    return b"Content-Type: %b\r\nContent-Transfer-Encoding: %b\r\n\r\n%b" % (kind, encoding, content)
