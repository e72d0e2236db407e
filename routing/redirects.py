"""Redirects of mailboxes to outside: who sets, asks for, agrees to, ends one, and who sees it.

| act | who |
|---|---|
| set, agree, refuse | an administrator of the agency, not for the own mailbox |
| ask, take back | the person of the mailbox |
| end | an administrator, and who the mailbox belongs to: the person, the holder of the post, the head of the unit |
| see | the same |
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from mailserver.actor import Actor
from mailserver.directory import principals
from mailserver.directory.errors import NoSuchPrincipal
from mailserver.redirects import deciding, records
from mailserver.redirects.deciding import RedirectInvalid, Wish
from mailserver.redirects.records import NoSuchRedirect, Redirect
from mailserver.store import access
from mailserver.store.blobs import BlobStore
from mailserver.store.database import Tx
from mailserver.store.errors import Forbidden
from routing.staff import require_administrator

# The letter of who a mailbox belongs to (`access.RIGHTS`).
OWNS = "a"


def of_agency(conn: Connection, actor: Actor, now: datetime) -> list[Redirect]:
    """All of the agency's mailboxes, the newest first. Raises Forbidden."""
    return records.of_agency(conn, require_administrator(conn, actor, now))


def of_own(conn: Connection, actor: Actor, now: datetime) -> list[Redirect]:
    """Of the mailboxes that belong to the actor, the newest first."""
    boxes = (box.owner_id for box in access.mailboxes_for(conn, actor, now) if OWNS in box.rights)
    found = [one for owner_id in boxes for one in records.of_owner(conn, owner_id)]
    return sorted(found, key=lambda one: -one.id)


def set_tx(tx: Tx, blobs: BlobStore, address: str, wish: Wish) -> Redirect:
    """Set one for the mailbox with this address. Raises Forbidden, NoSuchPrincipal, RedirectInvalid ("self" too)."""
    agency_id = require_administrator(tx.conn, tx.actor, tx.now)
    owner = principals.by_address(tx.conn, address)
    if owner is None or owner.agency_id != agency_id:
        raise NoSuchPrincipal(address)
    _require_other(tx, owner.id)
    return records.get(tx.conn, deciding.set_tx(tx, blobs, owner.id, wish))


def ask_tx(tx: Tx, wish: Wish) -> None:
    """Ask for one of the own mailbox. Raises Forbidden for who has none, RedirectInvalid."""
    if tx.actor.principal_id is None:
        raise Forbidden(OWNS)
    deciding.ask_tx(tx, tx.actor.principal_id, wish)


def agree_tx(tx: Tx, blobs: BlobStore, redirect_id: int) -> Redirect:
    """Raises Forbidden, NoSuchRedirect, RedirectInvalid ("self" too)."""
    _require_other(tx, _managed(tx, redirect_id).owner_id)
    return deciding.agree_tx(tx, blobs, redirect_id)


def refuse_tx(tx: Tx, blobs: BlobStore, redirect_id: int, why: str) -> Redirect:
    """Raises Forbidden, NoSuchRedirect, RedirectInvalid ("reason")."""
    _managed(tx, redirect_id)
    return deciding.refuse_tx(tx, blobs, redirect_id, why)


def end_tx(tx: Tx, blobs: BlobStore, redirect_id: int) -> Redirect:
    """Raises Forbidden, NoSuchRedirect."""
    found = records.get(tx.conn, redirect_id)
    if OWNS not in access.mailbox_rights(tx.conn, tx.actor, found.owner_id, tx.now):
        _managed(tx, redirect_id)
    return deciding.end_tx(tx, blobs, redirect_id)


def _managed(tx: Tx, redirect_id: int) -> Redirect:
    """One of the agency whose administrator acts."""
    found = records.get(tx.conn, redirect_id)
    if found.agency_id != require_administrator(tx.conn, tx.actor, tx.now):
        raise NoSuchRedirect(redirect_id)
    return found


def _require_other(tx: Tx, owner_id: int) -> None:
    """Nobody lets the own mail out alone."""
    if owner_id == tx.actor.principal_id:
        raise RedirectInvalid("self")
