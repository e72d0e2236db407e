"""Giving, deciding, taking back and ending: each one transaction, with the mails that go with it.

All raise RoutingError with the sentence for the person; then nothing has changed.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from sqlalchemy import insert, update

from mailserver.directory import capabilities, grants, principals
from mailserver.directory.errors import NoSuchGrant, NotAllowed
from mailserver.directory.principals import Principal
from mailserver.directory.rights import Right
from mailserver.store import audit
from mailserver.store.blobs import BlobStore
from mailserver.store.database import Tx
from mailserver.teams import service as teams
from routing.delegation import letters, mandates
from routing.delegation.mandates import Mandate, Standing, Wish
from routing.errors import Incomplete, NoSuchMove, NotYourTurn
from routing.profile import profile_of
from routing.schema import delegation
from routing.standing import standing_of

APPROVE = "approve_delegation"


def give_tx(tx: Tx, blobs: BlobStore, wish: Wish) -> Mandate:
    """Uỷ quyền. In force at once, or pending where leaders must agree and the actor is none of them.

    Raises NotYourTurn (does not lead this mailbox), Incomplete (person, rights or period).
    """
    owner = _led(tx, wish.owner_id)
    _check(tx, owner, wish)
    free = not profile_of(tx.conn, owner.agency_id).delegation.approval or may_approve(tx, owner.agency_id)
    made = _insert_tx(tx, wish, Standing.PENDING)
    audit.record_tx(tx, "delegation.asked", owner_id=owner.id, delegation=made.id, grantee_id=wish.grantee_id)
    if free:
        return _grant_tx(tx, blobs, made)
    letters.ask_tx(tx, blobs, made, _approvers(tx, owner.agency_id))
    return made


def decide_tx(tx: Tx, blobs: BlobStore, mandate_id: int, *, approve: bool) -> Mandate:
    """A leader agrees, or does not. Raises DocumentMissing, NotYourTurn, NoSuchMove (decided already), Incomplete."""
    found = mandates.get(tx.conn, mandate_id)
    owner = principals.get(tx.conn, found.wish.owner_id)
    if not may_approve(tx, owner.agency_id) or tx.actor.principal_id == found.wish.grantee_id:
        raise NotYourTurn("delegate-not-leader")
    if found.state is not Standing.PENDING:
        raise NoSuchMove("delegate-decided")
    audit.record_tx(tx, "delegation.decided", owner_id=owner.id, delegation=found.id, approved=approve)
    if not approve:
        letters.refused_tx(tx, blobs, found)
        return _put_tx(tx, found, Standing.REFUSED)
    try:
        grants.require_granter(tx.conn, found.asked_by_id, owner.id, tx.now)
    except NotAllowed:
        raise NotYourTurn("delegate-not-head") from None
    if found.wish.ends_at is not None and found.wish.ends_at <= tx.now:
        raise Incomplete("ends_on", "delegate-period")
    return _grant_tx(tx, blobs, found)


def take_back_tx(tx: Tx, blobs: BlobStore, mandate_id: int) -> Mandate:
    """Thu hồi, by whoever leads the mailbox, or a leader of the agency; at once, everywhere.

    Raises DocumentMissing, NotYourTurn, NoSuchMove (over already).
    """
    found = mandates.get(tx.conn, mandate_id)
    owner = principals.get(tx.conn, found.wish.owner_id)
    if not may_approve(tx, owner.agency_id):
        _led(tx, owner.id)
    if found.state is Standing.PENDING:
        audit.record_tx(tx, "delegation.withdrawn", owner_id=owner.id, delegation=found.id)
        return _put_tx(tx, found, Standing.WITHDRAWN)
    if found.state is not Standing.GRANTED:
        raise NoSuchMove("delegate-over")
    return end_tx(tx, blobs, found)


def close_tx(tx: Tx, blobs: BlobStore, mandate_id: int, closed: frozenset[int]) -> Mandate:
    """Leave out these folders from now on, and no others; the delegate is told. The mandate as it was.

    It holds for all that the delegate has on this mailbox: what one mandate left out, another would give. Where
    leaders must agree, only they give more than was agreed to. Raises as `take_back_tx`, Incomplete (folders).
    """
    found = mandates.get(tx.conn, mandate_id)
    owner = principals.get(tx.conn, found.wish.owner_id)
    if not may_approve(tx, owner.agency_id):
        _led(tx, owner.id)
        if found.wish.closed - closed and profile_of(tx.conn, owner.agency_id).delegation.approval:
            raise NotYourTurn("delegate-not-leader")
    if found.state not in (Standing.PENDING, Standing.GRANTED):
        raise NoSuchMove("delegate-over")
    _check_closed(tx, owner, closed - found.wish.closed)
    if closed == found.wish.closed:
        return found
    together = mandates.between(tx.conn, owner.id, found.wish.grantee_id, tx.now)
    for one in together:
        here = delegation.c.id == one.id
        tx.conn.execute(update(delegation).where(here).values(closed_folders=grants.spelled(closed)))
        if one.grant_id is not None:
            with contextlib.suppress(NoSuchGrant):  # taken back on the command line
                grants.close_tx(tx, one.grant_id, closed)
    if any(one.grant_id is not None for one in together):
        letters.closed_tx(tx, blobs, replace(found, wish=replace(found.wish, closed=closed)))
    return found


def end_tx(tx: Tx, blobs: BlobStore, found: Mandate) -> Mandate:
    """Its time is over, or it is taken back: what the person has in hand goes back, both get a summary (D4)."""
    assert found.grant_id is not None
    with contextlib.suppress(NoSuchGrant):  # taken back on the command line
        grants.revoke_tx(tx, found.grant_id)
    wish = found.wish
    left = grants.effective_rights(tx.conn, wish.grantee_id, tx.now).get(wish.owner_id, frozenset())
    returned = 0 if Right.HANDLE in left else teams.give_up_all_tx(tx, wish.owner_id, wish.grantee_id)
    audit.record_tx(tx, "delegation.ended", owner_id=wish.owner_id, delegation=found.id, returned=returned)
    letters.ended_tx(tx, blobs, found, returned)
    return _put_tx(tx, found, Standing.ENDED)


def may_approve(tx: Tx, agency_id: int) -> bool:
    return standing_of(tx.conn, tx.actor, tx.now).can(APPROVE, agency_id)


def _grant_tx(tx: Tx, blobs: BlobStore, asked: Mandate) -> Mandate:
    wish = replace(asked.wish, starts_at=max(asked.wish.starts_at, tx.now))
    rights = sorted(wish.rights)
    grant_id = grants.grant_tx(
        tx, wish.owner_id, wish.grantee_id, rights, wish.starts_at, wish.ends_at, asked.asked_by_id, wish.closed
    )
    made = _put_tx(tx, replace(asked, wish=wish, grant_id=grant_id), Standing.GRANTED)
    letters.granted_tx(tx, blobs, made)
    owner = principals.get(tx.conn, wish.owner_id)
    if profile_of(tx.conn, owner.agency_id).delegation.announce:
        letters.announce_tx(tx, blobs, made)
    return made


def _led(tx: Tx, owner_id: int) -> Principal:
    """The mailbox, led by the actor. Raises NotYourTurn: a granted "manage" does not allow giving on."""
    led = [] if tx.actor.principal_id is None else mandates.led_by(tx.conn, tx.actor.principal_id, tx.now)
    found = next((one for one in led if one.id == owner_id), None)
    if found is None:
        raise NotYourTurn("delegate-not-head")
    return found


def _check(tx: Tx, owner: Principal, wish: Wish) -> None:
    if not wish.rights:
        raise Incomplete("rights", "delegate-rights")
    if wish.ends_at is not None and wish.ends_at <= max(wish.starts_at, tx.now):
        raise Incomplete("ends_on", "delegate-period")
    if wish.grantee_id not in {one.id for one in mandates.candidates(tx.conn, owner, tx.actor.principal_id)}:
        raise Incomplete("grantee", "delegate-outside")
    _check_closed(tx, owner, wish.closed)
    for other in mandates.between(tx.conn, owner.id, wish.grantee_id, tx.now):
        if _covers(other.wish, wish, tx.now):
            raise Incomplete("grantee", "delegate-twice")
        if other.wish.closed != wish.closed:  # what one leaves out, the other would give
            raise Incomplete("closed", "delegate-other-folders")


def _covers(has: Wish, wish: Wish, now: datetime) -> bool:
    """Whether somebody has all of that already: a form sent twice, say."""
    longer = has.ends_at is None or (wish.ends_at is not None and wish.ends_at <= has.ends_at)
    same = has.rights >= wish.rights and has.closed == wish.closed
    return same and longer and has.starts_at <= max(wish.starts_at, now)


def _check_closed(tx: Tx, owner: Principal, closed: Collection[int]) -> None:
    if set(closed) - {one.id for one in mandates.closable(tx.conn, owner.id)}:
        raise Incomplete("closed", "delegate-folders")


def _approvers(tx: Tx, agency_id: int) -> list[Principal]:
    known = profile_of(tx.conn, agency_id).capabilities
    roles = [role for role, granted in known.items() if APPROVE in granted]
    ids = {one for role in roles for one in capabilities.holders_of(tx.conn, agency_id, role)}
    return [one for one in principals.get_many(tx.conn, ids).values() if one.id != tx.actor.principal_id]


def _insert_tx(tx: Tx, wish: Wish, state: Standing) -> Mandate:
    asker = tx.actor.principal_id
    assert asker is not None
    values = {
        "owner_id": wish.owner_id,
        "grantee_id": wish.grantee_id,
        "rights": " ".join(sorted(wish.rights)),
        "starts_at": wish.starts_at,
        "ends_at": wish.ends_at,
        "asked_by_id": asker,
        "asked_at": tx.now,
        "state": state.value,
        "closed_folders": grants.spelled(wish.closed),
    }
    key = tx.conn.execute(insert(delegation).values(**values)).inserted_primary_key
    assert key is not None
    return Mandate(int(key[0]), wish, asker, state, None)


def _put_tx(tx: Tx, found: Mandate, state: Standing) -> Mandate:
    values = {
        "state": state.value,
        "decided_by_id": tx.actor.principal_id,
        "decided_at": tx.now,
        "grant_id": found.grant_id,
        "starts_at": found.wish.starts_at,
    }
    tx.conn.execute(update(delegation).where(delegation.c.id == found.id).values(**values))
    return replace(found, state=state)
