"""Until when mail in a folder is kept: pure sums with classes, periods and days.

Periods are those of the office's calendar: what was posted in one is removed in the first month of the next
(132/QĐ-STTTT, Điều 7 khoản 1, 4, 5). Junk and Trash are kept a number of days after the mail came into them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from enum import Enum, unique
from typing import Protocol

from mailserver.boards.kinds import BoardKind
from mailserver.directory.records import OFFICE_ZONE
from mailserver.store.folder_names import JUNK, TRASH

# A calendar of January is posted in December, and needed until the month is over.
LAST_YEAR_GOES_ON = 28


@unique
class FolderClass(Enum):
    """What a folder is for. SCHEDULE: Lịch công tác. NOTICE: Thông báo. COMMENTS: Lấy ý kiến."""

    SCHEDULE = "schedule"
    NOTICE = "notice"
    COMMENTS = "comments"
    JUNK = "junk"
    TRASH = "trash"

    @property
    def shared(self) -> bool:
        """Whether many people post there; its mail is each poster's."""
        return self not in (FolderClass.JUNK, FolderClass.TRASH)


@unique
class Period(Enum):
    """The stretch of the calendar whose mail goes together; its length in months. NEVER: it stays."""

    NEVER = "never"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


_OF_BOARD = {
    BoardKind.SCHEDULE: FolderClass.SCHEDULE,
    BoardKind.NOTICE: FolderClass.NOTICE,
    BoardKind.COMMENTS: FolderClass.COMMENTS,
}
_MONTHS = {Period.MONTH: 1, Period.QUARTER: 3, Period.YEAR: 12}


class Terms(Protocol):
    """What the sums need of the rule's settings (`rules.retention.Settings`)."""

    @property
    def schedule(self) -> Period: ...
    @property
    def notice(self) -> Period: ...
    @property
    def comments(self) -> Period: ...
    @property
    def purge_day(self) -> int: ...
    @property
    def junk_days(self) -> int: ...
    @property
    def trash_days(self) -> int: ...
    @property
    def schedule_folders(self) -> Sequence[str]: ...
    @property
    def notice_folders(self) -> Sequence[str]: ...
    @property
    def comment_folders(self) -> Sequence[str]: ...


def class_of(
    terms: Terms, name: str, special_use: str | None, board: str | None = None, *, personal: bool
) -> FolderClass | None:
    """What a folder is for; None: its mail stays. personal: in a person's own mailbox, where only Junk and Trash count.

    board: of a shared folder its kind (`BoardKind`), which decides whatever it is called. Any other named folder stands
    for all below it: of its levels the highest that is named decides.
    """
    if special_use in (JUNK, TRASH):
        return FolderClass.JUNK if special_use == JUNK else FolderClass.TRASH
    if board is not None:
        return _OF_BOARD.get(BoardKind(board))
    if personal:
        return None
    levels = name.casefold().split("/")
    named = (
        (FolderClass.SCHEDULE, terms.schedule_folders),
        (FolderClass.NOTICE, terms.notice_folders),
        (FolderClass.COMMENTS, terms.comment_folders),
    )
    for depth in range(1, len(levels) + 1):
        path = "/".join(levels[:depth])
        for kind, names in named:
            if path in (one.casefold().strip("/") for one in names):
                return kind
    return None


def due_at(terms: Terms, kind: FolderClass, saved: datetime) -> datetime | None:
    """From when on mail may be removed that came into its folder at `saved` (aware); None: never. Aware, UTC."""
    days = _days(terms, kind)
    if days is not None:
        return saved + timedelta(days=days) if days else None
    period = _period(terms, kind)
    if period is Period.NEVER:
        return None
    return _goes_on(terms, period, _next_start(period, _start(period, saved)))


def saved_before(terms: Terms, kind: FolderClass, by: datetime) -> datetime | None:
    """Mail that came into its folder before this has its day at or before `by`, no other; None: no mail has."""
    days = _days(terms, kind)
    if days is not None:
        return by - timedelta(days=days) + timedelta(seconds=1) if days else None
    period = _period(terms, kind)
    if period is Period.NEVER:
        return None
    begun = _start(period, by)
    if _goes_on(terms, period, begun) <= by:
        return begun.astimezone(UTC)
    return _start(period, begun - timedelta(seconds=1)).astimezone(UTC)


def _days(terms: Terms, kind: FolderClass) -> int | None:
    return {FolderClass.JUNK: terms.junk_days, FolderClass.TRASH: terms.trash_days}.get(kind)


def _period(terms: Terms, kind: FolderClass) -> Period:
    return {
        FolderClass.SCHEDULE: terms.schedule,
        FolderClass.NOTICE: terms.notice,
        FolderClass.COMMENTS: terms.comments,
    }[kind]


def _goes_on(terms: Terms, period: Period, start: datetime) -> datetime:
    """The day of the month, in a period that has begun, on which the mail of the one before goes."""
    day = LAST_YEAR_GOES_ON if period is Period.YEAR else terms.purge_day
    return (start + timedelta(days=day - 1)).astimezone(UTC)


def _start(period: Period, moment: datetime) -> datetime:
    """When the period began in which the moment lies."""
    local, months = moment.astimezone(OFFICE_ZONE), _MONTHS[period]
    return datetime(local.year, (local.month - 1) // months * months + 1, 1, tzinfo=OFFICE_ZONE)


def _next_start(period: Period, start: datetime) -> datetime:
    return _start(period, start + timedelta(days=31 * _MONTHS[period]))
