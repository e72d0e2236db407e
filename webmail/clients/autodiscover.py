"""Outlook's questions and our answers (MS-OXDSCLI, plain old XML; version 2 is a pointer to it)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, unique
from xml.etree.ElementTree import Element, ParseError, SubElement, tostring

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from webmail.clients.offer import Offer
from webmail.settings import MailDoor

# Octets of a question; real ones have some 500.
LARGEST = 16 * 1024
OUTLOOK = "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a"
ANSWER = "http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006"


@unique
class Fault(IntEnum):
    """Error codes of the protocol (MS-OXDSCLI §2.2.4.1.1.2.2): the answer is still 200."""

    ADDRESS_NOT_HERE = 500
    NOT_UNDERSTOOD = 600
    NO_PROVIDER = 601


WORDS = {
    Fault.ADDRESS_NOT_HERE: "The e-mail address is not served here",
    Fault.NOT_UNDERSTOOD: "Invalid Request",
    Fault.NO_PROVIDER: "Provider is not available",
}


class Refused(Exception):
    """A question that gets an error code for an answer."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(WORDS[fault])
        self.fault = fault


@dataclass(frozen=True, slots=True)
class Question:
    """address: as the program wrote it."""

    address: str


def read(body: bytes) -> Question:
    """Read a request. Raises Refused: no XML, entities or a DTD, no address, or another schema wanted.

    Which namespace the request itself is in is not looked at: programs differ.
    """
    try:
        top = fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        raise Refused(Fault.NOT_UNDERSTOOD) from None
    found = {_local(one.tag): (one.text or "").strip() for one in top.iter()}
    wanted = found.get("AcceptableResponseSchema", OUTLOOK)
    # Phones ask for ActiveSync here, which is not spoken.
    if wanted != OUTLOOK:
        raise Refused(Fault.NO_PROVIDER)
    if not found.get("EMailAddress"):
        raise Refused(Fault.NOT_UNDERSTOOD)
    return Question(found["EMailAddress"])


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def settings(address: str, offer: Offer) -> bytes:
    """The answer: one door for reading and one for sending, for this login name."""
    top = Element("Autodiscover", xmlns=ANSWER)
    response = SubElement(top, "Response", xmlns=OUTLOOK)
    account = SubElement(response, "Account")
    _text(account, "AccountType", "email")
    _text(account, "Action", "settings")
    _protocol(account, "IMAP", offer.incoming[0], address)
    _protocol(account, "SMTP", offer.outgoing[0], address)
    return tostring(top, "utf-8", xml_declaration=True)


def _protocol(account: Element, kind: str, door: MailDoor, address: str) -> None:
    protocol = SubElement(account, "Protocol")
    _text(protocol, "Type", kind)
    _text(protocol, "Server", door.host)
    _text(protocol, "Port", str(door.port))
    _text(protocol, "LoginName", address)
    _text(protocol, "DomainRequired", "off")
    # Left out, it means Microsoft's own way of signing in.
    _text(protocol, "SPA", "off")
    _text(protocol, "SSL", "on")
    if door.security == "STARTTLS":
        # Overrides SSL. On a port with TLS from the first octet it made Outlook say STARTTLS (stalwart #3248).
        _text(protocol, "Encryption", "TLS")
    _text(protocol, "AuthRequired", "on")


def refusal(fault: Fault, now: datetime) -> bytes:
    """An answer that says why there are no settings."""
    top = Element("Autodiscover", xmlns=ANSWER)
    response = SubElement(top, "Response")
    error = SubElement(response, "Error", Time=f"{now:%H:%M:%S}.0000000", Id="0")
    _text(error, "ErrorCode", str(int(fault)))
    _text(error, "Message", WORDS[fault])
    SubElement(error, "DebugData")
    return tostring(top, "utf-8", xml_declaration=True)


def _text(parent: Element, name: str, text: str) -> None:
    SubElement(parent, name).text = text
