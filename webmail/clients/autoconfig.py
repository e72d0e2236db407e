"""Thunderbird's configuration file (wiki.mozilla.org/Thunderbird:Autoconfiguration:ConfigFileFormat)."""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement, tostring

from webmail.clients.offer import Offer
from webmail.settings import MailDoor

# Filled in by the program, so that the answer is the same for everybody of a domain.
WHO = "%EMAILADDRESS%"
SOCKETS = {"TLS": "SSL", "STARTTLS": "STARTTLS"}


def config(domain: str, name: str, offer: Offer, guide: str) -> bytes:
    """config-v1.1.xml for a domain (A-label). name: of the agency. guide: address of the page for people."""
    top = Element("clientConfig", version="1.1")
    provider = SubElement(top, "emailProvider", id=domain)
    _text(provider, "domain", domain)
    _text(provider, "displayName", name)
    _text(provider, "displayShortName", domain)
    for door in offer.incoming:
        _server(provider, "incomingServer", "imap", door)
    for door in offer.outgoing:
        _server(provider, "outgoingServer", "smtp", door)
    documentation = SubElement(provider, "documentation", url=guide)
    _text(documentation, "descr", "Cài đặt ứng dụng thư", lang="vi")
    _text(documentation, "descr", "Set up a mail program", lang="en")
    return tostring(top, "utf-8", xml_declaration=True)


def _server(provider: Element, name: str, kind: str, door: MailDoor) -> None:
    server = SubElement(provider, name, type=kind)
    _text(server, "hostname", door.host)
    _text(server, "port", str(door.port))
    _text(server, "socketType", SOCKETS[door.security])
    _text(server, "username", WHO)
    # What the doors do: a password inside TLS.
    _text(server, "authentication", "password-cleartext")


def _text(parent: Element, name: str, text: str, **attributes: str) -> None:
    SubElement(parent, name, attributes).text = text
