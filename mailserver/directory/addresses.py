"""Addresses as text: one spelling for each, before any of them meets the database.

The kept form is local@domain: Unicode NFC, lower case, the domain as A-label (RFC 5890 §2.3.2.1).
RFC 5321 §2.4 lets the local part's case matter; no office would want two people told apart by it.
"""

from __future__ import annotations

import re
import unicodedata

import idna
from email_validator import EmailNotValidError, validate_email

from mailserver.directory.errors import AddressInvalid
from mailserver.text import storable

# Subaddressing, RFC 5233: what stands behind it is the detail.
DETAIL_SEPARATOR = "+"

_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")
# RFC 5321 §4.5.3.1.2
_DOMAIN_MAX = 255


def domain_name(text: str) -> str:
    """The A-label form of a domain, lower case. Raises AddressInvalid.

    Names without a dot and special-use names (localhost, .local, .test, .example) are allowed:
    offices run mail inside their own network under all of these.
    """
    name = text.strip().rstrip(".").lower()
    if not name.isascii():
        try:
            name = idna.encode(name, uts46=True).decode("ascii")
        except idna.IDNAError:
            raise AddressInvalid(text) from None
    if len(name) > _DOMAIN_MAX or not all(_LABEL.fullmatch(label) for label in name.split(".")):
        raise AddressInvalid(text)
    return name


def local_part(text: str) -> str:
    """The kept form of a local part that is to be given out. Raises AddressInvalid.

    "+" is refused: it would take away somebody's subaddresses.
    """
    name = unicodedata.normalize("NFC", text).lower()
    if DETAIL_SEPARATOR in name:
        raise AddressInvalid(text)
    try:
        # The domain is ours and checked apart, because email-validator refuses special-use ones.
        checked = validate_email(f"{name}@example.com", check_deliverability=False, strict=True)
    except EmailNotValidError:
        raise AddressInvalid(text) from None
    return checked.local_part


def address(text: str) -> str:
    """The kept form of a whole address that is to be given out. Raises AddressInvalid."""
    local, at, domain = text.strip().rpartition("@")
    if not at:
        raise AddressInvalid(text)
    return f"{local_part(local)}@{domain_name(domain)}"


def elsewhere(text: str) -> str:
    """The kept form of an address of another server: its local part as written, for case and "+" may matter there
    (RFC 5321 §2.4). Raises AddressInvalid."""
    local, at, domain = text.strip().rpartition("@")
    try:
        checked = validate_email(f"{local}@example.com", check_deliverability=False, strict=True)
    except EmailNotValidError:
        raise AddressInvalid(text) from None
    if not at:
        raise AddressInvalid(text)
    return f"{checked.local_part}@{domain_name(domain)}"


def lookup_key(text: str) -> str:
    """The kept form of an address somebody else wrote, for finding it; cheap, never raises.

    Quoted local parts that need no quotes lose them (RFC 5321 §4.1.2).
    """
    local, at, domain = storable(text).rpartition("@")
    if not at:
        local, domain = domain, ""
    if local.startswith('"') and local.endswith('"') and len(local) > 2:
        local = local[1:-1].replace("\\", "")
    if not local.isascii():
        local = unicodedata.normalize("NFC", local)
    if not domain.isascii():
        try:
            domain = domain_name(domain)
        except AddressInvalid:
            return storable(text)
    return f"{local.lower()}@{domain.rstrip('.').lower()}" if at else local.lower()


def without_detail(key: str) -> tuple[str, str]:
    """(address without its detail, the detail) of a `lookup_key`; the detail is "" if there is none."""
    local, _, domain = key.rpartition("@")
    base, separator, detail = local.partition(DETAIL_SEPARATOR)
    return (f"{base}@{domain}", detail) if separator and base else (key, "")
