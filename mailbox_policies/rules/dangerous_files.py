"""Files that do something when they are opened: programs, scripts, shortcuts, disk images, macros, bombs.

See `dangerous_files.md` beside this file.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

from mailbox_policies.fields import Field, Kind
from mailbox_policies.files.archives import Budget
from mailbox_policies.files.kinds import Danger
from mailbox_policies.files.looking import look
from mailbox_policies.rule import Rule
from mailbox_policies.verdict import ACCEPT, Article, Case, Cause, Stage, Verdict, annotate, reject

NAME = "dangerous-files"
ARTICLE = Article("123/QĐ-SCT", dieu=5)
STAGES = frozenset({Stage.DATA, Stage.SUBMISSION})
# Findings of one file that are looked at: the first certain one decides.
MOST_FOUND = 100
# Characters of a name that are told.
MOST_NAME = 100


@dataclass(frozen=True, slots=True)
class Settings:
    """macros: whether office files with macros count. unseen: whether archives that are encrypted or cannot be
    read are refused; otherwise they are noted."""

    macros: bool = True
    unseen: bool = False


def check(settings: Settings, case: Case) -> Verdict:
    """Find a file that runs when it is opened, by its content, inside archives too.

    Returns accept, reject with Cause.DANGEROUS_FILE, or a note for what nobody can look into; facts: `file`
    (its name, archives in front) and `danger`. Never raises.
    """
    if case.contents is None:
        return ACCEPT
    budget = Budget()
    note = ACCEPT
    for file in case.contents.files:
        for found in islice(look(file.name, file.octets, budget), MOST_FOUND):
            if found.danger is Danger.MACRO and not settings.macros:
                continue
            outcome = reject if found.danger.is_certain or settings.unseen else annotate
            name = (found.name or file.media_type)[-MOST_NAME:]
            verdict = outcome(NAME, ARTICLE, Cause.DANGEROUS_FILE, file=name, danger=found.danger.value)
            if verdict.stops:
                return verdict
            note = verdict if note is ACCEPT else note
    return note


RULE = Rule(
    NAME,
    "Tệp nguy hiểm",
    "Chương trình, tập lệnh, lối tắt, ảnh đĩa, tệp có macro, nhận ra theo nội dung chứ không chỉ theo tên,"
    " cả trong tệp nén.",
    ARTICLE,
    STAGES,
    Settings(),
    check,
    fields=(
        Field("macros", Kind.FLAG, "Từ chối tệp văn phòng có macro"),
        Field(
            "unseen",
            Kind.FLAG,
            "Từ chối tệp nén có mật khẩu hoặc không đọc được",
            help="Nếu không chọn, thư vẫn được nhận và được ghi lại.",
        ),
    ),
)
