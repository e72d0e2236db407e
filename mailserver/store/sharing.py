"""Sharing a folder by name (RFC 4314 §3): who has which rights on it, and changing that.

An identifier is an address, or `anyone` for everybody who works in the owner's agency. A list only gives: what
comes with the whole mailbox (ownership, an office, a grant) is shown in it, but is not to be taken away there.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection

from mailserver.actor import Actor
from mailserver.directory import grants, principals
from mailserver.directory.offices import officers_of
from mailserver.directory.principals import Kind, Principal
from mailserver.store import access, acl, audit
from mailserver.store.errors import GranteeMissing, RightsFixed, TooManyShares
from mailserver.store.folders import Folder, lock_tx
from mailserver.store.letters import ALL, NONE, Letters, spelled
from mailserver.store.tx import Tx

ANYONE = "anyone"
# Before the address of a post or a unit: whoever manages its mailbox.
IN_CHARGE = "in-charge-of:"
MAX_SHARES = 200  # entries of one folder's list; a group says more with one
_SHARERS = (Kind.PERSON, Kind.UNIT, Kind.POST, Kind.GROUP)


class Share(NamedTuple):
    """What one identifier has on a folder."""

    identifier: str
    rights: Letters


class Grantee(NamedTuple):
    """Whom an identifier means. id: as in `folder_acl`; who: None for everybody.

    in_charge: those who manage the mailbox of `who` (`grants.in_charge`), not `who` itself.
    """

    id: int
    who: Principal | None
    in_charge: bool = False

    @property
    def identifier(self) -> str:
        if self.who is None:
            return ANYONE
        return f"{IN_CHARGE}{self.who.address}" if self.in_charge else self.who.address


def known_grantees(conn: Connection, ids: Collection[int]) -> list[Grantee]:
    """Whom the numbers of a folder's list mean; those of nobody any more are left out."""
    charges = {one: grants.charge_of(one) for one in ids}
    who = principals.get_many(conn, {charges[one] or one for one in ids if charges[one] or one > 0})
    found = []
    for one in ids:
        of = charges[one] or one
        if of < 0 or of in who:
            found.append(Grantee(one, who.get(of), charges[one] is not None))
    return found


def shares_of(conn: Connection, folder: Folder, now: datetime) -> list[Share]:
    """Everybody with rights on a folder: its owner first, then by identifier."""
    found = _mailbox_wide(conn, folder, now)
    for grantee_id, letters in acl.list_of(conn, folder.id).items():
        found[grantee_id] = found.get(grantee_id, NONE) | letters
    found.pop(folder.owner_id, None)
    shares = sorted(Share(one.identifier, found[one.id]) for one in known_grantees(conn, found))
    return [Share(principals.get(conn, folder.owner_id).address, ALL), *shares]


def grantee(conn: Connection, folder: Folder, identifier: str) -> Grantee:
    """Whom an identifier means: the owner of the folder, or somebody of the owner's agency.

    Raises GranteeMissing, also for people of other agencies.
    """
    if identifier.startswith(IN_CHARGE):
        of = grantee(conn, folder, identifier.removeprefix(IN_CHARGE))
        if of.who is None or of.in_charge:
            raise GranteeMissing(identifier)
        return Grantee(grants.in_charge(of.id), of.who, in_charge=True)
    owner = principals.get(conn, folder.owner_id)
    if identifier.lower() == ANYONE:
        return Grantee(grants.everybody(principals.agency_mailbox(conn, owner.agency_id).id), None)
    if "@" not in identifier:
        identifier += "@" + principals.primary_domain(conn, owner.agency_id)
    found = principals.by_address(conn, identifier)
    if found is None or found.agency_id != owner.agency_id:
        raise GranteeMissing(identifier)
    if found.kind not in _SHARERS and found.id != owner.id:
        raise GranteeMissing(identifier)
    return Grantee(found.id, found)


def fixed_rights(conn: Connection, folder: Folder, to: Grantee, now: datetime) -> Letters:
    """What a grantee has by grants and offices, whatever the folder's list says."""
    if to.id == folder.owner_id:
        return ALL
    if to.who is not None and to.who.kind is Kind.PERSON and not to.in_charge:
        return access.granted_on(conn, _acting(to.id), folder, now)
    return _mailbox_wide(conn, folder, now).get(to.id, NONE)


def share_tx(tx: Tx, folder: Folder, identifier: str, letters: Letters, how: str = "") -> None:
    """Give an identifier these rights on a folder (SETACL). Emits "acl.changed", leaves an audit entry.

    how: "" for exactly these, "+" or "-" for these more or less. Whether the actor may ("a") is asked before.
    Raises GranteeMissing, TooManyShares, RightsFixed (it would take away what comes with the whole mailbox),
    FolderMissing.
    """
    lock_tx(tx, (folder.id,))
    to = grantee(tx.conn, folder, identifier)
    entries = acl.list_of(tx.conn, folder.id)
    before = entries.get(to.id, NONE)
    after = {"+": before | letters, "-": before - letters}.get(how, letters)
    fixed = fixed_rights(tx.conn, folder, to, tx.now)
    if (how == "" and fixed - letters) or (how == "-" and fixed & letters):
        raise RightsFixed(identifier)
    if to.id == folder.owner_id or after == before:
        return
    if to.id not in entries and len(entries) >= MAX_SHARES:
        raise TooManyShares(folder.name)
    acl.put_tx(tx, folder.id, to.id, after)
    _tell_tx(tx, "folder.shared", folder, to, after)


def unshare_tx(tx: Tx, folder: Folder, identifier: str) -> None:
    """Take an identifier out of a folder's list (DELETEACL); nothing happens if it was not in it.

    As `share_tx`. Raises RightsFixed where all its rights come with the whole mailbox.
    """
    lock_tx(tx, (folder.id,))
    to = grantee(tx.conn, folder, identifier)
    if to.id in acl.list_of(tx.conn, folder.id):
        acl.put_tx(tx, folder.id, to.id, NONE)
        _tell_tx(tx, "folder.unshared", folder, to, NONE)
    elif fixed_rights(tx.conn, folder, to, tx.now):
        raise RightsFixed(identifier)


def _tell_tx(tx: Tx, action: str, folder: Folder, to: Grantee, letters: Letters) -> None:
    tx.emit("acl.changed", owner_id=folder.owner_id, folder_id=folder.id, grantee_id=to.id)
    rights = spelled(letters)
    audit.record_tx(tx, action, owner_id=folder.owner_id, folder=folder.name, identifier=to.identifier, rights=rights)


def _mailbox_wide(conn: Connection, folder: Folder, now: datetime) -> dict[int, Letters]:
    """Who has what on a folder by grant or office."""
    found: dict[int, Letters] = {}
    for grant in grants.grants_on(conn, folder.owner_id, now):
        if access.is_closed(conn, folder, grant.closed):
            continue
        letters = NONE.union(*(access.RIGHTS[right] for right in grant.rights))
        found[grant.grantee_id] = found.get(grant.grantee_id, NONE) | letters
    for person_id in officers_of(conn, folder.owner_id, now):
        found[person_id] = access.granted_on(conn, _acting(person_id), folder, now)
    return found


def _acting(person_id: int) -> Actor:
    """A person as the rights ask for one who acts."""
    return Actor(person_id, None, "system")
