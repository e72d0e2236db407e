"""Setting a redirect, asking for one, agreeing to it, ending it. Everything leaves a record of the audit.

Who may do it is the caller's to know; here stands what a redirect may be.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, insert, update

from mailserver.directory import addresses
from mailserver.directory.agencies import agency_of_domain
from mailserver.directory.errors import AddressInvalid
from mailserver.directory.records import Kind, Principal, Status, office_day
from mailserver.directory.rows import require
from mailserver.redirects import records, telling
from mailserver.redirects.records import NoSuchRedirect, Redirect, State
from mailserver.redirects.schema import mail_redirect
from mailserver.store import audit
from mailserver.store.blobs import BlobStore
from mailserver.store.database import Tx

MOST_TARGETS = 3
# A redirect that nobody remembers is worse than one that has to be asked for again.
LONGEST = timedelta(days=366)
MOST_REASON = 500
KINDS = (Kind.PERSON, Kind.POST, Kind.UNIT)


class RedirectInvalid(Exception):
    """`field` cannot be so: "targets", "target_local", "starts_on", "ends_on", "reason", "owner"; nothing changed.

    value: what of the field is wrong, if it has parts."""

    def __init__(self, field: str, value: str = "") -> None:
        super().__init__(f"{field}: {value}" if value else field)
        self.field = field
        self.value = value


@dataclass(frozen=True, slots=True)
class Wish:
    """A redirect as somebody wants it. targets: as they were written; both days are included."""

    targets: tuple[str, ...]
    starts_on: date
    ends_on: date
    reason: str


def set_tx(tx: Tx, blobs: BlobStore, owner_id: int, wish: Wish) -> int:
    """Redirect a mailbox from the first day on, instead of what stands or is asked for; the owner is told.

    Raises NoSuchPrincipal, RedirectInvalid.
    """
    owner = require(tx.conn, owner_id, *KINDS)
    made = records.get(tx.conn, _insert_tx(tx, owner, wish, State.STANDING))
    _record_tx(tx, "redirect.set", made)
    telling.began_tx(tx, blobs, owner, made)
    return made.id


def ask_tx(tx: Tx, owner_id: int, wish: Wish) -> int:
    """Ask for a redirect of one's own mailbox, instead of what was asked for before. Raises as `set_tx`."""
    owner = require(tx.conn, owner_id, Kind.PERSON)
    redirect_id = _insert_tx(tx, owner, wish, State.ASKED)
    _record_tx(tx, "redirect.asked", records.get(tx.conn, redirect_id))
    return redirect_id


def agree_tx(tx: Tx, blobs: BlobStore, redirect_id: int) -> Redirect:
    """Let it work; the owner is told. Raises NoSuchRedirect where nobody asks for it any more, RedirectInvalid."""
    asked = _asked_tx(tx, redirect_id)
    owner = require(tx.conn, asked.owner_id)
    _check(tx, owner, Wish(asked.targets, asked.starts_on, asked.ends_on, asked.reason))
    for one in records.of_owner(tx.conn, asked.owner_id, State.STANDING):
        _close_tx(tx, one)
    _change_tx(tx, redirect_id, state=State.STANDING.value, decided_by_id=tx.actor.principal_id, decided_at=tx.now)
    agreed = records.get(tx.conn, redirect_id)
    _record_tx(tx, "redirect.agreed", agreed)
    telling.began_tx(tx, blobs, owner, agreed)
    return agreed


def refuse_tx(tx: Tx, blobs: BlobStore, redirect_id: int, why: str) -> Redirect:
    """Not let it work; who asked is told. Raises NoSuchRedirect where nobody asks for it any more, RedirectInvalid."""
    asked = _asked_tx(tx, redirect_id)
    if not why.strip() or len(why) > MOST_REASON:
        raise RedirectInvalid("reason")
    decided = {"decided_by_id": tx.actor.principal_id, "decided_at": tx.now}
    _change_tx(tx, redirect_id, state=State.REFUSED.value, answer=why.strip(), **decided)
    _record_tx(tx, "redirect.refused", asked, why=why.strip())
    telling.refused_tx(tx, blobs, require(tx.conn, asked.owner_id), asked, why.strip())
    return asked


