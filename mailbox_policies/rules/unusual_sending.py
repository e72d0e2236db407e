"""Many strangers written to within minutes: what a program does that has somebody's password.

See `unusual_sending.md` beside this file.
"""

from __future__ import annotations

from dataclasses import dataclass

from mailbox_policies.fields import Field, Kind
from mailbox_policies.modes import Mode
from mailbox_policies.rule import Rule
from mailbox_policies.rules.sending_rate import exempt
from mailbox_policies.verdict import ACCEPT, Article, Case, Cause, Stage, Verdict, hold

NAME = "unusual-sending"
ARTICLE = Article("123/QĐ-SCT", dieu=6, khoan=2)
STAGES = frozenset({Stage.SUBMISSION})


@dataclass(frozen=True, slots=True)
class Settings:
    """most: strangers outside whom one person may write to within so many minutes. exempt: as in `sending_rate`."""

    most: int = 40
    minutes: int = 10
    exempt: tuple[str, ...] = ()


def check(settings: Settings, case: Case) -> Verdict:
    """Find a letter to strangers whose writer has written to too many of them in the last minutes.

    case.pace: None for who is not counted. The writer's own agency decides. Returns accept, or hold for the
    administrators with Cause.UNUSUAL_SENDING and the facts `count`, `minutes`. Never raises.
    """
    pace = case.pace
    if pace is None or not pace.fresh or case.agency_id != case.actor.agency_id or exempt(settings.exempt, pace):
        return ACCEPT
    since = pace.now - settings.minutes * 60
    count = sum(one.fresh for one in pace.sent if one.at > since) + len(pace.fresh)
    if count <= settings.most:
        return ACCEPT
    return hold(NAME, ARTICLE, Cause.UNUSUAL_SENDING, count=count, minutes=settings.minutes)


RULE = Rule(
    NAME,
    "Gửi thư bất thường",
    "Một người gửi tới nhiều người lạ ở ngoài trong vài phút thì có thể mật khẩu đã lộ: người quản trị được báo, và thư"
    " được giữ lại.",
    ARTICLE,
    STAGES,
    Settings(),
    check,
    fields=(
        Field("most", Kind.NUMBER, "Số người nhận mới ở ngoài", least=1, most=100_000),
        Field("minutes", Kind.NUMBER, "Trong số phút", least=1, most=1440),
        Field(
            "exempt",
            Kind.LINES,
            "Được miễn",
            "Mỗi dòng một địa chỉ của người, đơn vị, chức danh hoặc nhóm; thành viên cũng được miễn.",
        ),
    ),
    mode=Mode.TRIAL,
)
