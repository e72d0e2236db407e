"""The worker's job of the monthly letters about mail that could be deleted: on whose days, at which hours."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Connection

from mailbox_policies.cleanup import reminding
from mailserver.directory.records import OFFICE_ZONE
from mailserver.store.store import Store
from routing.officedays import OfficeDays, counted_by
from routing.sound_profiles import sound_profiles

# Letters go while people are at work, the last ones with time to look.
BEGINS, ENDS = 8, 16


def look(store: Store, web: str, now: datetime) -> bool:
    """Write to some people; whether there are more to look at. web, now: as `reminding.remind`."""
    due = store.db.read(lambda conn: _due(conn, now.astimezone(OFFICE_ZONE)))
    more = [reminding.remind(store, agency_id, web, now) for agency_id in due]
    return any(more)


def _due(conn: Connection, at: datetime) -> list[int]:
    """The agencies whose letters may go at this moment of their day."""
    return [
        agency.id
        for agency, profile in sound_profiles(conn, "clean-up letters")
        if is_time(at, profile.mail.cleanup_day, counted_by(profile.deadlines))
    ]


def is_time(at: datetime, first: int, days: OfficeDays) -> bool:
    """Whether letters may go. at: of the office's clock; first: the day of the month from which on, 0: never."""
    return 0 < first <= at.day and BEGINS <= at.hour < ENDS and _at_work(at.date(), days)


def _at_work(day: date, days: OfficeDays) -> bool:
    """Whether people are at work, also where deadlines count every day."""
    return OfficeDays(True, days.holidays).counts(day)
