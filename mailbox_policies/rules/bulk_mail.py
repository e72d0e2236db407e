"""One letter to many people, where the agency has lists for that.

See `bulk_mail.md` beside this file.
"""

from __future__ import annotations

from dataclasses import dataclass

from mailbox_policies.fields import Field, Kind
from mailbox_policies.modes import Mode
from mailbox_policies.rule import Rule
from mailbox_policies.rules.sending_rate import exempt
from mailbox_policies.verdict import ACCEPT, Article, Case, Cause, Stage, Verdict, reject

NAME = "bulk-mail"
ARTICLE = Article("123/QĐ-SCT", dieu=6, khoan=2)
STAGES = frozenset({Stage.SUBMISSION})
# Lists that a refusal names.
MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class Settings:
    """most: recipients of one letter; a list is one. exempt: as in `sending_rate`."""

    most: int = 100
    exempt: tuple[str, ...] = ()


def check(settings: Settings, case: Case) -> Verdict:
    """Find a letter that names more recipients than the agency allows.

    The writer's own agency decides. Returns accept, or reject with Cause.TOO_MANY and the facts `limit`, `count`, and
    `lists`: addresses of lists that might be meant instead, ", " between. Never raises.
    """
    pace = case.pace
    if case.agency_id != case.actor.agency_id or len(case.recipients) <= settings.most:
        return ACCEPT
    if pace is not None and exempt(settings.exempt, pace):
        return ACCEPT
    lists = ", ".join(pace.lists[:MOST_NAMED]) if pace is not None else ""
    return reject(NAME, ARTICLE, Cause.TOO_MANY, limit=settings.most, count=len(case.recipients), lists=lists)


RULE = Rule(
    NAME,
    "Thư gửi hàng loạt",
    "Thư gửi tới nhiều người phải đi qua danh sách của cơ quan; người viết được gợi ý các danh sách.",
    ARTICLE,
    STAGES,
    Settings(),
    check,
    fields=(
        Field("most", Kind.NUMBER, "Số người nhận nhiều nhất của một thư", least=1, most=100_000),
        Field(
            "exempt",
            Kind.LINES,
            "Được miễn",
            "Mỗi dòng một địa chỉ của người, đơn vị, chức danh hoặc nhóm; thành viên cũng được miễn.",
        ),
    ),
    mode=Mode.WARN,
)
