"""Which doors a mail program is told about, and for whose addresses."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address, ip_network

from sqlalchemy import Connection

from mailserver.directory.addresses import lookup_key
from mailserver.directory.agencies import agency_of_domain, domains
from webmail.settings import MailDoor, WebSettings

# RFC 5321 §4.5.3.1.3; nobody has an address that is longer.
LONGEST_ADDRESS = 254
AUTOCONFIG = "autoconfig."


@dataclass(frozen=True, slots=True)
class Offer:
    """Doors for reading and for sending, the preferred ones first; neither is empty."""

    incoming: tuple[MailDoor, ...]
    outgoing: tuple[MailDoor, ...]


def is_inside(settings: WebSettings, remote: str) -> bool:
    """Whether a peer is in the office's own network. `remote`: its IP address as text."""
    try:
        address = ip_address(remote)
    except ValueError:
        return False
    address = getattr(address, "ipv4_mapped", None) or address
    return any(address in ip_network(network) for network in settings.lan_networks)


def offer_for(settings: WebSettings, remote: str) -> Offer | None:
    """What to tell a program at this address; None where mail cannot be both read and sent.

    Inside the office its own names come first; the names that work everywhere follow.
    """
    doors = settings.mail_doors
    if is_inside(settings, remote):
        doors = tuple(dict.fromkeys((*settings.lan_doors, *doors)))
    return _offer(doors)


def offer_everywhere(settings: WebSettings) -> Offer | None:
    """What to tell a device that is carried about."""
    return _offer(settings.mail_doors)


def _offer(doors: tuple[MailDoor, ...]) -> Offer | None:
    incoming = tuple(door for door in doors if door.protocol == "IMAP")
    outgoing = tuple(door for door in doors if door.protocol == "SMTP")
    return Offer(incoming, outgoing) if incoming and outgoing else None


def kept_address(conn: Connection, text: str) -> str | None:
    """The kept form of an address in a domain of ours; None for all others.

    Only the domain is looked at: the answer tells nobody which accounts exist.
    """
    key = lookup_key(text.strip())
    local, at, domain = key.rpartition("@")
    if not at or not local or len(key) > LONGEST_ADDRESS or not key.isprintable() or set(key) & set(' <>"'):
        return None
    return key if domain.isascii() and agency_of_domain(conn, domain) is not None else None


def domain_asked(conn: Connection, address: str, host: str) -> str | None:
    """The domain a program asks about: that of its address, else that of the host name it asked.

    address: "" from programs that send none (they fill in the answer themselves). host: of the request;
    a name that is not ours says nothing. None: an address of somebody else, or no domain here at all.
    """
    if address:
        kept = kept_address(conn, address)
        return kept.rpartition("@")[2] if kept else None
    name = host.lower().removeprefix(AUTOCONFIG)
    known = domains(conn)
    return name if name in known else next(iter(known), None)
