"""The agency that an installation begins with."""

from __future__ import annotations

from importlib import resources

from mailserver.directory import principals
from mailserver.store.database import Tx

DEFAULT_PROFILE = "qn"


def profiles() -> list[str]:
    """Names of the regulations that come with the product."""
    folder = resources.files("routing").joinpath("profiles")
    return sorted(entry.name.removesuffix(".toml") for entry in folder.iterdir() if entry.name.endswith(".toml"))


def ensure_tx(tx: Tx, domain: str, *, code: str | None, name: str | None, profile: str | None) -> bool:
    """Make the agency of `domain` unless it exists; whether it was made.

    Without a code the first label of the domain serves, in capitals; without a name the domain.
    """
    if principals.agency_of_domain(tx.conn, domain) is not None:
        return False
    abbreviation = code or domain.partition(".")[0].upper()
    create_tx(tx, code=abbreviation, name=name or domain, domain=domain, profile=profile or DEFAULT_PROFILE)
    return True


def create_tx(tx: Tx, *, code: str, name: str, domain: str, profile: str) -> int:
    """Make an agency ready for mail and documents; returns its id."""
    from routing import setup

    agency_id = principals.create_agency_tx(tx, code, name, domain, profile)
    setup.prepare_agency_tx(tx, agency_id)
    return agency_id
