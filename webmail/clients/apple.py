"""A configuration profile for Apple's mail program (Configuration Profile Reference, com.apple.mail.managed)."""

from __future__ import annotations

import plistlib
import uuid
from typing import Any

from webmail.clients.offer import Offer

TYPE = "application/x-apple-aspen-config"
# Of this product's profiles; any fixed UUID would do.
NAMESPACE = uuid.UUID("5b0f6a3e-2f0c-5c53-9f0e-6f8b6e1f7d21")


def profile(domain: str, address: str, names: tuple[str, str], offer: Offer) -> bytes:
    """The profile as an XML property list; no password is inside, the device asks for it.

    address: "" lets the device ask for that too. names: of the agency and of the product.
    Made again for the same address it has the same identifiers, so that it takes the old one's place.
    """
    agency, product = names
    top = _identifier(domain)
    owner = address or domain
    return plistlib.dumps(
        {
            "PayloadType": "Configuration",
            "PayloadVersion": 1,
            "PayloadIdentifier": top,
            "PayloadUUID": _uuid(owner, "profile"),
            "PayloadDisplayName": f"{agency} ({product})",
            "PayloadDescription": f"IMAP, SMTP: {owner}",
            "PayloadOrganization": agency,
            "PayloadRemovalDisallowed": False,
            "PayloadContent": [_mail(top, owner, address, agency, offer)],
        }
    )


def _mail(top: str, owner: str, address: str, agency: str, offer: Offer) -> dict[str, Any]:
    incoming, outgoing = offer.incoming[0], offer.outgoing[0]
    known: dict[str, Any] = {}
    if address:
        known = {
            "EmailAddress": address,
            "IncomingMailServerUsername": address,
            "OutgoingMailServerUsername": address,
        }
    return known | {
        "PayloadType": "com.apple.mail.managed",
        "PayloadVersion": 1,
        "PayloadIdentifier": f"{top}.mail",
        "PayloadUUID": _uuid(owner, "mail"),
        "PayloadDisplayName": agency,
        "EmailAccountDescription": agency,
        "EmailAccountType": "EmailTypeIMAP",
        "IncomingMailServerAuthentication": "EmailAuthPassword",
        "IncomingMailServerHostName": incoming.host,
        "IncomingMailServerPortNumber": incoming.port,
        "IncomingMailServerUseSSL": True,
        "OutgoingMailServerAuthentication": "EmailAuthPassword",
        "OutgoingMailServerHostName": outgoing.host,
        "OutgoingMailServerPortNumber": outgoing.port,
        "OutgoingMailServerUseSSL": True,
        "OutgoingPasswordSameAsIncomingPassword": True,
    }


def _identifier(domain: str) -> str:
    """Reverse-DNS, as Apple wants it."""
    return ".".join([*reversed(domain.split(".")), "vanthu"])


def _uuid(owner: str, part: str) -> str:
    return str(uuid.uuid5(NAMESPACE, f"{part}:{owner}")).upper()