def end_tx(tx: Tx, blobs: BlobStore, redirect_id: int) -> Redirect:
    """End it at once, or take the wish for it back; the owner is told of what stood. Raises NoSuchRedirect."""
    found = records.get(tx.conn, redirect_id, lock=True)
    if found.state not in (State.ASKED, State.STANDING):
        raise NoSuchRedirect(redirect_id)
    _close_tx(tx, found)
    owner = require(tx.conn, found.owner_id)
    if found.state is State.STANDING and owner.status is not Status.LEFT:
        telling.ended_tx(tx, blobs, owner, found)
    return found


def end_passed_tx(tx: Tx, blobs: BlobStore, today: date) -> int:
    """End those of posts that have another holder now, who is told; how many. They work no more in any case."""
    found = [one for one in records.of_posts(tx.conn) if records.is_passed_on(tx.conn, one, today)]
    for one in found:
        _close_tx(tx, one)
        telling.passed_on_tx(tx, blobs, require(tx.conn, one.owner_id), one)
    return len(found)


def _asked_tx(tx: Tx, redirect_id: int) -> Redirect:
    asked = records.get(tx.conn, redirect_id, lock=True)
    if asked.state is not State.ASKED:
        raise NoSuchRedirect(redirect_id)
    return asked


def _insert_tx(tx: Tx, owner: Principal, wish: Wish, state: State) -> int:
    kept = _check(tx, owner, wish)
    replaced = (State.ASKED,) if state is State.ASKED else (State.ASKED, State.STANDING)
    for one in records.of_owner(tx.conn, owner.id, *replaced):
        _close_tx(tx, one)
    values = {"owner_id": owner.id, "state": state.value, "targets": " ".join(kept.targets), "reason": kept.reason}
    days = {"starts_on": kept.starts_on, "ends_on": kept.ends_on}
    made = {"made_by_id": tx.actor.principal_id, "made_at": tx.now}
    key = tx.conn.execute(insert(mail_redirect).values(**values, **days, **made)).inserted_primary_key
    assert key is not None
    return int(key[0])


def _check(tx: Tx, owner: Principal, wish: Wish) -> Wish:
    """The wish as it is kept. Raises RedirectInvalid."""
    if owner.kind not in KINDS or owner.status is not Status.ACTIVE:
        raise RedirectInvalid("owner", owner.address)
    targets = tuple(dict.fromkeys(_target(tx.conn, one) for one in wish.targets if one.strip()))
    if not 1 <= len(targets) <= MOST_TARGETS:
        raise RedirectInvalid("targets")
    if wish.ends_on < max(wish.starts_on, office_day(tx.now)) or wish.ends_on - wish.starts_on >= LONGEST:
        raise RedirectInvalid("ends_on")
    if not wish.reason.strip() or len(wish.reason) > MOST_REASON:
        raise RedirectInvalid("reason")
    return Wish(targets, wish.starts_on, wish.ends_on, wish.reason.strip())


def _target(conn: Connection, text: str) -> str:
    try:
        kept = addresses.elsewhere(text)
    except AddressInvalid:
        raise RedirectInvalid("targets", text.strip()) from None
    if agency_of_domain(conn, kept.rpartition("@")[2]) is not None:
        raise RedirectInvalid("target_local", kept)
    if not kept.isascii() or '"' in kept:  # quoted ones may hold the space that stands between two
        raise RedirectInvalid("targets", kept)
    return kept


def _close_tx(tx: Tx, one: Redirect) -> None:
    _change_tx(tx, one.id, state=State.ENDED.value, ended_at=tx.now, ended_by_id=tx.actor.principal_id)
    _record_tx(tx, "redirect.ended", one)


def _change_tx(tx: Tx, redirect_id: int, **values: object) -> None:
    tx.conn.execute(update(mail_redirect).where(mail_redirect.c.id == redirect_id).values(**values))


def _record_tx(tx: Tx, action: str, one: Redirect, **more: Any) -> None:
    days = {"from": f"{one.starts_on}", "until": f"{one.ends_on}"}
    facts: dict[str, Any] = {"targets": list(one.targets), **days, "reason": one.reason}
    audit.record_tx(tx, action, owner_id=one.owner_id, redirect=one.id, **facts, **more)
    tx.emit("redirect.changed", owner_id=one.owner_id)
