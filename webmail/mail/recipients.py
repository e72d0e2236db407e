"""What people type into To, Cc and Bcc, read into addresses."""

from __future__ import annotations

from dataclasses import dataclass
from email.utils import getaddresses

from email_validator import EmailNotValidError, validate_email

from mailserver.mime.address import Address

MOST_RECIPIENTS = 1000


@dataclass(frozen=True, slots=True)
class Read:
    """addresses: those that are some; wrong: the words that are none, as typed."""

    addresses: tuple[Address, ...]
    wrong: tuple[str, ...]


def read(typed: str, own_domain: str) -> Read:
    """Addresses separated by commas or semicolons, with or without names.

    A word without "@" is somebody of the writer's own domain. Nothing is looked up.
    """
    found: dict[str, Address] = {}
    wrong: list[str] = []
    text = " ".join(typed.replace(";", ",").split())
    pairs = getaddresses([text]) if text else []
    for name, spec in pairs[:MOST_RECIPIENTS]:
        address = _checked(name, spec, own_domain)
        if address is None:
            wrong.append(spec or name)
        else:
            found.setdefault(address.addr.casefold(), address)
    # getaddresses answers one empty pair for what it cannot read at all.
    return Read(tuple(found.values()), tuple(word or text for word in wrong))


def _checked(name: str, spec: str, own_domain: str) -> Address | None:
    full = spec if "@" in spec else f"{spec}@{own_domain}"
    try:
        valid = validate_email(full, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return None
    return Address(name, valid.local_part, valid.ascii_domain or valid.domain)
