"""How long mail is kept in folders that have a use: calendars, notices, requests for comments, Junk, Trash.

See `retention.md` beside this file; what follows from the rule is done by `mailbox_policies/retention/`, not by the
doors: no message is ever refused for it.
"""

from __future__ import annotations

from dataclasses import dataclass

from mailbox_policies.fields import Field, Kind
from mailbox_policies.modes import Mode
from mailbox_policies.retention.terms import Period
from mailbox_policies.rule import Rule
from mailbox_policies.verdict import ACCEPT, Article, Case, Verdict

NAME = "retention"
ARTICLE = Article("132/QĐ-STTTT", dieu=7)

_MONTH_DAYS, _QUARTER_DAYS = 31, 92
_PERIODS = (
    (Period.NEVER.value, "giữ mãi"),
    (Period.MONTH.value, "hết tháng, xóa đầu tháng sau"),
    (Period.QUARTER.value, "hết quý, xóa trong tháng đầu quý sau"),
    (Period.YEAR.value, "hết năm, xóa trong tháng 1 năm sau"),
)


@dataclass(frozen=True, slots=True)
class Settings:
    """schedule, notice, comments: with which period the mail of such folders goes. purge_day: of the first month
    after a month or a quarter. …_days: 0 keeps mail for good; vault_days: how long what was removed can be taken back.
    …_folders: names of folders in mailboxes that are nobody's own, "/" between levels."""

    schedule: Period = Period.NEVER
    notice: Period = Period.NEVER
    comments: Period = Period.NEVER
    purge_day: int = 5
    junk_days: int = 30
    trash_days: int = 60
    vault_days: int = 30
    schedule_folders: tuple[str, ...] = ("Lịch công tác", "Lịch làm việc")
    notice_folders: tuple[str, ...] = ("Thông báo",)
    comment_folders: tuple[str, ...] = ("Lấy ý kiến",)


def period_of(days: int) -> Period:
    """The period that a regulation's number of days means; 0: it keeps them for good."""
    if days == 0:
        return Period.NEVER
    if days <= _MONTH_DAYS:
        return Period.MONTH
    return Period.QUARTER if days <= _QUARTER_DAYS else Period.YEAR


def check(_settings: Settings, _case: Case) -> Verdict:
    """Nothing is found in a message that comes or goes."""
    return ACCEPT


RULE = Rule(
    NAME,
    "Thời hạn lưu thư",
    "Thư trong Lịch công tác, Thông báo, Lấy ý kiến, Thư rác và Thùng rác được xóa khi hết hạn lưu. Người đăng hoặc chủ"
    " hộp thư được báo trước 7 ngày và xin gia hạn được; thư đã vào sổ hoặc giữ theo lệnh không bị xóa.",
    ARTICLE,
    frozenset(),
    Settings(),
    check,
    fields=(
        Field("schedule", Kind.CHOICE, "Lịch công tác", choices=_PERIODS),
        Field("notice", Kind.CHOICE, "Thông báo", choices=_PERIODS),
        Field("comments", Kind.CHOICE, "Lấy ý kiến", choices=_PERIODS),
        Field(
            "purge_day",
            Kind.NUMBER,
            "Ngày xóa trong tháng",
            "Của tháng đầu kỳ sau; Lịch công tác của năm cũ xóa ngày 28 tháng 1.",
            least=1,
            most=28,
        ),
        Field("junk_days", Kind.NUMBER, "Số ngày giữ Thư rác", "0: giữ mãi.", most=3650),
        Field("trash_days", Kind.NUMBER, "Số ngày giữ Thùng rác", "0: giữ mãi.", most=3650),
        Field(
            "vault_days",
            Kind.NUMBER,
            "Số ngày khôi phục được thư đã xóa",
            "Cả thư do chính chủ hộp thư xóa hẳn, ở mọi mức áp dụng.",
            least=1,
            most=3650,
        ),
        Field("schedule_folders", Kind.LINES, "Thư mục Lịch công tác", "Mỗi dòng một tên, kể cả thư mục con."),
        Field("notice_folders", Kind.LINES, "Thư mục Thông báo", "Mỗi dòng một tên, kể cả thư mục con."),
        Field("comment_folders", Kind.LINES, "Thư mục Lấy ý kiến", "Mỗi dòng một tên, kể cả thư mục con."),
    ),
    mode=Mode.OFF,
    meanings={
        Mode.OFF: "không thư nào bị xóa",
        Mode.TRIAL: "chỉ lập danh sách cho quản trị xem",
        Mode.WARN: "lập danh sách và báo trước, không xóa",
        Mode.ENFORCE: "báo trước 7 ngày rồi xóa",
    },
)
