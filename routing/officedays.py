"""Counting days as an agency counts them: calendar days, or working days without its holidays."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Connection

from routing.profile import Deadlines, profile_of

_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class OfficeDays:
    """working: only working days count. holidays: "MM-DD" of each year, or "YYYY-MM-DD"."""

    working: bool = False
    holidays: frozenset[str] = frozenset()

    def counts(self, day: date) -> bool:
        if not self.working:
            return True
        iso = day.isoformat()
        return day.weekday() < _SATURDAY and iso not in self.holidays and iso[5:] not in self.holidays

    def between(self, after: date, last: date) -> int:
        """Days that count after `after`, up to and including `last`; 0 if there are none."""
        total = (last - after).days
        if total <= 0 or not self.working:
            return max(total, 0)
        weeks, rest = divmod(total, 7)
        days = [after + timedelta(days=n) for n in range(1, rest + 1)]
        weekdays = weeks * 5 + sum(day.weekday() < _SATURDAY for day in days)
        return weekdays - sum(day.weekday() < _SATURDAY for day in self._holidays(after, last))

    def add(self, day: date, number: int) -> date:
        """The day on which `number` days after `day` are over. number: of days that count, 1 or more."""
        while number > 0:
            day += timedelta(days=1)
            number -= self.counts(day)
        return day

    def _holidays(self, after: date, last: date) -> set[date]:
        found: set[date] = set()
        for one in self.holidays:
            years = range(after.year, last.year + 1) if len(one) == len("MM-DD") else (0,)
            for year in years:
                day = _date(f"{year:04}-{one}" if year else one)
                if day is not None and after < day <= last:
                    found.add(day)
        return found


def office_days(conn: Connection, agency_id: int) -> OfficeDays:
    """As the agency's profile says."""
    return counted_by(profile_of(conn, agency_id).deadlines)


def counted_by(rules: Deadlines) -> OfficeDays:
    return OfficeDays(rules.working_days, frozenset(rules.holidays))


def _date(text: str) -> date | None:
    """None for the 29 February of an ordinary year."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
