"""The end of the working day: who forgot to sign out is signed out, at the hour of the agency's regulation
(123/QĐ-SCT, Điều 4 khoản 2; 132/QĐ-STTTT, Điều 3 khoản 3; 1201/QĐ-SYT, Điều 3 khoản 3; 04/2017/QĐ-UBND, Điều 11
khoản 5)."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from mailserver.directory import websessions
from mailserver.directory.records import OFFICE_ZONE
from mailserver.store.database import Tx
from routing.sound_profiles import sound_profiles


def end_of_day_tx(tx: Tx) -> int:
    """End the sessions that the day has left over; how many. Those in use go on until they rest."""
    ended = 0
    for agency, profile in sound_profiles(tx.conn, "the end of the working day"):
        if profile.session.ends_at:
            ended += websessions.end_left_over_tx(tx, agency.id, _moment(profile.session.ends_at, tx.now))
    return ended


def _moment(hour: str, now: datetime) -> datetime:
    """The last time before `now` that it was this hour in the office."""
    here = now.astimezone(OFFICE_ZONE)
    today = datetime.combine(here.date(), time.fromisoformat(hour), OFFICE_ZONE)
    return today if today <= here else today - timedelta(days=1)
