"""When people were there first and last on a working day: they sign in when it begins and stay reachable
(123/QĐ-SCT, Điều 4 khoản 2; 1201/QĐ-SYT, Điều 3 khoản 3; 04/2017/QĐ-UBND, Điều 11 khoản 5).

Known from sign-ins at all doors and from use of the web; the time of a use is true to some minutes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, delete, select

from mailserver.directory.activity_schema import activity
from mailserver.directory.records import office_day
from mailserver.store import raw
from mailserver.store.columns import milliseconds
from mailserver.store.database import Tx

# What a report may be asked of; older days are forgotten.
KEPT_DAYS = 92

_NOTE = (
    "INSERT INTO activity (person_id, day, first_at, last_at) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (person_id, day) DO UPDATE SET"
    " first_at = CASE WHEN excluded.first_at < activity.first_at THEN excluded.first_at ELSE activity.first_at END,"
    " last_at = CASE WHEN excluded.last_at > activity.last_at THEN excluded.last_at ELSE activity.last_at END"
)


@dataclass(frozen=True, slots=True)
class Day:
    first_at: datetime
    last_at: datetime


def note_tx(tx: Tx, person_id: int, at: datetime | None = None) -> None:
    """Keep that somebody was there at `at` (aware; None: now)."""
    moment = at or tx.now
    raw.run(tx.conn, _NOTE, (person_id, office_day(moment).isoformat(), milliseconds(moment), milliseconds(moment)))


def on(conn: Connection, day: date) -> dict[int, Day]:
    """By person."""
    table = activity.c
    found = conn.execute(select(table.person_id, table.first_at, table.last_at).where(table.day == day))
    return {row.person_id: Day(row.first_at, row.last_at) for row in found}


def forget_tx(tx: Tx) -> int:
    """Forget what is older than KEPT_DAYS; how many days of people that was."""
    oldest = office_day(tx.now) - timedelta(days=KEPT_DAYS)
    return int(tx.conn.execute(delete(activity).where(activity.c.day < oldest)).rowcount)
