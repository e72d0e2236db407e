"""What people ask administrators to change in the directory (132/QĐ-STTTT, Điều 6 khoản 4)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from mailserver.actor import Actor
from mailserver.directory import requests
from mailserver.directory.changing import Change, Facts
from mailserver.directory.errors import NoSuchRequest
from mailserver.directory.requests import ChangeRequest, Outcome
from mailserver.store.database import Tx
from mailserver.store.store import Store
from routing.staff import require_administrator, tell_tx
from routing.staff_accounts import change_tx


def waiting(conn: Connection, actor: Actor, now: datetime) -> list[ChangeRequest]:
    """What waits in the actor's agency. Raises Forbidden."""
    return requests.waiting(conn, require_administrator(conn, actor, now))


def fulfil(
    store: Store, actor: Actor, now: datetime, request_id: int, new: Facts, approval: str, person_id: int
) -> tuple[ChangeRequest, tuple[Change, ...]]:
    """Change the person who asked, settle it, and tell them.

    Raises Forbidden, NoSuchRequest (also: somebody else asked), StaffCodeTaken.
    """

    def work(tx: Tx) -> tuple[ChangeRequest, tuple[Change, ...]]:
        agency_id = require_administrator(tx.conn, actor, now)
        asked = requests.answer_tx(tx, request_id, agency_id, Outcome.DONE, "")
        if asked.who.id != person_id:
            raise NoSuchRequest(request_id)
        made = change_tx(tx, asked.who.id, new, approval, now)
        tell_tx(tx, store, asked.who, actor, "change.done", asked.wish)
        return asked, made

    return store.db.write(work, actor)


def refuse(store: Store, actor: Actor, now: datetime, request_id: int, reason: str) -> ChangeRequest:
    """Settle it without a change, and tell the person why. Raises Forbidden, NoSuchRequest."""

    def work(tx: Tx) -> ChangeRequest:
        agency_id = require_administrator(tx.conn, actor, now)
        asked = requests.answer_tx(tx, request_id, agency_id, Outcome.REFUSED, reason)
        tell_tx(tx, store, asked.who, actor, "change.refused", reason)
        return asked

    return store.db.write(work, actor)
