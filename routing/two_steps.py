"""Who must sign in by two steps: the agency chooses the roles."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import get_args

from sqlalchemy import Connection

from mailserver.directory import second
from mailserver.directory.capabilities import roles_of
from mailserver.directory.records import office_day
from mailserver.directory.reorganising import set_setting_tx
from mailserver.store.database import Tx
from routing.profile import RoleName, profile_of
from routing.staff import require_administrator

SETTING = "account.second_factor"
ROLES: tuple[str, ...] = get_args(RoleName)


def required_of(conn: Connection, agency_id: int) -> frozenset[str]:
    """The roles whose people must have a second factor."""
    return frozenset(profile_of(conn, agency_id).account.second_factor)


def is_owed(conn: Connection, person_id: int, agency_id: int, now: datetime) -> bool:
    """Whether a person has to switch a second factor on before anything else."""
    required = required_of(conn, agency_id)
    if not required or not any(role in required for role, _unit in roles_of(conn, person_id, office_day(now))):
        return False
    return second.of(conn, person_id) is None


def require_tx(tx: Tx, roles: Collection[str], now: datetime) -> None:
    """Choose the roles. Raises Forbidden; ValueError: not roles."""
    agency_id = require_administrator(tx.conn, tx.actor, now)
    if not set(roles) <= set(ROLES):
        raise ValueError(roles)
    set_setting_tx(tx, agency_id, SETTING, sorted(roles))
