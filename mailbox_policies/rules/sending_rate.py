"""More mail from one person than anybody writes by hand.

See `sending_rate.md` beside this file; the letters are counted in `mailbox_policies/sending/`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mailbox_policies.fields import Field, Kind
from mailbox_policies.rule import Rule
from mailbox_policies.verdict import ACCEPT, Article, Case, Cause, Stage, Verdict, reject
from mailserver.sending import Pace

NAME = "sending-rate"
ARTICLE = Article("123/QĐ-SCT", dieu=6, khoan=2)
STAGES = frozenset({Stage.SUBMISSION})

HOUR_S = 3600
DAY_S = 24 * HOUR_S


@dataclass(frozen=True, slots=True)
class Settings:
    """hour, day: recipients of one person in any 60 minutes and 24 hours; new_hour, new_day: those of them outside
    whom the person does not know. 0: no limit. exempt: addresses of people, units, posts or groups."""

    hour: int = 1000
    day: int = 5000
    new_hour: int = 100
    new_day: int = 300
    exempt: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Window:
    """A limit. name: hour, day, new-hour or new-day. seconds: how far back it looks."""

    name: str
    seconds: int
    limit: int

    @property
    def counts_new(self) -> bool:
        return self.name.startswith("new")


def windows(settings: Settings) -> Iterator[Window]:
    """Those that limit anything."""
    for window in (
        Window("hour", HOUR_S, settings.hour),
        Window("day", DAY_S, settings.day),
        Window("new-hour", HOUR_S, settings.new_hour),
        Window("new-day", DAY_S, settings.new_day),
    ):
        if window.limit:
            yield window


def used(window: Window, pace: Pace) -> int:
    """How many recipients of the letters so far count."""
    return sum(count for _at, count in _counted(window, pace))


def check(settings: Settings, case: Case) -> Verdict:
    """Find a letter with which its writer would have written to too many people in too short a time.

    case.pace: None for who is not counted. The writer's own agency decides. Returns accept, or reject with
    Cause.TOO_FAST and the facts `window`, `limit`, `used`, and `until`: seconds since 1970 when such a letter may go,
    0: never, for it alone has more recipients. Never raises.
    """
    pace = case.pace
    if pace is None or case.agency_id != case.actor.agency_id or exempt(settings.exempt, pace):
        return ACCEPT
    found: list[tuple[int, Window]] = []
    for window in windows(settings):
        wanted = len(pace.fresh) if window.counts_new else len(case.recipients)
        if wanted > window.limit:
            return _too_fast(window, pace, 0)
        if wanted and used(window, pace) + wanted > window.limit:
            found.append((_free_at(window, pace, wanted), window))
    if not found:
        return ACCEPT
    until, window = max(found, key=lambda one: one[0])
    return _too_fast(window, pace, until)


def exempt(addresses: tuple[str, ...], pace: Pace) -> bool:
    """Whether the person, or one of its unit, posts and groups, is named."""
    return any(one.casefold() in pace.faces for one in addresses)


def _too_fast(window: Window, pace: Pace, until: int) -> Verdict:
    so_far = used(window, pace)
    return reject(NAME, ARTICLE, Cause.TOO_FAST, window=window.name, limit=window.limit, used=so_far, until=until)


def _counted(window: Window, pace: Pace) -> Iterator[tuple[int, int]]:
    """The letters that the window sees: when, and how many of their recipients count."""
    for one in pace.sent:
        if one.at > pace.now - window.seconds:
            yield one.at, one.fresh if window.counts_new else one.recipients


def _free_at(window: Window, pace: Pace, wanted: int) -> int:
    """When so many of the counted letters are too old to count that there is room; there is none now."""
    still = used(window, pace)
    until = pace.now
    for at, count in _counted(window, pace):
        still -= count
        until = at + window.seconds
        if still + wanted <= window.limit:
            break
    return until


RULE = Rule(
    NAME,
    "Nhịp gửi thư",
    "Một người gửi tới quá nhiều người trong một giờ hay một ngày thì phải chờ; người ngoài chưa từng trao đổi thư được"
    " đếm riêng.",
    ARTICLE,
    STAGES,
    Settings(),
    check,
    fields=(
        Field("hour", Kind.NUMBER, "Số người nhận trong một giờ", "0: không giới hạn.", most=1_000_000),
        Field("day", Kind.NUMBER, "Số người nhận trong một ngày", "0: không giới hạn.", most=1_000_000),
        Field("new_hour", Kind.NUMBER, "Số người nhận mới ở ngoài trong một giờ", "0: không giới hạn.", most=1_000_000),
        Field("new_day", Kind.NUMBER, "Số người nhận mới ở ngoài trong một ngày", "0: không giới hạn.", most=1_000_000),
        Field(
            "exempt",
            Kind.LINES,
            "Được miễn",
            "Mỗi dòng một địa chỉ của người, đơn vị, chức danh hoặc nhóm; thành viên cũng được miễn.",
        ),
    ),
)
