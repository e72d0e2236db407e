"""The worker's job about mail of units: their folders, and reminders of what nobody takes."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import structlog
from sqlalchemy import Connection

from mailserver.actor import SYSTEM
from mailserver.directory.principals import Principal
from mailserver.store.database import Tx
from mailserver.store.errors import FolderMissing, MoveRefused
from mailserver.store.store import Store
from mailserver.teams import ageing, folders
from mailserver.teams.ageing import Limits
from routing.profile import Profile
from routing.sound_profiles import sound_profiles

log = structlog.get_logger("vanthu.worker")


def look(store: Store) -> bool:
    """Make the folders of units that an older version made; remind, by the limits of each agency."""
    if store.db.read(folders.unprepared):
        store.db.write(folders.prepare_all_tx, SYSTEM)
    for owner, limits in store.db.read(_watched):
        try:
            store.db.write(partial(_look_tx, store=store, owner=owner, limits=limits), SYSTEM)
        except (FolderMissing, MoveRefused) as error:
            log.warning("could not tell of mail that waits", mailbox=owner.address, error=repr(error))
    return False


def _look_tx(tx: Tx, store: Store, owner: Principal, limits: Limits) -> None:
    ageing.look_tx(tx, store.blobs, owner, limits)


def _watched(conn: Connection) -> list[tuple[Principal, Limits]]:
    by_agency = {agency.id: _limits(profile) for agency, profile in sound_profiles(conn, "unit mail")}
    return [(owner, by_agency[owner.agency_id]) for owner in ageing.watched(conn) if owner.agency_id in by_agency]


def _limits(profile: Profile) -> Limits:
    return Limits(timedelta(hours=profile.mail.untaken_hours), timedelta(days=profile.mail.untouched_days))
