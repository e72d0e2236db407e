"""How dates, sizes and names are written on pages; registered as template filters."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from flask import Flask
from flask_babel import get_locale

from mailserver.sizes import in_words
from webmail.i18n import _
from webmail.services import services, settings

DAY = timedelta(days=1)
HUES = 5


def local(moment: datetime | int) -> datetime:
    """The moment (aware, or seconds since 1970) in the office's time zone."""
    aware = datetime.fromtimestamp(moment, UTC) if isinstance(moment, int) else moment
    return aware.astimezone(ZoneInfo(settings().timezone))


def now() -> datetime:
    return local(services().clock())


def today() -> date:
    return now().date()


def day(value: date | datetime | None) -> str:
    """20/11/2026; "" for None."""
    if value is None:
        return ""
    return (local(value) if isinstance(value, datetime) else value).strftime("%d/%m/%Y")


def office_date(value: datetime) -> str:
    """2026-11-20, as fields of forms want a day."""
    return local(value).date().isoformat()


def short_when(value: datetime | int) -> str:
    """For lists: the hour today, "hôm qua", the day this year, else the full date."""
    moment, today_ = local(value), today()
    if moment.date() == today_:
        return moment.strftime("%H:%M")
    if moment.date() == today_ - DAY:
        return _("Hôm qua")
    return moment.strftime("%d/%m" if moment.year == today_.year else "%d/%m/%Y")


def full_when(value: datetime | int) -> str:
    """09:20, 21/11/2026."""
    return local(value).strftime("%H:%M, %d/%m/%Y")


def clock(value: datetime | int) -> str:
    """The time of day alone."""
    return f"{local(value):%H:%M}"


def iso(value: datetime | int | date) -> str:
    return value.isoformat() if type(value) is date else local(value).isoformat()  # type: ignore[arg-type]


def since(value: datetime) -> str:
    """How long something has waited, in whole units: "2 ngày", "3 giờ", "vừa xong"."""
    passed = max(services().clock() - value, timedelta(0))
    if passed >= DAY:
        return _("%(n)s ngày", n=passed.days)
    hours = int(passed.total_seconds()) // 3600
    if hours:
        return _("%(n)s giờ", n=hours)
    minutes = int(passed.total_seconds()) // 60
    return _("%(n)s phút", n=minutes) if minutes > 0 else _("vừa xong")


def just_now(value: datetime) -> bool:
    """Whether it is so little ago that `since` has no number for it."""
    return services().clock() - value < timedelta(minutes=1)


def due(days_left: int | None) -> str:
    """A deadline in words: "còn 2 ngày", "hôm nay", "quá hạn 1 ngày"; "" without one."""
    if days_left is None:
        return ""
    if days_left < 0:
        return _("Quá hạn %(n)s ngày", n=-days_left)
    return _("Hạn hôm nay") if days_left == 0 else _("Còn %(n)s ngày", n=days_left)


def days_left(value: date | None) -> int | None:
    return None if value is None else (value - today()).days


def size(octets: int) -> str:
    """Octets in the reader's language, as in letters."""
    return in_words(octets, vi=str(get_locale()) != "en")


def folder(name: str) -> str:
    """A folder's full name, where no more is known of it: the standard ones of the first level in the reader's
    language."""
    standard = {
        "INBOX": _("Hộp thư đến"),
        "Drafts": _("Thư nháp"),
        "Sent": _("Đã gửi"),
        "Junk": _("Thư rác"),
        "Trash": _("Thùng rác"),
        "Archive": _("Lưu trữ"),
    }
    first, slash, rest = name.partition("/")
    return standard.get(first, first) + slash + rest


def number(value: int) -> str:
    """2.417 in Vietnamese, 2,417 in English."""
    grouped = f"{value:,}"
    return grouped if str(get_locale()) == "en" else grouped.replace(",", ".")


def author(sender: str) -> str:
    """The name of "Name <address>" for lists; the address where there is no name."""
    name, bracket, _rest = sender.rpartition(" <")
    return name.strip('"') if bracket and name else sender


def initials(name: str) -> str:
    """Two letters for an avatar: of the last two words, as a Vietnamese name is addressed by its end."""
    words = [word for word in name.replace("–", " ").replace("-", " ").split() if word[0].isalnum()]
    return "".join(word[0] for word in words[-2:]).upper() or "?"


def hue(name: str) -> int:
    """A steady colour number, 0 to 4, for a name."""
    return sum(name.encode()) % HUES


def init(app: Flask) -> None:
    for filter_ in (
        author,
        clock,
        day,
        office_date,
        short_when,
        full_when,
        iso,
        since,
        just_now,
        due,
        days_left,
        size,
        folder,
        number,
        initials,
        hue,
    ):
        app.add_template_filter(filter_)
