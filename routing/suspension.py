"""Tạm đình chỉ: an account is shut at once on a leader's order.

1581/QĐ-SGDDT, Điều 12; 04/2017/QĐ-UBND, Điều 23 khoản 3.
The administrator acts, the leader who ordered it is told, so that nobody gives an order in another's name. Mail goes on
arriving; what the account did is in the audit.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from mailserver.actor import Actor
from mailserver.directory import people, principals
from mailserver.directory.errors import NoSuchPrincipal
from mailserver.directory.records import Principal, Status, office_day
from mailserver.store import audit, auditsearch
from mailserver.store.database import Tx
from mailserver.store.store import Store
from routing.holders import by_rank
from routing.staff import require_administrator, tell_tx
from routing.staff_accounts import require_own

SUSPENDED = "account.suspended"
LEADS = "view_all_documents"


@dataclass(frozen=True, slots=True)
class Suspension:
    """By whose order an account is shut."""

    ordered_by: Principal
    at: datetime
    reason: str


def orderers(conn: Connection, actor: Actor, now: datetime) -> list[Principal]:
    """The leaders of the actor's agency, by whose order an account is suspended. Raises Forbidden."""
    agency_id = require_administrator(conn, actor, now)
    return by_rank(conn, agency_id, LEADS, office_day(now))


def suspend(store: Store, actor: Actor, now: datetime, person_id: int, ordered_by: int, reason: str) -> Principal:
    """Shut every door to an account at once, open sessions included; who ordered it is told by mail.

    Raises Forbidden, NoSuchPrincipal: of another agency, oneself, the leader, who has left, or ordered by no leader.
    """

    def work(tx: Tx) -> Principal:
        who = require_own(tx.conn, actor, person_id, now)
        leader = next((one for one in orderers(tx.conn, actor, now) if one.id == ordered_by), None)
        if leader is None or leader.id == who.id or who.id == actor.principal_id or who.status is Status.LEFT:
            raise NoSuchPrincipal(person_id)
        people.lock_person_tx(tx, person_id, reason)
        audit.record_tx(tx, SUSPENDED, owner_id=person_id, ordered_by=leader.id, reason=reason)
        tell_tx(tx, store, who, actor, "suspended.ordered", reason, leader)
        return who

    return store.db.write(work, actor)


def lift(store: Store, actor: Actor, now: datetime, person_id: int, reason: str) -> Principal:
    """Open a locked account again; its person hears of it, and who had ordered it. Raises as `suspend`."""

    def work(tx: Tx) -> Principal:
        who = require_own(tx.conn, actor, person_id, now)
        if who.status is Status.LEFT or who.id == actor.principal_id:
            raise NoSuchPrincipal(person_id)
        found = of_person(tx.conn, who)
        people.unlock_person_tx(tx, person_id, reason)
        tell_tx(tx, store, who, actor, "unlocked", reason)
        if found is not None and found.ordered_by.status is Status.ACTIVE:
            tell_tx(tx, store, who, actor, "lifted.ordered", reason, found.ordered_by)
        return who

    return store.db.write(work, actor)


def of_person(conn: Connection, who: Principal) -> Suspension | None:
    """By whose order somebody is suspended now; None if nobody ordered it, or the account is open."""
    if who.status is not Status.LOCKED:
        return None
    query = auditsearch.Query(agency_id=who.agency_id, owner_id=who.id, kind="principal")
    locked = next((one for one in auditsearch.find(conn, query) if one.action == "principal.locked"), None)
    ordered = auditsearch.Query(agency_id=who.agency_id, owner_id=who.id, kind="account")
    last = next((one for one in auditsearch.find(conn, ordered) if one.action == SUSPENDED), None)
    if last is None or locked is None or last.id < locked.id:
        return None
    leader = principals.get(conn, int(str(last.detail["ordered_by"])))
    return Suspension(leader, last.at, str(last.detail["reason"]))
