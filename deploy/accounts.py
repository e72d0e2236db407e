"""Accounts as the command line makes them: an address, a name, a unit, roles and a password."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from mailserver.directory import credentials, masks, passwords, principals
from mailserver.directory.errors import DirectoryError, NoSuchAgency, NoSuchPrincipal, WeakPassword
from mailserver.store.database import Tx


class NoSuchRole(DirectoryError):
    """The agency's profile has no such role; the text names the role and those there are."""


@dataclass(frozen=True, slots=True)
class Wish:
    """An account to be made. unit: its code ("QLXD") or address, "" for none."""

    address: str
    name: str
    password: str
    must_change: bool
    unit: str = ""
    roles: tuple[str, ...] = ()


def add_tx(tx: Tx, wish: Wish) -> int:
    """Make the account with its mailbox and password; returns the principal's id.

    A password that is too easy is taken, since an administrator chose it: see `weakness`.
    Raises NoSuchAgency (the domain is not local), NoSuchPrincipal (the unit), NoSuchRole,
    AddressTaken, AddressInvalid.
    """
    from routing import setup
    from routing.profile import profile_of

    local, _, domain = wish.address.rpartition("@")
    agency_id = principals.agency_of_domain(tx.conn, domain)
    if agency_id is None:
        raise NoSuchAgency(f"@{domain}")
    known = profile_of(tx.conn, agency_id).capabilities
    if unknown := [role for role in wish.roles if role not in known]:
        raise NoSuchRole(f"{', '.join(unknown)} ({', '.join(known)})")
    unit_id = find_unit(tx, agency_id, wish.unit) if wish.unit else None
    family, middle, given = split_name(wish.name)
    data = principals.PersonData(family, middle, given, local, unit_id, roles=wish.roles)
    person_id = principals.create_person_tx(tx, agency_id, data)
    setup.prepare_mailbox_tx(tx, person_id)
    credentials.set_password_tx(tx, person_id, wish.password, must_change=wish.must_change, enforce=False)
    return person_id


def weakness(password: str, *names: str) -> WeakPassword | None:
    """What speaks against a password, for a warning; None if nothing does."""
    try:
        passwords.check(password, names)
    except WeakPassword as found:
        return found
    return None


def split_name(name: str) -> tuple[str, str, str]:
    """Họ, tên đệm, tên of a name in the Vietnamese order; one word is a tên alone."""
    words = name.split()
    if len(words) < 2:
        return "", "", name.strip()
    return words[0], " ".join(words[1:-1]), words[-1]


def find_unit(tx: Tx, agency_id: int, wanted: str) -> int:
    """A unit by code or by the local part of its address. Raises NoSuchPrincipal."""
    folded = wanted.casefold()
    for unit in principals.units(tx.conn, agency_id):
        if folded in (unit.code.casefold(), unit.principal.local_part, unit.principal.address):
            return unit.principal.id
    raise NoSuchPrincipal(wanted)


def on_person(address: str, act: Callable[[Tx, int], None]) -> Callable[[Tx], None]:
    """A piece of work on the person with this address. Raises NoSuchPrincipal."""

    def work(tx: Tx) -> None:
        found = principals.by_address(tx.conn, address)
        if found is None:
            raise NoSuchPrincipal(address)
        act(tx, found.id)

    return work


def mask_capabilities(address: str, hide: Collection[str], show: Collection[str]) -> Callable[[Tx], frozenset[str]]:
    """A piece of work that hides IMAP capabilities from an account, or shows them again; returns what is
    hidden then. Raises NoSuchPrincipal, CapabilityInvalid."""

    def work(tx: Tx) -> frozenset[str]:
        found = principals.by_address(tx.conn, address)
        if found is None:
            raise NoSuchPrincipal(address)
        if hide:
            masks.hide_tx(tx, found.id, hide)
        if show:
            masks.hide_tx(tx, found.id, show, hide=False)
        return masks.hidden_from(tx.conn, found.id)

    return work
